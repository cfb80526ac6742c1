"""What the page says of its stored table."""

import numpy as np
import pytest

from sparseobs.runs.results import read_result
from sparseobs_book.the_twin.networks import CALM, CLOUD, DAY, NIGHT, WIND
from sparseobs_book.the_twin.reality import CALM_DAYS, FOUR_DAYS, OTHER, SETTLED
from sparseobs_book.the_twin.run import by_time, spectrum_ratio, view_errors


@pytest.fixture(scope="module")
def stored():
    return read_result("twin")


@pytest.fixture(scope="module")
def table(stored):
    return stored.table


def of(table, quantity, source):
    rows = table[(table["quantity"] == quantity) & (table["source"] == source)]
    return rows.set_index("x")["value"]


def test_it_was_made_of_what_is_committed(stored):
    assert stored.record["clean"]


def test_errors_by_the_hour(table):
    found = by_time(table)
    assert found.round(2).loc[SETTLED].tolist() == [1.34, 0.81, 0.71]
    assert found.round(2).loc[FOUR_DAYS].tolist() == [1.46, 1.0, 0.71]
    short = (100 * (1 - found.loc[SETTLED] / found)).round()
    assert short.loc[FOUR_DAYS].tolist() == [8, 18, 1]
    assert short.loc[CALM_DAYS].iloc[[0, 2]].tolist() == [20, 26]
    assert (found.loc[OTHER] < found.loc[SETTLED]).all()


def test_one_day_was_mostly_clear_and_two_were_calm(table):
    cloud, wind = (of(table, name, FOUR_DAYS) for name in (CLOUD, WIND))
    assert cloud.round(1).loc[[17, 18, 19, 20]].tolist() == [5.5, 2.3, 6.2, 7.2]
    assert wind[wind < CALM].round(1).to_dict() == {17: 2.3, 18: 2.4}


def test_differences_by_distance(table):
    night, day = (of(table, name, SETTLED) / of(table, name, FOUR_DAYS) - 1 for name in (NIGHT, DAY))
    assert (abs(night.loc[:240]) < 0.11).all()
    assert (day.loc[:120].min(), day.loc[:120].max()) == pytest.approx((-0.23, -0.08), abs=0.005)
    june = table[table["quantity"] == "difference between stations"].pivot(index="x", columns="source", values="value")
    assert (abs(june["twin"] / june.filter(like="DWD").iloc[:, 0] - 1) < 0.11).loc[:240].all()


def test_spectra(table):
    ratio = spectrum_ratio(table)
    assert ratio[OTHER].round(1).iloc[[0, 4]].tolist() == [1.7, 3.0]
    assert np.round(ratio[SETTLED].iloc[:5]).between(10, 15).all()
    assert round(ratio["twin reanalysis"].iloc[3], 2) == 0.03


def test_the_reanalysis_errs_as_era5_by_night_and_in_the_mean_and_more_by_day(table):
    errors = view_errors(table)
    ours, era5 = errors.loc["twin, stations below 200 m"], errors.loc["ERA5 at ten MIDAS stations"]
    assert ours.round(2).tolist() == [0.69, 1.41, 1.11] and era5.round(2).tolist() == [0.66, 1.30, 0.82]
    assert (ours / era5 < 1.15).tolist() == [True, True, False]


@pytest.mark.parametrize("month, twin, real", [(1, 6.2, 4.1), (4, 8.8, 12.7)])
def test_daily_ranges_of_winter_and_spring(table, month, twin, real):
    found = of(table, "daily range", "twin")[month], of(table, "daily range", "DWD station 44")[month]
    assert (round(found[0], 1), round(found[1], 1)) == (twin, real)
