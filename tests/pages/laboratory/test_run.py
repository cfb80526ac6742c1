import dataclasses
import math

import pandas as pd
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.neural_process.laboratory import GaussianProcess
from sparseobs.neural_process.training import TrainingSettings
from sparseobs_book.laboratory import rates as gp_laboratory_rates
from sparseobs_book.laboratory import run as gp_laboratory
from sparseobs_book.laboratory.settings import GAPS, PRESETS, RATES, UNLIMITED, published_rate
from sparseobs_book.laboratory.summary import film_lead, gap_to_exact

SMOKE = dataclasses.replace(PRESETS["smoke"], gap="growing", published_rates=False)
REALITY = GaussianProcess(1.0)


@pytest.fixture(scope="module")
def pretrained():
    return gp_laboratory.pretrain(SMOKE)[0]


@pytest.fixture
def rates(monkeypatch):
    """Stand in for the stored table: the lowest rate everywhere, but one."""
    rows = [
        {"gap": gap, "length_scale": each.length_scale, "noise_variance": each.noise_variance, "method": method,
         "learning_rate": values[0]}
        for gap, parts in GAPS.items() for each in parts.realities for method, values in RATES.items()
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    monkeypatch.setattr(gp_laboratory_rates, "_stored_rates", lambda: table)
    return table


def changed(before, after):
    return {name for name, one in before.state_dict().items() if not torch.equal(one, after.state_dict()[name])}


def test_gaps_are_those_of_the_paper():
    assert [each.length_scale for each in GAPS["shrinking"].realities] == [0.05, 0.1, 0.2]
    assert [each.length_scale for each in GAPS["growing"].realities] == [0.25, 0.5, 1.0]
    assert [each.noise_variance for each in GAPS["noise"].realities] == [0.0125, 0.025, 0.1, 0.2]
    assert (GAPS["mixed"].simulator.length_scale, GAPS["mixed"].simulator.longest) == (0.25, 0.5)
    assert {gap: len(parts.counts) for gap, parts in GAPS.items()} == dict(shrinking=4, mixed=4, growing=4, noise=5)


def test_adapting_changes_what_it_may_and_leaves_the_pretrained_alone(pretrained):
    kept = {name: one.clone() for name, one in pretrained.state_dict().items()}
    reality = gp_laboratory.Reality.of(SMOKE, REALITY)
    recipe = TrainingSettings(1e-2, 3, 2, batch_size=4)
    film, training = gp_laboratory.adapt(pretrained, reality, "Sim2Real (FiLM)", 16, recipe)
    assert training.best_epoch > 0
    assert changed(pretrained, film) and all(".film." in name for name in changed(pretrained, film))
    everything, training = gp_laboratory.adapt(pretrained, reality, "Sim2Real", UNLIMITED, recipe)
    assert training.best_epoch > 0 and any("convolution" in name for name in changed(pretrained, everything))
    assert all(torch.equal(one, pretrained.state_dict()[name]) for name, one in kept.items())


def test_a_ruinous_rate_falls_back_on_not_adapting(pretrained):
    reality = gp_laboratory.Reality.of(SMOKE, REALITY)
    recipe = TrainingSettings(1e3, 2, 2, batch_size=4)
    model, training = gp_laboratory.adapt(pretrained, reality, "Sim2Real", 16, recipe)
    assert training.best_epoch == 0 and not changed(pretrained, model)


def test_no_task_is_trained_on_and_scored():
    reality = gp_laboratory.Reality.of(SMOKE, REALITY)
    drawn = [reality.pool, *reality.validation, *reality.test]
    values = torch.cat([batch.targets.values.flatten() for batch in drawn])
    assert len(values.unique()) == len(values)
    few = gp_laboratory.Reality.of(dataclasses.replace(SMOKE, gap="noise", most=64), REALITY).pool
    assert len(few.scalars) == 64


def test_run_scores_every_method_below_the_exact_prediction(pretrained, rates):
    table = gp_laboratory.run(SMOKE, pretrained)
    assert len(table) == 3 * (1 + 2 * 2)
    assert (table["loglik"] < table["loglik_exact"]).all()
    assert set(table["method"]) == {"sim-only", "Sim2Real", "Sim2Real (FiLM)"}
    assert set(table["n_tasks"]) == {0, 16, math.inf}
    again = gp_laboratory.run_or_try(SMOKE, pretrained, "chosen")
    pd.testing.assert_frame_equal(table.drop(columns="seconds"), again.drop(columns="seconds"))


def test_rates_are_tried_on_seeds_that_are_never_scored(pretrained):
    with pytest.raises(InputError, match="seed"):
        gp_laboratory.run_or_try(SMOKE, pretrained, "tried")
    with pytest.raises(InputError, match="seed"):
        gp_laboratory.run_or_try(dataclasses.replace(SMOKE, seed=100), pretrained, "chosen")
    with pytest.raises(InputError, match="rates"):
        gp_laboratory.run_or_try(SMOKE, pretrained, "guessed")
    tried = gp_laboratory.run_or_try(dataclasses.replace(SMOKE, seed=100), pretrained, "tried")
    assert len(tried) == 3 * sum(map(len, RATES.values()))
    assert "loglik" not in tried
    assert len(gp_laboratory_rates.best_rates(tried)) == 3 * 2


def test_the_best_rate_is_that_of_the_highest_mean():
    rows = [
        ("growing", 0.5, 0.05, "Sim2Real", rate, value)
        for rate, values in {1e-3: (1, 1), 3e-3: (0, 3), 1e-2: (5, -5)}.items()
        for value in values
    ]
    columns = ["gap", "length_scale", "noise_variance", "method", "learning_rate", "validation_loglik"]
    best = gp_laboratory_rates.best_rates(pd.DataFrame(rows, columns=columns))
    assert best["learning_rate"].tolist() == [3e-3]


def test_each_adaptation_takes_its_own_rate(rates):
    growing = SMOKE.realities[1]
    assert gp_laboratory_rates.chosen_rate(SMOKE, growing, "Sim2Real (FiLM)") == RATES["Sim2Real (FiLM)"][0]
    noisier = dataclasses.replace(SMOKE, obs_error_std=2.5)
    assert noisier.simulator.noise_variance == pytest.approx(6.25)
    assert gp_laboratory_rates.chosen_rate(noisier, noisier.realities[1], "Sim2Real") == RATES["Sim2Real"][0]
    with pytest.raises(InputError, match="trying rates first"):
        gp_laboratory_rates.chosen_rate(SMOKE, growing, "sim-only")


def test_published_rates_are_the_authors():
    paper = PRESETS["paper"]
    assert published_rate(paper, GaussianProcess(0.05), "Sim2Real") == pytest.approx(3e-4)
    assert published_rate(paper, GaussianProcess(0.1), "Sim2Real (FiLM)") == pytest.approx(3e-4 * 50 / 5)
    noise = dataclasses.replace(paper, gap="noise")
    assert published_rate(noise, GaussianProcess(0.25), "Sim2Real (FiLM)") == pytest.approx(3e-3)


def table_of(leads, gap="growing"):
    """A table in which FiLM leads by `leads`, a number a seed, at two counts."""
    rows = []
    for seed, lead in enumerate(leads):
        for n_tasks in (16.0, math.inf):
            where = {"gap": gap, "seed": seed, "length_scale": 0.5, "noise_variance": 0.05, "n_tasks": n_tasks}
            rows += [
                where | {"method": "Sim2Real", "loglik": -1.0 - seed, "loglik_exact": -0.5 - seed},
                where | {"method": "Sim2Real (FiLM)", "loglik": -1.0 - seed + lead, "loglik_exact": -0.5 - seed},
            ]
    return pd.DataFrame(rows)


def test_differences_are_taken_within_a_seed():
    leads = film_lead(table_of([0.1, 0.2, 0.3]))
    assert leads["mean"].tolist() == pytest.approx([0.2, 0.2])
    assert leads["low"].tolist() == pytest.approx([0.2 - 4.302653 * 0.1 / math.sqrt(3)] * 2)
    gaps = gap_to_exact(table_of([0.1, 0.2, 0.3])).set_index("method")["mean"]
    assert gaps["Sim2Real"].tolist() == pytest.approx([0.5, 0.5])
    assert gaps["Sim2Real (FiLM)"].tolist() == pytest.approx([0.3, 0.3])
