import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.scores.groups import height_band, height_bands, hour_of_day, scores_by

RNG = np.random.default_rng(0)
MEAN, STD, OBSERVED = RNG.standard_normal((48, 3)), RNG.uniform(0.5, 2, (48, 3)), RNG.standard_normal((48, 3))


def test_groups_are_scored_as_if_alone_and_add_up_to_all():
    names = np.array(["a", "b", "a"])
    table = scores_by(MEAN, STD, OBSERVED, names)
    alone = score_gaussian(MEAN[:, [0, 2]], STD[:, [0, 2]], OBSERVED[:, [0, 2]])
    assert table["group"].tolist() == ["a", "b"]
    assert table.iloc[0].drop("group").to_dict() == pytest.approx(alone._asdict())
    assert np.average(table["nll"], weights=table["n"]) == pytest.approx(score_gaussian(MEAN, STD, OBSERVED).nll)


def test_hours_are_those_of_the_day():
    times = np.datetime64("2017-03-01T22", "ns") + np.arange(48) * np.timedelta64(1, "h")
    parts = hour_of_day(times)
    assert parts.shape == (48, 1)
    assert parts[:9, 0].tolist() == ["18-23 UTC"] * 2 + ["00-05 UTC"] * 6 + ["06-11 UTC"]
    table = scores_by(MEAN, STD, OBSERVED, parts)
    assert table["n"].tolist() == [36] * 4
    assert hour_of_day(times, 24)[0, 0] == "00-23 UTC"
    with pytest.raises(InputError, match="divisor of 24"):
        hour_of_day(times, 5)


def test_heights_fall_into_bands():
    names = height_band([-2, 49.9, 50, 99, 100, 2000], [50, 100])
    assert names.tolist() == ["below 50 m"] * 2 + ["50-100 m"] * 2 + ["above 100 m"] * 2
    assert list(dict.fromkeys(names)) == height_bands([50, 100]), "low to high"
    for edges in ([], [100, 50], [50, 50]):
        with pytest.raises(InputError, match="ascending heights"):
            height_band([1.0], edges)


def test_a_group_without_readings_is_left_out_and_wrong_shapes_stop():
    holed = OBSERVED.copy()
    holed[:, 1] = np.nan
    assert scores_by(MEAN, STD, holed, np.arange(3))["group"].tolist() == [0, 2]
    assert scores_by(MEAN, STD, holed, np.arange(3), order=[2, 1, 0])["group"].tolist() == [2, 0]
    with pytest.raises(InputError, match="a group for every pair"):
        scores_by(MEAN, STD, OBSERVED, np.arange(5))
