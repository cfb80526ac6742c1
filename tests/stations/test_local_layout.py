"""National files in the place of readings.csv: named for what they are, and read when told how they are laid out."""

import gzip
import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.local import load_local, read_readings
from sparseobs.stations.local_layout import Layout, read_settings

from .local_files import HOURS, readings, stations, weather, write

PREAMBLE = "Station Name: A\nStation Height: 5 M \nLatitude:50.0  ,Longitude: 10.0\n\n\ndate:  -  Date and Time (utc)\n"
PREAMBLE += "temp:  -  Air Temperature (C)\nind:  -  Indicator\n\n"


def lines(head: str, row) -> str:
    return head + "".join(row(time, value) + "\n" for time, value in zip(HOURS, weather(), strict=True))


# Name: the file, what the message must name, and the layout with which it is read.
NATIONAL = {
    "Met Eireann": (
        lines(PREAMBLE + "date,ind,temp,ind,wetb\n", lambda t, v: f"{t:%d-%b-%Y %H:%M},0,{v:.1f},0, ".lower()),
        ["9 lines before", "columns date, ind, temp", "skip: 9"],
        "{skip: 9, station: A, columns: {time: date, temperature: temp}, "
        "time_format: '%d-%b-%Y %H:%M', time_offset: Z}",
    ),
    "SMHI": (
        "\ufeff"
        + lines(
            "Stationsnamn;Stationsnummer\r\nA;98210\r\n\r\nDatum;Tid (UTC);Lufttemperatur;Kvalitet;;Tidsutsnitt:\n",
            lambda t, v: f"{t:%Y-%m-%d};{t:%H:%M:%S};{v:.1f};G;;",
        ),
        ["semicolons", "3 lines before", r"Datum, Tid \(UTC\)", "separator: ';'"],
        "{skip: 3, separator: ;, station: A, columns: {time: [Datum, Tid (UTC)], temperature: Lufttemperatur}, "
        "time_offset: Z}",
    ),
    "Meteo-France": (
        lines("NUM_POSTE;LAT;AAAAMMJJHH;T;QT\n", lambda t, v: f" A;46.3;{t:%Y%m%d%H};{v:.1f};1"),
        ["semicolons", "AAAAMMJJHH"],
        "{separator: ;, columns: {station: NUM_POSTE, time: AAAAMMJJHH, temperature: T}, "
        "time_format: '%Y%m%d%H', time_offset: Z}",
    ),
    "KNMI": (
        lines(
            "# BRON: KNMI\n# \n# YYYYMMDD = datum (YYYY=jaar,MM=maand,DD=dag); \n# STN,YYYYMMDD,   HH,    T\n# \n",
            lambda t, v: f"  A,{t - pd.Timedelta('1h'):%Y%m%d},{(t.hour - 1) % 24 + 1:5d},{10 * v:5.0f}",
        ),
        ["3 lines before", "columns STN, YYYYMMDD, HH, T"],
        "{skip: 3, columns: {station: STN, time: [YYYYMMDD, HH], temperature: T}, unit: 0.1 degC, "
        "time_format: '%Y%m%d %H', time_offset: Z}",
    ),
    "IEM": (
        lines(
            "#DEBUG: Format Typ    -> comma\nstation,valid,tmpf,gust\n",
            lambda t, v: f"A,{t:%Y-%m-%d %H:%M},{1.8 * v + 32:.2f},M" if t.hour != 5 else f"A,{t:%Y-%m-%d %H:%M},M,M",
        ),
        ["1 line before", "columns station, valid, tmpf"],
        "{skip: 1, columns: {time: valid, temperature: tmpf}, missing: M, unit: degF, time_offset: Z}",
    ),
    "a German spreadsheet": (
        lines(
            "station;time;temperature\r\n",
            lambda t, v: f"A;{t + pd.Timedelta('2h'):%d.%m.%Y %H:%M};{v:.1f}\r".replace(".", ",", 0),
        ),
        ["semicolons"],
        "{separator: ;, time_format: '%d.%m.%Y %H:%M', time_offset: '+02:00'}",
    ),
    "decimal commas": (
        lines("station;time;temperature\n", lambda t, v: f"A;{t:%Y-%m-%dT%H:%MZ};" + f"{v:.1f}".replace(".", ",")),
        ["semicolons", "decimal commas", "decimal: ','"],
        "{separator: ;, decimal: ','}",
    ),
    "tabs": (
        lines("station\ttime\ttemperature\n", lambda t, v: f"A\t{t:%Y-%m-%dT%H:%MZ}\t{v:.1f}"),
        ["tabs"],
        '{separator: "\\t"}',
    ),
}


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))


