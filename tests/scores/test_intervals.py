import math

import numpy as np
import pytest
from scipy import stats

from sparseobs.errors import InputError
from sparseobs.scores.intervals import repeat_interval, share_interval


def test_equals_scipys_one_sample_interval():
    values = np.array([0.81, 0.78, 0.80, 0.79, 0.84])
    interval = repeat_interval(values)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))
    assert interval.mean == pytest.approx(values.mean())
    assert interval.n == 5


def test_covers_the_truth_as_often_as_it_says():
    draws = np.random.default_rng(0).normal(3.0, 2.0, (2000, 5))
    intervals = [repeat_interval(row, level=0.9) for row in draws]
    coverage = np.mean([interval.low <= 3.0 <= interval.high for interval in intervals])
    assert coverage == pytest.approx(0.9, abs=4 * math.sqrt(0.09 / 2000))


def test_equal_repeats_have_an_interval_of_no_width():
    interval = repeat_interval([0.5, 0.5, 0.5])
    assert (interval.low, interval.high) == (0.5, 0.5)


def test_prints_mean_and_interval():
    assert str(repeat_interval([1.0, 3.0])) == "2.000 [-10.706, 14.706]"
    assert f"{repeat_interval([1.0, 3.0]):+.1f}" == "+2.0 [-10.7, +14.7]"


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.nan], [1.0, math.inf], [[1.0, 2.0], [3.0, 4.0]], 1.0])
def test_too_few_or_bad_repeats_give_no_number(values):
    with pytest.raises(InputError, match="at least two finite repeats"):
        repeat_interval(values)


@pytest.mark.parametrize("level", [0.0, 1.0, 95, -0.5, math.nan])
def test_a_coverage_outside_zero_and_one_is_refused(level):
    with pytest.raises(InputError, match="level"):
        repeat_interval([1.0, 2.0], level=level)


def test_a_share_has_an_interval_of_shares():
    found = share_interval([0.9, 0.99, 0.999])
    assert 0 < found.low < found.mean < found.high < 1 and found.n == 3
    assert found.mean == pytest.approx(0.99, abs=1e-3)
    mirrored = share_interval([0.1, 0.01, 0.001])
    assert [1 - mirrored.high, 1 - mirrored.low] == pytest.approx([found.low, found.high])
    with pytest.raises(InputError, match="finite"):
        share_interval([0.5, 1.0])
