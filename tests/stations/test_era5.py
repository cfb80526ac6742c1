import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.era5 import read_netcdf
from sparseobs.stations.era5_store import fetch_era5, open_store, read_box
from sparseobs.stations.period import period
from sparseobs.stations.reanalysis import read_reanalysis
from sparseobs.stations.regions import Region

from .mirror import Mirror

DATA = Path(os.environ.get("SPARSEOBS_DATA", Path(__file__).parents[3] / "shared" / "data")) / "era5_other"
BOX, GREENWICH = Region("box", 47.0, 49.0, 6.0, 8.0), Region("greenwich", 47.0, 49.0, -2.0, 2.0)
DAY = period("2020-06-02", "2020-06-02")


def globe(days: int = 3) -> xr.Dataset:
    """Laid out like ARCO-ERA5: descending latitude, longitude from 0 to 360, K; every value tells its cell and hour."""
    latitude, longitude = np.arange(90, -91, -1.0), np.arange(0, 360, 1.0)
    time = pd.date_range("2020-06-01", periods=24 * days, freq="h")
    cells = 200 + 0.5 * latitude[:, None] + 0.1 * longitude
    values = (cells + np.arange(time.size)[:, None, None]).astype(np.float32)
    dims = ("time", "latitude", "longitude")
    field = xr.DataArray(
        values, {"time": time, "latitude": latitude, "longitude": longitude}, dims, attrs={"units": "K"}
    )
    return xr.Dataset({"2m_temperature": field, "geopotential": field.isel(time=0)})


def expected(latitude, longitude, hour):
    return 200 + 0.5 * latitude + 0.1 * (longitude % 360) + hour - 273.15


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("store") / "era5.zarr"
    encoding = {"2m_temperature": {"chunks": (1, 91, 120)}}
    globe().to_zarr(path, zarr_format=2, consolidated=True, encoding=encoding)
    return path


@pytest.fixture
def mirror(store):
    files = {path.relative_to(store).as_posix(): path.read_bytes() for path in store.rglob("*") if path.is_file()}
    with Mirror(files) as server:
        yield server


@pytest.mark.parametrize("region", [BOX, GREENWICH])
def test_a_box_of_the_store_across_any_meridian(store, region):
    field = read_box(open_store(store), region, DAY)
    assert field.shape == (24, 3, round(region.east - region.west) + 1)
    np.testing.assert_array_equal(field["longitude"], np.arange(region.west, region.east + 1))
    np.testing.assert_array_equal(field["latitude"], [47, 48, 49])
    hours = np.arange(24, 48)[:, None, None]
    wanted = expected(field["latitude"].values[:, None], field["longitude"].values, hours)
    np.testing.assert_allclose(field, wanted, atol=1e-4)
    assert field.attrs["units"] == "degC" and field["time"].values[0] == np.datetime64("2020-06-02")


def test_over_http_only_the_chunks_of_the_box_and_the_hours_are_read(mirror):
    field = open_store(mirror.url)
    assert not [name for name in mirror.requests if name.startswith("2m_temperature/")], "nothing is read by opening"
    assert read_box(field, BOX, DAY).shape == (24, 3, 3)
    chunks = [name for name in mirror.requests if name.startswith("2m_temperature/")]
    assert sorted(chunks) == sorted(f"2m_temperature/{hour}.0.0" for hour in range(24, 48))
    assert not [name for name in mirror.requests if name.startswith("geopotential/")]
    assert mirror.headers[-1]["user-agent"].startswith("sparseobs/")


def test_months_are_kept_and_only_what_is_missing_is_fetched(mirror, tmp_path):
    days = period("2020-06-01", "2020-06-02")
    (path,) = fetch_era5(tmp_path, BOX, days, mirror.url)
    np.testing.assert_array_equal(read_reanalysis([path])["time"], days.hours)
    count = len(mirror.requests)
    fetch_era5(tmp_path, BOX, days, mirror.url)
    assert len(mirror.requests) == count
    path.write_bytes(path.read_bytes()[:500])
    fetch_era5(tmp_path, BOX, days, mirror.url)
    assert read_netcdf(path).shape == (48, 3, 3)
    assert [file.name for file in tmp_path.iterdir()] == ["t2m_box_2020-06-01..2020-06-02.nc"]


