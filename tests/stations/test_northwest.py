"""The Pacific Northwest: stations without height, at several places, with impossible readings, and their forecasts."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rdata
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.left_out import LeftOut
from sparseobs.stations.northwest import MEMBERS, above_ground, load_northwest, read_prism, read_srft
from sparseobs.stations.places import families
from sparseobs.stations.regions import REGIONS

DATA = Path(os.environ.get("SPARSEOBS_DATA", Path(__file__).parents[3] / "shared" / "data"))
needs_data = pytest.mark.skipif(not (DATA / "northwest").is_dir(), reason="no folder SPARSEOBS_DATA with real data")
COLUMNS = ["station", "date", "observation", "latitude", "longitude", "elevation"]
ROWS = [
    ("KSEA ", "2004010100", 280.15, 47.4, -122.3, 130.0),
    ("KSEA ", "2004010200", 281.15, 47.4, -122.3, 130.0),
    ("KSEA ", "2004010400", 282.15, 47.4, -122.3, 130.0),
    ("KPDX ", "2004010200", 283.15, 45.6, -122.6, 7.0),
]


def write_srft(folder: Path, rows=ROWS, **changes) -> Path:
    """Return a file of these rows, in which member number k forecasts k K more than was read."""
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"station": object, "date": object})
    for number, member in enumerate(MEMBERS):
        table[member] = table["observation"] + number
    table = table.assign(type="RW").astype({"type": object}).assign(**changes)
    rdata.write_rda(folder / "srft.rda", {"srft": table})
    return folder / "srft.rda"


def test_times_are_those_at_which_forecasts_are_valid(tmp_path):
    """48 hours after the start; days that nobody has are no rows, and a station without a row reads nothing."""
    stations, said = read_srft(write_srft(tmp_path))
    assert said == []
    assert stations["station"].values.tolist() == ["KPDX", "KSEA"]
    days = stations["time"].values.astype("datetime64[h]").astype(str).tolist()
    assert days == ["2004-01-03T00", "2004-01-04T00", "2004-01-06T00"]
    nan = np.nan
    np.testing.assert_allclose(stations["temperature"], [[nan, 7], [10, 8], [nan, 9]], atol=1e-4)
    assert stations["height"].values.tolist() == [7.0, 130.0]


def test_forecasts_lie_beside_the_readings(tmp_path):
    stations, _ = read_srft(write_srft(tmp_path))
    forecast = stations["forecast"]
    assert forecast.dims == ("member", "time", "station") and tuple(forecast["member"].values) == MEMBERS
    assert forecast.attrs["units"] == "degC"
    error = forecast - stations["temperature"]
    there = np.isfinite(stations["temperature"].values)
    for number, member in enumerate(MEMBERS):
        np.testing.assert_allclose(error.sel(member=member).values[there], number, atol=1e-4)
        assert np.isnan(error.sel(member=member).values[~there]).all()


def test_rows_without_a_height_are_left_out(tmp_path):
    """One identifier never has one, another at one of its two places only."""
    rows = [
        *ROWS,
        ("BUOY ", "2004010100", 280.15, 46.0, -125.0, -9999.0),
        ("CANBY", "2004010100", 280.15, 41.4, -120.9, 1314.0),
        ("CANBY", "2004010200", 280.15, 45.3, -122.7, -9999.0),
    ]
    stations, said = read_srft(write_srft(tmp_path, rows))
    assert stations["station"].values.tolist() == ["CANBY", "KPDX", "KSEA"]
    assert (stations["height"] > -100).all()
    assert said == ["Left out, for they have no height: 1 stations; 2 of 7 readings in all."]
    with pytest.raises(InputError, match="no station with a height"):
        read_srft(write_srft(tmp_path, rows[-1:]))


def test_an_identifier_at_several_places_becomes_a_station_a_place(tmp_path):
    """A ship that comes back to a place is there once; no split puts its places on both sides."""
    places = [(46.0, -125.0), (47.0, -126.0), (46.0, -125.0)]
    rows = [
        (f"{'SHIP':5}", f"200401{day:02d}00", 270.15 + day, *place, 0.0)
        for day, place in zip((3, 5, 9), places, strict=True)
    ]
    stations, said = read_srft(write_srft(tmp_path, ROWS + rows))
    names = stations["station"].values.tolist()
    assert names == ["KPDX", "KSEA", "SHIP@2004-01-05", "SHIP@2004-01-07"]
    there = stations["temperature"].sel(station="SHIP@2004-01-05").dropna("time")
    np.testing.assert_allclose(there, [0.0, 6.0], atol=1e-4)
    assert float(there["latitude"]) == 46.0
    number = families(stations)
    assert number[2] == number[3] and len(set(number)) == 3
    assert said == ["1 identifiers are at several places, ships among them; they became 2 stations, a station a place."]


def test_impossible_readings_are_left_out_and_their_forecasts_stay(tmp_path):
    """Above 300 K and below 220 K; what lies on the edge stays."""
    rows = [(f"{'ABCD'[k]:5}", "2004010100", value, 45.0 + k, -122.0, 5.0) for k, value in enumerate((300, 301, 219))]
    stations, said = read_srft(write_srft(tmp_path, rows, **dict.fromkeys(MEMBERS, 275.0)))
    np.testing.assert_allclose(stations["temperature"][0], [26.85, np.nan, np.nan], atol=1e-4)
    np.testing.assert_allclose(stations["forecast"], 1.85, atol=1e-4)
    assert said[0].startswith("Left out, for they lie outside 220 to 300 K: 2 readings of 2 stations")
    assert "275 to 275 K" in said[0]


def test_tables_that_do_not_fit_stop(tmp_path):
    with pytest.raises(InputError, match=r"srft.rda with 1 rows twice"):
        read_srft(write_srft(tmp_path, [*ROWS, ROWS[0]]))
    with pytest.raises(InputError, match="dates such as 2004010100"):
        read_srft(write_srft(tmp_path, [("KSEA ", "1 January", *ROWS[0][2:])]))
    rdata.write_rda(tmp_path / "srft.rda", {"srft": pd.DataFrame({"observation": [280.0]})})
    with pytest.raises(InputError, match=r"srft.rda without .*'CMCG'"):
        read_srft(tmp_path / "srft.rda")
    with pytest.raises(InputError, match=r"none.rda.*data frame 'srft'"):
        read_srft(tmp_path / "none.rda")
    whole = write_srft(tmp_path).read_bytes()
    for content in (b"", b"not R data", whole[: len(whole) // 2]):
        (tmp_path / "srft.rda").write_bytes(content)
        with pytest.raises(InputError, match=r"srft.rda"):
            read_srft(tmp_path / "srft.rda")


def prism() -> dict:
    """Half-degree cells, 700 m high, but sea west of 124 W."""
    x, y = np.arange(-125, -118, 0.5), np.arange(44, 50, 0.5)
    return {"x": x, "y": y, "z": np.where(x[:, None] < -124, 0.0, np.full((x.size, y.size), 700.0))}


def write_prism(folder: Path, grid: dict) -> Path:
    rdata.write_rda(folder / "PRISMelevation.rda", {"PRISMelevation": grid})
    return folder / "PRISMelevation.rda"


def test_the_elevation_is_missing_at_sea(tmp_path):
    field = read_prism(write_prism(tmp_path, prism()), REGIONS["northwest"])
    assert field.dims == ("latitude", "longitude") and field.attrs["units"] == "m"
    assert np.isnan(field.sel(longitude=slice(None, -124.1))).all()
    assert (field.sel(longitude=slice(-124, None)) == 700).all()


@pytest.mark.parametrize("change", [{"x": "west"}, {"z": np.zeros((2, 2))}, {"y": np.arange(50, 44, -0.5)}])
def test_an_elevation_of_another_form_stops(tmp_path, change):
    with pytest.raises(InputError, match=r"PRISMelevation.rda|one ascending axis"):
        read_prism(write_prism(tmp_path, prism() | change), REGIONS["northwest"])


def test_a_height_far_below_all_ground_is_left_out(tmp_path):
    """0 m where the ground is 700 m; 300 m, as in a valley; at sea; and off the grid, where nobody can say."""
    elevation = read_prism(write_prism(tmp_path, prism()), REGIONS["northwest"])
    rows = [("INLND", 46.0, -120.0, 0.0), ("VALLY", 47.0, -120.0, 300.0), ("SHIP", 46.0, -124.5, 0.0)]
    rows += [("NORTH", 51.0, -120.0, 0.0)]
    stations, _ = read_srft(write_srft(tmp_path, [(row[0], "2004010100", 280.0, *row[1:]) for row in rows]))
    kept, said = above_ground(stations, elevation)
    assert kept["station"].values.tolist() == ["NORTH", "SHIP", "VALLY"]
    assert len(said) == 1 and "1 stations (INLND)" in said[0]
    same, nothing = above_ground(kept, elevation)
    xr.testing.assert_identical(same, kept)
    assert nothing == []


@needs_data
def test_the_real_source(monkeypatch):
    """The counts of another reader; the forecasts err by 3.2 to 3.5 K and are half a degree to a degree too cold."""
    monkeypatch.setenv("SPARSEOBS_DATA", str(DATA))
    with pytest.warns(LeftOut):
        data = load_northwest()
    for words in ("87 stations; 3,807 of 36,826", "39 identifiers", "3 readings of 3 stations", "CKNFE"):
        assert words in data.notes
    stations = data.stations
    assert stations["temperature"].shape == (52, 969) and stations["forecast"].shape == (8, 52, 969)
    assert int(np.isfinite(stations["forecast"][0]).sum()) == int(np.isfinite(stations["temperature"]).sum()) + 3
    assert data.region.contains(stations["latitude"], stations["longitude"]).all()
    error = stations["forecast"] - stations["temperature"]
    rmse = np.sqrt((error**2).mean(("time", "station")))
    assert 3.2 < float(rmse.min()) and float(rmse.max()) < 3.5
    assert -0.95 < float(error.mean(("time", "station")).min()) < float(error.mean(("time", "station")).max()) < -0.3
    assert len(data.inputs) == 2 and data.elevation.shape == (227, 253)
