import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.dwd_network import read_dwd
from sparseobs.stations.dwd_write import product_text, write_dwd, write_zip
from sparseobs.stations.period import period
from sparseobs.stations.temperature import network

DATA = Path(os.environ.get("SPARSEOBS_DATA", Path(__file__).parents[3] / "shared" / "data")) / "germany"
HOURS = pd.date_range("2020-06-09", periods=72, freq="h")


def series(offset=0.0, hours=HOURS) -> pd.Series:
    return pd.Series(10 + offset + 0.1 * np.arange(len(hours)), hours)


def places(*rows) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["latitude", "longitude", "height", "start", "stop"])
    return table.assign(name="Ort", start=pd.to_datetime(table["start"]), stop=pd.to_datetime(table["stop"]))


HERE = places((50.0, 10.0, 300.0, "1990-01-01", None))


def test_a_network_comes_back_from_dwds_files(tmp_path):
    generator = np.random.default_rng(0)
    values = generator.normal(8, 5, (72, 4)).round(1)
    values[generator.random(values.shape) < 0.2] = np.nan
    columns = {"latitude": [48.1, 49.2, 50.3, 51.4], "longitude": [7.0, 8.0, 9.0, 10.0], "height": [5.0, 2964, 300, 40]}
    written = network(values, HOURS, {"station": list("abcd"), "name": ["Köln", "B", "C", "D"], **columns})
    write_dwd(written, tmp_path)
    stations = read_dwd(tmp_path)
    np.testing.assert_allclose(stations["temperature"], written["temperature"], atol=1e-5)
    np.testing.assert_array_equal(stations["time"], written["time"])
    for name in ("name", "latitude", "longitude", "height"):
        np.testing.assert_array_equal(stations[name], written[name])
        assert stations[name].attrs == written[name].attrs
    assert stations["station"].values.tolist() == ["00001", "00002", "00003", "00004"]
    assert stations["temperature"].attrs["units"] == "degC"
    np.testing.assert_array_equal(stations["quality"], np.where(np.isnan(values), 0, 3))
    assert len(stations["quality"].attrs["flag_meanings"].split()) == stations["quality"].attrs["flag_values"].size


def test_recent_and_historical_files_are_merged_by_quality_then_by_age(tmp_path):
    for part in ("recent", "historical"):
        (tmp_path / part).mkdir()
    old = series(hours=HOURS[:48])
    write_zip(tmp_path / "historical" / "stundenwerte_TU_00007_19900101_20200610_hist.zip", 7, old, HERE, quality=10)
    write_zip(tmp_path / "recent" / "stundenwerte_TU_00007_akt.zip", 7, series(5.0, HOURS[24:]), HERE, quality=3)
    stations = read_dwd(tmp_path)
    assert stations.sizes == {"time": 72, "station": 1}
    np.testing.assert_allclose(stations["temperature"][:48, 0], old, atol=1e-5)
    np.testing.assert_allclose(stations["temperature"][48:, 0], series(5.0, HOURS[24:])[24:], atol=1e-5)
    assert np.unique(stations["quality"]).tolist() == [3, 10]
    checked = read_dwd(tmp_path, quality=[10])
    assert checked.sizes["time"] == 48
    write_zip(tmp_path / "historical" / "stundenwerte_TU_00007_19900101_20200610_hist.zip", 7, old, HERE, quality=3)
    same_level = read_dwd(tmp_path)["temperature"][:, 0]
    np.testing.assert_allclose(same_level[24:], series(5.0, HOURS[24:]), atol=1e-5)


def test_a_rejected_reading_stays_rejected(tmp_path):
    """Quality control writes -999: the raw value of the recent file must not come back."""
    checked = series()
    checked.iloc[5] = np.nan
    write_zip(tmp_path / "stundenwerte_TU_00007_19900101_20200611_hist.zip", 7, checked, HERE, quality=10)
    write_zip(tmp_path / "stundenwerte_TU_00007_akt.zip", 7, series(), HERE, quality=1)
    assert np.flatnonzero(np.isnan(read_dwd(tmp_path)["temperature"])).tolist() == [5]


