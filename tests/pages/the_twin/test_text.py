"""What the page says of its stored table."""

import numpy as np
import pytest

from sparseobs.runs.results import read_result
from sparseobs_book.the_twin.run import spectrum_ratio


@pytest.fixture(scope="module")
def table():
    return read_result("twin").table


def value(table, quantity, source, x=None):
    rows = table[(table["quantity"] == quantity) & table["source"].str.contains(source)]
    return float((rows if x is None else rows[rows["x"] == x])["value"].iloc[0])


def test_stations_differ_as_real_ones_at_the_noon_that_was_fitted(table):
    rows = table[table["quantity"] == "difference between stations"].pivot(index="x", columns="source", values="value")
    real = rows.filter(like="DWD").iloc[:, 0]
    assert (abs(rows["twin"] / real - 1) < 0.1)[real.index <= 240].all()


def test_the_finest_scales_are_too_weak_and_the_middle_ones_too_strong(table):
    ratio = spectrum_ratio(table)["nature run"]
    assert np.isfinite(ratio).all()
    assert round(ratio.iloc[0], 2) == 0.17 and round(ratio.iloc[4], 1) == 2.2
    assert (ratio.iloc[:3] < 1).all() and (ratio.iloc[3:] > 1).all()


def test_daily_means_err_about_as_era5s(table):
    lowland, era5 = value(table, "daily error", "below"), value(table, "daily error", "MIDAS")
    assert (round(lowland, 2), round(era5, 2)) == (0.59, 0.66) and 0.75 < lowland / era5 < 1.33


@pytest.mark.parametrize("month, twin, real", [(1, 7.0, 4.1), (4, 8.6, 12.7)])
def test_daily_ranges_of_winter_and_spring(table, month, twin, real):
    found = value(table, "daily range", "twin", month), value(table, "daily range", "DWD station 44", month)
    assert (round(found[0], 1), round(found[1], 1)) == (twin, real)
