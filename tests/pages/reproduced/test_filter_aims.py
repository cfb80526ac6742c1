import pandas as pd
import pytest

from sparseobs_book.reproduced import filter_aims
from sparseobs_book.reproduced.aims import MET, MISSED, NOT_RUN, beside
from sparseobs_book.reproduced.filter_aims import AIMS


def test_a_step_is_held_against_the_papers():
    table = pd.DataFrame({"step": ["the paper's", "ours"], "seconds": [6.0, 4.0], "memory_mb": [7000.0, 7001.0]})
    assert filter_aims.faster_step(1.3, table) == ("1.50 times: 4.00 s beside 6.00 s", MET)
    assert filter_aims.faster_step(1.6, table)[1] == MISSED
    assert filter_aims.smaller_step(table)[1] == MISSED


@pytest.mark.parametrize(
    "ours, papers, said, verdict",
    [
        ((60.0, 1.09), (789.0, 1.08), "13.2 times: 60 s beside 789 s", MET),
        ((60.0, 1.09), (150.0, 1.5), "at least 2.5 times: 60 s beside 150 s", MISSED),
        ((60.0, 1.3), (789.0, 1.5), "not there after 60 s", MISSED),
    ],
)
def test_the_last_judgement_of_each_recipe_counts(ours, papers, said, verdict):
    rows = [("ours", 1.0, 4.0), ("the paper's", 2.0, 4.0), ("ours", *ours), ("the paper's", *papers)]
    table = pd.DataFrame(rows, columns=["recipe", "seconds", "rmse"])
    assert filter_aims.sooner(1.1, 3.0, table) == (said, verdict)


def comparison(lead, ensemble_size=5, noise=1.0, system="kuramoto_sivashinsky"):
    """Five seeds whose truths differ more than the two filters do."""
    rows = [
        {"method": method, "seed": seed, "rmse": 1.0 + seed + ahead * (1 + 0.01 * seed)}
        for seed in range(5)
        for method, ahead in (("AmEnF", -lead), ("LETKF", 0.0))
    ]
    case = {"system": system, "obs_error_std": noise, "ensemble_size": ensemble_size, "implementation": "batched"}
    return pd.DataFrame(rows).assign(**case)


def test_no_worse_means_behind_in_no_case_of_five_or_ten_members():
    ahead, behind = comparison(0.1), comparison(-0.1, ensemble_size=10, noise=2.5)
    judged = filter_aims.no_worse("kuramoto_sivashinsky", pd.concat([ahead, behind]))
    assert judged == ("behind at noise/members 2.5/10 of 2 cases", MISSED)
    with_many = comparison(-0.1, ensemble_size=20)
    assert filter_aims.no_worse("kuramoto_sivashinsky", pd.concat([ahead, with_many]))[1] == MET


def test_the_error_is_that_of_ten_members():
    table = pd.concat([comparison(9.0, 5, system="lorenz96"), comparison(0.0, 10, system="lorenz96")])
    assert filter_aims.low_error(2.9, table)[1] == MISSED and filter_aims.low_error(3.1, table)[1] == MET


def test_ratios_with_any_members_or_batch_must_suffice():
    tuning = pd.DataFrame({"members": [5, 10], "ratio": [30.0, 19.0]})
    assert filter_aims.faster_tuning(20.0, tuning) == ("30 times with 5 members, 19 times with 10 members", MISSED)
    speed = pd.DataFrame({"batch": [1, 64], "ratio": [4.0, 16.0], "least_ratio": [3.0, 15.0], "amenf": 9, "letkf": 1})
    assert filter_aims.faster_filter(1, 5.0, speed)[1] == MISSED
    assert filter_aims.faster_filter(64, 9.0, speed)[1] == MET


def test_stored_tables_are_understood_and_missing_ones_keep_their_rows(tmp_path):
    found = beside(AIMS)
    assert len(found) == len(AIMS) and not found.isna().any(axis=None)
    assert set(beside(AIMS, tmp_path)["verdict"]) == {NOT_RUN[1]}
