"""What the page says of its stored table."""

import pandas as pd
import pytest

from sparseobs.runs.results import read_result
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.filter_comparison.published import AMENF_BACKWARDS, published_scores
from sparseobs_book.filter_comparison.run import BY_THE_AUTHORS
from sparseobs_book.filter_comparison.summary import CASE, agreement, beside_letkf, beside_published, on_all_seeds
from sparseobs_book.trained_filters.stored import stored_smoother
from sparseobs_book.trained_filters.tuning import tuned


@pytest.fixture(scope="module")
def result():
    found = read_result("filter_comparison").table
    return found


@pytest.fixture(scope="module")
def table(result):
    return on_all_seeds(result)


@pytest.fixture(scope="module")
def lost(table):
    return table.groupby(["system", "obs_error_std", "method", "ensemble_size"])["lost"].sum()


@pytest.fixture(scope="module")
def rmse(table):
    return table.groupby(["system", "obs_error_std", "method", "ensemble_size"])["rmse"].mean()


def test_five_seeds_of_everything(table):
    assert (table.groupby([*CASE, "method"])["seed"].nunique() == 5).all()
    assert (table.loc[table["rmse"].isna(), "lost"] == 1).all()


def test_who_is_ahead_by_which_score(result):
    by_rmse, by_crps = (beside_letkf(result, score=score)["ahead"].value_counts() for score in ("rmse", "crps"))
    assert by_rmse.to_dict() == {"AmEnF": 10, "LETKF": 4, "neither": 4}
    assert by_crps.to_dict() == {"AmEnF": 5, "LETKF": 10, "neither": 3}


def test_few_members_and_much_noise_favour_the_learned_filter(result):
    ahead = beside_letkf(result).set_index(CASE)["ahead"]
    assert (ahead.xs(5, level="ensemble_size") == "AmEnF").sum() == 5, "level on Kuramoto-Sivashinsky at noise 1"
    assert (ahead.xs(2.5, level="obs_error_std") == "AmEnF").sum() == 8, "level on Vissio-Lucarini with twenty"
    assert not (ahead.xs(2.5, level="obs_error_std") == "LETKF").any()


def test_the_learned_filters_error_hardly_depends_on_members(rmse):
    sizes = rmse.xs("AmEnF", level="method").unstack("ensemble_size")
    assert (sizes.max(axis=1) < 1.03 * sizes.min(axis=1)).all()


def test_what_filters_lose(lost, rmse):
    assert (lost.xs("AmEnF", level="method") == 0).all()
    for system in ("lorenz96", "vissio_lucarini"):
        for method in ("iEnKS", "EnKF"):
            assert (lost[system].unstack("ensemble_size")[[5, 10]].xs(method, level="method") == 5).all(axis=None)
        assert lost[system, 2.5, "LETKF", 5] == 5
    assert rmse["lorenz96", 2.5, "LETKF", 5] == pytest.approx(2.4, abs=0.05)
    assert rmse["vissio_lucarini", 2.5, "LETKF", 5] == pytest.approx(2.7, abs=0.05)


def test_a_letkf_near_the_edge(table):
    case = "system == 'vissio_lucarini' and obs_error_std == 1 and ensemble_size == 20 and method == 'LETKF'"
    seeds = table.query(case)
    assert seeds["lost"].sum() == 2 and seeds["rmse"].mean() == pytest.approx(1.4, abs=0.05)
    assert seeds.loc[seeds["lost"] == 0, "rmse"].between(0.5, 0.7).all()


def test_iterating_without_localization(result, rmse):
    assert rmse["lorenz96", 1.0, "iEnKS", 5] > rmse["lorenz96", 1.0, "climatology", 1]
    ahead = beside_letkf(result, method="iEnKS").set_index(CASE)["ahead"]
    open_cases = {("kuramoto_sivashinsky", 2.5, 20), ("lorenz96", 1.0, 20)}
    assert set(ahead[ahead == "neither"].index) == open_cases and set(ahead.drop(list(open_cases))) == {"LETKF"}
    assert [round(rmse["lorenz96", 1.0, name, 20], 2) for name in ("iEnKS", "LETKF")] == [0.85, 0.72]
    means = rmse["kuramoto_sivashinsky", 2.5].unstack("ensemble_size")[20]
    assert means["iEnKS"] == pytest.approx(0.39, abs=0.01) and means["LETKF"] == pytest.approx(0.42, abs=0.01)
    published = published_scores().set_index(["system", "obs_error_std", "method", "ensemble_size"])["published"]
    assert published["lorenz96", 1.0, "iEnKS", 30] == 0.61 and published["lorenz96", 1.0, "LETKF", 30] == 0.69


