"""Days first: of a long record only the rows of the days wanted are parsed, and they are those of a whole reading."""

import gzip

import numpy as np
import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.stations import local
from sparseobs.stations.dwd import read_product
from sparseobs.stations.dwd_network import read_dwd
from sparseobs.stations.dwd_rows import rows_of
from sparseobs.stations.dwd_write import product_text, write_zip
from sparseobs.stations.left_out import LeftOut
from sparseobs.stations.local import load_local
from sparseobs.stations.local_days import date_places
from sparseobs.stations.period import period

from .local_files import HOURS, readings, reanalysis, weather, write

DAYS = period("2020-06-09", "2020-06-10")
HOURS_OF_YEAR = pd.date_range("2020-01-01", "2020-12-31 23:00", freq="h")
NAME = "produkt_tu_stunde_20200101_20201231_00007.txt"
HERE = pd.DataFrame([{"name": "A", "latitude": 50.0, "longitude": 10.0, "height": 5.0}]).assign(
    start=HOURS_OF_YEAR[0], stop=pd.NaT
)


def record(seed: int = 0) -> pd.Series:
    """A year with gaps, of rows that are not there and of rows that say -999."""
    draw = np.random.default_rng(seed)
    values = pd.Series(np.round(draw.normal(9, 8, HOURS_OF_YEAR.size), 1), HOURS_OF_YEAR)
    values[draw.random(HOURS_OF_YEAR.size) < 0.05] = np.nan
    return values[draw.random(HOURS_OF_YEAR.size) > 0.05]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_products_rows_of_the_days_are_those_of_the_whole(tmp_path, end):
    text = product_text(7, record()).replace("\r\n", end)
    (tmp_path / NAME).write_bytes(text.encode())
    whole, cut = read_product(tmp_path / NAME), read_product(tmp_path / NAME, DAYS)
    pd.testing.assert_frame_equal(cut[DAYS.contains(cut.index)], whole[DAYS.contains(whole.index)])
    assert len(cut) < 100 and cut.index[-1] == whole.index[-1]
    # In any order, and without an end to the last line.
    head, *rows = text.strip().split(end)
    shuffled = [rows[row] for row in np.random.default_rng(1).permutation(len(rows))]
    (tmp_path / NAME).write_bytes(end.join([head, *shuffled]).encode())
    pd.testing.assert_frame_equal(read_product(tmp_path / NAME, DAYS), cut)


@pytest.mark.parametrize("old, new", [(";eor", ";eo"), (";eor", ""), ("2020010105", "202001015"), (";    3;", ";3;;")])
def test_a_row_unlike_the_others_anywhere_is_judged(tmp_path, old, new):
    """Nobody can tell of what day it is, or whether the file is whole."""
    lines = product_text(7, record()).split("\r\n")
    lines[5] = lines[5].replace(old, new) if old in lines[5] else lines[5][:12] + new + lines[5][22:]
    content = "\r\n".join(lines).encode()
    assert rows_of(content, DAYS) == content
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(InputError, match=NAME):
        read_product(tmp_path / NAME, DAYS)


def test_the_rest_of_a_record_is_not_parsed(tmp_path):
    """Which a number that is none shows: it stops a reader of all hours only."""
    lines = product_text(7, record()).split("\r\n")
    lines[9] = lines[9][:29] + "  warm" + lines[9][35:]
    (tmp_path / NAME).write_bytes("\r\n".join(lines).encode())
    assert DAYS.contains(read_product(tmp_path / NAME, DAYS).index).sum() > 40
    with pytest.raises(InputError, match=NAME):
        read_product(tmp_path / NAME)


def test_of_two_files_the_one_that_ends_later_counts_whatever_days_are_read(tmp_path):
    old, new = record(0)[:"2020-11-30"], record(1)
    write_zip(tmp_path / "stundenwerte_TU_00007_19900101_20201231_hist.zip", 7, new, HERE)
    write_zip(tmp_path / "stundenwerte_TU_00007_akt.zip", 7, old, HERE)
    whole, cut = read_dwd(tmp_path)["temperature"], read_dwd(tmp_path, period=DAYS)["temperature"]
    np.testing.assert_array_equal(cut[:, 0], whole.sel(time=cut["time"])[:, 0])
    both = new.index.intersection(DAYS.hours)
    np.testing.assert_allclose(cut[:, 0].sel(time=both), new[both], atol=1e-5)


def long_readings() -> pd.DataFrame:
    """The two days of the reanalysis amid two months."""
    hours = pd.date_range(HOURS[0] - pd.Timedelta("30D"), HOURS[-1] + pd.Timedelta("30D"), freq="h")
    day = np.resize(weather(), hours.size)
    tables = []
    for number, station in enumerate("ABC"):
        times = [f"{time:%Y-%m-%dT%H:%MZ}" for time in hours]
        tables.append(pd.DataFrame({"station": station, "time": times, "temperature": np.round(day + 0.3 * number, 2)}))
    return pd.concat(tables, ignore_index=True)


