"""A gridded file is what its bytes are: archives are read, damage names the file, whatever the name says."""

import bz2
import gzip
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.containers import kind_of
from sparseobs.stations.era5_store import fetch_era5
from sparseobs.stations.period import period
from sparseobs.stations.reanalysis import find_reanalysis, read_reanalysis
from sparseobs.stations.regions import Region

from .test_grib import write_grib


def cube(hours=24, start="2020-06-01", step=0.5) -> xr.DataArray:
    """Some weather in K, north first, as the Climate Data Store ships it."""
    axes = {"time": pd.date_range(start, periods=hours, freq="h")}
    axes |= {"latitude": np.arange(4)[::-1] * step + 47, "longitude": np.arange(5) * step + 6}
    values = 280 + np.random.default_rng(0).normal(0, 3, (hours, 4, 5)).astype(np.float32)
    return xr.DataArray(values, axes, tuple(axes), "t2m", attrs={"units": "K"})


def write(path, field, engine="h5netcdf", **encoding):
    field.to_netcdf(path, engine=engine, encoding={field.name: encoding} if encoding else {})
    return path


def celsius(field):
    return field.sortby("latitude").values - 273.15


def test_a_zip_under_any_name_is_read(tmp_path):
    """As the Climate Data Store ships a request of two kinds of variables: under the name .nc, with a file of each."""
    write(tmp_path / "instant", cube())
    write(tmp_path / "accum", cube().rename("tp"), engine="scipy")
    for name in ("reanalysis.nc", "reanalysis.zip", "reanalysis", "reanalysis.grib"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.write(tmp_path / "instant", "data_stream-oper_stepType-instant.nc")
            archive.write(tmp_path / "accum", "data_stream-oper_stepType-accum.nc")
            archive.writestr("README.txt", "words")
        np.testing.assert_allclose(read_reanalysis([tmp_path / name]), celsius(cube()), atol=1e-3)
    assert [path.name for path in find_reanalysis(tmp_path) if path.name.startswith("re")] == sorted(
        ["reanalysis.nc", "reanalysis.zip", "reanalysis", "reanalysis.grib"]
    )


def test_the_months_in_one_zip_are_one_axis(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name, start in (("b.nc", "2020-06-01"), ("a.nc", "2020-06-02")):
            archive.write(write(tmp_path / name, cube(start=start)), f"months/{name}")
    assert read_reanalysis([tmp_path / "all.zip"]).sizes["time"] == 48


@pytest.mark.parametrize("packed, name", [(gzip.compress, "reanalysis.nc.gz"), (bz2.compress, "reanalysis.grib2.bz2")])
def test_a_packed_file_is_read(tmp_path, packed, name):
    path = write(tmp_path / "t.nc", cube(), engine="scipy")
    (tmp_path / name).write_bytes(packed(path.read_bytes()))
    np.testing.assert_allclose(read_reanalysis([tmp_path / name]), celsius(cube()), atol=1e-3)


def test_an_archive_without_temperature_and_a_damaged_one_are_named(tmp_path):
    path = tmp_path / "reanalysis.nc"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(write(tmp_path / "other", cube().rename("sst")), "sst.nc")
    with pytest.raises(InputError, match="reanalysis.nc .an archive of sst.nc"):
        read_reanalysis([path])
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:200] + b"x" * 40 + whole[240:], whole[:4]):
        path.write_bytes(content)
        with pytest.raises(InputError, match="archive: given .*reanalysis.nc"):
            read_reanalysis([path])
    (tmp_path / "reanalysis.nc.gz").write_bytes(gzip.compress(whole)[:-20])
    with pytest.raises(InputError, match="archive: given .*reanalysis.nc.gz"):
        read_reanalysis([tmp_path / "reanalysis.nc.gz"])


def test_a_file_of_an_archive_that_cannot_be_read_is_not_passed_over_in_silence(tmp_path):
    path = tmp_path / "reanalysis.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(write(tmp_path / "june", cube()), "june.nc")
        archive.writestr("july.nc", (tmp_path / "june").read_bytes()[:3000])
    assert read_reanalysis([path]).attrs["left_out"] == "Not read in reanalysis.zip: july.nc."


def test_a_grib_with_several_variables_gives_its_temperature(tmp_path):
    alone = write_grib(tmp_path / "t.grib", range(24))
    write_grib(tmp_path / "other.grib", range(1, 24, 2), parameter=228)
    (tmp_path / "both.grib").write_bytes((tmp_path / "other.grib").read_bytes() + (tmp_path / "t.grib").read_bytes())
    field = read_reanalysis([tmp_path / "both.grib"])
    np.testing.assert_allclose(field, alone[:, ::-1] - 273.15, atol=0.02)
    with pytest.raises(InputError, match="other.grib .tp."):
        read_reanalysis([tmp_path / "other.grib"])
    (tmp_path / "named.nc").write_bytes((tmp_path / "t.grib").read_bytes())
    assert kind_of(tmp_path / "named.nc") == "GRIB" and read_reanalysis([tmp_path / "named.nc"]).shape == (24, 2, 3)


def damage(path):
    """Spoil the first chunk of the variable and leave the header whole."""
    with h5py.File(path) as file:
        chunk = file["t2m"].id.get_chunk_info(0)
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset : chunk.byte_offset + chunk.size] = bytes(chunk.size)
    path.write_bytes(content)