def test_beside_the_authors_repository(result):
    both = beside_published(result)
    assert 0.8 < both["reproduced"].mean() < 1
    far = both.query("system == 'kuramoto_sivashinsky' and obs_error_std == 1 and ensemble_size == 20")
    far = far.set_index("method").loc["iEnKS"]
    assert far["published"] == 0.1223 and not far["reproduced"] and far["ours"] == pytest.approx(0.175, abs=0.001)
    assert {size: round(score, 3) for size, score in AMENF_BACKWARDS.items()} == {5: 0.630, 10: 0.611}


def test_the_learned_filters_spread_is_a_fifth_to_two_fifths_of_its_error(table):
    means = table[table["method"] == "AmEnF"].groupby(CASE)[["spread", "rmse"]].mean()
    assert (means["spread"] / means["rmse"]).between(0.195, 0.4).all()
    holds = table[(table["method"] == "LETKF") & (table["lost"] == 0)].groupby(CASE)[["spread", "rmse"]].mean()
    assert (holds["spread"] / holds["rmse"]).between(0.8, 1.3).all()


def test_how_errors_grow_with_the_noise(rmse, lost):
    means = rmse.unstack("obs_error_std")
    growth = (means[2.5] / means[1.0]).unstack("method")
    assert growth["AmEnF"].dropna().between(2.1, 2.6).all()
    sound = lost.xs(1.0, level="obs_error_std").unstack("method")["LETKF"].loc[:, [10, 20]] == 0
    assert (growth["LETKF"].loc[:, [10, 20]][sound] > 2.5).all()
    assert growth["iEnKS"].xs(5, level="ensemble_size").between(0.95, 1.05).all()


def test_dappers_own_agree(result):
    both = agreement(result)
    variational = both[both["method"] == "4D-Var"]
    assert (variational["DAPPER"] - variational["batched"]).abs().max() < 1e-3, "it forgets quickly"
    turning = both[both["method"] == "LETKF"]
    assert ((turning["DAPPER"] - turning["batched"]).abs() < 0.2 * turning["batched"]).all()
    crps = result.query("method == 'LETKF' and ensemble_size == 10 and seed == 0")
    crps = crps.pivot_table(index=CASE, columns="implementation", values="crps")
    assert ((crps["DAPPER"] - crps["batched"]).abs() < 0.2 * crps["batched"]).all()


def test_letkf_near_the_authors_own(rmse):
    assert 0.73 <= rmse["lorenz96", 1.0, "LETKF", 10] <= 0.85, "the authors' own is 0.79"
    assert rmse["lorenz96", 1.0, BY_THE_AUTHORS, 10] == pytest.approx(0.79, abs=0.06)
    assert rmse["lorenz96", 1.0, "AmEnF", 10] == pytest.approx(rmse["lorenz96", 1.0, "LETKF", 10], rel=0.1)
    assert rmse["lorenz96", 1.0, "AmEnF", 5] < 0.8 * rmse["lorenz96", 1.0, "LETKF", 5]
    assert rmse["lorenz96", 1.0, "LETKF", 20] < 0.95 * rmse["lorenz96", 1.0, "AmEnF", 20]


@pytest.fixture(scope="module")
def long():
    """Means of the long runs, an index of experiment, system, noise, members, method."""
    names = {"long_comparison": (10, 1000), "vissio_lucarini_comparison": (5, 400)}
    keys = ["experiment", *CASE, "method"]
    tables = {name: read_result(name).table for name in names}
    only = {"system": "vissio_lucarini", "experiment": "standard"}
    tables["vissio_lucarini_comparison"] = tables["vissio_lucarini_comparison"].assign(**only)
    for name, (seeds, cycles) in names.items():
        assert (tables[name].groupby(keys)["seed"].nunique() == seeds).all() and (
            tables[name]["cycles"] == cycles
        ).all()
    table = pd.concat(tables.values())
    means = table.groupby(keys)[["rmse", "crps", "spread"]].mean()
    return means.assign(lost=table.groupby(keys)["lost"].sum())


def test_the_amens_is_ahead_by_both_scores(long):
    rows = long.loc["standard"]
    rows = rows[rows.index.get_level_values("ensemble_size").isin([5, 10, 20])]
    for score in ("rmse", "crps"):
        wide = rows[score].unstack("method")
        assert len(wide) == 12 and (wide.idxmin(axis=1) == "AmEnS").all()
    own = long.loc["standard"].xs("AmEnS", level="method")
    assert own["lost"].sum() == 0
    assert (own["spread"] / own["rmse"]).round(2).agg(["min", "max"]).tolist() == [0.82, 1.01]


