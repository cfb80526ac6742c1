"""Four days of SYNOP: text files an hour, in a folder or in one archive, and the places of stations that waver."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from click.testing import CliRunner
from rasterio.transform import from_origin

from sparseobs.cli import main
from sparseobs.errors import InputError
from sparseobs.stations import downloads, synop
from sparseobs.stations.downloads import RemoteFile
from sparseobs.stations.left_out import LeftOut
from sparseobs.stations.midas import heights_at
from sparseobs.stations.regions import REGIONS, Region
from sparseobs.stations.sources import load
from sparseobs.stations.synop import load_synop, most_frequent_places, read_orography, read_synop

from .mirror import Mirror

DATA = Path(os.environ.get("SPARSEOBS_DATA", Path(__file__).parents[3] / "shared" / "data"))
needs_data = pytest.mark.skipif(not (DATA / "synop").is_dir(), reason="no folder SPARSEOBS_DATA with real data")
WORLD = Region("world", -90, 90, -180, 180)
SOUNDING = (
    "           1\n           2\n PP           0\n TT           0\n 01001   70.940   -8.668     9.0\n 1000.  64.\n"
)


def vobs(*rows: tuple, names=("NN", "TT", "PE3"), soundings: str = SOUNDING) -> bytes:
    """Return an hour: rows of identifier, latitude, longitude, height and temperature; other variables are 7."""
    head = [f"   {len(rows)}     1     4", f"   {len(names)}", *(f" {name}      0" for name in names)]
    lines = [
        " ".join([row[0], *(f"{part:.3f}" for part in row[1:4])])
        + "".join(f" {row[4]:.4E}" if name == "TT" else " 7.0000E+00" for name in names)
        for row in rows
    ]
    return ("\n".join([*head, *lines]) + "\n" + soundings).encode()


def hour(number: int) -> str:
    return f"vobs201902{17 + number // 24}{number % 24:02d}"


BERLIN = "0010384", 52.467, 13.4, 50.0
LONDON = "0003772", 51.479, -0.449, 25.0


def test_hours_become_a_network_in_degrees_celsius():
    """The column of TT is found by its name in each file; -99 is no reading, and neither is an hour without a file."""
    hours = {
        hour(3): vobs((*LONDON, 281.15), (*BERLIN, -99.0)),
        hour(0): vobs((*BERLIN, 273.15), (*LONDON, 280.65), names=("TT", "NN", "DD", "GX")),
        hour(1): vobs((*BERLIN, 272.65)),
    }
    stations = read_synop(hours, WORLD)
    assert stations["station"].values.tolist() == [LONDON[0], BERLIN[0]]
    np.testing.assert_array_equal(stations["name"], stations["station"])
    nan = np.nan
    np.testing.assert_allclose(stations["temperature"], [[7.5, 0], [nan, -0.5], [nan, nan], [8, nan]], atol=1e-4)
    assert stations["time"].values[[0, -1]].astype("datetime64[h]").astype(str).tolist() == [
        "2019-02-17T00",
        "2019-02-17T03",
    ]
    assert stations["temperature"].attrs["units"] == "degC" and stations["temperature"].dtype == np.float32


def test_a_station_has_one_place_and_those_that_waver_are_counted():
    """Three hours say 48 m and one says 50 m; London always says the same."""
    hours = {hour(k): vobs((*BERLIN[:3], 50.0 if k == 1 else 48.0, 273.15), (*LONDON, 280.0)) for k in range(4)}
    stations = read_synop(hours, WORLD)
    assert stations["height"].values.tolist() == [25.0, 48.0]
    assert stations.attrs["moved"].startswith("Of 2 stations 1 ")


def test_two_places_as_frequent_give_the_median():
    heights = [10.0, 10.0, 11.0, 11.0, 90.0]
    table = pd.DataFrame({"station": "0010001", "latitude": 50.0, "longitude": 9.0, "height": heights})
    assert most_frequent_places(table).loc["0010001"].tolist() == [50.0, 9.0, 11.0]


@pytest.mark.parametrize("seed", range(5))
def test_the_place_is_the_most_frequent_or_else_the_median(seed):
    """Against a count by hand, whatever the order of the rows."""
    random = np.random.default_rng(seed)
    triples = [(50.0, 9.0, 100.0), (50.01, 9.0, 101.0), (50.02, 9.01, 90.0)]
    drawn = [triples[k] for k in random.integers(0, 3, 7)]
    table = pd.DataFrame(drawn, columns=["latitude", "longitude", "height"]).assign(station="0010001")
    place = tuple(most_frequent_places(table).loc["0010001"])
    counts = {triple: drawn.count(triple) for triple in set(drawn)}
    most = [triple for triple, count in counts.items() if count == max(counts.values())]
    assert place == (most[0] if len(most) == 1 else tuple(np.median(drawn, axis=0)))


def test_a_block_is_the_first_two_of_the_last_five_digits_and_a_region_is_a_box():
    elsewhere = [("0001010", 69.3, 16.1, 13.0), ("0071010", 52.5, 13.5, 13.0), ("0005103", 52.4, 13.0, 9.0)]
    hours = {hour(0): vobs(*((*place, 273.15) for place in (BERLIN, LONDON, *elsewhere)))}
    assert read_synop(hours, WORLD, block="10")["station"].values.tolist() == [BERLIN[0]]
    assert read_synop(hours, REGIONS["british_isles"])["station"].values.tolist() == [LONDON[0]]
    with pytest.raises(InputError, match="no temperature in .*of block 99"):
        read_synop(hours, WORLD, block="99")


def test_a_station_that_never_reports_needs_no_place():
    """Short identifiers without height and temperature are in every file of the real source."""
    hours = {hour(0): vobs(("01013", 78.063, 13.619, -99, -99), (*BERLIN, 273.15))}
    assert read_synop(hours, WORLD)["station"].values.tolist() == [BERLIN[0]]
    with pytest.raises(InputError, match=f"{hour(0)} with a temperature at no place"):
        read_synop({hour(0): vobs(("01013", 78.063, 13.619, -99, 273.15))}, WORLD)


def test_a_station_twice_in_an_hour_counts_once_if_both_rows_agree():
    twice = {hour(0): vobs((*BERLIN, 273.15), (*BERLIN, 273.15))}
    assert read_synop(twice, WORLD)["temperature"].values.tolist() == [[0.0]]
    for other in ((*BERLIN, 274.15), (*BERLIN[:3], 51.0, 273.15)):
        with pytest.raises(InputError, match=f"{hour(0)} with 1 stations twice, {BERLIN[0]} first"):
            read_synop({hour(0): vobs((*BERLIN, 273.15), other)}, WORLD)


GOOD = vobs((*LONDON, 281.15), (*BERLIN, 273.15), soundings="")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xfd7zXZ\x00 not text",
        b"   x     1     4\n 0\n",
        GOOD[:-40],  # the last row is cut
        GOOD[: GOOD.index(BERLIN[0].encode())],  # a row is missing
        GOOD.replace(b"TT", b"TD"),
        GOOD.replace(b"2.7315E+02", b"warm......"),
    ],
)
def test_a_damaged_hour_is_named(content):
    with pytest.raises(InputError, match=hour(5)):
        read_synop({hour(5): content}, WORLD)


def test_no_hours_and_names_without_an_hour():
    with pytest.raises(InputError, match="no file"):
        read_synop({}, WORLD)
    with pytest.raises(InputError, match="a name such as vobs2019021700"):
        read_synop({"vobs20190217": GOOD}, WORLD)


def write_elevation(path: Path) -> None:
    path.parent.mkdir(parents=True)
    form = {"driver": "GTiff", "width": 110, "height": 90, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", transform=from_origin(5, 55.5, 0.1, 0.1), **form) as raster:
        raster.write(np.full((90, 110), 70.0, np.float32), 1)


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A user's folder with an elevation and, as `hours`, content of the two hours that the pins ask for."""
    elevation = "germany/elevation/ElevRasterDE.tif"
    write_elevation(tmp_path / "own" / elevation)
    hours = {f"synop/{hour(k)}": vobs((*BERLIN, 273.15 + k), (*LONDON, 280.0)) for k in range(2)}
    content = hours | {elevation: (tmp_path / "own" / elevation).read_bytes()}
    pins = [
        RemoteFile(name, f"http://127.0.0.1:1/{name}", hashlib.sha256(b).hexdigest()) for name, b in content.items()
    ]
    monkeypatch.setitem(downloads.FILES, "synop", tuple(pins))
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path / "own"))
    monkeypatch.delenv("SPARSEOBS_DATA_URL", raising=False)
    return tmp_path / "own", hours, content