def test_a_damaged_chunk_names_the_file(tmp_path):
    path = write(tmp_path / "t.nc", cube(), zlib=True, chunksizes=(24, 4, 5))
    damage(path)
    with pytest.raises(InputError, match="t.nc .*data that can be read to their end"):
        read_reanalysis([path])


def test_a_damaged_chunk_of_a_zarr_folder_names_it(tmp_path):
    path = tmp_path / "t.zarr"
    cube().to_dataset().to_zarr(path, zarr_format=2, consolidated=True)
    chunk = path / "t2m" / "0.0.0"
    chunk.write_bytes(chunk.read_bytes()[:-9])
    with pytest.raises(InputError, match="t.zarr"):
        read_reanalysis([path])


@pytest.mark.parametrize("engine", ["h5netcdf", "scipy"])
@pytest.mark.parametrize("share", [0.05, 0.4, 0.7, 0.97])
def test_a_truncated_file_names_itself(tmp_path, engine, share):
    path = write(tmp_path / "t.nc", cube(), engine=engine)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(InputError, match="t.nc"):
        read_reanalysis([path])


def test_a_damaged_month_in_the_cache_is_fetched_again(tmp_path):
    """A whole header with a damaged body stopped every later fetch."""
    cube(hours=48).to_dataset(name="2m_temperature").to_zarr(tmp_path / "store.zarr", zarr_format=2, consolidated=True)
    box, days = Region("box", 47, 48.5, 6, 8), period("2020-06-01", "2020-06-02")
    (path,) = fetch_era5(tmp_path / "cache", box, days, tmp_path / "store.zarr")
    whole = read_reanalysis([path])
    damage(path)
    assert fetch_era5(tmp_path / "cache", box, days, tmp_path / "store.zarr") == [path]
    assert read_reanalysis([path]).identical(whole)


def test_one_grid_to_rounding_is_one_grid(tmp_path):
    """A tenth of a degree in single and in double precision, as two tools write it, at the very edge of the box."""
    fine = cube(step=0.1)
    paths = [write(tmp_path / "a.nc", fine)]
    axes = {name: fine[name].astype(np.float32) for name in ("latitude", "longitude")}
    paths.append(write(tmp_path / "b.nc", cube(start="2020-06-02", step=0.1).assign_coords(axes)))
    for region in (None, Region("box", 47.1, 47.3, 6.1, 6.4)):
        field = read_reanalysis(paths, region)
        assert field.sizes["time"] == 48 and field["latitude"].values[-1] == pytest.approx(47.3)
        assert field.shape[1:] == ((4, 5) if region is None else (3, 4))
    paths.append(write(tmp_path / "c.nc", cube(start="2020-06-03", step=0.11)))
    with pytest.raises(InputError, match="files on one grid"):
        read_reanalysis(paths)


def test_a_grid_of_land_only_is_told_why_not(tmp_path):
    field = cube()
    sea = field.where(field["longitude"] > 6.7)
    with pytest.raises(InputError, match="no value in 40% of the cells at any hour.*ERA5-Land.*single levels"):
        read_reanalysis([write(tmp_path / "t.nc", sea.assign_attrs(units="K"))])


def test_a_month_with_a_gap_says_which_of_its_days_are_whole(tmp_path):
    field = cube(hours=120)
    gap = field.where(field["time"].dt.day != 3).assign_attrs(units="K")
    with pytest.raises(InputError, match=r"in 24 hours of 120.*2020-06-01..2020-06-02, 2020-06-04..2020-06-05"):
        read_reanalysis([write(tmp_path / "t.nc", gap)])


def test_a_forecast_is_read_by_the_hours_it_is_of(tmp_path):
    """ERA5-Land's GRIB comes so: a start a day and 24 steps, some pairs of which are empty."""
    whole = cube(hours=24)
    start = pd.DatetimeIndex(["2020-05-31", "2020-06-01"])
    steps = pd.timedelta_range("1h", periods=24, freq="h")
    hours = start.to_numpy()[:, None] + steps.to_numpy()
    values = whole.reindex(time=hours.ravel()).values.reshape(2, 24, 4, 5)
    axes = {"time": start, "step": steps, "latitude": whole["latitude"], "longitude": whole["longitude"]}
    field = xr.DataArray(values, axes, tuple(axes), "t2m", attrs={"units": "K"})
    field = field.assign_coords(valid_time=(("time", "step"), hours))
    field.attrs["units"] = "K"
    np.testing.assert_allclose(read_reanalysis([write(tmp_path / "t.nc", field)]), celsius(whole), atol=1e-3)


def test_a_box_across_180_degrees_is_refused(tmp_path):
    field = cube().assign_coords(longitude=[179.0, 179.5, 180.0, 180.5, 181.0])
    path = write(tmp_path / "t.nc", field)
    with pytest.raises(InputError, match="a box across 180 degrees"):
        read_reanalysis([path])
    assert read_reanalysis([path], Region("east", 47, 49, 178, 179.9)).sizes["longitude"] == 2


@pytest.mark.parametrize("name", ["latitude", "longitude", "time"])
def test_an_axis_without_its_coordinate_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="each with its coordinate"):
        read_reanalysis([write(tmp_path / "t.nc", cube().drop_vars(name))])
