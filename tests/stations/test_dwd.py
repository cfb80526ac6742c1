import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.dwd import read_product
from sparseobs.stations.dwd_stations import places_of, read_geography, read_station_list, without_surveys

DATA = Path(os.environ.get("SPARSEOBS_DATA", Path(__file__).parents[3] / "shared" / "data")) / "germany"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="no folder SPARSEOBS_DATA with real data")
STATION_44 = DATA / "dwd" / "produkt_tu_stunde_20190912_20210314_00044.txt"

PRODUCT = """STATIONS_ID;MESS_DATUM;QN_9;TT_TU;RF_TU;eor\r
         44;2020060911;    3;  15.1;  70.0;eor\r
         44;2020060912;    3;  15.7;  67.0;eor\r
         44;2020060913;   10;  -999;-999;eor\r
"""
GEOGRAPHY = """Stations_id;Stationshoehe;Geogr.Breite;Geogr.Laenge;von_datum;bis_datum;Stationsname\r
   320;  370.00; 49.9711; 11.5969;19570410;19620401;Heinersreuth-Vollhof\r
   320;  330.00; 49.9561; 11.5519;19620402;20060630;Heinersreuth-Vollhof\r
   320;  330.00; 49.9563; 11.5519;20060701;        ;Großenkneten\r
"""
NEW_LIST = """Stations_id von_datum bis_datum Stationshoehe geoBreite geoLaenge Stationsname Bundesland Abgabe\r
----------- --------- --------- ------------- --------- --------- ------------ ---------- ------\r
00044 20070401 20241211             44     52.9336    8.2370 Großenkneten                             Niedersachsen                            Frei      \r
05792 19000801 20241211           2956     47.4210   10.9848 Zugspitze                                Bayern                                   Frei      \r
"""  # noqa: E501
BARE = "produkt_tu_stunde_20200609_20200609_00044.txt"


def write(folder: Path, text: str = PRODUCT, name: str = BARE) -> Path:
    path = folder / name
    path.write_bytes(text.encode("latin-1"))
    return path


def write_zip(folder: Path, name: str = BARE, text: str = PRODUCT) -> Path:
    path = folder / "stundenwerte_TU_00044_akt.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Metadaten_Geographie_00044.txt", GEOGRAPHY.encode("latin-1"))
        archive.writestr(name, text)
    return path


@pytest.mark.parametrize("writer", [write, write_zip])
def test_a_product_bare_or_zipped(tmp_path, writer):
    hours = read_product(writer(tmp_path))
    assert hours.index.tolist() == pd.date_range("2020-06-09T11", periods=3, freq="h").tolist()
    np.testing.assert_array_equal(hours["temperature"], [15.1, 15.7, np.nan])
    assert hours["quality"].tolist() == [3, 3, 10] and set(hours["station"]) == {44}


def test_rows_are_put_in_order_and_a_repeated_row_counts_once(tmp_path):
    head, *rows = PRODUCT.splitlines(keepends=True)
    hours = read_product(write(tmp_path, head + "".join([rows[2], rows[0], rows[1], rows[0]])))
    pd.testing.assert_frame_equal(hours, read_product(write(tmp_path)))


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("  67.0;eor", "  67", "row 3 is cut"),
        ("2020060912", "2020060911", "two readings at 2020-06-09 11:00:00"),
        ("2020060912", "20200609", "20200609"),
        ("  15.7", "  warm", "warm"),
        ("TT_TU", "FF", "no column TT_TU"),
        ("44;2020060912", "73;2020060912", r"stations \[44, 73\]"),
        (PRODUCT[50:], "", "cut|NA values|stations|row|error"),
    ],
)
def test_a_damaged_product_stops(tmp_path, old, new, message):
    assert old in PRODUCT
    with pytest.raises(InputError, match=rf"(?s)DWD file: given .*{BARE}.*({message}).*expected"):
        read_product(write(tmp_path, PRODUCT.replace(old, new)))


def test_a_truncated_zip_a_damaged_one_and_another_layout_stop(tmp_path):
    path = write_zip(tmp_path)
    whole = path.read_bytes()
    for share in (0.3, 0.9):
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(InputError, match="BadZipFile.*expected a whole zip"):
            read_product(path)
    flipped = bytearray(whole)
    flipped[whole.index(b"produkt") + 60] ^= 255
    path.write_bytes(bytes(flipped))
    with pytest.raises(InputError, match="expected a whole zip"):
        read_product(path)
    with pytest.raises(
        InputError, match="another layout: Metadaten.*produkt_ff_stunde.*expected one member produkt_tu"
    ):
        read_product(write_zip(tmp_path, name="produkt_ff_stunde_20200609_20200609_00044.txt"))
    with pytest.raises(InputError, match="missing"):
        read_product(tmp_path / "nowhere.zip")


