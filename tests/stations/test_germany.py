"""The whole of `germany`, fetched from a mirror on loopback, checked and loaded."""

import hashlib
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from click.testing import CliRunner
from rasterio.transform import from_origin

from sparseobs.cli import main
from sparseobs.errors import InputError
from sparseobs.stations import downloads
from sparseobs.stations.dwd import read_product
from sparseobs.stations.dwd_stations import LIST
from sparseobs.stations.dwd_time import parameter_text
from sparseobs.stations.dwd_write import product_text, write_station_list, write_zip
from sparseobs.stations.left_out import LeftOut
from sparseobs.stations.sources import load

from .mirror import Mirror

ZIP = "stundenwerte_TU_00001_akt.zip"
DAYS = ["--start", "2020-06-01", "--end", "2020-06-02"]


def era5(folder):
    """A store laid out like ARCO-ERA5 over the middle of Europe; 10 degC at first, a tenth more each hour."""
    latitude, longitude = np.arange(60, 40, -0.5), np.arange(0, 25, 0.5)
    time = pd.date_range("2020-06-01", periods=72, freq="h")
    values = np.broadcast_to(283.15 + 0.1 * np.arange(72)[:, None, None], (72, latitude.size, longitude.size))
    coordinates = {"time": time, "latitude": latitude, "longitude": longitude}
    field = xr.DataArray(values.astype(np.float32), coordinates, tuple(coordinates), attrs={"units": "K"})
    encoding = {"2m_temperature": {"chunks": (24, latitude.size, longitude.size)}}
    xr.Dataset({"2m_temperature": field}).to_zarr(folder, zarr_format=2, consolidated=True, encoding=encoding)


def dwd(folder):
    """One station of DWD's, 12.5 degC in every hour but one."""
    hours = pd.Series(12.5, pd.date_range("2020-06-01", periods=48, freq="h"))
    hours.iloc[7] = np.nan
    place = {"name": "A", "latitude": 50.0, "longitude": 10.0, "height": 300.0, "start": pd.Timestamp("1990-01-01")}
    for part in ("recent", "historical"):
        (folder / part).mkdir(parents=True)
        write_station_list(folder / part / f"{LIST}.txt", pd.DataFrame([place], [1]), pd.Timestamp("2020-06-30"))
    write_zip(folder / "recent" / ZIP, 1, hours, pd.DataFrame([place | {"stop": pd.NaT}]))


