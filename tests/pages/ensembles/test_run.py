"""Members of learned filters: what keeps them apart, and whether their spread is honest."""

import pandas as pd
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.run import FilterRun
from sparseobs.runs.settings import resolve
from sparseobs.scores.rank_histogram import truth_ranks
from sparseobs_book.ensembles import run as ensembles
from sparseobs_book.trained_filters.lorenz96 import CLIMATOLOGY, scores
from sparseobs_book.trained_filters.stored import stored_filter
from sparseobs_book.trained_filters.tuning import tuned

SETTINGS = resolve(ensembles.PRESETS, "smoke", burn_in=60)


@pytest.fixture(scope="module")
def experiment():
    return ensembles.observe(SETTINGS)


@pytest.fixture(scope="module")
def network():
    return ensembles.filter_for_noise(1.0).network


@pytest.fixture(scope="module")
def runs(network, experiment):
    networks = {
        "AmEnF": network,
        "off": ensembles.with_dropout(network, 0.0),
        "taught without": ensembles.trained_on("no_dropout").network,
        "likelihood": ensembles.trained_on("likelihood").network,
    }
    return {name: ensembles.run(SETTINGS, one, experiment) for name, one in networks.items()}


def test_members_collapse_without_dropout_and_not_with_it(runs):
    last = {name: run.spread[-10:].mean().item() for name, run in runs.items()}
    assert last["AmEnF"] > 0.1
    assert last["off"] < last["AmEnF"] / 50 and last["taught without"] < last["AmEnF"] / 50


def test_likelihood_widens_the_spread_and_improves_crps(runs, experiment):
    table = pd.DataFrame({name: scores(run, experiment, SETTINGS.burn_in).mean() for name, run in runs.items()}).T
    assert table.loc["AmEnF", "spread_skill"] < 0.6 < 0.75 < table.loc["likelihood", "spread_skill"] < 1.3
    assert table.loc["likelihood", "crps"] < table.loc["AmEnF", "crps"]
    assert table.loc["likelihood", "rmse"] < 1.15 * table.loc["AmEnF", "rmse"]


def test_truth_is_outside_a_collapsed_ensemble(runs, experiment):
    def outside(name):
        after = slice(SETTINGS.burn_in, None)
        members, truth = runs[name].members[after], experiment.truth[after].float()
        ranks = truth_ranks(members, truth, torch.Generator().manual_seed(0))
        return ((ranks == 0) | (ranks == SETTINGS.ensemble_size)).double().mean().item()

    assert outside("off") > 0.9 and outside("likelihood") < 0.5


def test_letkf_starts_from_the_same_members_and_is_scored_alike(experiment):
    run = ensembles.run(SETTINGS, ensembles.LETKF, experiment)
    table = scores(run, experiment, SETTINGS.burn_in)
    assert list(table.columns) == ["truth", "rmse", "spread", "spread_skill", "crps", "lost"]
    assert table["rmse"].min() < 1.5, "LETKF finds one of two truths"
    assert ensembles.LETKF == tuned("lorenz96", "LETKF", 1.0, 10)


def test_a_truth_is_lost_by_one_rule(experiment):
    """Beyond half of climatology for all of a run shorter than fifty cycles, or not finite."""
    off = experiment.truth.clone()
    off[:, 1] += 0.6 * CLIMATOLOGY
    for mean in (off, torch.where(off == experiment.truth, off, torch.nan)):
        members = mean[:, :, None].expand(-1, -1, 10, -1, -1).float()
        run = FilterRun(mean, torch.ones(mean.shape[:2]), members)
        assert scores(run, experiment, SETTINGS.burn_in)["lost"].tolist() == [False, True]


def test_scores_of_an_ensemble_that_is_known(experiment):
    """Members the truth plus and minus two: no error, a spread of 2 sqrt(m / (m - 1)), a CRPS of half of two."""
    settings = resolve(ensembles.PRESETS, "smoke", burn_in=60, ensemble_size=2)
    truth = experiment.truth
    members = torch.stack([truth - 2, truth + 2], dim=2)
    spread = members.var(2).mean((-1, -2)).sqrt()
    found = scores(FilterRun(members.mean(2), spread, members.float()), experiment, settings.burn_in)
    assert found["truth"].tolist() == [0, 1]
    assert found["rmse"].tolist() == pytest.approx([0, 0], abs=1e-6)
    assert found["spread"].tolist() == pytest.approx([2 * 2**0.5] * 2)
    assert found["crps"].tolist() == pytest.approx([1, 1], abs=1e-5)


def test_more_dropout_more_spread(network, experiment):
    spreads = []
    for rate in (0.02, 0.1, 0.3):
        run = ensembles.run(SETTINGS, ensembles.with_dropout(network, rate), experiment)
        spreads.append(scores(run, experiment, SETTINGS.burn_in)["spread"].mean())
    assert spreads == sorted(spreads)


def test_more_noise_more_spread(network):
    spreads = []
    for noise in (0.5, 1.0, 2.5):
        made = ensembles.filter_for_noise(noise)
        assert made.recipe.obs_error_std == noise and made.network.config.obs_error_std == (noise,)
        run = ensembles.run(SETTINGS, made.network, ensembles.observe(SETTINGS, noise))
        spreads.append(run.spread[SETTINGS.burn_in :].mean().item())
    assert spreads == sorted(spreads)


@pytest.mark.parametrize(
    "name, changed",
    [
        ("likelihood", {"objective": "likelihood"}),
        ("no_dropout", {"dropout": 0.0}),
        ("half_noise", {"obs_error_std": 0.5}),
    ],
)
def test_filters_trained_on_differ_in_what_their_name_says(name, changed):
    recipe = ensembles.trained_on(name).recipe
    assert recipe.start_from == 1.0
    usual = stored_filter("lorenz96", 1.0).recipe
    for field in ("objective", "dropout", "obs_error_std"):
        own, other = ((one.training if field == "objective" else one) for one in (recipe, usual))
        assert getattr(own, field) == changed.get(field, getattr(other, field))


def test_bad_input():
    with pytest.raises(InputError, match="one of half_noise, likelihood, no_dropout"):
        ensembles.trained_on("likelyhood")
    with pytest.raises(InputError, match="n_cycles: given 1"):
        resolve(ensembles.PRESETS, "smoke", n_cycles=1)
    with pytest.raises(InputError, match="site"):
        resolve(ensembles.PRESETS, "smoke", site=40)