def spelled(how: str) -> pd.Series:
    return pd.to_datetime(long_readings()["time"]).dt.strftime(how)


DATE_AND_HOUR = "readings: {columns: {time: [date, hour]}, time_format: '%d.%m.%Y %H', time_offset: '+00:00'}"
SPELLINGS = {
    "ISO 8601": lambda: (long_readings().to_csv(index=False), None),
    "quoted": lambda: (long_readings().to_csv(index=False, quoting=2), None),
    "CRLF": lambda: (long_readings().to_csv(index=False, lineterminator="\r\n"), None),
    "time first": lambda: (long_readings()[["time", "station", "temperature"]].to_csv(index=False), None),
    "time last": lambda: (long_readings()[["station", "temperature", "time"]].to_csv(index=False), None),
    "blanks": lambda: (long_readings().to_csv(index=False).replace(",", ", "), None),
    "far away": lambda: (long_readings().assign(time=spelled("%Y-%m-%dT%H:00+00")).to_csv(index=False), None),
    "gzip": lambda: (gzip.compress(long_readings().to_csv(index=False).encode()), None),
    "days first": lambda: (
        long_readings().assign(time=spelled("%d.%m.%Y %H:%M")).to_csv(index=False, sep=";"),
        "readings: {separator: ';', time_format: '%d.%m.%Y %H:%M', time_offset: '+00:00'}",
    ),
    "digits": lambda: (
        "a line\n" + long_readings().assign(time=spelled("%Y%m%d%H")).to_csv(index=False),
        "readings: {skip: 1, time_format: '%Y%m%d%H', time_offset: '+00:00'}",
    ),
    "date and hour": lambda: (
        long_readings().assign(date=spelled("%d.%m.%Y"), hour=spelled("%H")).drop(columns="time").to_csv(index=False),
        DATE_AND_HOUR,
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_large_table_gives_the_hours_that_it_gives_when_it_is_small(tmp_path, monkeypatch, spelling):
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))
    table, settings = SPELLINGS[spelling]()
    write(tmp_path, table, settings=settings)
    whole = load_local()
    monkeypatch.setattr(local, "LARGE", 0)
    kept = 3 * 24 * (2 + 2)
    passed = len(long_readings()) - kept
    with pytest.warns(LeftOut, match=f"other days than .* 2020-06-01..2020-06-02: {passed:,} rows of readings"):
        cut = load_local()
    assert f"{passed:,} rows" in cut.notes and cut.stations.sizes["time"] == 4 * 24
    assert cut.stations.equals(whole.stations.sel(time=cut.stations["time"]))


def test_parquet_is_read_by_its_times(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))
    folder = write(tmp_path)
    (folder / "readings.csv").unlink()
    table = long_readings()
    table.assign(time=pd.to_datetime(table["time"]).dt.tz_convert("Asia/Tokyo")).to_parquet(folder / "readings.parquet")
    whole = load_local()
    monkeypatch.setattr(local, "LARGE", 0)
    with pytest.warns(LeftOut, match=f"{len(table) - 288:,} rows of readings"):
        cut = load_local()
    assert cut.stations.equals(whole.stations.sel(time=cut.stations["time"]))


@pytest.mark.parametrize(
    "column, text",
    [
        ("time", "2020-05-05T12:00 o'clock"),
        ("time", "noon"),
        ("time", "2020-06-31T12:00Z"),
        ("time", ""),
        ("time", "5.5.2020 12:00Z"),
        ("station", "Z"),
        ("temperature", "M"),
    ],
)
def test_a_row_that_cannot_be_right_is_named_with_its_own_number(tmp_path, monkeypatch, column, text):
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))
    table = long_readings().astype(object)
    row = int(np.flatnonzero(table["time"] == "2020-06-02T07:00Z")[1])
    told = column != "time" or not text.startswith("2020-05")
    table.loc[row, column] = text
    write(tmp_path, table)
    monkeypatch.setattr(local, "LARGE", 0)
    if told:
        with pytest.raises(InputError, match=rf"readings.csv, row {row + 1}\b"):
            load_local()
        return
    with pytest.warns(LeftOut, match="rows of readings"):
        load_local()


def test_of_other_days_altogether_all_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))
    write(tmp_path, readings(), field=reanalysis(HOURS + pd.Timedelta("3000D")))
    monkeypatch.setattr(local, "LARGE", 0)
    assert load_local().stations.sizes["time"] == len(HOURS)


def test_a_field_over_two_lines_keeps_its_lines_together(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))
    table = long_readings().assign(remark="")
    table.loc[5, "remark"] = "a storm\nA,2020-06-01T03:00Z,99,"
    write(tmp_path, table)
    whole = load_local()
    monkeypatch.setattr(local, "LARGE", 0)
    cut = load_local()
    assert cut.stations.equals(whole.stations.sel(time=cut.stations["time"]))


@pytest.mark.parametrize("how", ["%j/%Y", "%b %d %Y", "%Y-%m", "%-d.%m.%Y"])
def test_a_date_without_a_fixed_place_is_not_guessed(how):
    assert date_places(how) is None