@pytest.mark.parametrize("name", NATIONAL)
def test_a_national_file_is_named_for_what_it_is(tmp_path, name):
    text, found, _ = NATIONAL[name]
    write(tmp_path, text)
    with pytest.raises(InputError, match="local table: given .*readings.csv") as caught:
        load_local()
    for part in found:
        assert pd.Series([str(caught.value)]).str.contains(part).all(), (part, str(caught.value))


@pytest.mark.parametrize("name", NATIONAL)
def test_told_its_layout_it_is_read(tmp_path, name):
    text, _, layout = NATIONAL[name]
    write(tmp_path, text, settings=f"readings: {layout}")
    data = load_local()
    found = data.stations["temperature"].sel(station="A")
    np.testing.assert_array_equal(data.stations["time"], HOURS)
    there = np.isfinite(found.values)
    np.testing.assert_allclose(found.values[there], weather()[there], atol=0.06)
    assert there.sum() == (46 if name == "IEM" else 48)
    assert "local.yaml" in data.inputs


def test_another_encoding_is_named_and_read(tmp_path):
    places = stations().replace({"station": {"A": "Großenkneten"}})
    text = readings().replace({"station": {"A": "Großenkneten"}}).to_csv(index=False)
    for encoding, named in (("cp1252", "text in cp1252"), ("utf-16", "text in utf-16")):
        write(tmp_path, text.encode(encoding), places)
        with pytest.raises(InputError, match=f"readings.csv .*{named}.*encoding: {encoding}"):
            load_local()
        write(tmp_path, text.encode(encoding), places, settings=f"readings: {{encoding: {encoding}}}")
        assert "Großenkneten" in load_local().stations["station"]
        (tmp_path / "local" / "local.yaml").unlink()


def test_a_column_a_station_is_named(tmp_path):
    wide = readings().pivot(index="time", columns="station", values="temperature").reset_index()
    write(tmp_path, wide)
    with pytest.raises(InputError, match="a column a station.*one row a reading.*melt"):
        load_local()