def test_a_place_holds_from_its_first_to_its_last_day(tmp_path):
    geography = read_geography(write(tmp_path, GEOGRAPHY, "Metadaten_Geographie_00320.txt"))
    times = pd.DatetimeIndex(["1957-04-09T23", "1957-04-10T00", "1962-04-01T23", "1962-04-02T00", "2020-01-01T00"])
    assert places_of(times, geography).tolist() == [-1, 0, 0, 1, 2]
    assert geography["height"].tolist() == [370, 330, 330] and geography["name"].iloc[2] == "Großenkneten"
    closed = geography.iloc[:1]
    assert places_of(pd.DatetimeIndex(["1962-04-02T00"]), closed).tolist() == [-1]
    assert places_of(times, geography.iloc[:0]).tolist() == [-1] * 5


def test_a_better_survey_is_no_move(tmp_path):
    places = without_surveys(read_geography(write_zip(tmp_path)))
    assert places["height"].tolist() == [370, 330]
    assert places["latitude"].tolist() == [49.9711, 49.9563], "the latest coordinates of each place"
    assert places["start"].dt.year.tolist() == [1957, 1962]
    higher = read_geography(write(tmp_path, GEOGRAPHY.replace("330.00; 49.9563", "340.00; 49.9563"), "g.txt"))
    assert len(without_surveys(higher)) == 3, "ten metres up is a move"


def test_bad_metadata_stop(tmp_path):
    for text in (
        "",
        "one line",
        GEOGRAPHY.replace("49.9561", "north"),
        GEOGRAPHY.replace("19620402", "1962"),
        "x\ny;z",
    ):
        with pytest.raises(InputError, match="DWD metadata"):
            read_geography(write(tmp_path, text, "Metadaten_Geographie_00320.txt"))


def test_the_station_list_with_a_further_last_column(tmp_path):
    stations = read_station_list(write(tmp_path, NEW_LIST, "list.txt"))
    assert stations.index.tolist() == [44, 5792]
    assert stations.loc[44, ["name", "state", "height"]].tolist() == ["Großenkneten", "Niedersachsen", 44.0]
    assert stations.loc[5792, "longitude"] == 10.9848
    assert stations.loc[44, "stop"] == pd.Timestamp("2024-12-12"), "its last day belongs to it"
    for text in ("", "<html>404</html>\n" * 5, NEW_LIST.replace("52.9336", "far off")):
        with pytest.raises(InputError, match="DWD station list"):
            read_station_list(write(tmp_path, text, "list.txt"))


@needs_data
def test_the_real_product_agrees_with_the_snapshot():
    """15.7 degC at station 44 on 2020-06-09 at 12 UTC, by two independent ways; 21 hours are missing."""
    hours = read_product(STATION_44)
    assert len(hours) == 13_200 and int(hours["temperature"].isna().sum()) == 21
    snapshot = pd.read_csv(
        DATA / "temp_obs.txt", sep=" ", skiprows=1, names=["station", "latitude", "longitude", "temperature"]
    )
    assert len(snapshot) == 493
    there = snapshot.set_index("station").loc[44.0, "temperature"]
    assert hours.loc["2020-06-09T12:00", "temperature"] == pytest.approx(15.7) == pytest.approx(there)
    assert hours["quality"].value_counts().to_dict() == {3: 11_448, 1: 1_752}


@needs_data
def test_the_real_station_list_and_metadata():
    stations = read_station_list(DATA / "dwd" / "TU_Stundenwerte_Beschreibung_Stationen.2021.txt")
    assert len(stations) == 663
    assert stations.loc[44, "name"] == "Großenkneten" and stations["height"].max() > 2900
    assert stations["latitude"].between(47, 56).all() and stations["longitude"].between(5, 16).all()
    places = read_geography(DATA / "dwd" / "stundenwerte_TU_00320_akt.truncated.zip")
    assert len(places) == 7 and len(without_surveys(places)) == 7
    survey = read_geography(DATA / "dwd" / "metadaten_03098" / "Metadaten_Geographie_03098.txt")
    assert len(survey) == 2 and len(without_surveys(survey)) == 1
