"""What is made of a reanalysis and of stations before they are compared."""

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.stations.temperature import gridded, network
from sparseobs_book.the_twin.reality import at_stations, of_days, read_days

HOURS = pd.date_range("2001-03-01", periods=48, freq="h")
PLACES = {"latitude": [50.1, 51.0], "longitude": [8.0, 9.3], "height": [10.0, 20.0], "station": ["a", "b"]}


def test_a_field_that_is_linear_is_read_exactly_at_stations():
    latitude, longitude = np.arange(49, 53, 0.5), np.arange(7, 11, 0.5)
    values = HOURS.hour.to_numpy()[:, None, None] + 2 * latitude[:, None] - longitude
    stations = network(np.zeros((48, 2)), HOURS, PLACES | {"name": ["a", "b"]})
    found = at_stations(gridded(values, HOURS, latitude, longitude), stations)
    expected = HOURS.hour.to_numpy()[:, None] + 2 * np.array(PLACES["latitude"]) - PLACES["longitude"]
    np.testing.assert_allclose(found.values, expected, atol=1e-4)


def test_a_day_with_too_few_hours_has_no_extremes():
    values = np.tile(np.arange(24.0), 2)[:, None] * np.ones(2)
    values[:5, 0] = np.nan
    hours = xr.DataArray(values, {"time": HOURS, "station": ["a", "b"]}, ("time", "station"))
    np.testing.assert_array_equal(of_days(hours, "max"), [[np.nan, 23], [23, 23]])
    np.testing.assert_array_equal(of_days(hours, "min"), [[np.nan, 0], [0, 0]])


def test_columns_of_files_are_put_side_by_side_by_day(tmp_path):
    files = [tmp_path / "one.csv", tmp_path / "two.csv"]
    days = pd.date_range("2019-03-01", periods=2)
    pd.DataFrame({"datetime": days, "temp_min": [1.0, 2.0]}).to_csv(files[0], index=False)
    pd.DataFrame({"datetime": days[1:], "temp_min": [4.0]}).to_csv(files[1], index=False)
    np.testing.assert_array_equal(read_days(files, "temp_min", days), [[1, np.nan], [2, 4]])
