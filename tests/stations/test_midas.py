import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.interpolation.reanalysis import sample
from sparseobs.stations.geography import station_points
from sparseobs.stations.grib import read_era5
from sparseobs.stations.midas import (
    heights_at,
    load_elevation,
    load_midas,
    on_degrees,
    read_ascii_grid,
    read_midas,
)

DATA = Path(os.environ.get("SPARSEOBS_DATA", Path(__file__).parents[3] / "shared" / "data"))
needs_data = pytest.mark.skipif(not (DATA / "uk_ireland").is_dir(), reason="no folder SPARSEOBS_DATA with real data")
HEADER = "ncols 3\nnrows 2\nxllcorner 440000\nyllcorner 190000\ncellsize 20000\nNODATA_value -9999\n"


def write_folder(folder: Path, **changes) -> tuple[Path, list[Path], Path]:
    """Two stations with a gap in one, the other unknown before the second day, and six cells of elevation."""
    files = {
        "metadata.csv": "Point_ID,Station_Name,File_Name,Latitude,Longitude,Easting,Northing\n"
        "7,little-hill,b.csv,51.7,-1.0,469203,201172\n5,town,a.csv,51.9,-1.3,448256,223175\n9,gone,c.csv,50,0,0,0\n",
        "a.csv": "datetime,prcp,temp_mean,temp_avg\n2019-03-01,0,5.25,9\n2019-03-02,0,NA,9\n2019-03-04,1,7.5,9\n",
        "b.csv": "datetime,prcp,temp_mean,temp_avg\n2019-03-02,NA,-1.0,9\n2019-03-03,NA,2.0,9\n",
        "dem.asc": HEADER + "10 20 30\n40 50 -9999\n",
    } | {name.replace("_", "."): text for name, text in changes.items()}
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder / "metadata.csv", [folder / "a.csv", folder / "b.csv"], folder / "dem.asc"


def test_days_stations_and_heights_are_put_together(tmp_path):
    stations = read_midas(*write_folder(tmp_path))
    assert stations["name"].values.tolist() == ["Town", "Little Hill"]
    assert stations["time"].values[[0, -1]].astype(str).tolist() == [
        "2019-03-01T00:00:00.000000000",
        "2019-03-04T00:00:00.000000000",
    ]
    nan = np.nan
    np.testing.assert_array_equal(stations["temperature"], [[5.25, nan], [nan, -1], [nan, 2], [7.5, nan]])
    assert stations["temperature"].attrs["units"] == "degC"
    # 448 km east and 223 km north is the upper left cell, 469 and 201 the middle one of the lower row.
    assert stations["height"].values.tolist() == [10.0, 50.0]


def test_the_grid_has_its_first_row_in_the_north(tmp_path):
    grid = read_ascii_grid(write_folder(tmp_path)[2])
    np.testing.assert_array_equal(grid, [[40, 50, np.nan], [10, 20, 30]])
    assert grid["x"].values.tolist() == [450e3, 470e3, 490e3] and grid["y"].values.tolist() == [200e3, 220e3]


def test_the_grid_on_degrees_agrees_with_it_at_every_point():
    y, x = np.arange(180e3, 240e3, 1e3), np.arange(440e3, 500e3, 1e3)
    grid = xr.DataArray(0.01 * (y[:, None] - 180e3) + 0.002 * (x - 440e3), {"y": y, "x": x}, ("y", "x"))
    turned = on_degrees(grid)
    rng = np.random.default_rng(0)
    at = {name: xr.DataArray(rng.choice(turned[name], 20), dims="p") for name in ("latitude", "longitude")}
    np.testing.assert_allclose(turned.sel(at), heights_at(grid, at["latitude"], at["longitude"]), atol=1e-6)
    assert (np.diff(turned["latitude"]) > 0).all() and np.isfinite(turned).all()


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"a_csv": "datetime,tmean\n2019-03-01,5\n"}, "a CSV file with datetime, temp_mean"),
        ({"a_csv": "datetime,temp_mean\n2019-03-01,warm\n"}, "days and numbers"),
        ({"a_csv": "datetime,temp_mean\n01/03/2019,5\n"}, "days and numbers"),
        ({"metadata_csv": "Point_ID,Station_Name,File_Name,Latitude,Longitude\n7,x,b.csv,51,-1\n"}, "metadata name"),
        ({"dem_asc": HEADER + "10 20 30\n"}, "ESRI ASCII grid"),
        ({"dem_asc": "ncols 3\n"}, "ESRI ASCII grid"),
        ({"dem_asc": HEADER + "10 20 30\n40 -9999 60\n"}, "no height"),
        ({"dem_asc": HEADER.replace("440000", "500000") + "10 20 30\n40 50 60\n"}, "points on the elevation grid"),
    ],
)
def test_files_that_do_not_fit_stop(tmp_path, changes, words):
    with pytest.raises(InputError, match=words):
        read_midas(*write_folder(tmp_path, **changes))


def test_a_missing_file_stops(tmp_path):
    metadata, series, elevation = write_folder(tmp_path)
    series[0].unlink()
    with pytest.raises(InputError, match=r"a\.csv"):
        read_midas(metadata, series, elevation)
    with pytest.raises(InputError, match="ESRI ASCII grid"):
        read_ascii_grid(tmp_path / "none.asc")


@needs_data
def test_era5_agrees_with_the_met_offices_daily_means(monkeypatch):
    """March 2019 at ten stations, bilinear: 310 days, RMSE 0.66 K, no bias; other days' ends do not agree as well."""
    monkeypatch.setenv("SPARSEOBS_DATA", str(DATA))
    stations = load_midas().sel(time="2019-03")
    hourly = sample(read_era5(DATA / "uk_ireland" / "era5-2mt-2019-03-uk.grib"), station_points(stations))
    error = hourly.reshape(31, 24, -1).mean(axis=1) - stations["temperature"].values
    assert np.isfinite(error).sum() == 310
    rmse = np.sqrt(np.mean(error**2))
    assert rmse == pytest.approx(0.66, abs=0.02)
    assert error.mean() == pytest.approx(0.0, abs=0.02)
    nine = hourly[9:-15].reshape(30, 24, -1).mean(axis=1) - stations["temperature"].values[:30]
    assert np.sqrt(np.mean(nine**2)) > 1.5 * rmse


@needs_data
def test_heights_of_the_real_stations_are_those_of_their_neighbourhood(monkeypatch):
    monkeypatch.setenv("SPARSEOBS_DATA", str(DATA))
    stations = load_midas()
    heights = pd.Series(stations["height"].values, stations["name"].values)
    assert heights["Heathrow"] == pytest.approx(25, abs=10)
    assert heights["Little Rissington"] == pytest.approx(210, abs=30)
    elevation = load_elevation()
    places = station_points(stations)
    at = {name: xr.DataArray(getattr(places, name), dims="p") for name in ("latitude", "longitude")}
    assert np.abs(elevation.sel(at, method="nearest") - places.height).max() < 40
