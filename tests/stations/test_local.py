from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.left_out import LeftOut
from sparseobs.stations.local import load_local
from sparseobs.stations.local_check import examine_local
from sparseobs.stations.local_schema import describe_schema
from sparseobs.stations.sources import load


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))
    (tmp_path / "local").mkdir()
    hours = pd.date_range("2020-06-01", periods=24, freq="h")
    axes = {"time": hours, "latitude": np.arange(52, 47.9, -0.5), "longitude": np.arange(8, 12.1, 0.5)}
    field = xr.DataArray(np.full((24, 9, 9), 283.15, np.float32), axes, tuple(axes), "t2m", attrs={"units": "K"})
    field.to_netcdf(tmp_path / "local" / "reanalysis.nc", engine="scipy")
    places = {"station": ["007", "8"], "latitude": [50, 50.5], "longitude": [10, 10.5], "height": [5, 9]}
    pd.DataFrame(places).to_csv(tmp_path / "local" / "stations.csv", index=False)
    return tmp_path / "local"


def readings() -> pd.DataFrame:
    hours = [f"{time:%Y-%m-%dT%H:%M}+02:00" for time in pd.date_range("2020-06-01", periods=24, freq="h")]
    return pd.DataFrame({"station": ["007"] * 24 + ["8"] * 24, "time": hours * 2, "temperature": [10.0] * 47 + [None]})


def test_csv_and_parquet_give_the_same_in_utc(folder):
    readings().to_csv(folder / "readings.csv", index=False)
    data = load_local()
    assert data.stations["station"].values.tolist() == ["007", "8"]
    assert data.stations["time"].values[0] == np.datetime64("2020-05-31T22")
    assert int(np.isnan(data.stations["temperature"]).sum()) == 1
    np.testing.assert_allclose(data.reanalysis, 10.0, atol=1e-4)
    (folder / "readings.csv").unlink()
    table = readings()
    table.assign(time=pd.to_datetime(table["time"])).to_parquet(folder / "readings.parquet")
    assert load_local().stations.equals(data.stations)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"temperature": 283.0}, "column temperature: given .*2 of 2 stations: 007 is 273.0 K above.*unit: K"),
        ({"time": "2020-06-01T00:00"}, "column time: given '2020-06-01T00:00 .*offset from UTC"),
        ({"station": "9"}, "column station: given '9"),
    ],
)
def test_what_breaks_the_schema_stops(folder, change, message):
    readings().assign(**change).to_csv(folder / "readings.csv", index=False)
    with pytest.raises(InputError, match=message):
        load_local()


def test_the_book_prints_the_schema_that_is_checked():
    page = Path(__file__).parents[2] / "book" / "data_and_licences.md"
    assert describe_schema() in page.read_text()


def test_a_silent_and_a_shared_place_are_counted_by_the_check_and_in_the_notes(folder):
    places = pd.read_csv(folder / "stations.csv", dtype=str)
    more = places.iloc[[0, 1]].assign(station=["9", "10"], longitude=["10.0", "11"])
    pd.concat([places, more]).to_csv(folder / "stations.csv", index=False)
    table = readings()
    pd.concat([table, table[table["station"] == "007"].assign(station="9")]).to_csv(
        folder / "readings.csv", index=False
    )
    said = ("1 of 4 stations never report and are drawn for nothing: 10.", "2 stations lie within 250 m of another")
    with pytest.warns(LeftOut, match="6 of 71 readings"):
        notes = load("local").notes
    for told in (" ".join(examine_local()[1]), notes):
        assert all(sentence in told for sentence in said)
