"""The words of the page on the grid of stations by hours are true of the stored tables."""

import numpy as np
import pytest

from sparseobs.runs.results import read_result
from sparseobs_book.adaptation_grid import summary as told
from sparseobs_book.temperature.presets import grid_presets

PAGE, IDW = "adaptation_grid", "lapse rate + IDW"


@pytest.fixture(scope="module")
def table():
    return read_result("adaptation").table


@pytest.fixture(scope="module")
def longer():
    return read_result("adaptation_length").table


def counted(table, score, method, **where):
    """Return `counts` of the cells meant, as one row."""
    found = told.verdicts(table, score)
    for name, value in {"method": method, **where}.items():
        found = found[found[name] == value]
    return told.counts(found).iloc[0]


@pytest.mark.parametrize(
    ("claim", "method", "where"),
    [
        ("beats sim-only", "sim-only", {}),
        ("... but not with 20 stations", "sim-only", {"n_stations": 20}),
        ("beats real-only", "real-only", {}),
        ("... most with few hours (16)", "real-only", {"n_times": 16}),
        ("... hardly with very many (10,000)", "real-only", {"n_times": 10000}),
        ("beats FiLM", told.FILM, {}),
        ("(not in the paper) beats frozen high frequencies", "frozen high frequencies", {}),
        ("(not in the paper) beats the interpolation", IDW, {}),
    ],
)
def test_a_row_of_the_table_of_claims(unsaid, table, claim, method, where):
    cells = []
    for score in ("mae", "nll"):
        row = counted(table, score, method, **where)
        gap = f"{row['gap']:+.2f}".replace("-0.00", "+0.00")
        cells.append(f"{gap}, in {row['ahead']:.0f} of {row[list(told.VERDICTS)].sum():.0f}")
    assert not unsaid(PAGE, f"| {claim} | {cells[0]} | {cells[1]} |")


def test_the_first_paragraph_and_what_to_see(unsaid, table):
    assert table.groupby(["n_stations", "n_times"]).ngroups == 15 and table["seed"].nunique() == 3
    assert counted(table, "mae", "real-only")["ahead"] == 15
    assert counted(table, "mae", IDW)["behind"] == 10
    for n_stations in (20, 100):
        assert counted(table, "mae", IDW, n_stations=n_stations)["behind"] == 5
    assert counted(table, "mae", "sim-only")[["equal", "open"]].sum() == 14
    assert counted(table, "mae", "sim-only", n_stations=500)["equal"] == 5
    assert all(counted(table, "mae", "sim-only", n_stations=number)["open"] == 4 for number in (20, 100))
    harm = counted(table, "mae", "sim-only", n_stations=100, n_times=16)
    assert harm["behind"] == 1
    lead = {hours: -counted(table, "mae", "real-only", n_times=hours)["gap"] for hours in (16, 10000)}
    assert not unsaid(
        PAGE,
        f"Sim2Real errs {harm['gap']:.2f} K more than sim-only",
        f"It is worth {lead[16]:.1f} K where a fresh network has 16, and {lead[10000]:.1f} K where it has 10,000",
    )


def test_adapting_has_so_many_steps_and_tasks():
    lesson = grid_presets()["lesson"]
    recipe = lesson.fine_tuning
    steps = recipe.max_epochs * recipe.batches_per_epoch
    before = lesson.pretraining.max_epochs * lesson.pretraining.batches_per_epoch
    assert (steps, before, steps * recipe.batch_size) == (150, 1500, 1200)


def test_seeds_move_a_method_by_more_than_a_few_hundredths(table):
    apart = table.groupby(["method", "n_stations", "n_times"])["mae"].agg(np.ptp).groupby("method").mean()
    assert apart.drop("real-only").round(2).isin([0.07, 0.08]).all()


def test_the_two_grids_start_from_other_networks(unsaid, table, longer):
    alone = [rows[rows["method"] == "sim-only"] for rows in (table, longer)]
    weights = [set(rows["pretrained_weights"]) for rows in alone]
    assert [len(each) for each in weights] == [3, 3] and not weights[0] & weights[1]
    few = [rows[(rows["n_stations"] == 100) & (rows["seed"] == 1)]["mae"].iloc[0] for rows in alone]
    many = [rows[rows["n_stations"] == 500][["mae", "nll"]].mean() for rows in alone]
    usual = longer[(longer["n_stations"] == 500) & (longer["lengthening"] == 1) & (longer["method"] == "Sim2Real")]
    most = table[(table["n_stations"] == 500) & (table["n_times"] == 10000) & (table["method"] == "Sim2Real")]
    assert not unsaid(
        PAGE,
        f"{few[0]:.3f} K in the first grid and {few[1]:.3f} K in the second",
        f"it errs {many[0]['mae']:.3f} K and {many[1]['mae']:.3f} K, and its NLL is "
        f"{many[0]['nll']:.2f} and {many[1]['nll']:.2f}",
        f"Sim2Real errs {usual['mae'].mean():.3f} K here and {most['mae'].mean():.3f} K in the first grid",
    )