def test_every_reading_has_the_place_it_was_taken_at(tmp_path):
    moved = places((50.0, 10.0, 300.0, "1990-01-01", "2020-06-09"), (50.1, 10.2, 700.0, "2020-06-10", None))
    write_zip(tmp_path / "stundenwerte_TU_00007_akt.zip", 7, series(), moved)
    stations = read_dwd(tmp_path)
    assert stations["station"].values.tolist() == ["00007@1990-01-01", "00007@2020-06-10"]
    assert stations["height"].values.tolist() == [300, 700] and stations["latitude"].values.tolist() == [50.0, 50.1]
    reporting = np.isfinite(stations["temperature"].values)
    assert reporting[:24].tolist() == [[True, False]] * 24 and reporting[24:].tolist() == [[False, True]] * 48
    later = read_dwd(tmp_path, period=period("2020-06-10", "2020-06-10"))
    assert later["station"].values.tolist() == ["00007"] and later["height"].values.tolist() == [700]
    assert later["time"].values[[0, -1]].astype("datetime64[h]").astype(str).tolist() == [
        "2020-06-10T00",
        "2020-06-10T23",
    ]


def test_hours_before_the_first_place_are_left_out(tmp_path):
    write_zip(tmp_path / "stundenwerte_TU_00007_akt.zip", 7, series(), places((50, 10, 3, "2020-06-11", None)))
    assert read_dwd(tmp_path).sizes["time"] == 24


def test_a_bare_product_takes_its_place_from_the_list(tmp_path):
    columns = {"latitude": [48.1], "longitude": [7.0], "height": [5.0]}
    write_dwd(network(series().to_numpy()[:, None], HOURS, {"station": ["a"], "name": ["A"], **columns}), tmp_path)
    (tmp_path / "stundenwerte_TU_00001_akt.zip").unlink()
    (tmp_path / "produkt_tu_stunde_20200609_20200611_00001.txt").write_text(product_text(1, series()))
    assert read_dwd(tmp_path)["height"].values.tolist() == [5.0]
    (tmp_path / "TU_Stundenwerte_Beschreibung_Stationen.txt").unlink()
    with pytest.raises(InputError, match="given '00001'.*coordinates"):
        read_dwd(tmp_path)


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="none at all.*data fetch germany"):
        read_dwd(tmp_path)
    write_zip(tmp_path / "stundenwerte_TU_00007_akt.zip", 7, series(), HERE)
    with pytest.raises(InputError, match="without 00008, 00009"):
        read_dwd(tmp_path, stations=[7, 8, 9])
    with pytest.raises(InputError, match=r"2019-01-01\.\.2019-12-31"):
        read_dwd(tmp_path, period=period("2019-01-01", "2019-12-31"))


@pytest.mark.parametrize(
    "days", [("2020-06-31", "2020-07-01"), ("2020-07-02", "2020-07-01"), (None, None), ("now", "2")]
)
def test_impossible_days(days):
    with pytest.raises(InputError, match="(start|end): given"):
        period(*days)


def test_a_period_is_cut_at_the_turns_of_months():
    parts = period("2019-12-30", "2020-02-01").months
    assert [str(part) for part in parts] == [
        "2019-12-30..2019-12-31",
        "2020-01-01..2020-01-31",
        "2020-02-01..2020-02-01",
    ]
    assert sum(len(part.hours) for part in parts) == len(period("2019-12-30", "2020-02-01").hours) == 34 * 24
    assert [str(part) for part in period("2020-02-01", "2020-02-29").months] == ["2020-02-01..2020-02-29"]


@pytest.mark.skipif(not DATA.is_dir(), reason="no folder SPARSEOBS_DATA with real data")
def test_the_real_folder():
    """The truncated zip's station came to its last place in 2006; the bare product's place is in the list."""
    stations = read_dwd(DATA / "dwd")
    assert stations["station"].values.tolist() == ["00044", "00320"]
    assert stations["name"].values.tolist() == ["Großenkneten", "Heinersreuth-Vollhof"]
    np.testing.assert_allclose(stations["height"], [44, 350])
    np.testing.assert_allclose(stations["latitude"], [52.9336, 49.9667])
    assert float(stations["temperature"].sel(station="00044", time="2020-06-09T12")) == pytest.approx(15.7)
    assert int(np.isfinite(stations["temperature"].sel(station="00044")).sum()) == 13_200 - 21
    assert int(np.isfinite(stations["temperature"].sel(station="00320")).sum()) == 10
