"""What a cell of the comparison computes: the same data for all, tuned elsewhere, DAPPER's own beside the batched."""

import math

import pytest
import torch

from sparseobs.dynamics.catalogue import named_system
from sparseobs.errors import InputError
from sparseobs.filtering.fixed_lag import FixedLagSettings
from sparseobs.filtering.ienks import TransformSettings
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.tuning import METHODS
from sparseobs.filtering.var4d import VariationalSettings
from sparseobs.runs.settings import resolve
from sparseobs.scores.ensemble import ensemble_crps
from sparseobs_book.filter_comparison import run as comparison
from sparseobs_book.filter_comparison import summary
from sparseobs_book.filter_comparison.published import AMENF_BACKWARDS, AUTHORS_TUNING, published_scores
from sparseobs_book.filter_comparison.run import PRESETS, FilterComparison, compare
from sparseobs_book.trained_filters.recipes import EXPERIMENTS
from sparseobs_book.trained_filters.series import (
    Series,
    climatology_rmse,
    run_batched,
    run_learned,
    score,
    without_model,
)
from sparseobs_book.trained_filters.stored import stored_filter

CHOSEN = {
    "LETKF": LETKFSettings(1.1, 4.0),
    "iEnKS": TransformSettings(1.07),
    "EnKF": TransformSettings(1.2),
    "4D-Var": VariationalSettings("identity", 1.0),
    "fixed-lag smoother": FixedLagSettings(lag=3, inflation=1.05, reduction=0.65),
}


@pytest.fixture(autouse=True)
def tuned_here(monkeypatch):
    """A tuning of our own, so that the stored one may change."""
    monkeypatch.setattr(comparison, "tuned", lambda system, method, *case, **how: CHOSEN[method])


def smoke(**numbers):
    return resolve(PRESETS, "smoke", **numbers)


@pytest.fixture(scope="module")
def table():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparison, "tuned", lambda system, method, *case, **how: CHOSEN[method])
        return compare(smoke(n_cycles=40, burn_in=40))


def test_dapper_and_our_batched_filters_agree_on_the_same_data(table):
    rmse = table.query("seed == 0").set_index(["method", "implementation"])["rmse"]
    for method in ("4D-Var", "LETKF", "iEnKS"):
        assert rmse[method, "DAPPER"] == pytest.approx(rmse[method, "batched"], rel=0.02)


def test_filters_find_the_truth_and_estimates_without_a_model_do_not(table):
    rmse = table.groupby("method")["rmse"].mean()
    assert rmse["AmEnF"] < 1.0 and rmse["4D-Var"] < 1.2 and rmse["LETKF"] < 1.2
    assert 2.5 < rmse["observations"] < 3.3
    assert rmse["climatology"] == pytest.approx(3.64, abs=0.2)


def test_every_row_says_what_was_tuned(table):
    first = table.groupby(["method", "implementation"]).first()
    assert first.loc[("LETKF", "DAPPER"), ["inflation", "radius", "ensemble_size"]].tolist() == [1.1, 4.0, 10]
    assert first.loc[(comparison.BY_THE_AUTHORS, "batched"), "inflation"] == 1.07
    assert first.loc[("4D-Var", "batched"), ["background", "ensemble_size"]].tolist() == ["identity", 1]
    assert math.isnan(first.loc[("AmEnF", "batched"), "inflation"])


def test_what_nobody_tuned_is_left_out_unless_nothing_remains(monkeypatch):
    def only(*methods):
        def tuned(system, method, *case, **how):
            if method not in methods:
                raise InputError("method", method, "one that was tuned", "LETKF")
            return CHOSEN[method]

        return tuned

    monkeypatch.setattr(comparison, "tuned", only("LETKF"))
    assert [name for name, *_ in comparison.tunings(smoke(), 10)] == ["LETKF", comparison.BY_THE_AUTHORS]
    assert not list(comparison.tunings(smoke(), 1))
    monkeypatch.setattr(comparison, "tuned", only())
    with pytest.raises(InputError, match="LETKF"):
        list(comparison.tunings(smoke(), 10))