def test_a_packed_table_is_read_and_a_workbook_is_named(tmp_path):
    text = readings().to_csv(index=False).encode()
    zipped, workbook = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("readings.csv", text)
    with zipfile.ZipFile(workbook, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    for content in (gzip.compress(text), zipped.getvalue()):
        write(tmp_path, content)
        assert load_local().stations.sizes == {"time": 48, "station": 3}
    write(tmp_path, workbook.getvalue())
    with pytest.raises(InputError, match="an Excel workbook.*CSV UTF-8"):
        load_local()
    for content, kind in ((b"<!DOCTYPE html><html>", "a web page"), (b'{"error": 404}', "JSON")):
        write(tmp_path, content)
        with pytest.raises(InputError, match=f"readings.csv .{kind}"):
            load_local()


def test_readings_may_lie_in_several_files(tmp_path):
    """As services give them: a file a station."""
    local = write(tmp_path)
    table = readings()
    for station, rows in table.groupby("station"):
        rows[["time", "temperature"]].to_csv(local / f"hly_{station}.csv", index=False)
    (local / "readings.csv").unlink()
    parts = "\n".join(f"- {{file: hly_{station}.csv, station: {station}}}" for station in "ABC")
    (local / "local.yaml").write_text(f"readings:\n{parts}\n")
    assert load_local().stations.sizes == {"time": 48, "station": 3}
    (local / "local.yaml").write_text(f"readings:\n{parts}\n- {{file: hly_A.csv, station: A}}\n")
    with pytest.raises(InputError, match="A at 2020-06-01 .*in several of"):
        load_local()


def test_the_table_of_stations_has_a_layout_too(tmp_path):
    text = stations().rename(columns={"latitude": "LAT"}).to_csv(index=False, sep=";")
    write(tmp_path, places=text, settings="stations: {separator: ;, columns: {latitude: LAT}}")
    np.testing.assert_allclose(load_local().stations["latitude"], [50, 50.5, 51])


def test_a_station_called_na_is_a_station(tmp_path):
    write(tmp_path, readings().replace({"station": {"A": "NA"}}), stations().replace({"station": {"A": "NA"}}))
    assert load_local().stations["station"].values.tolist() == ["B", "C", "NA"]


def refused_until_told(tmp_path, table, value, said, setting):
    """Two cells hold what stands for missing: they are refused in words, and missing once the layout says so."""
    table.loc[[3, 60], "temperature"] = value
    write(tmp_path, table)
    with pytest.raises(InputError, match=said):
        load_local()
    write(tmp_path, table, settings=f"readings: {{missing: {setting}}}")
    assert int(np.isnan(load_local().stations["temperature"]).sum()) == 2


@pytest.mark.parametrize("code", [-9999, 999.9, -999, 9999.0, -99.9])
def test_a_number_for_missing_is_named(tmp_path, code):
    said = rf"column temperature: given .*row 4.*{code:g} in 2 rows.*missing: \[{code:g}"
    refused_until_told(tmp_path, readings(), code, said, code)


@pytest.mark.parametrize("letters", ["M", "///", "--", "T", "fehlt"])
def test_letters_for_missing_are_named(tmp_path, letters):
    said = rf"given '{letters} in .*readings.csv, row 4.*'{letters}' in 2 rows.*missing:"
    refused_until_told(tmp_path, readings().astype({"temperature": object}), letters, said, f"['{letters}']")


def test_a_hot_day_in_fahrenheit_is_no_code(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("station,time,temperature\nA,2020-06-01T12Z,99.9\nA,2020-06-01T13Z,98.1\n")
    table = read_readings(path, Layout(unit="degF"), stations(), path)
    assert table["temperature"].tolist() == pytest.approx([37.72, 36.72], abs=0.01)


def test_an_extra_field_is_no_fraction(tmp_path):
    write(tmp_path, "station,time,temperature\nA,2020-06-01T00:00Z,15,7\nA,2020-06-01T01:00Z,15,9\n")
    with pytest.raises(InputError, match="readings.csv"):
        load_local()


def test_a_station_at_two_places_is_told_how_to_be_two(tmp_path):
    places = pd.concat([stations(), stations().iloc[:1].assign(latitude=50.1, height=60.0)])
    write(tmp_path, places=places)
    with pytest.raises(InputError, match="A twice in rows 1 and 4 of .*11.1. km and 55 m apart.*A@DAY for each place"):
        load_local()


def test_stations_on_both_sides_of_180_degrees_are_refused(tmp_path):
    places = stations().assign(longitude=[179.9, -179.5, 179.2])
    write(tmp_path, places=places)
    with pytest.raises(InputError, match="stations from -179.5 to 179.9 E, with a box across 180"):
        load_local()


@pytest.mark.parametrize(
    "text, says",
    [
        ("reading: {}", "key of local.yaml: given 'reading'.*'readings'"),
        ("readings: {seperator: ;}", "key of readings: given 'seperator'.*'separator'"),
        ("readings: {unit: celsius}", "unit: given 'celsius'"),
        ("readings: {skip: -1}", "skip: given -1"),
        ("readings: {skip: two}", "skip: given 'two'"),
        ("readings: {encoding: klingon}", "encoding: given 'klingon'"),
        ("readings: {decimal: ;}", "decimal: given"),
        ("readings: {decimal: ','}", "another mark than the separator"),
        ("readings: {time_offset: CET}", "time_offset: given 'CET'"),
        ("readings: {separator: 5}", "separator: given 5"),
        ("readings: {columns: [a, b]}", "columns: given"),
        ("readings: semicolons", "readings: given 'semicolons'"),
        ("tolerance_minutes: 31", "tolerance_minutes: given 31"),
        ("tolerance_minutes: ten", "tolerance_minutes: given 'ten'"),
        ("largest_difference: 0", "largest_difference: given 0"),
        ("- readings", "local.yaml: given"),
        ("readings: {", "YAML in UTF-8"),
    ],
)
def test_a_layout_that_says_nothing_sensible_stops(tmp_path, text, says):
    (tmp_path / "local.yaml").write_text(text)
    with pytest.raises(InputError, match=f"local.yaml: given .*{says}"):
        read_settings(tmp_path)


def test_without_a_layout_the_schema_holds(tmp_path):
    assert read_settings(tmp_path).readings == (Layout(),)
    (tmp_path / "local.yaml").write_text("")
    assert read_settings(tmp_path).tolerance_minutes == 0
    (tmp_path / "local.yml").write_text("tolerance_minutes: 10")
    with pytest.raises(InputError, match="local.yml.*renaming it"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    "layout, text, wanted",
    [
        (Layout(time_format="%Y%m%d %H", time_offset="+01:00"), "20191231 24", "2019-12-31T23:00"),
        (Layout(time_format="%d.%m.%Y %H:%M", time_offset="Z"), "01.03.2019 24:00", "2019-03-02T00:00"),
        (Layout(time_format="%Y-%m-%d %H:%M %z"), "2019-03-01 12:00 +0100", "2019-03-01T11:00"),
        (Layout(time_offset="-03:30"), "2019-03-01 12:00", "2019-03-01T15:30"),
        (Layout(time_format="%d/%m/%Y %H:%M"), "01/03/2019 12:00", None),
        (Layout(time_format="%d/%m/%Y", time_offset="Z"), "2019-03-01", None),
        (Layout(time_format="%Y%m%d%H", time_offset="Z"), "2019030125", None),
    ],
)
def test_times_by_a_format(layout, text, wanted):
    (read,) = layout.times(pd.Series([text]))
    assert pd.isna(read) if wanted is None else read == pd.Timestamp(wanted)
