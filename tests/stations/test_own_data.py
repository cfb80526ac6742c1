"""Data of one's own: tables and grids as they come, and hours by position or by time."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.interpolation.kriging import Kriging
from sparseobs.interpolation.reanalysis import sample
from sparseobs.stations.geography import Points, station_points
from sparseobs.stations.regions import Region
from sparseobs.stations.temperature import TemperatureData, cell_heights, gridded, network, standard_axes
from sparseobs.stations.time_axis import hour_positions

TIMES = pd.date_range("2020-01-01", periods=5, freq="h")
BOX = Region("box", 50, 52, 8, 11)
PLACES = pd.DataFrame(
    {
        "station": ["a", "b", "c"],
        "name": ["A", "B", "C"],
        "latitude": [50.5, 51.0, 51.5],
        "longitude": [8.5, 9.5, 10.5],
        "height": [10.0, 200.0, 50.0],
        "country": ["DE", None, "CZ"],
        "relief": [1.0, 2.0, 3.0],
    }
)
READINGS = np.random.default_rng(0).normal(8, 2, (5, 3))
FIELD = gridded(
    np.random.default_rng(1).normal(8, 2, (5, 9, 13)), TIMES, np.linspace(50, 52, 9), np.linspace(8, 11, 13)
)
OTHER_ORDERS = {
    "lat and lon": lambda field: field.rename(latitude="lat", longitude="lon"),
    "from the north": lambda field: field.isel(latitude=slice(None, None, -1)),
    "from the east": lambda field: field.isel(longitude=slice(None, None, -1)),
    "transposed": lambda field: field.transpose("longitude", "latitude", ...),
}


def data(field=FIELD, places=PLACES, region=BOX):
    heights = field.isel(time=0, drop=True) * 10
    return TemperatureData("own", False, region, field, network(READINGS, TIMES, places), heights, {}, "")


@pytest.mark.parametrize("change", OTHER_ORDERS.values(), ids=OTHER_ORDERS)
def test_a_grid_may_come_in_any_order(change):
    found, expected = data(change(FIELD)), data()
    xr.testing.assert_equal(found.reanalysis, expected.reanalysis)
    np.testing.assert_array_equal(cell_heights(found), cell_heights(expected))
    points = Points([50.3, 51.7], [8.1, 10.9], [0, 0])
    np.testing.assert_array_equal(sample(change(FIELD), points), sample(FIELD, points))


def test_a_grid_without_its_axes_is_refused():
    with pytest.raises(InputError, match="latitude"):
        standard_axes(FIELD.rename(latitude="row"))
    with pytest.raises(InputError, match="twice"):
        standard_axes(FIELD.isel(latitude=[0, 0, 1]))


def test_further_columns_of_stations_stay():
    stations = network(READINGS, TIMES, PLACES)
    assert stations["country"].values.tolist() == ["DE", "", "CZ"]
    assert station_points(stations).features.tolist() == [[1.0], [2.0], [3.0]]


@pytest.mark.parametrize("places", [PLACES.drop(columns="height"), PLACES.iloc[:2]], ids=["no height", "two rows"])
def test_stations_that_lack_a_column_or_a_row_are_refused(places):
    with pytest.raises(InputError, match="a value a station"):
        network(READINGS, TIMES, places)


def test_stations_outside_their_region_are_refused():
    swapped = PLACES.rename(columns={"latitude": "longitude", "longitude": "latitude"})
    with pytest.raises(InputError, match="swapping latitude and longitude"):
        data(places=swapped)
    with pytest.raises(InputError, match="1 of 3.*larger region"):
        data(region=Region("box", 50, 52, 8, 10))


@pytest.mark.parametrize(
    "hours",
    [[1, 3], TIMES[[1, 3]], TIMES.to_numpy()[[1, 3]], ["2020-01-01T01", "2020-01-01T03"], np.arange(5) % 2 == 1],
)
def test_an_hour_is_a_position_or_a_time(hours):
    assert hour_positions(TIMES.to_numpy(), hours).tolist() == [1, 3]
    method = Kriging()
    found = method.predict(data(), [0, 1], [2], hours)
    np.testing.assert_array_equal(found, method.predict(data(), [0, 1], [2], np.array([1, 3])))


@pytest.mark.parametrize("hour", [5, -6, 3000, "2020-01-02", pd.Timestamp("2019-12-31T23:30"), "noon", 1.5])
def test_an_hour_that_is_not_there_is_refused(hour):
    with pytest.raises(InputError, match="hours"):
        hour_positions(TIMES.to_numpy(), hour)


def test_without_times_an_hour_is_a_position():
    assert hour_positions(None, 3).tolist() == [3]
    with pytest.raises(InputError, match="does not know its times"):
        hour_positions(None, TIMES[0])
