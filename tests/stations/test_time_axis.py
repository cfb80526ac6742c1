"""A number is a time only where its units say how."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.reanalysis import read_reanalysis

from .test_containers import cube, write

HOURS = pd.date_range("2020-06-01", periods=24, freq="h")


def with_axis(values, **attributes):
    return cube().assign_coords(time=("time", np.asarray(values), attributes))


def test_days_as_numbers_are_hours(tmp_path):
    """What `cdo -a` writes: 20200601.5 is noon."""
    numbers = 20200601 + np.arange(24) / 24
    path = write(tmp_path / "t.nc", with_axis(numbers, units="day as %Y%m%d.%f", calendar="proleptic_gregorian"))
    np.testing.assert_array_equal(read_reanalysis([path])["time"], HOURS)


def test_a_turn_of_the_month_and_a_quarter_of_an_hour(tmp_path):
    numbers = [20200229 + 23.75 / 24, 20200301.0, 20200301 + 1 / 96]
    field = cube(hours=3).assign_coords(time=("time", numbers, {"units": "day as %Y%m%d.%f"}))
    times = read_reanalysis([write(tmp_path / "t.nc", field)])["time"]
    wanted = ["2020-02-29T23:45", "2020-03-01T00:00", "2020-03-01T00:15"]
    np.testing.assert_array_equal(times, np.array(wanted, "datetime64[ns]"))


def test_the_rounding_of_a_fraction_of_a_day_is_no_other_hour(tmp_path):
    numbers = 43981 + np.arange(24) / 24
    path = write(tmp_path / "t.nc", with_axis(numbers, units="days since 1900-01-01"))
    np.testing.assert_array_equal(read_reanalysis([path])["time"], pd.date_range("2020-06-01", periods=24, freq="h"))


@pytest.mark.parametrize(
    "values, attributes, says",
    [
        (np.arange(1044888, 1044912), {}, "time begins with 1044888; no units"),
        (2020060100 + np.arange(24), {}, "no units"),
        (np.arange(24), {"units": "1"}, "units '1'"),
        (np.arange(24.0), {"units": "hours since 2019-03-01", "calendar": "360_day"}, "calendar '360_day'"),
        (np.arange(24.0), {"units": "hours since 2019-03-01", "calendar": "noleap"}, "calendar 'noleap'"),
        (np.arange(24.0), {"units": "months since 2019-03-01"}, "units 'months since"),
        (202006 + np.arange(24) / 24, {"units": "month as %Y%m.%f"}, "units 'month as"),
        (20201301 + np.arange(24) / 24, {"units": "day as %Y%m%d.%f"}, "begins with 20201301"),
        ((20200601 + np.arange(24) / 24).astype(np.float32), {"units": "day as %Y%m%d.%f"}, "float32"),
        (np.where(np.arange(24) == 5, np.nan, np.arange(24.0)), {"units": "hours since 2019-03-01"}, "a missing time"),
        (np.where(np.arange(24) == 5, np.nan, 20200601.0), {"units": "day as %Y%m%d.%f"}, "time axis"),
    ],
)
def test_what_does_not_say_which_hour_it_is_is_refused(tmp_path, values, attributes, says):
    with pytest.raises(InputError, match=f"time axis: given .*t.nc.*{says}"):
        read_reanalysis([write(tmp_path / "t.nc", with_axis(values, **attributes))])


def test_a_time_that_is_text_is_refused(tmp_path):
    texts = HOURS.strftime("%Y-%m-%d_%H:00").to_numpy().astype("S16")
    path = write(tmp_path / "t.nc", cube().assign_coords(time=("time", texts)))
    with pytest.raises(InputError, match="time axis"):
        read_reanalysis([path])


def test_two_dimensional_places_are_refused(tmp_path):
    field = cube().rename(latitude="y", longitude="x").drop_vars(["x", "y"])
    field = field.assign_coords(latitude=(("y", "x"), np.ones((4, 5))), longitude=(("y", "x"), np.ones((4, 5))))
    with pytest.raises(InputError, match="a regular grid"):
        read_reanalysis([write(tmp_path / "t.nc", xr.DataArray(field))])
