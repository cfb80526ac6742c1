"""Readings off the reanalysis's hours are counted, moved only when told so, and never lost without a word."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from sparseobs.cli import main
from sparseobs.errors import InputError
from sparseobs.stations.left_out import LeftOut
from sparseobs.stations.local import load_local
from sparseobs.stations.reading_hours import at_nearest_hours
from sparseobs.stations.sources import load

from .local_files import HOURS, readings, weather, write


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))


def shifted(station: str, minutes: float) -> pd.DataFrame:
    """The readings, those of one station (or of all: `*`) so many minutes after the hour."""
    table = readings()
    own = table["station"].isin(list("ABC") if station == "*" else [station])
    moved = pd.to_datetime(table.loc[own, "time"]) + pd.Timedelta(minutes=minutes)
    table.loc[own, "time"] = moved.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return table


def check():
    return CliRunner().invoke(main, ["data", "check", "local"]).output


@pytest.mark.parametrize("minutes, at", [(-10, "mostly at :50"), (-1 / 60, "mostly at :59"), (4, "mostly at :04")])
def test_a_station_beside_the_hours_is_counted_and_left_out_aloud(tmp_path, minutes, at):
    """At ten to, as reports from airports are; a second early, as a spreadsheet makes them."""
    write(tmp_path, shifted("B", minutes))
    off = 47  # the forty-eighth lies before the first hour or after the last
    text = check()
    assert f"warning: B: {off} of 48 readings are at no hour of the reanalysis, {at}" in text
    assert "tolerance_minutes: 10" in text
    with pytest.warns(LeftOut, match="between the hours|before or after"):
        data = load("local")
    assert f"{off} of 144 readings ({off} of B)" in data.notes and "1 of 144 readings" in data.notes
    assert np.isfinite(data.stations["temperature"]).sum("time").values.tolist() == [48, 0, 48]


@pytest.mark.parametrize("minutes", [-10, -1 / 60, 4])
def test_a_tolerance_that_is_named_takes_them_to_the_nearest_hour(tmp_path, minutes):
    write(tmp_path, shifted("B", minutes), settings="tolerance_minutes: 10")
    with pytest.warns(LeftOut, match="Moved to the nearest hour of the reanalysis, by at most 10 minutes: 48 readings"):
        data = load("local")
    np.testing.assert_allclose(data.stations["temperature"][:, 1], weather() + 0.3, atol=0.01)
    assert "48 readings" in data.notes


def test_a_tolerance_too_small_moves_nothing(tmp_path):
    write(tmp_path, shifted("B", -10), settings="tolerance_minutes: 9")
    assert np.isin(load_local().stations["time"].values, HOURS).sum() == 48


def test_if_no_reading_meets_an_hour_of_the_same_days_it_is_refused(tmp_path):
    write(tmp_path, shifted("*", -8))
    assert "no reading at an hour of the reanalysis" in check()
    with pytest.raises(InputError, match="A reads at :52.*tolerance_minutes"):
        load("local")


def test_readings_of_another_year_stay(tmp_path):
    table = readings()
    write(tmp_path, table.assign(time=table["time"].str.replace("2020", "2019")))
    assert load("local").stations.sizes["time"] == 48
    assert "have no hour in common" in check()


def test_the_nearest_of_two_readings_counts_and_an_empty_cell_never_wins():
    hours = np.array(["2020-06-01T00", "2020-06-01T01", "2020-06-01T02"], "datetime64[ns]")
    times = pd.to_datetime(
        ["2020-06-01T00:56", "2020-06-01T01:02", "2020-06-01T02:00", "2020-06-01T02:03", "2020-06-01T01:30"]
    )
    table = pd.DataFrame({"station": "A", "time": times, "temperature": [1.0, 2.0, np.nan, 4.0, 5.0]})
    moved, said = at_nearest_hours(table, hours, 5)
    assert moved.set_index("time")["temperature"].to_dict() == {
        pd.Timestamp("2020-06-01T01:00"): 2.0,
        pd.Timestamp("2020-06-01T02:00"): 4.0,
        pd.Timestamp("2020-06-01T01:30"): 5.0,
    }
    assert said[0].endswith("3 readings.") and said[1].endswith("hour: 1 readings.")


def test_the_table_of_stations_comes_after_the_warnings(tmp_path):
    table = readings()
    table.loc[table["station"] == "C", "temperature"] = np.nan
    write(tmp_path, table)
    lines = check().splitlines()
    warned = next(index for index, line in enumerate(lines) if "never report and are drawn for nothing: C" in line)
    head = next(index for index, line in enumerate(lines) if "minus reanalysis (K)" in line)
    assert warned < head
    assert lines[head + 1].split()[:-1] == ["A", "48", "100.0", "%", "2020-06-01", "2020-06-02"]
    assert lines[head + 2].split()[-1] == "+0.30" and lines[head + 3].split() == ["C", "0"]
