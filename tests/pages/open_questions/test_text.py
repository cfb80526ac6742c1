"""What the page says of its stored table."""

import pytest

from sparseobs.runs.results import read_result
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.open_questions.summary import lead, pick, questions

TABLE = read_result("open_questions").table
MAE, NLL, COVERAGE = (
    {case: pick(TABLE, score, case) for case in ("dispersed", "clustered", "daily means", "wind speed")}
    for score in ("mae", "nll", "coverage")
)


def test_clusters_hurt_by_what_is_shown():
    shares = 100 * (MAE["clustered"] / MAE["dispersed"] - 1).mean()
    assert shares.round(0).between(35, 56).all() and {round(shares.min()), round(shares.max())} == {35, 56}
    same = pick(TABLE, "mae", "clustered", "dispersed")["Sim2Real"]
    assert [round(same.mean(), 2), round(MAE["dispersed"]["Sim2Real"].mean(), 2)] == [0.95, 0.91]
    assert f"{repeat_interval(same - MAE['dispersed']['Sim2Real']):.2f}" == "0.04 [-0.02, 0.09]"
    assert (MAE["clustered"] - MAE["dispersed"])["Sim2Real"].mean() == pytest.approx(0.50, abs=0.005)
    reach = TABLE.groupby(["case", "shown"])["reach_km"].mean().round()
    assert reach["dispersed", "dispersed"] == 26 and reach["clustered", "clustered"] == 61


def test_how_sure_networks_are_far_from_clusters():
    coverage = [
        COVERAGE[case][["sim-only", "Sim2Real"]].mean().round(2).tolist() for case in ("dispersed", "clustered")
    ]
    assert coverage == [[0.71, 0.86], [0.67, 0.84]]


def test_daily_means():
    change = {name: part["daily means"] - part["dispersed"] for name, part in (("mae", MAE), ("nll", NLL))}
    networks = ["sim-only", "Sim2Real", "Sim2Real (FiLM)"]
    assert change["mae"][networks].mean().round(2).between(0, 0.02).all()
    assert change["nll"].mean()[["sim-only", "Sim2Real"]].round(2).tolist() == [0.54, 0.07]
    assert change["mae"].mean()[["sim-only", "Sim2Real"]].round(2).tolist() == [0.01, 0.02]


def test_wind():
    mae, nll = MAE["wind speed"].mean(), NLL["wind speed"].mean()
    networks = ["sim-only", "real-only", "Sim2Real", "Sim2Real (FiLM)"]
    assert round(mae["lapse rate + IDW"], 2) == 1.58 and round(mae[networks].min(), 2) == 1.73
    assert COVERAGE["wind speed"].mean().idxmin() == "sim-only"
    assert round(COVERAGE["wind speed"]["sim-only"].mean(), 2) == 0.55
    assert nll.idxmax() == "sim-only" and round(nll["sim-only"], 2) == 5.34
    assert [round(nll[name], 2) for name in ("Sim2Real", "lapse rate + IDW")] == [2.46, 2.47]
    behind = repeat_interval(-lead(MAE["wind speed"])["lapse rate + IDW"])
    assert f"{behind:.2f}" == "0.21 [0.15, 0.26]"
    ahead = lead(NLL["wind speed"])["lapse rate + IDW"]
    assert repeat_interval(ahead).low < 0 < repeat_interval(ahead).high


def test_the_first_figures_alternative_text():
    leads = lead(MAE["wind speed"]).mean()
    assert leads[leads < 0].index.tolist() == ["IDW", "lapse rate + IDW", "sim-only"]


def test_the_table_of_answers_is_whole():
    assert questions(TABLE)["mean [low, high]"].str.contains(r"\[").all()
