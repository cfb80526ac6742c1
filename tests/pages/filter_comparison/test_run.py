"""What a cell of the comparison computes: the same data for all, tuned elsewhere, DAPPER's own beside the batched."""

import math

import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.ienks import TransformSettings
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.tuning import METHODS
from sparseobs.filtering.var4d import VariationalSettings
from sparseobs.runs.results import read_result
from sparseobs.runs.settings import resolve
from sparseobs.scores.ensemble import ensemble_crps
from sparseobs_book.filter_comparison import run as comparison
from sparseobs_book.filter_comparison.published import AUTHORS_TUNING, published_scores
from sparseobs_book.filter_comparison.run import PRESETS, FilterComparison, compare
from sparseobs_book.filter_comparison.summary import agreement
from sparseobs_book.trained_filters.series import Series, score, without_model

CHOSEN = {
    "LETKF": LETKFSettings(1.1, 4.0),
    "iEnKS": TransformSettings(1.07),
    "EnKF": TransformSettings(1.2),
    "4D-Var": VariationalSettings("identity", 1.0),
}


@pytest.fixture(autouse=True)
def tuned_here(monkeypatch):
    """A tuning of our own, so that the stored one may change."""
    monkeypatch.setattr(comparison, "tuned", lambda system, method, *case: CHOSEN[method])


def smoke(**numbers):
    return resolve(PRESETS, "smoke", **numbers)


@pytest.fixture(scope="module")
def table():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparison, "tuned", lambda system, method, *case: CHOSEN[method])
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


def test_what_nobody_tuned_is_left_out_but_for_the_yardstick(monkeypatch):
    def only(*methods):
        def tuned(system, method, *case):
            if method not in methods:
                raise InputError("method", method, "one that was tuned", "LETKF")
            return CHOSEN[method]

        return tuned

    monkeypatch.setattr(comparison, "tuned", only("LETKF"))
    assert set(comparison.tunings(smoke(), 10)) == {"LETKF", comparison.BY_THE_AUTHORS}
    monkeypatch.setattr(comparison, "tuned", only("iEnKS"))
    with pytest.raises(InputError, match="LETKF"):
        comparison.tunings(smoke(), 10)


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


def test_what_is_published_and_what_is_not():
    table = published_scores().set_index(["system", "obs_error_std", "method", "ensemble_size"]).sort_index()
    assert not table.index.duplicated().any()
    assert table.loc[("lorenz96", 1.0, "LETKF", 10), "published"] == 0.79
    assert table.loc[("lorenz96", 1.0, "AmEnF", 5), "published"] == 0.6303
    missing = table["published"].isna()
    assert (table.loc[missing, "source"] == "no published number").all()
    assert missing["vissio_lucarini"].all() and not missing["kuramoto_sivashinsky", 2.5, "LETKF"].any()


def test_authors_tunings_are_of_their_grid():
    assert set(AUTHORS_TUNING.values()) <= set(METHODS["LETKF"].grid)
    assert {(noise, size) for _, noise, size in AUTHORS_TUNING} == {
        (noise, size) for noise in (1.0, 2.5) for size in (5, 10, 15, 20, 30)
    }


def test_stored_comparison():
    """Who diverged and who is ahead on Lorenz-96, where we know it; DAPPER's own agree with the batched filters."""
    table = read_result("filter_comparison").table
    assert (table["diverged"] == table["rmse"].isna()).all()
    ours = table[table["implementation"] != "DAPPER"]
    assert (ours.groupby(["system", "obs_error_std", "ensemble_size", "method"])["seed"].nunique() == 5).all()
    assert not ours.loc[ours["method"].isin(["AmEnF", "4D-Var"]), "diverged"].any()
    lorenz96 = ours.query("system == 'lorenz96'")
    assert not lorenz96.loc[lorenz96["method"] == "LETKF", "diverged"].any()
    rmse = lorenz96.groupby(["method", "obs_error_std", "ensemble_size"])["rmse"].mean()
    assert rmse["AmEnF", 1.0, 5] < 0.8 * rmse["LETKF", 1.0, 5]
    assert rmse["AmEnF", 1.0, 10] == pytest.approx(rmse["LETKF", 1.0, 10], rel=0.1)
    assert rmse["LETKF", 1.0, 20] < 0.95 * rmse["AmEnF", 1.0, 20]
    assert all(rmse["AmEnF", 2.5, members] < rmse["LETKF", 2.5, members] for members in (5, 10, 20))
    assert 0.73 <= rmse["LETKF", 1.0, 10] <= 0.85, "the authors' own is 0.79"
    both = agreement(table)
    variational = both[both["method"] == "4D-Var"]
    assert variational["difference"].abs().max() < 1e-3, "it forgets quickly, so chaos does not tell them apart"
    turning = both[both["method"] == "LETKF"]
    assert (turning["difference"].abs() < 0.1 * turning["batched"]).all()
