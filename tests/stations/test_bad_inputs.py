"""More than three hundred bad inputs, made by rules: an `InputError` that names file and row, never another end."""

import itertools
import zipfile

import numpy as np
import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.dwd import read_product
from sparseobs.stations.dwd_network import read_dwd
from sparseobs.stations.dwd_stations import read_geography, read_station_list
from sparseobs.stations.dwd_time import read_time_bases
from sparseobs.stations.dwd_write import write_dwd
from sparseobs.stations.local import read_places, read_readings
from sparseobs.stations.local_layout import Layout, read_settings
from sparseobs.stations.reanalysis import read_reanalysis
from sparseobs.stations.temperature import network

from .local_files import HOURS, readings, reanalysis, stations, weather
from .test_grib import write_grib

GENERATOR = np.random.default_rng(17)
NO_NUMBER = (
    "M",
    "///",
    "1,5",
    "1.5.2",
    "--3",
    "0x1F",
    "1e400",
    "inf",
    "-inf",
    "1_000",
    "３..",
    "<5",
    "5*",
    "#REF!",
    "#DIV/0!",
)
NO_TIME = (
    "2020-06-01",
    "01.06.2020 12:00Z",
    "2020-06-01T12:00",
    "2020-06-31T12:00Z",
    "1590969600",
    "43983.5",
    "noon",
    "",
)
NO_TIME += ("2020-06-01T12:00+99:00", "2020-06-01T25:00Z", "20-06-01T12Z", "2020-06-01T12:61Z", "0", "NaT", "now")
NOWHERE = {"latitude": (91, -90.5, 1e9), "longitude": (181, 360, -200), "height": (-501, 9001, 1e6)}


def spoilt_cells() -> list[tuple[str, str, str]]:
    """Return table, column and what stands in one of its cells."""
    cells = [("readings", "temperature", text) for text in NO_NUMBER]
    cells += [("readings", "temperature", str(code)) for code in (-9999, 9999, -999.9, 999.9, 32767, -32768)]
    cells += [("readings", "time", text) for text in NO_TIME]
    cells += [("readings", "station", text) for text in ("", " ", "a", "A ?", "D")]
    for column, numbers in NOWHERE.items():
        cells += [("stations", column, str(number)) for number in numbers]
        cells += [("stations", column, text) for text in (*NO_NUMBER, "", "NA", "50°30'N", "50.5N")]
    return [*cells, ("stations", "station", ""), ("stations", "station", "B"), ("stations", "station", " B ")]


def read(table: str, path):
    if table == "stations":
        return read_places(path)
    return read_readings(path, Layout(), stations(), path)


@pytest.mark.parametrize("table, column", sorted({cell[:2] for cell in spoilt_cells()}))
def test_a_cell_that_cannot_be_right_is_named_with_its_row(tmp_path, table, column):
    path = tmp_path / f"{table}.csv"
    for text in (text for where, name, text in spoilt_cells() if (where, name) == (table, column)):
        content = {"readings": readings, "stations": stations}[table]().astype(object)
        row = 0 if text.strip() == "B" else int(GENERATOR.integers(len(content)))
        content.loc[row, column] = text
        content.to_csv(path, index=False)
        with pytest.raises(InputError) as caught:
            read(table, path)
        said = str(caught.value)
        assert str(path) in said and (f"row {row + 1}" in said or f"rows {row + 1} and" in said), (text, said)


def test_a_repeated_reading_is_named_with_its_row(tmp_path):
    path, table = tmp_path / "readings.csv", readings()
    for row in GENERATOR.integers(1, len(table), 20):
        pd.concat([table, table.iloc[[row]]]).to_csv(path, index=False)
        with pytest.raises(InputError, match=f"twice in .*readings.csv, row {len(table) + 1}"):
            read("readings", path)