def test_a_hundred_stations_and_three_times_the_steps(unsaid, longer):
    cell = longer[(longer["n_stations"] == 100) & (longer["lengthening"] == 3)]
    mae = cell.groupby("method")["mae"].mean()
    best = mae[["sim-only", "real-only", told.FILM]].min()
    assert not unsaid(
        PAGE,
        f"Sim2Real errs {mae['Sim2Real']:.3f} K, sim-only {mae['sim-only']:.3f}, FiLM {mae[told.FILM]:.3f} and "
        f"real-only {mae['real-only']:.3f}",
        f"That is {best - mae['Sim2Real']:.2f} K less than the best of the others",
        f"The interpolation errs {mae[IDW]:.3f} K with 100 stations",
    )
    verdict = told.verdicts(cell, "mae").set_index("method")
    assert verdict.loc[["sim-only", told.FILM], "verdict"].eq(told.AHEAD).all()
    assert verdict.loc["real-only", "verdict"] == told.OPEN and verdict.loc["real-only", "high"] < 0
    assert (cell.loc[cell["method"] == "real-only", "mae_gap"] > -0.01).sum() == 1
    assert cell.loc[cell["method"] == "Sim2Real", "best_epoch"].between(12, 14).all()
    assert set(longer.loc[longer["lengthening"] == 9, "n_stations"]) == {500}


def test_nine_times_the_steps(unsaid, longer):
    cell = longer[longer["lengthening"] == 9]
    mae, verdict = cell.groupby("method")["mae"].mean(), told.verdicts(cell, "mae").set_index("method")
    assert verdict["verdict"][["sim-only", "real-only", told.FILM]].tolist() == [told.AHEAD, told.EQUAL, told.OPEN]
    assert not unsaid(
        PAGE,
        f"nine times the steps Sim2Real errs {mae['Sim2Real']:.3f} K. It is ahead of sim-only by "
        f"{-verdict.loc['sim-only', 'gap']:.3f} K",
        f"Real-only has caught up ({mae['real-only']:.3f} K)",
        f"The lead over FiLM is {-verdict.loc[told.FILM, 'gap']:.3f} K and open",
        f"and {mae[IDW]:.3f} K with 500, and has the lowest CRPS too",
    )
    by_steps = told.verdicts(longer[longer["n_stations"] == 500], "mae").set_index(["method", "lengthening"])["gap"]
    assert by_steps[told.FILM].sort_index().is_monotonic_decreasing
    crps = longer.groupby(["n_stations", "lengthening", "method"])["crps"].mean().unstack()
    assert crps.idxmin(axis=1).eq(IDW).all()


def test_stations_are_worth_more_than_hours_and_nearly_all_by_being_shown(unsaid, table):
    by_stations, by_hours = (
        table.pivot_table(index="method", columns=axis, values="mae") for axis in ("n_stations", "n_times")
    )
    steps = {name: -np.diff(by_stations.loc[name]) for name in ("Sim2Real", "sim-only")}
    ours, shown = steps["Sim2Real"], steps["sim-only"]
    assert not unsaid(
        PAGE,
        f"lower Sim2Real's error by {ours[0]:.2f} K and then by {ours[1]:.2f} K",
        f"by being shown them: {shown[0]:.2f} K and {shown[1]:.2f} K",
    )
    assert np.abs(np.diff(by_hours.loc["Sim2Real"])).max() < 0.04
    assert np.ptp(by_hours.loc["sim-only"]) < 1e-3, "sim-only learnt"


def test_how_sure(unsaid, table):
    many = table[table["n_stations"] == 500]
    sure = many.groupby("method")[["nll", "nll_offset", "coverage"]].mean()
    alone = many[many["method"] == "sim-only"]
    first = alone[alone["n_times"] == 16][["mae_gap", "nll_gap"]].mean()
    seeds = sorted(alone[alone["n_times"] == 16]["nll"])
    assert not unsaid(
        PAGE,
        f"Its 90 % interval covers {100 * sure.loc['sim-only', 'coverage']:.0f} %",
        f"the NLL falls by {-first['nll_gap']:.2f} nats and the MAE by {-first['mae_gap']:.2f} K",
        f"sim-only's NLL is {sure.loc['sim-only', 'nll_offset']:.2f} and Sim2Real's "
        f"{sure.loc['Sim2Real', 'nll_offset']:.2f}",
        f"sim-only's NLL is {seeds[0]:.1f}, {seeds[1]:.1f} and {seeds[2]:.1f} in the three seeds",
    )
    lead = sure.loc["sim-only"] - sure.loc["Sim2Real"]
    assert lead["nll"] > 2 * lead["nll_offset"]