def test_hours_that_the_store_lacks(store, mirror, tmp_path):
    with pytest.raises(InputError, match="ERA5 store: given '2020-06-03..2020-06-04 of a store from 2020-06-01T00"):
        read_box(open_store(store), BOX, period("2020-06-03", "2020-06-04"))
    del mirror.files["2m_temperature/30.0.0"]  # an hour that is announced but not filled yet
    with pytest.raises(InputError, match="missing cells at 2020-06-02T06"):
        fetch_era5(tmp_path, BOX, DAY, mirror.url)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="ERA5 store"):
        open_store(mirror.url + "/nowhere")
    with pytest.raises(InputError, match="ERA5 store"):
        open_store(tmp_path / "nowhere")


def local_cube() -> xr.DataArray:
    """A day around the box with ascending axes, K, as a file of the Climate Data Store might hold."""
    cube = globe(1)["2m_temperature"].sel(latitude=slice(50, 46), longitude=slice(5, 9))
    return cube.rename("t2m")


def test_files_of_the_climate_data_store_old_and_new(tmp_path):
    cube = local_cube()
    wanted = (cube.sortby("latitude") - 273.15).values
    cube.to_netcdf(tmp_path / "old.nc", engine="scipy")
    new = cube.rename(time="valid_time").assign_coords(number=0, expver=("valid_time", ["0001"] * 12 + ["0005"] * 12))
    new.to_netcdf(tmp_path / "new.nc", engine="h5netcdf")
    early = cube.where(cube["time"] < cube["time"][12])
    mixed = xr.concat([early, cube.where(cube["time"] >= cube["time"][10], -99.0)], pd.Index([1, 5], name="expver"))
    mixed.attrs = cube.attrs
    mixed.transpose("time", "expver", ...).to_netcdf(tmp_path / "mixed.nc", engine="h5netcdf")
    for name in ("old", "new", "mixed"):
        field = read_netcdf(tmp_path / f"{name}.nc")
        np.testing.assert_allclose(field, wanted, atol=1e-4)
        assert field.dims == ("time", "latitude", "longitude") and set(field.coords) == set(field.dims)


def test_bad_reanalyses_stop(tmp_path):
    cube, path = local_cube(), tmp_path / "t.nc"
    attributes = {"units": "K"}
    bad = {
        "units None": cube.drop_attrs(),
        "units 'F'": cube.assign_attrs(units="F"),
        "temperatures of this Earth": cube.assign_attrs(units="degC"),
        "times that ascend": cube.isel(time=[0, 2, 1]),
        "missing cells at 2020-06-01T03": cube.where(cube["time"] != cube["time"][3]).assign_attrs(attributes),
        "a variable t2m": cube.rename("sst"),
        "dimensions time": cube.isel(latitude=0, drop=True),
    }
    for message, field in bad.items():
        field.to_netcdf(path, engine="scipy")
        with pytest.raises(InputError, match=message):
            read_netcdf(path)
    for content in (b"", b"<html>", b"CDF\x01"):
        path.write_bytes(content)
        with pytest.raises(InputError, match="NetCDF: given"):
            read_netcdf(path)
    with pytest.raises(InputError, match="a file there"):
        read_netcdf(tmp_path / "nowhere.nc")
    cube.to_netcdf(path, engine="scipy")
    with pytest.raises(InputError, match="cells inside"):
        read_netcdf(path, Region("far", 10, 20, 10, 20))


def test_several_files_are_one_axis_of_time(tmp_path):
    cube = local_cube()
    paths = [tmp_path / "b.nc", tmp_path / "a.nc"]
    cube.isel(time=slice(0, 12)).to_netcdf(paths[0], engine="scipy")
    cube.isel(time=slice(12, 24)).to_netcdf(paths[1], engine="scipy")
    np.testing.assert_array_equal(read_reanalysis(paths)["time"], cube["time"])
    with pytest.raises(InputError, match="each hour once"):
        read_reanalysis([paths[0], paths[0]])
    cube.isel(time=slice(12, 24), latitude=slice(0, 3)).to_netcdf(paths[1], engine="scipy")
    with pytest.raises(InputError, match="files on one grid"):
        read_reanalysis(paths)
    with pytest.raises(InputError, match="no file"):
        read_reanalysis([])


@pytest.mark.skipif(not DATA.is_dir(), reason="no folder SPARSEOBS_DATA with real data")
@pytest.mark.parametrize(
    "name, shape",
    [("era5_aachen_20150101-06_hourly_reskit", (140, 13, 11)), ("era5_italy_2022-05-06_3hourly_selmi", (488, 43, 48))],
)
def test_real_files(name, shape):
    field = read_netcdf(DATA / f"{name}.nc")
    assert field.shape == shape and -30 < float(field.min()) and float(field.max()) < 50