@pytest.mark.parametrize("table", ["readings", "stations"])
def test_a_table_of_another_shape_is_named(tmp_path, table):
    path = tmp_path / f"{table}.csv"
    whole = {"readings": readings, "stations": stations}[table]()
    text = whole.to_csv(index=False)
    shapes = [whole.drop(columns=name).to_csv(index=False) for name in whole if name != "name"]
    shapes += [whole.rename(columns={name: name.upper()}).to_csv(index=False) for name in whole]
    shapes += [whole.to_csv(index=False, sep=sep) for sep in ";\t|"]
    shapes += [whole.to_csv(index=False, header=False), "", "\n\n", "\0" * 64, "{}", "<html>", text.replace(",", " ")]
    shapes += ["\n".join(line + ",1" if number else line for number, line in enumerate(text.splitlines()))]
    shapes += [text.replace("\n", ",,,\n", 3).replace(",,,\n", "\n", 1), f"a line\nand another\n{text}"]
    contents = [shape.encode() for shape in shapes] + [
        text.encode("utf-16"),
        b"\xff\xfe\x00",
        b"\x1f\x8b" + text.encode(),
    ]
    contents += [b"PK\x03\x04" + bytes(30), b"PAR1" + bytes(20), "ä".encode("latin-1") + text.encode()]
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            read(table, path)
        assert str(path) in str(caught.value), content[:80]


# Of every kind of file: how it is written, how it is read.
def netcdf4(folder):
    path = folder / "t.nc"
    reanalysis().to_netcdf(path, engine="h5netcdf", encoding={"t2m": {"zlib": True, "chunksizes": (12, 10, 11)}})
    return path


def netcdf3(folder):
    reanalysis().to_netcdf(folder / "t.nc", engine="scipy")
    return folder / "t.nc"


def grib(folder):
    write_grib(folder / "t.grib", range(24))
    return folder / "t.grib"


