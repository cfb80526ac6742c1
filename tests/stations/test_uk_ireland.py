import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rdata

from sparseobs.errors import InputError
from sparseobs.interpolation.reanalysis import reanalysis_errors
from sparseobs.stations.grib import read_era5
from sparseobs.stations.sources import load
from sparseobs.stations.uk_ireland import read_met_eireann

DATA = Path(os.environ.get("SPARSEOBS_DATA", Path(__file__).parents[3] / "shared" / "data"))
needs_data = pytest.mark.skipif(not (DATA / "uk_ireland").is_dir(), reason="no folder SPARSEOBS_DATA with real data")


def observations(**changes) -> pd.DataFrame:
    hours = pd.date_range("2017-02-28 22:00", "2017-03-02 23:00", freq="h")
    frames = []
    for number, station in enumerate(["SHANNON", "ATHENRY"]):
        table = pd.DataFrame({"station": station, "year": 2017.0, "month": hours.month.astype(float)})
        table["day"] = pd.array(hours.day, dtype="Int32")
        table["hour"] = pd.array(hours.hour, dtype="Int32")
        table["temp"] = 10.0 * number + hours.hour
        frames.append(table)
    return pd.concat(frames, ignore_index=True).assign(**changes)


def write_pair(folder: Path, table: pd.DataFrame, names=("SHANNON", "ATHENRY")) -> tuple[Path, Path]:
    places = pd.DataFrame({"station": list(names), "height": 15.0, "latitude": 52.7, "longitude": -8.9})
    for name, frame in (("observations", table), ("stations", places)):
        # rdata cannot write pandas' own texts.
        rdata.write_rda(folder / f"{name}.rda", {name: frame.astype({"station": object})})
    return folder / "observations.rda", folder / "stations.rda"


def test_hours_and_stations_are_put_in_order(tmp_path):
    table = observations().sample(frac=1, random_state=0)
    stations = read_met_eireann(*write_pair(tmp_path, table), month=3)
    assert list(stations["station"].values) == ["ATHENRY", "SHANNON"]
    assert list(stations["name"].values) == ["Athenry", "Shannon"]
    assert stations["time"].values[0] == np.datetime64("2017-03-01T00") and stations.sizes["time"] == 48
    np.testing.assert_array_equal(stations["temperature"][:, 1], np.tile(np.arange(24), 2))
    np.testing.assert_array_equal(stations["temperature"][:, 0], 10 + np.tile(np.arange(24), 2))


def test_a_missing_reading_and_a_missing_row_are_nan(tmp_path):
    table = observations()
    gap = (table["station"] == "SHANNON") & (table["month"] == 3) & (table["day"] == 1)
    table.loc[gap & (table["hour"] == 3), "temp"] = np.nan
    table = table[~(gap & (table["hour"] == 5))]
    temperature = read_met_eireann(*write_pair(tmp_path, table), month=3)["temperature"]
    assert np.flatnonzero(np.isnan(temperature.sel(station="SHANNON"))).tolist() == [3, 5]
    assert not np.isnan(temperature.sel(station="ATHENRY")).any()


def test_bad_station_files_stop(tmp_path):
    with pytest.raises(InputError, match="48 of them twice"):
        table = observations()
        repeated = table[(table["station"] == "SHANNON") & (table["month"] == 3)]
        read_met_eireann(*write_pair(tmp_path, pd.concat([table, repeated])), month=3)
    with pytest.raises(InputError, match=r"unknown stations \['SHANNON'\]"):
        read_met_eireann(*write_pair(tmp_path, observations(), names=("ATHENRY", "BIRR")), month=3)
    with pytest.raises(InputError, match="0 rows of month 7"):
        read_met_eireann(*write_pair(tmp_path, observations()), month=7)
    paths = write_pair(tmp_path, observations())
    whole = paths[0].read_bytes()
    for content in (b"", b"not R data", whole[: len(whole) // 2]):
        paths[0].write_bytes(content)
        with pytest.raises(InputError, match="expected an R data file with the data frame 'observations'"):
            read_met_eireann(*paths, month=3)
    with pytest.raises(InputError, match="data frame 'observations'"):
        read_met_eireann(paths[1], paths[1], month=3)


@needs_data
def test_the_real_source(monkeypatch):
    monkeypatch.setenv("SPARSEOBS_DATA", str(DATA))
    data = load("uk_ireland")
    assert not data.synthetic and len(data.inputs) == 3
    assert data.reanalysis.shape == (744, 33, 49) and data.stations["temperature"].shape == (744, 25)
    assert data.region.contains(data.stations["latitude"], data.stations["longitude"]).all()
    assert int(np.isnan(data.stations["temperature"]).sum()) == 0
    first = data.stations["temperature"].sel(station="ATHENRY").isel(time=0)
    assert float(first) == pytest.approx(3.2)
    assert -15 < float(data.reanalysis.min()) and float(data.reanalysis.max()) < 25
    with pytest.raises(InputError, match="hours that both cover"):
        reanalysis_errors(data)


@needs_data
def test_a_cut_copy_of_the_real_grib_stops(tmp_path, monkeypatch):
    name = "uk_ireland/era5-2mt-2019-03-uk.grib"
    whole = (DATA / name).read_bytes()
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_bytes(whole[: len(whole) // 3])
    with pytest.raises(InputError, match="whole GRIB file"):
        read_era5(tmp_path / name)
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))
    with pytest.raises(InputError, match="expected SHA-256 e5e82609"):
        load("uk_ireland")
