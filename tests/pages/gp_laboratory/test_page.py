"""What the Gaussian-process page shows: one task, one network, and the words that follow from the stored tables."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
import torch

from sparseobs.files import CHECKPOINTS
from sparseobs.neural_process.laboratory import GaussianProcess, draw_tasks, exact_scores, in_chunks
from sparseobs.neural_process.one_dimension import load_line_model
from sparseobs.randomness import torch_stream
from sparseobs_book.gp_laboratory import run as views
from sparseobs_book.gp_laboratory import summary as told
from sparseobs_book.laboratory.rates import at_the_edge, rate_spread
from sparseobs_book.laboratory.run import pretrain
from sparseobs_book.laboratory.settings import GAPS, PRESETS, RATES
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


def test_the_headline_counts_verdicts_and_places():
    words = told.headline(table_of(LEADS))
    assert "**3 confirmed, 1 refuted, 0 open**" in words
    assert "ahead at 3 of 8 places, all weights at 1; at 4 the interval contains zero" in words
    assert "lead is 0.202 nats (noise, variance 0.05, 16 tasks)" in words
    assert "lag 0.303 nats (shrinking, length scale 0.5, 16 tasks)" in words
    assert words._repr_markdown_() == words


def test_unlimited_tasks_are_told_in_words():
    table = table_of({gap: 0.0 for gap in LEADS})
    unlimited = (table["n_tasks"] == math.inf) & (table["method"] == "Sim2Real (FiLM)")
    table.loc[unlimited, "loglik"] += 0.1
    assert "unlimited tasks)" in told.headline(table) and "inf" not in told.headline(table)


def test_findings_are_told_with_their_counts_and_interval():
    rows = told.told_findings(table_of(LEADS)).set_index("the paper")
    row = rows.filter(like="shrink", axis=0).iloc[0]
    assert (row["FiLM ahead"], row["behind"], row["open"], row["here"]) == (0, 1, 1, "confirmed")
    assert row["its mean lead (nats)"].startswith("-0.15")


def test_leads_by_number_of_tasks():
    leads = told.lead_by_tasks(table_of(LEADS))
    assert list(leads.index) == list(LEADS) and list(leads.columns) == ["16 tasks", "unlimited tasks"]
    assert leads.loc["shrinking", "16 tasks"].startswith("-0.303 [")
    assert leads.loc["growing", "unlimited tasks"].startswith("+0.000 [-0.002")


def test_words_on_leads_follow_from_their_intervals():
    words = told.lead_words(table_of(LEADS | {"growing": 0.0}))
    few = "with 16 tasks: FiLM ahead in noise, mixed; all weights ahead in shrinking; open in growing. "
    assert few in words and "With unlimited tasks: open in growing, noise, shrinking, mixed. " in words
    assert words.endswith("FiLM gains in noise, mixed; FiLM loses in shrinking; open in growing.")


def test_a_number_of_tasks_not_tried_is_left_empty():
    more = table_of({"noise": 0.1}, ("noise",)).replace({"n_tasks": {16.0: 1024.0}})
    leads = told.lead_by_tasks(pd.concat([table_of(LEADS), more]))
    assert leads.loc["growing", "1024 tasks"] == "" and leads.loc["noise", "1024 tasks"] != ""


def test_losses_before_adapting_and_with_least_and_most_tasks():
    between = table_of(LEADS).query("n_tasks == 16").assign(n_tasks=64.0)
    lost = told.below_exact(pd.concat([table_of(LEADS), between]))
    assert list(lost.columns) == [
        "before",
        *("all weights, 16 tasks", "FiLM, 16 tasks"),
        *("all weights, unlimited tasks", "FiLM, unlimited tasks"),
    ]
    assert lost.loc["growing, length scale 0.5", "before"] == pytest.approx(1.0)
    assert lost.loc["growing, length scale 0.5", "FiLM, 16 tasks"] == pytest.approx(0.5 - 0.101)
    assert "noise, variance 0.05" in lost.index


def test_adaptations_that_keep_epoch_0_are_counted_by_reality():
    table = table_of(LEADS).assign(best_epoch=3)
    table.loc[table["method"] == "sim-only", "best_epoch"] = 0
    table.loc[(table["gap"] == "noise") & (table["n_tasks"] == 16) & (table["seed"] == 1), "best_epoch"] = 0
    shares = told.left_alone(table)
    assert shares["noise, variance 0.05"] == pytest.approx(1 / 6) and shares.drop("noise, variance 0.05").max() == 0


def test_rates_at_an_end_of_those_tried_are_told():
    rates = [*RATES["Sim2Real"][:2], RATES["Sim2Real"][-1], RATES["Sim2Real (FiLM)"][0], RATES["Sim2Real (FiLM)"][1]]
    best = pd.DataFrame({"method": ["Sim2Real"] * 3 + ["Sim2Real (FiLM)"] * 2, "learning_rate": rates})
    assert list(at_the_edge(best).index) == [0, 2, 3]


def test_what_a_rate_gains_is_told_of_means_over_seeds():
    """Seeds differ by far more than rates do, and that is not counted."""
    rows = [("FiLM", rate, seed, 10 * seed - rate) for rate in (0.1, 0.3) for seed in (0, 1)]
    tried = pd.DataFrame(rows, columns=["method", "learning_rate", "seed", "validation_loglik"])
    assert rate_spread(tried)["FiLM"] == pytest.approx(0.2)


def test_belief_in_the_wrong_process_costs():
    test = batches(NARROW)
    scores = views.believers(NARROW, WIDE, test)
    assert scores["believes reality"] == pytest.approx(exact_scores(NARROW, test).mean().item())
    assert scores["believes the simulator"] < scores["believes reality"] - 0.1
    assert len(set(views.believers(NARROW, NARROW, test).values())) == 1
    mixed = views.believers(NARROW, dataclasses.replace(NARROW, longest=0.5), test)
    assert len(set(mixed.values())) == 1, "the shortest scale is believed"


def test_at_home_a_network_stays_below_the_exact_prediction():
    model, _ = pretrain(PRESETS["smoke"])
    far = views.at_home(WIDE, model, 64)
    assert far > 0 and far == views.at_home(WIDE, model, 64) != views.at_home(WIDE, model, 64, seed=1)
    assert np.isnan(views.at_home(GAPS["mixed"].simulator, model, 4))


def test_a_typical_task_has_a_middling_number_of_observations():
    [batch] = batches(NARROW, 32)
    task = views.typical_task(batch)
    shown = batch.context.mask.sum(1).double()
    assert abs(task.context.mask.sum() - shown.mean()) == (shown - shown.mean()).abs().min()
    x, y = views.observations(task)
    assert len(x) == len(y) == task.context.mask.sum()


def test_predictions_of_a_task_have_the_exact_one_first():
    model, _ = pretrain(PRESETS["smoke"])
    task = views.typical_task(batches(NARROW, 8)[0])
    x, found = views.predictions(NARROW, {"sim-only": model}, task, n_points=11)
    assert list(found) == ["exact GP", "sim-only"] and len(x) == 11
    assert all(mean.shape == std.shape == (11,) and (std > 0).all() for mean, std in found.values())
    # Nothing is surer of a reading than its noise, or less sure than without any observation.
    assert NARROW.noise_variance**0.5 <= found["exact GP"][1].min() < found["exact GP"][1].max() <= 1.05**0.5


@pytest.mark.parametrize("gap", GAPS)
def test_committed_networks_are_the_lessons_and_have_learned(gap):
    settings = dataclasses.replace(PRESETS["lesson"], gap=gap)
    path = CHECKPOINTS / f"{COMMITTED[gap]}.safetensors"
    model, how = load_line_model(path)
    assert model.config == settings.architecture and path.stat().st_size < 1e6
    assert how["loss"] < how["loss_before"] - 0.5 and how["best_epoch"] > 0
    begun, told_how = page_pretraining(settings)
    assert told_how == how
    assert all(torch.equal(one, begun.state_dict()[name]) for name, one in model.state_dict().items())
    assert path.name in checkpoint_command(gap)


def test_a_committed_network_knows_its_simulator():
    settings = PRESETS["lesson"]
    model, _ = page_pretraining(settings)
    assert views.at_home(settings.simulator, model, 64) < 0.1


def test_other_noise_or_another_preset_is_trained_anew():
    model, how = page_pretraining(PRESETS["smoke"])
    assert model.config == PRESETS["smoke"].architecture
    assert how["loss"] <= how["loss_before"]