@pytest.mark.parametrize(
    "system, noise, members, told",
    [
        ("lorenz96", 1.0, 5, {"AmEnS": 0.65, "LETKF": 1.16, "AmEnF": 0.81, "fixed-lag smoother": 0.79}),
        ("lorenz96", 1.0, 10, {"AmEnS": 0.55, "LETKF": 0.80, "AmEnF": 0.81, "fixed-lag smoother": 0.58}),
        ("lorenz96", 1.0, 20, {"AmEnS": 0.52, "LETKF": 0.71, "fixed-lag smoother": 0.53}),
        ("lorenz96", 1.0, 30, {"iEnKS": 0.63}),
        ("lorenz96", 1.0, 100, {"fixed-lag smoother": 0.48}),
        ("lorenz96", 2.5, 10, {"AmEnS": 1.56, "LETKF": 2.02, "AmEnF": 1.79, "fixed-lag smoother": 1.89}),
        ("vissio_lucarini", 1.0, 5, {"AmEnS": 0.67, "LETKF": 1.39, "AmEnF": 0.87}),
        ("vissio_lucarini", 1.0, 10, {"AmEnS": 0.50, "LETKF": 0.76, "AmEnF": 0.87}),
        ("vissio_lucarini", 1.0, 20, {"AmEnS": 0.41, "LETKF": 1.36, "AmEnF": 0.86}),
    ],
)
def test_errors_of_the_long_runs(long, system, noise, members, told):
    found = long.loc[("standard", system, noise, members), "rmse"]
    assert {method: found[method] for method in told} == pytest.approx(told, abs=0.0055)


def test_with_fifteen_and_thirty_members_the_start_is_as_good():
    table = read_result("long_comparison").table
    table = table.query("experiment == 'standard' and system == 'lorenz96' and obs_error_std == 1")
    for members in (15, 30):
        wide = table[table["ensemble_size"] == members].pivot_table(index="seed", columns="method", values="rmse")
        gap = repeat_interval(wide["AmEnS"] - wide["fixed-lag smoother"])
        assert gap.low < 0 < gap.high


def test_a_smoother_is_tuned_to_another_lag_than_it_is_best_to_learn_from():
    assert tuned("lorenz96", "fixed-lag smoother", 2.5, 10).lag == 1
    assert stored_smoother("lorenz96", 2.5).network.config.lags == (2, 2, 2)


def test_backwards_beside_the_authors(long):
    rows = long.loc[("backwards", "lorenz96", 1.0), "rmse"].unstack("method").round(2)
    assert rows.loc[[5, 10], "AmEnS"].tolist() == [0.64, 0.55]
    assert rows.loc[[5, 10], "LETKF"].tolist() == [1.06, 0.74]
    assert {members: round(error, 3) for members, error in AMENF_BACKWARDS.items()} == {5: 0.630, 10: 0.611}


def test_a_wrong_model_is_learned(long):
    right, low, high = (
        long.loc[(one, "lorenz96", 1.0, 10), "rmse"] for one in ("standard", "forcing_7.5", "forcing_8.5")
    )
    methods = ["AmEnS", "fixed-lag smoother", "LETKF"]
    assert low.round(2)[methods].tolist() == [0.60, 0.73, 0.89]
    assert high.round(2)[methods].tolist() == [0.60, 0.76, 0.88]
    growth = low / right - 1
    assert 0.1 < growth["LETKF"] < 0.2 < growth["fixed-lag smoother"] < 0.3


def test_a_doubled_gap_and_every_site_seen(long):
    rare, often = (long.loc[(one, "lorenz96", 1.0)] for one in ("double_gap", "all_sites"))
    methods = ["fixed-lag smoother", "LETKF", "AmEnS"]
    assert rare["rmse"][10].round(2)[methods].tolist() == [2.04, 2.11, 1.39]
    assert rare["lost"][10][methods].tolist() == [3, 7, 0]
    assert tuned("lorenz96", "fixed-lag smoother", 1.0, 10, experiment="double_gap").lag == 0
    assert stored_smoother("lorenz96", 1.0, "double_gap").network.config.lags == (1, 1)
    by_members = often["rmse"].round(2).unstack("method").loc[[10, 5], methods]
    assert by_members.T.to_numpy().tolist() == [[0.18, 0.24], [0.21, 0.27], [0.18, 0.23]]


def test_the_last_three_err_as_expected(long):
    for experiment, expected in {"forcing_8.5": 0.57, "double_gap": 1.49, "all_sites": 0.18}.items():
        assert long.loc[(experiment, "lorenz96", 1.0, 10, "AmEnS"), "rmse"] == pytest.approx(expected, rel=0.1)


def test_fixed_sites_and_a_longer_gap(long):
    rows = long.loc[("fixed_long_gap", "lorenz96", 1.0)]
    own = rows.xs("AmEnS", level="method").loc[[5, 10, 20]]
    assert own["rmse"].round(2).tolist() == [1.31, 1.08, 1.01] and own["lost"].sum() == 0
    assert (round(rows.loc[(10, "LETKF"), "rmse"], 2), rows.loc[(10, "LETKF"), "lost"]) == (2.06, 9)