def write_archive(folder: Path, hours: dict[str, bytes]) -> Path:
    path = folder / synop.ARCHIVE
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, "w:xz") as archive:
        for name, content in hours.items():
            member = tarfile.TarInfo(f"raw/{Path(name).name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        archive.addfile(tarfile.TarInfo("raw/README"))
    return path


def test_files_and_archive_give_the_same(source):
    folder, hours, _ = source
    (folder / "synop").mkdir()
    for name, content in hours.items():
        (folder / name).write_bytes(content)
    with pytest.warns(LeftOut, match="Of 1 stations 0 "):
        of_files = load_synop("germany")
    for name in hours:
        (folder / name).unlink()
    write_archive(folder, hours)
    with pytest.warns(LeftOut):
        of_archive = load_synop("germany")
    xr.testing.assert_identical(of_files.stations, of_archive.stations)
    assert of_files.inputs == of_archive.inputs and len(of_files.inputs) == 3
    assert of_files.stations["temperature"].values.tolist() == [[0.0], [1.0]]
    assert of_files.source == "synop_germany" and float(of_files.elevation.mean()) == 70.0
    result = CliRunner().invoke(main, ["data", "check", "synop"])
    assert result.exit_code == 0 and result.output.count("ready") == 2 and "vobs_raw.tar.xz: ready" in result.output
    assert CliRunner().invoke(main, ["data", "fetch", "synop"]).output == "synop: 2 files\n"


def another_hour(hours):
    return dict(zip(hours, [b"x" + content for content in hours.values()], strict=True))


@pytest.mark.parametrize(
    "change, words",
    [
        (another_hour, f"vobs_raw.tar.xz with another {hour(0)}"),
        (lambda hours: dict(list(hours.items())[:1]), f"vobs_raw.tar.xz without {hour(1)}"),
        (lambda hours: {}, f"vobs_raw.tar.xz without {hour(0)} and 1 more"),
    ],
)
def test_an_archive_of_other_hours_is_refused_by_every_command(source, change, words):
    folder, hours, _ = source
    write_archive(folder, change(hours))
    with pytest.raises(InputError, match=words):
        load_synop("germany")
    for word, status in (("check", 1), ("fetch", 2)):
        result = CliRunner().invoke(main, ["data", word, "synop"])
        assert result.exit_code == status and words in result.output


def test_a_damaged_archive_is_named(source):
    folder, hours, _ = source
    path = write_archive(folder, hours)
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"not an archive"):
        path.write_bytes(content)
        with pytest.raises(InputError, match="vobs_raw.tar.xz"):
            load_synop("germany")


