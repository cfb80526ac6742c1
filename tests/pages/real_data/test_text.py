"""What the page says of its stored tables."""

import pytest

from sparseobs.interpolation.methods import FITS
from sparseobs.runs.results import read_result
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.temperature.summary import by_split

IRELAND = read_result("uk_ireland").table
MEANS = IRELAND.groupby("method")[["mae", "nll", "crps", "nll_offset", "offset_std", "coverage"]].mean()
GERMANY = read_result("germany_snapshot").table.set_index("method")
FOUR = ["lapse rate + IDW", "lapse rate + kriging", "sim-only", "Sim2Real"]
MIDAS = read_result("midas_daily").table.groupby(["shown", "method"]).mean(numeric_only=True)
ERA5, OTHERS = MIDAS.loc["ERA5"], MIDAS.loc["other stations"]
WITH_HEIGHTS = ["lapse rate + IDW", "lapse rate + kriging", "kriging + elevation drift"]


def rounded(values, digits=2):
    return [round(float(value), digits) for value in values]


def test_irish_scores():
    methods = ["Sim2Real (two trainings)", "lapse rate + kriging", "Sim2Real", "sim-only"]
    assert rounded(MEANS.loc[methods, "mae"], 3) == [0.602, 0.603, 0.614, 0.617]
    networks = ["real-only", "sim-only", "Sim2Real", "Sim2Real (FiLM)", "Sim2Real (two trainings)"]
    assert MEANS.loc[networks, "mae"].idxmax() == "real-only" and rounded([MEANS.loc["real-only", "mae"]]) == [0.83]
    assert MEANS["mae"].drop(["nearest station"]).idxmax() == "real-only"


def test_two_trainings_and_the_rivals():
    scores = by_split(IRELAND)
    gained = scores.loc["Sim2Real (two trainings)"] - scores.loc["Sim2Real"]
    assert (gained < 0).all(axis=None)
    assert rounded(gained.mean()[["mae", "nll"]], 3) == [-0.012, -0.037]
    for rival in ("lapse rate + kriging", "sim-only"):
        gap = repeat_interval(scores.loc["Sim2Real", "mae"] - scores.loc[rival, "mae"])
        assert gap.low < 0 < gap.high, rival


def test_one_variance_for_everybody():
    added = MEANS["offset_std"]
    assert round(added[list(FITS)].max(), 2) <= 0.14
    assert added.idxmax() == "sim-only" and round(added["sim-only"], 2) in (0.60, 0.61)
    mended = IRELAND.groupby(["method", "split_seed"])["nll_offset"].mean().unstack()
    for method in ("Sim2Real", "Sim2Real (FiLM)", "Sim2Real (two trainings)"):
        gap = repeat_interval(mended.loc[method] - mended.loc["sim-only"])
        assert gap.low < 0 < gap.high, method


def test_by_hour_and_by_height():
    groups = read_result("real_data_groups").table
    mae = groups.pivot(index="method", columns=["grouping", "group"], values="mae")
    assert (mae.loc[FOUR, "hour"].idxmin(axis=1) == "18-23 UTC").all()
    assert (mae.loc[FOUR, "height"].idxmin(axis=1) == "above 100 m").all()
    assert mae.loc[FOUR, ("hour", "18-23 UTC")].round(2).between(0.51, 0.54).all()
    high = mae["height", "above 100 m"].round(2)
    assert high[FOUR].between(0.42, 0.46).all() and high["IDW"] == 0.92


def test_the_hour_of_germany():
    assert (GERMANY["n"] == 493).all()
    assert GERMANY.loc[WITH_HEIGHTS, "mae"].round(2).between(0.56, 0.62).all()
    assert GERMANY.drop(WITH_HEIGHTS)["mae"].round(2).between(0.94, 1.27).all()
    assert (GERMANY.loc[WITH_HEIGHTS, "less_low"] > 0).all()
    assert 493 / 357_600 / (25 / 70_300) == pytest.approx(3.9, abs=0.05)


def test_transforms():
    shares = read_result("real_data_pit").table.pivot(index="bin", columns="method", values="share").loc[[0.0, 0.9]]
    assert rounded(shares["sim-only"], 1) == [0.1, 0.2]
    assert (shares[FOUR[:2]].sum().round(2) == 0.09).all()
    assert (shares[FOUR].sum() - 0.2).abs().idxmin() == "Sim2Real" and rounded([shares["Sim2Real"].sum()]) == [0.2]


def test_taken_to_england():
    assert ERA5["mae"].idxmin() == "reanalysis + lapse rate"
    methods = ["Sim2Real", "sim-only", "reanalysis", "reanalysis + lapse rate"]
    assert rounded(ERA5.loc[methods, "mae"]) == [0.44, 0.48, 0.51, 0.39]
    assert (
        rounded(ERA5.loc[["sim-only", "Sim2Real"], "coverage"]) == [0.23, 0.52]
        and ERA5.loc["reanalysis", "coverage"] > 0.7
    )
    assert OTHERS["mae"].idxmin() == "kriging + elevation drift" and rounded([OTHERS["mae"].min()]) == [0.33]
    assert rounded(OTHERS.loc[["Sim2Real", "sim-only"], "mae"]) == [0.39, 0.36]
    assert rounded(OTHERS.loc[["Sim2Real", "sim-only"], "nll"]) == [0.90, 1.01]