def test_the_limit_is_the_smoother_with_members_of_its_own():
    rows = compare(smoke(methods=("fixed-lag smoother",), limit_members=40, n_cycles=40, burn_in=40))
    errors = rows[rows["method"] == "fixed-lag smoother"].groupby("ensemble_size")["rmse"].mean()
    assert errors.index.tolist() == [10, 40] and errors[40] < errors[10]


def test_filters_have_the_model_and_estimates_without_one_the_truth():
    """How much a wrong forcing costs takes more cycles to tell: `trained_filters/test_experiments.py`."""
    short = {"n_repeats": 1, "n_cycles": 6, "burn_in": 0, "dapper_repeats": 0, "methods": ("LETKF", "AmEnF")}
    cases = [smoke(experiment=name, **short) for name in ("standard", "forcing_7.5")]
    right, wrong = (compare(case).set_index("method")["rmse"] for case in cases)
    for method in ("climatology", "observations"):
        assert right[method] == wrong[method], "the same truths"
    assert right["LETKF"] != wrong["LETKF"]
    assert "AmEnF" in right and "AmEnF" not in wrong, "it learned the other model"
    known, mistaken = (comparison.first_ensembles(case).mean() for case in cases)
    assert mistaken < known, "less forcing, a lower climate"


def test_every_setting_of_the_grid_has_a_name_on_the_page():
    told = {"standard", "backwards", *summary.HARDER}
    assert set(EXPERIMENTS) == told


@pytest.mark.parametrize("who", [("LETKF", "DAPPER"), ("AmEnF", "batched")])
def test_forecasts_err_more_than_analyses(table, who):
    row = table.groupby(["method", "implementation"]).first().loc[who]
    assert row["forecast_rmse"] > row["rmse"]


def test_every_filter_and_seed_has_a_crps_and_dappers_is_ours(table):
    finite = table[table["rmse"].notna() & ~((table["method"] == "4D-Var") & (table["implementation"] == "DAPPER"))]
    ratio = finite["crps"] / finite["rmse"]
    assert (ratio > 0.3).all() and (ratio < 1).all()
    crps = table.query("seed == 0").set_index(["method", "implementation"])["crps"].to_dict()
    for method in ("LETKF", "iEnKS"):
        assert crps[method, "DAPPER"] == pytest.approx(crps[method, "batched"], rel=0.02)


def test_crps_of_a_single_state_is_its_absolute_error_and_of_climatology_a_gaussians(table):
    """Of a Gaussian error the first is sqrt(2 / pi) times its root mean square, the second 1 / sqrt(pi) times."""
    means = table[table["implementation"] != "DAPPER"].groupby("method")[["rmse", "crps"]].mean()
    ratio = means["crps"] / means["rmse"]
    assert ratio["4D-Var"] == pytest.approx((2 / math.pi) ** 0.5, abs=0.1)
    assert ratio["climatology"] == pytest.approx(math.pi**-0.5, abs=0.03)


def test_a_seed_sees_the_same_world_whatever_the_others():
    few, many = (comparison.experiments(smoke(n_repeats=repeats, seed=1)) for repeats in (1, 2))
    assert torch.equal(few.truth, many.truth[:, :1])
    assert torch.equal(few.observations.values, many.observations.values[:, :1])
    assert torch.equal(comparison.first_ensembles(smoke(n_repeats=1, seed=1)), comparison.first_ensembles(smoke())[1:])