def elevation(path):
    """Ground that rises to the north, m."""
    path.parent.mkdir(parents=True)
    heights = np.repeat(np.linspace(900, 0, 90, dtype=np.float32)[:, None], 110, axis=1)
    form = {"driver": "GTiff", "width": 110, "height": 90, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", transform=from_origin(5, 55.5, 0.1, 0.1), **form) as raster:
        raster.write(heights, 1)


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    source = tmp_path / "source" / "germany"
    era5(source / "era5.zarr")
    dwd(source / "dwd")
    raster = source / "elevation" / "ElevRasterDE.tif"
    elevation(raster)
    monkeypatch.delenv("SPARSEOBS_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("sparseobs.stations.transfer.time.sleep", lambda seconds: None)
    pinned = downloads.RemoteFile(
        "germany/elevation/ElevRasterDE.tif", "http://127.0.0.1:9/none", hashlib.sha256(raster.read_bytes()).hexdigest()
    )
    monkeypatch.setitem(downloads.FILES, "germany", (pinned,))
    found = [path for path in source.rglob("*") if path.is_file()]
    files = {path.relative_to(source.parent).as_posix(): path.read_bytes() for path in found}
    files["germany/dwd/recent/"] = f'<a href="{ZIP}">{ZIP}</a>'.encode()
    files["germany/dwd/historical/"] = b"<html></html>"
    with Mirror(files) as server:
        yield server


def command(*words):
    return CliRunner().invoke(main, ["data", *words])


def test_fetched_checked_and_loaded(mirror):
    result = command("fetch", "germany", *DAYS, "--mirror", mirror.url)
    assert result.exit_code == 0, result.output
    result = command("check", "germany")
    assert result.exit_code == 0, result.output
    assert result.output.count(": ready") == 3

    data = load("germany")
    assert not data.synthetic and data.source == "germany" and len(data.inputs) == 3
    temperature = data.stations["temperature"]
    assert temperature.shape == (48, 1) and np.isnan(temperature.values[7, 0])
    assert np.nanmax(np.abs(temperature.values - 12.5)) < 1e-5
    np.testing.assert_allclose(data.reanalysis.values[:, 5, 5], 10 + 0.1 * np.arange(48), atol=1e-4)
    assert data.region.contains(data.reanalysis["latitude"].values[1], data.reanalysis["longitude"].values[1])
    assert (np.diff(data.elevation["latitude"]) > 0).all()
    assert float(data.elevation[-1].mean()) > float(data.elevation[0].mean())


def test_a_second_fetch_asks_for_no_file_again(mirror):
    command("fetch", "germany", *DAYS, "--mirror", mirror.url)
    mirror.requests.clear()
    assert command("fetch", "germany", *DAYS, "--mirror", mirror.url).exit_code == 0
    assert not [name for name in mirror.requests if name.endswith((".zip", ".tif")) or "/2m_temperature/" in name]


def test_one_part_leaves_the_others_missing_and_loading_names_the_command(mirror):
    assert command("fetch", "germany", *DAYS, "--mirror", mirror.url, "--part", "dwd").exit_code == 0
    result = command("check", "germany")
    assert result.exit_code == 1
    assert "germany/era5: missing" in result.output and "germany/elevation: missing" in result.output
    with pytest.raises(InputError, match="data fetch germany"):
        load("germany")


def test_another_hash_of_the_elevation_is_an_error_and_leaves_nothing(mirror, tmp_path):
    mirror.files["germany/elevation/ElevRasterDE.tif"] += b"x"
    result = command("fetch", "germany", *DAYS, "--mirror", mirror.url, "--part", "elevation")
    assert result.exit_code == 2 and "SHA-256" in result.output
    assert not [path for path in (tmp_path / "cache").rglob("*.tif*") if path.is_file()]


def test_a_damaged_file_is_named_by_every_command_and_fetched_again(mirror, tmp_path):
    """The header is whole and the body is not: a month of the reanalysis, and a station's zip."""
    command("fetch", "germany", *DAYS, "--mirror", mirror.url)
    folder = tmp_path / "cache" / "sparseobs" / "data" / "germany"
    (month,) = folder.rglob("t2m_germany_*.nc")
    (archive,) = folder.rglob(ZIP)
    whole = {path: path.read_bytes() for path in (month, archive)}
    with h5py.File(month) as file:
        chunk = file["t2m"].id.get_chunk_info(0)
    content = bytearray(whole[month])
    content[chunk.byte_offset : chunk.byte_offset + chunk.size] = bytes(chunk.size)
    for path, damaged in ((month, bytes(content)), (archive, whole[archive][:-30])):
        path.write_bytes(damaged)
        result = command("check", "germany")
        assert result.exit_code == 1 and path.name in result.output and isinstance(result.exception, SystemExit)
        with pytest.raises(InputError, match=path.name.replace("..", r"\.\.")):
            load("germany")
        assert command("fetch", "germany", *DAYS, "--mirror", mirror.url).exit_code == 0
        assert command("check", "germany").exit_code == 0
    assert archive.read_bytes() == whole[archive]


def test_readings_that_are_left_out_are_said(mirror, tmp_path):
    """A reading before the first place of a station, and those of days that were not fetched."""
    command("fetch", "germany", *DAYS, "--mirror", mirror.url)
    folder = tmp_path / "cache" / "sparseobs" / "data" / "germany"
    place = {"name": "A", "latitude": 50.0, "longitude": 10.0, "height": 3.0, "start": pd.Timestamp("2020-06-02")}
    (archive,) = folder.rglob(ZIP)
    hours = pd.Series(12.5, pd.date_range("2020-05-31", periods=72, freq="h"))
    write_zip(archive, 1, hours, pd.DataFrame([place | {"stop": pd.NaT}]))
    with pytest.warns(LeftOut, match="24 of 00001"):
        assert "24 of 00001" in load("germany").notes


def test_a_clock_that_nobody_tells_matters_only_on_the_days_of_the_reanalysis(mirror, tmp_path):
    """A day of 1995 that MEZ and UTC both claim stops neither June 2020 nor the check of its file."""
    command("fetch", "germany", *DAYS, "--mirror", mirror.url)
    (archive,) = (tmp_path / "cache").rglob(ZIP)
    hours = pd.Series(
        12.5, pd.DatetimeIndex(["1995-02-01T00"]).append(pd.date_range("2020-06-01", periods=48, freq="h"))
    )
    spans = [("19510101", "19950201", "Stundenwerte in MEZ"), ("19950201", "", "Stundenwerte in UTC")]
    with zipfile.ZipFile(archive) as old:
        geography = old.read("Metadaten_Geographie_00001.txt")
    with zipfile.ZipFile(archive, "w") as new:
        new.writestr("Metadaten_Geographie_00001.txt", geography)
        new.writestr("Metadaten_Parameter_tu_stunde_00001.txt", parameter_text(1, spans).encode("latin-1"))
        new.writestr("produkt_tu_stunde_19950201_20200602_00001.txt", product_text(1, hours))
    assert command("check", "germany").exit_code == 0
    assert load("germany").stations.sizes["time"] == 48
    with pytest.raises(InputError, match="claimed by periods of MEZ and UTC"):
        read_product(archive)
