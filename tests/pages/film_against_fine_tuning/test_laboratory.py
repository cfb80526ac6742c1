"""What the page shows of Gaussian processes: one task, one network, and numbers that follow from a table."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
import torch

from sparseobs.files import CHECKPOINTS
from sparseobs.neural_process.conv_cnp import load_model
from sparseobs.neural_process.laboratory import GaussianProcess, draw_tasks, exact_scores, in_chunks, some_tasks
from sparseobs.neural_process.one_dimension import LineConvCNP
from sparseobs.randomness import torch_stream
from sparseobs_book.laboratory import one_reality, summary
from sparseobs_book.laboratory.run import pretrain
from sparseobs_book.laboratory.settings import GAPS, PRESETS
from sparseobs_book.laboratory.stored import COMMITTED, checkpoint_command, page_pretraining

WIDE, NARROW = GaussianProcess(0.5), GaussianProcess(0.25)


def batches(process, n_tasks=96):
    return in_chunks(draw_tasks(process, n_tasks, torch_stream(0, "page test")))


def table_of(lead, gaps=("growing", "noise", "shrinking", "mixed")):
    """A table of three seeds in which FiLM leads by `lead[gap]` with 16 tasks and is level with unlimited ones."""
    rows = []
    for gap in gaps:
        for seed in range(3):
            where = {"gap": gap, "seed": seed, "length_scale": 0.5, "noise_variance": 0.05, "loglik_exact": -0.5}
            rows.append(where | {"method": "sim-only", "n_tasks": 0.0, "loglik": -1.5})
            for n_tasks, ahead in ((16.0, lead[gap] * (1 + 0.01 * seed)), (math.inf, 1e-3 * (seed - 1))):
                at = where | {"n_tasks": n_tasks}
                rows.append(at | {"method": "Sim2Real", "loglik": -1.0})
                rows.append(at | {"method": "Sim2Real (FiLM)", "loglik": -1.0 + ahead})
    return pd.DataFrame(rows)


LEADS = {"growing": 0.1, "noise": 0.2, "shrinking": -0.3, "mixed": 0.05}


def test_findings_count_places_and_average_the_lead():
    rows = summary.findings(table_of(LEADS)).set_index("finding")
    assert list(rows.index) == list(summary.FINDINGS)
    row = rows.filter(like="shrink", axis=0).iloc[0]
    assert (row["ahead"], row["behind"], row["open"], row["n"]) == (0, 1, 1, 3)
    assert row["mean"] == pytest.approx(-0.3 * 1.01 / 2) and row["high"] < 0
    row = rows.filter(like="grow", axis=0).iloc[0]
    assert (row["ahead"], row["behind"], row["open"]) == (1, 0, 1)


def test_only_small_changes_of_noise_count_as_small():
    far = table_of({"noise": 0.1}, ("noise",)).assign(noise_variance=0.2)
    near = table_of({"noise": -0.1}, ("noise",)).assign(noise_variance=0.1)
    others = table_of(LEADS, ("growing", "shrinking", "mixed"))
    row = summary.findings(pd.concat([far, near, others])).set_index("finding").filter(like="noise", axis=0).iloc[0]
    assert (row["ahead"], row["behind"]) == (0, 1) and row["high"] < 0


def test_leads_by_number_of_tasks_average_a_gaps_realities_seed_by_seed():
    more = table_of({"growing": 0.3}, ("growing",)).assign(length_scale=1.0)
    leads = summary.film_lead(pd.concat([table_of(LEADS), more]), ["gap", "n_tasks"]).set_index(["gap", "n_tasks"])
    assert leads.loc[("shrinking", 16), "mean"] == pytest.approx(-0.303)
    assert leads.loc[("growing", 16), "mean"] == pytest.approx(0.2 * 1.01)
    assert leads.loc[("growing", math.inf), "low"] < 0 < leads.loc[("growing", math.inf), "high"]
    assert leads["n"].eq(3).all()


def test_losses_before_adapting_and_after():
    lost = summary.gap_to_exact(table_of(LEADS)).set_index(["gap", "method", "n_tasks"])["mean"]
    assert lost["growing", "sim-only", 0] == pytest.approx(1.0)
    assert lost["growing", "Sim2Real (FiLM)", 16] == pytest.approx(0.5 - 0.101)


def test_belief_in_the_wrong_process_costs():
    test = batches(NARROW)
    right, wrong = (exact_scores(process, test).mean().item() for process in (NARROW, WIDE))
    assert wrong < right - 0.1


def test_at_home_a_network_stays_below_the_exact_prediction():
    model, _ = pretrain(PRESETS["smoke"])
    far = one_reality.at_home(WIDE, model, 64)
    assert far > 0 and far == one_reality.at_home(WIDE, model, 64) != one_reality.at_home(WIDE, model, 64, seed=1)
    assert np.isnan(one_reality.at_home(GAPS["mixed"].simulator, model, 4))


def test_predictions_of_a_task_have_the_exact_one_first():
    model, _ = pretrain(PRESETS["smoke"])
    task = some_tasks(batches(NARROW, 8)[0], slice(1))
    x, found = one_reality.predictions(NARROW, {"sim-only": model}, task, n_points=11)
    assert list(found) == ["exact GP", "sim-only"] and len(x) == 11
    assert all(mean.shape == std.shape == (11,) and (std > 0).all() for mean, std in found.values())
    # Nothing is surer of a reading than its noise, or less sure than without any observation.
    assert NARROW.noise_variance**0.5 <= found["exact GP"][1].min() < found["exact GP"][1].max() <= 1.05**0.5


@pytest.mark.parametrize("gap", GAPS)
def test_committed_networks_are_the_lessons_and_have_learned(gap):
    settings = dataclasses.replace(PRESETS["lesson"], gap=gap)
    path = CHECKPOINTS / f"{COMMITTED[gap]}.safetensors"
    model, how = load_model(path, network=LineConvCNP)
    assert model.config == settings.architecture and path.stat().st_size < 1e6
    assert how["loss"] < how["loss_before"] - 0.5 and how["best_epoch"] > 0
    begun, told_how = page_pretraining(settings)
    assert told_how == how
    assert all(torch.equal(one, begun.state_dict()[name]) for name, one in model.state_dict().items())
    assert path.name in checkpoint_command(gap)


def test_a_committed_network_knows_its_simulator():
    settings = PRESETS["lesson"]
    model, _ = page_pretraining(settings)
    assert one_reality.at_home(settings.simulator, model, 64) < 0.1


def test_other_noise_or_another_preset_is_trained_anew():
    model, how = page_pretraining(PRESETS["smoke"])
    assert model.config == PRESETS["smoke"].architecture
    assert how["loss"] <= how["loss_before"]
