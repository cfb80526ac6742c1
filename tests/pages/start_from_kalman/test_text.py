"""What the page says of the stored tuning of LETKF."""

from sparseobs.filtering.fixed_lag import LARGEST_SURPRISE, FixedLagSettings
from sparseobs.filtering.training import LARGEST_RISE
from sparseobs.runs.results import read_result


def test_letkf_tuned_for_the_same_case():
    table = read_result("filter_tuning").table
    case = table.query("system == 'lorenz96' and method == 'LETKF' and obs_error_std == 1 and ensemble_size == 10")
    assert len(case) == 140 and round(case["rmse"].iloc[0], 2) == 0.81


def test_the_librarys_numbers_are_those_of_the_text():
    assert FixedLagSettings().growth == 20
    assert LARGEST_SURPRISE == 4
    assert LARGEST_RISE == 1.5


def test_both_smoothers_keep_all_hundred_truths_and_find_all_again(unsaid):
    table, record = read_result("finding")
    assert [case["n_cycles"] for case in record["parameters"]["cases"]] == [2200]
    smoothers = table[table["method"].isin(["AmEnS", "fixed-lag smoother"])]
    assert smoothers.groupby(["method", "ensemble_size"]).size().tolist() == [100] * 6
    assert smoothers["kept"].all() and not smoothers["lost"].any()
    assert smoothers[["found", "found_again"]].notna().all(axis=None)
    found = smoothers[smoothers["method"] == "AmEnS"][["found", "found_again"]]
    lost = table.query("method == 'LETKF' and ensemble_size == 10")["lost"].sum()
    said = [f"the AmEnS within {found.max(axis=None):.0f} cycles", f"has lost {lost} at the end"]
    assert not unsaid("start_from_kalman", "exchanged for another after 2,200 cycles", *said)
