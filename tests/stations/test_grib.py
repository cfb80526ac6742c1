import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.grib import eccodes, read_era5

MAP_AFTER_GRIB = """
import sys
from pathlib import Path
from sparseobs.stations.sources import load
from sparseobs.stations.grib import read_era5
from sparseobs.stations.regions import REGIONS
field = read_era5(Path(sys.argv[1]))
from sparseobs.figures.maps import draw_field, map_axes
draw_field(map_axes(REGIONS["uk_ireland"]), field[0]).figure.savefig(sys.argv[2])
"""


def write_grib(path: Path, hours: range, parameter: int = 167) -> np.ndarray:
    """Write a 2 x 3 field for each hour of 2019-03-01, north first as ECMWF does; return it in K."""
    fields = 270 + np.arange(6.0) + np.array(hours)[:, None]
    with path.open("wb") as file:
        for hour, field in zip(hours, fields, strict=True):
            message = eccodes.codes_grib_new_from_samples("regular_ll_sfc_grib1")
            keys = {"Ni": 3, "Nj": 2, "latitudeOfFirstGridPointInDegrees": 51.25, "paramId": parameter}
            keys |= {"latitudeOfLastGridPointInDegrees": 51.0, "longitudeOfFirstGridPointInDegrees": 0.0}
            keys |= {"longitudeOfLastGridPointInDegrees": 0.5, "iDirectionIncrementInDegrees": 0.25}
            keys |= {"jDirectionIncrementInDegrees": 0.25, "dataDate": 20190301, "dataTime": 100 * hour}
            for key, value in keys.items():
                eccodes.codes_set(message, key, value)
            eccodes.codes_set_values(message, field)
            eccodes.codes_write(message, file)
            eccodes.codes_release(message)
    return fields.reshape(-1, 2, 3)


def test_grib_becomes_degrees_celsius_with_ascending_axes(tmp_path):
    kelvin = write_grib(tmp_path / "t.grib", range(24))
    field = read_era5(tmp_path / "t.grib")
    assert field.dims == ("time", "latitude", "longitude") and field.name == "t2m"
    np.testing.assert_allclose(field, kelvin[:, ::-1] - 273.15, atol=0.02)  # GRIB packs to 0.01 K or so
    np.testing.assert_array_equal(field["latitude"], [51.0, 51.25])
    np.testing.assert_array_equal(field["longitude"], [0, 0.25, 0.5])
    assert field["time"].values[5] == np.datetime64("2019-03-01T05")
    assert (field.attrs["units"], field.attrs["standard_name"]) == ("degC", "air_temperature")
    assert set(field.coords) == {"time", "latitude", "longitude"}
    assert [path.name for path in tmp_path.iterdir()] == ["t.grib"]  # no index file is left beside it


@pytest.mark.parametrize("share", [0.02, 0.5, 0.999])
def test_a_truncated_grib_stops(tmp_path, share):
    path = tmp_path / "t.grib"
    write_grib(path, range(24))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(InputError, match="GRIB: given .*expected a whole GRIB file.*Try"):
        read_era5(path)


@pytest.mark.parametrize("hours", [range(20), range(0, 24, 2), range(1, 24)])
def test_a_grib_cut_between_messages_stops(tmp_path, hours):
    write_grib(tmp_path / "t.grib", hours)
    with pytest.raises(InputError, match=f"{len(hours)} times"):
        read_era5(tmp_path / "t.grib")


def test_other_files_are_no_grib_of_temperature(tmp_path):
    with pytest.raises(InputError, match="nowhere.grib"):
        read_era5(tmp_path / "nowhere.grib")
    for content in (b"", b"GRIB", b"<html>404</html>"):
        (tmp_path / "t.grib").write_bytes(content)
        with pytest.raises(InputError, match="whole GRIB file"):
            read_era5(tmp_path / "t.grib")
    write_grib(tmp_path / "t.grib", range(24), parameter=168)  # dew point
    with pytest.raises(InputError, match="t2m"):
        read_era5(tmp_path / "t.grib")


def test_a_map_can_be_drawn_after_reading_grib(tmp_path):
    """Two libraries that each bring their own PROJ share a process: order matters, see `grib`."""
    write_grib(tmp_path / "t.grib", range(24))
    command = [sys.executable, "-W", "error", "-c", MAP_AFTER_GRIB, tmp_path / "t.grib", tmp_path / "map.png"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "MPLBACKEND": "Agg"})
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "map.png").stat().st_size > 10_000
