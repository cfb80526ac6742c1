import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs_book.reproduced import NOT_REPRODUCED, REPRODUCED, WRONG_REGIME, verdict
from sparseobs_book.reproduced.filters import Shown, beside_published, claims


def measured(**changes):
    row = {"system": "lorenz96", "obs_error_std": 1.0, "method": "LETKF", "ensemble_size": 10, "seed": 0}
    return row | {"implementation": "batched", "rmse": 0.8} | changes


def letkf(both, size):
    return both.set_index(["system", "obs_error_std", "method", "ensemble_size"]).loc["lorenz96", 1.0, "LETKF", size]


def test_published_and_ours_meet_in_one_row_and_lost_runs_are_counted():
    rows = [measured(), measured(seed=1, rmse=float("nan")), measured(seed=2, rmse=0.88)]
    rows += [measured(implementation="DAPPER", rmse=5.0)]  # the same seed once more is not another repeat
    both = beside_published(pd.DataFrame(rows))
    one = letkf(both, 10)
    assert one["mean"] == pytest.approx(0.84) and one["published"] == 0.79
    assert (one["lost"], one["runs"]) == (1, 3)
    assert letkf(both, 20)["verdict"] == "not run here" and letkf(both, 20)["runs"] == 0


@pytest.mark.parametrize("spread, word", [(0.05, REPRODUCED), (0.003, REPRODUCED), (0.001, NOT_REPRODUCED)])
def test_the_seeds_own_scatter_decides(spread, word):
    """The published 0.79 is one more seed: with 0.003 it is outside the interval of the mean, and not of a seed."""
    rows = [measured(seed=seed, rmse=0.80 + spread * (seed - 1)) for seed in range(3)]
    one = letkf(beside_published(pd.DataFrame(rows)), 10)
    assert one["verdict"] == word and (spread > 0.01 or one["low"] > 0.79)


def test_a_lost_truth_counts_where_the_table_says_so():
    rows = [measured(seed=seed, rmse=0.8 + 0.01 * seed, lost=seed == 2) for seed in range(3)]
    assert letkf(beside_published(pd.DataFrame(rows)), 10)["lost"] == 1


def test_the_authors_own_filter_of_another_problem_is_beside_nothing():
    both = beside_published()
    assert "AmEnF" not in set(both["method"]) and not {0.6303, 0.6111} & set(both["published"])


def test_one_run_has_no_interval_and_is_not_judged():
    assert letkf(beside_published(pd.DataFrame([measured()])), 10)["verdict"] == "not run here"


def test_rows_of_one_system_and_noise():
    both = beside_published(pd.DataFrame([measured()]))
    some = Shown("lorenz96", 2.5).of(both)
    assert set(some["system"]) == {"lorenz96"} and set(some["obs_error_std"]) == {2.5}
    assert len(Shown().of(both)) == len(both)


@pytest.mark.parametrize("given, told", [(("lorenz69",), "Try system='lorenz96'"), (("all", 2.0), "1.0 or 2.5")])
def test_what_nobody_published_is_refused(given, told):
    with pytest.raises(InputError, match=told):
        Shown(*given)


def test_three_words_tell_what_became_of_a_claim():
    assert [verdict(True), verdict(False), verdict(True, papers_regime=False)] == [
        REPRODUCED,
        NOT_REPRODUCED,
        WRONG_REGIME,
    ]


def test_what_the_paper_says_in_words_is_borne_out():
    assert set(claims()["verdict"]) == {REPRODUCED}
