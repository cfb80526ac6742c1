import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs_book.reproduced.overview import Overview, by_ensemble_size, filters_beside_published, verdict


def measured(**changes):
    row = {"system": "lorenz96", "obs_error_std": 1.0, "method": "LETKF", "ensemble_size": 10, "seed": 0}
    return row | {"implementation": "batched", "rmse": 0.8} | changes


def test_published_and_ours_meet_in_one_row_and_lost_runs_are_counted():
    rows = [measured(), measured(seed=1, rmse=float("nan")), measured(seed=2, rmse=0.88)]
    rows += [measured(implementation="DAPPER", rmse=5.0)]  # the same seed once more is not another repeat
    both = filters_beside_published(pd.DataFrame(rows))
    case = both[(both["system"] == "lorenz96") & (both["method"] == "LETKF") & (both["obs_error_std"] == 1.0)]
    one = case.set_index("ensemble_size").loc[10]
    assert one["ours"] == pytest.approx(0.84) and one["published"] == 0.79
    assert one["lost"] == "1 of 3" and one["verdict"] == "reproduced"
    assert case.set_index("ensemble_size").loc[20, "verdict"] == "not run here"


def test_a_case_that_nobody_published_keeps_its_row():
    both = filters_beside_published(pd.DataFrame([measured(system="vissio_lucarini")]))
    assert (both.loc[both["system"] == "vissio_lucarini", "verdict"] == ["no published number"]).all()


@pytest.mark.parametrize(
    "published, ours, words", [(0.7, 0.8, "higher here"), (0.9, 0.8, "lower here"), (0.8, 0.8, "reproduced")]
)
def test_verdicts(published, ours, words):
    assert verdict(published, ours) == words


def test_rows_of_one_system_and_noise():
    both = filters_beside_published(pd.DataFrame([measured()]))
    some = Overview("lorenz96", 2.5).of(both)
    assert set(some["system"]) == {"lorenz96"} and set(some["obs_error_std"]) == {2.5}
    assert len(Overview().of(both)) == len(both)
    with pytest.raises(InputError, match="expected one of all"):
        Overview("lorenz69")


def test_wide_table_says_published_ours_and_lost():
    rows = [measured(rmse=0.8123), measured(seed=1, rmse=float("nan"))]
    wide = by_ensemble_size(filters_beside_published(pd.DataFrame(rows)))
    assert wide.loc[("lorenz96", 1.0, "LETKF"), 10] == "0.79 | 0.812 (1 of 2)"
    assert wide.loc[("lorenz96", 1.0, "LETKF"), 20] == "0.71 | –"
    assert wide.loc[("lorenz96", 1.0, "LETKF"), 1] == ""