def zipped(folder):
    with zipfile.ZipFile(folder / "t.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(netcdf3(folder), "t.nc")
    (folder / "t.nc").unlink()
    return folder / "t.zip"


def dwd(folder):
    columns = {"station": ["a"], "name": ["A"], "latitude": [50.0], "longitude": [10.0], "height": [5.0]}
    return write_dwd(network(weather()[:, None], HOURS, columns), folder)[0]


def parquet(folder):
    readings().to_parquet(folder / "r.parquet")
    return folder / "r.parquet"


def field(path):
    return read_reanalysis([path])


def parquet_readings(path):
    return read_readings(path, Layout(), stations(), path)


BINARY = {
    "NetCDF 4": (netcdf4, field),
    "NetCDF 3": (netcdf3, field),
    "GRIB": (grib, field),
    "zip": (zipped, field),
    "DWD's zip": (dwd, read_product),
    "Parquet": (parquet, parquet_readings),
}


@pytest.mark.parametrize("kind", BINARY)
def test_a_truncated_file_is_named(tmp_path, kind):
    write, read_file = BINARY[kind]
    path = write(tmp_path)
    whole = path.read_bytes()
    for share in np.linspace(0, 0.98, 10):
        # A GRIB cut between two messages is a shorter GRIB, which its hours tell.
        path.write_bytes(whole[: int(share * len(whole)) | 1] if share else b"")
        with pytest.raises(InputError) as caught:
            read_file(path)
        assert path.name in str(caught.value)


# A file of h5netcdf's that could not be opened complains once more when it is thrown away.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", [kind for kind in BINARY if kind != "NetCDF 3"])
def test_a_damaged_file_is_refused_or_read_as_if_whole(tmp_path, kind):
    """Where a format keeps sums of its content no other number comes out; NetCDF 3 keeps none."""
    write, read_file = BINARY[kind]
    path = write(tmp_path)
    whole, before = path.read_bytes(), read_file(path)
    for place in GENERATOR.integers(0, len(whole) - 16, 12):
        content = bytearray(whole)
        content[place : place + 16] = GENERATOR.bytes(16)
        path.write_bytes(content)
        try:
            after = read_file(path)
        except InputError as error:
            assert path.name in str(error)
            continue
        if kind == "zip":
            assert after.equals(before)
        assert isinstance(after, type(before))


TEXTS = {
    "station list": ("TU_Stundenwerte_Beschreibung_Stationen.txt", read_station_list),
    "geography": ("Metadaten_Geographie_00001.txt", read_geography),
    "product": ("produkt_tu_stunde_20200601_20200602_00001.txt", read_product),
    "time base": ("Metadaten_Parameter_tu_stunde_00001.txt", lambda path: read_time_bases(path.read_bytes(), path)),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_nonsense_in_a_text_of_dwds_is_named(tmp_path, kind):
    name, read_file = TEXTS[kind]
    archive = dwd(tmp_path)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path)
    path = tmp_path / name
    head, *lines = path.read_text("latin-1").splitlines()
    known = {
        "product": ["STATIONS", "MESS_DATUM", "TT_TU"],
        "geography": ["17000101"],
        "time base": ["17000101"],
        "station list": ["00001"],
    }[kind]
    contents = [
        "",
        head,
        "\n".join(lines),
        "<html>404</html>",
        head + "\n" + "\n".join(lines).replace(";", ","),
        "\0" * 200,
    ]
    contents += ["\n".join([head, *lines]).replace(word, "?") for word in known]
    if kind in ("product", "geography"):
        for place, text in itertools.product(range(1, 4), ("warm", "1,5", "inf", "-12345", "")):
            cells = lines[0].split(";")
            cells[place] = text
            contents.append("\n".join([head, ";".join(cells), *lines[1:]]))
    refused = 0
    for content in contents:
        path.write_text(content, "latin-1")
        try:
            read_file(path)
        except InputError as error:
            refused += 1
            assert name in str(error)
        else:
            # An empty field and another level of quality are no nonsense.
            assert kind in ("product", "geography", "station list"), content[:200]
    assert refused >= len(contents) - 6


def test_a_folder_of_zips_with_a_bad_one_names_it(tmp_path):
    path = dwd(tmp_path)
    whole = path.read_bytes()
    for place in GENERATOR.integers(30, len(whole) - 40, 10):
        path.write_bytes(whole[:place] + bytes(8) + whole[place + 8 :])
        try:
            read_dwd(tmp_path)
        except InputError as error:
            assert "00001" in str(error)


def test_bad_attributes_of_a_grid_are_named(tmp_path):
    plain, path = reanalysis(), tmp_path / "t.nc"
    spoilt = [plain.assign_attrs(units=unit) for unit in ("F", "", "kelvin?", "m", "0.1 K", "degC")]
    spoilt += [plain.isel(time=[0, 0, 1]), plain.isel(time=slice(None, None, -1)), plain.isel(time=slice(0, 0))]
    spoilt += [plain.rename(name) for name in ("t", "tas", "T2", "sst")]
    spoilt += [plain.isel({name: 0}, drop=True) for name in ("latitude", "longitude")]
    spoilt += [plain.rename({name: "x"}) for name in plain.dims]
    spoilt += [
        plain.where(plain["latitude"] > 50).assign_attrs(plain.attrs),
        plain.where(plain > 285).assign_attrs(plain.attrs),
    ]
    spoilt += [(plain * 0 + np.inf).assign_attrs(plain.attrs), (plain - 273.15).assign_attrs(units="K")]
    spoilt += [plain.assign_coords(latitude=plain["latitude"] * 0 + 50)]
    for field in spoilt:
        field.to_netcdf(path, engine="scipy")
        with pytest.raises(InputError):
            read_reanalysis([path])


def test_layouts_of_every_wrong_kind_stop(tmp_path):
    keys = ("separator", "decimal", "encoding", "skip", "columns", "time_offset", "unit")
    values = ("5.5", "[1, 2]", "{a: b}", "'?'", "true", "-3", "2020-06-01")
    accepted = {("columns", "{a: b}"), ("separator", "'?'")}
    for key, value in itertools.product(keys, values):
        (tmp_path / "local.yaml").write_text(f"readings: {{{key}: {value}}}")
        if (key, value) in accepted:
            continue
        with pytest.raises(InputError, match="local.yaml"):
            read_settings(tmp_path)


def test_the_readers_take_what_is_right(tmp_path):
    """Or all of the above could pass by refusing everything."""
    for table, frame in (("readings", readings()), ("stations", stations())):
        frame.to_csv(tmp_path / f"{table}.csv", index=False)
        assert len(read(table, tmp_path / f"{table}.csv")) == len(frame)
    for number, (write, read_file) in enumerate(BINARY.values()):
        (tmp_path / str(number)).mkdir()
        assert len(read_file(write(tmp_path / str(number)))) > 0
