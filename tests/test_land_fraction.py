import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.outlines import land_fraction


def test_sea_land_and_coast():
    latitude, longitude = np.arange(52.0, 54.01, 0.25), np.arange(-10.0, -5.99, 0.25)  # Ireland
    fraction = land_fraction(latitude, longitude)
    assert fraction.shape == (9, 17)
    assert ((fraction >= 0) & (fraction <= 1)).all()
    assert fraction[4, 8] == 1  # 53 N, 8 W
    assert fraction[0, 16] == 0  # 52 N, 6 W: the Irish Sea
    assert ((fraction > 0.05) & (fraction < 0.95)).sum() > 10


def test_land_area_does_not_depend_on_the_grid():
    def share(step):
        return land_fraction(np.arange(50 + step / 2, 52, step), np.arange(-6 + step / 2, 0, step)).mean()

    assert share(0.5) == pytest.approx(share(0.1), abs=1e-9)


def test_the_answer_is_kept_and_cannot_be_spoilt():
    axes = np.arange(50, 52.0), np.arange(5, 8.0)
    first = land_fraction(*axes)
    assert land_fraction(*axes) is first
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 5


@pytest.mark.parametrize("axis", [[50.0], [51.0, 50.0], [50.0, 51.0, 53.0], []])
def test_bad_axes(axis):
    with pytest.raises(InputError, match="latitude.*evenly spaced"):
        land_fraction(axis, [5.0, 6.0])


def test_outside_the_extract():
    with pytest.raises(InputError, match="grid: given '10..12 N.*expected within 44.0..61.0 N"):
        land_fraction([10.0, 11.0, 12.0], [5.0, 6.0])