def test_hours_are_fetched_into_the_cache(source, monkeypatch, tmp_path):
    _, hours, content = source
    monkeypatch.delenv("SPARSEOBS_DATA")
    monkeypatch.setattr(downloads.platformdirs, "user_cache_path", lambda name: tmp_path / name)
    with Mirror(content) as mirror:
        result = CliRunner().invoke(main, ["data", "fetch", "synop", "--mirror", mirror.url])
        assert result.output == "synop: 3 files\n" and sorted(mirror.requests) == sorted(content)
        with pytest.warns(LeftOut):
            assert load_synop("germany").stations.sizes["time"] == len(hours)
        assert len(mirror.requests) == len(content)


def test_a_missing_hour_and_an_unknown_region(source):
    with pytest.raises(InputError, match=f"{hour(0)}.*expected a file there"):
        load_synop("germany")
    with pytest.raises(InputError, match="region: given 'france'; expected one of british_isles, germany"):
        load_synop("france")


def write_orography(path: Path) -> xr.DataArray:
    """Cells of 12 km in British National Grid, each of its own height; the westernmost are sea."""
    y, x = np.arange(-102e3, 1230e3, 12e3), np.arange(-210e3, 762e3, 12e3)
    heights = np.arange(y.size * x.size, dtype=float).reshape(y.size, x.size)
    heights[:, :3] = np.nan
    names = {"projection_y_coordinate": y, "projection_x_coordinate": x}
    xr.DataArray(heights, names, tuple(names), "surface_altitude").to_dataset().to_netcdf(path)
    return xr.DataArray(heights, {"y": y, "x": x}, ("y", "x"))


def test_the_orography_on_degrees_has_the_height_of_each_point_s_cell(tmp_path):
    path = tmp_path / "orog.nc"
    grid, field = write_orography(path), read_orography(path)
    box = REGIONS["british_isles"]
    assert field["latitude"].values[0] < box.south and field["longitude"].values[-1] > box.east
    random = np.random.default_rng(0)
    at = {name: xr.DataArray(random.choice(field[name], 50), dims="p") for name in ("latitude", "longitude")}
    found = field.sel(at).values
    at = {name: values.values[np.isfinite(found)] for name, values in at.items()}
    np.testing.assert_array_equal(found[np.isfinite(found)], heights_at(grid, at["latitude"], at["longitude"]))


def test_orography_that_is_none_stops(tmp_path):
    with pytest.raises(InputError, match="none.nc"):
        read_orography(tmp_path / "none.nc")
    path = tmp_path / "other.nc"
    xr.Dataset({"t2m": ("x", [1.0])}).to_netcdf(path)
    with pytest.raises(InputError, match="other.nc"):
        read_orography(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match="other.nc"):
        read_orography(path)


@needs_data
@pytest.mark.filterwarnings("ignore::sparseobs.stations.left_out.LeftOut")
def test_the_real_source(monkeypatch):
    """Numbers of stations and gaps as counted by another reader; few British stations report at 01, 07, 13 and 19."""
    monkeypatch.setenv("SPARSEOBS_DATA", str(DATA))
    isles, germany = load("synop"), load_synop("germany")
    assert isles.stations["temperature"].shape == (96, 148) and isles.reanalysis.shape == (744, 33, 49)
    assert germany.stations["temperature"].shape == (96, 209)
    assert "Of 148 stations 79 " in isles.notes and "Of 209 stations 166 " in germany.notes
    assert int(np.isfinite(germany.stations["temperature"]).all("time").sum()) == 147
    for data in (isles, germany):
        assert data.region.contains(data.stations["latitude"], data.stations["longitude"]).all()
        assert -11 < float(data.stations["temperature"].min()) and float(data.stations["temperature"].max()) < 20
    reporting = np.isfinite(isles.stations["temperature"]).mean("station").groupby("time.hour").mean()
    assert (reporting.sel(hour=[1, 7, 13, 19]) < 0.4).all()
    zugspitze = germany.stations.sel(station="0010961")
    assert float(zugspitze["height"]) == pytest.approx(2960, abs=10)