def test_a_run_that_is_lost_is_counted_and_one_that_is_not_finite_has_no_score():
    truth = torch.zeros(80, 3, 1, 8)
    analysis = torch.randn(80, 3, 1, 8, generator=torch.Generator().manual_seed(0))
    analysis[3, 1] = math.nan
    analysis[20:, 2] += 5
    series = Series.of_analyses(analysis, ensemble_crps(analysis[:, :, None], truth))
    sound, infinite, far = score(series, truth, burn_in=10, climatology=3.6)
    assert [one["lost"] for one in (sound, infinite, far)] == [0, 1, 1]
    assert sound["rmse"] == pytest.approx(1, abs=0.3) and far["rmse"] > 4 and far["crps"] > 3
    assert math.isnan(infinite["rmse"]) and math.isnan(infinite["crps"])


def test_newest_observation_of_a_site_never_seen_is_the_climate():
    case = smoke(system="vissio_lucarini", n_cycles=4, burn_in=0, n_repeats=1)
    experiment = comparison.experiments(case)
    first = without_model(case.system, experiment)["observations"].analysis[0, 0]
    seen = experiment.observations.mask[0]
    assert torch.equal(first[:, seen], experiment.observations.values[0, 0][:, seen])
    assert torch.allclose(first[:, ~seen].mean(1), torch.tensor([2.319, 1.799], dtype=torch.float64))


def test_a_system_that_is_observed_everywhere_and_one_of_two_variables():
    for system in ("kuramoto_sivashinsky", "vissio_lucarini"):
        experiment = comparison.experiments(smoke(system=system, n_repeats=1, n_cycles=4, burn_in=0))
        assert experiment.observations.mask.double().mean() == (1.0 if system.startswith("kura") else 0.25)


@pytest.mark.parametrize(
    "numbers",
    [{"system": "lorenz63"}, {"obs_error_std": 0.0}, {"ensemble_sizes": (31,)}, {"dapper_repeats": 6}, {"n_cycles": 1}],
)
def test_bad_settings(numbers):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        FilterComparison(**numbers)


def test_a_noise_that_no_filter_was_trained_for():
    with pytest.raises(InputError, match="stored filter: given 'lorenz96, noise 1.7'"):
        compare(smoke(obs_error_std=1.7))


def test_what_is_published_is_of_our_sense_of_rotation():
    table = published_scores().set_index(["system", "obs_error_std", "method", "ensemble_size"])["published"]
    assert not table.index.duplicated().any() and table.notna().all()
    assert table["lorenz96", 1.0, "LETKF", 10] == 0.79 and table["kuramoto_sivashinsky", 2.5, "4D-Var", 1] == 0.5342
    assert "AmEnF" not in table.index.get_level_values("method")
    assert not set(AMENF_BACKWARDS.values()) & set(table), "the authors' AmEnF saw a pattern that rotates backwards"


def test_authors_tunings_are_of_their_grid():
    assert set(AUTHORS_TUNING.values()) <= set(METHODS["LETKF"].grid)
    assert {(noise, size) for _, noise, size in AUTHORS_TUNING} == {
        (noise, size) for noise in (1.0, 2.5) for size in (5, 10, 15, 20, 30)
    }


@pytest.mark.parametrize("preset", comparison.LIVE_PRESETS)
def test_the_live_run_has_seeds_of_its_own(preset):
    assert not set(comparison.LIVE_PRESETS[preset].seeds) & set(PRESETS["paper"].seeds)


def test_with_two_members_the_learned_filter_holds_and_letkf_is_lost():
    case = smoke(n_repeats=1, n_cycles=30, burn_in=30)
    experiment, members = comparison.experiments(case), comparison.first_ensembles(case)[:, :2]
    problem = (named_system("lorenz96"), experiment, members, torch.Generator())
    network = stored_filter("lorenz96", 1.0).network
    runs = [run_learned(network, *problem), run_batched("LETKF", LETKFSettings(1.0, 20.0), *problem)]
    learned, letkf = (next(score(run, experiment.truth, 30, climatology_rmse("lorenz96"))) for run in runs)
    assert learned["rmse"] < 1.2 and not learned["lost"]
    assert letkf["lost"]
