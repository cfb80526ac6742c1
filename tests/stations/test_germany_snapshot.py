import os
from pathlib import Path

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.germany_snapshot import load_germany_snapshot, read_germany_snapshot

DATA = Path(os.environ.get("SPARSEOBS_DATA", Path(__file__).parents[3] / "shared" / "data"))
needs_data = pytest.mark.skipif(not (DATA / "germany").is_dir(), reason="no folder SPARSEOBS_DATA with real data")
LIST = (
    "Stations_id von_datum bis_datum Stationshoehe geoBreite geoLaenge Stationsname Bundesland\n"
    "----------- --------- --------- ------------- --------- --------- ---------- ----------\n"
    f"00044 20070401 20211201             44     52.9336    8.2370 {'Großenkneten':<40} Niedersachsen\n"
    f"00073 20070401 20211201            340     48.6159   13.0506 {'Aldersbach-Kramersepp':<40} Bayern\n"
)
READINGS = "# id, lat, lon, temp\n7.3e+01 4.86159e+01 1.30506e+01 1.39e+01\n4.4e+01 52.9336 8.237 15.7\n"


def write_pair(folder: Path, readings: str = READINGS) -> tuple[Path, Path]:
    (folder / "temp_obs.txt").write_text(readings)
    (folder / "list.txt").write_text(LIST, encoding="latin-1")
    return folder / "temp_obs.txt", folder / "list.txt"


def test_heights_are_joined_by_number(tmp_path):
    stations = read_germany_snapshot(*write_pair(tmp_path))
    assert stations["station"].values.tolist() == ["73", "44"]
    assert stations["height"].values.tolist() == [340.0, 44.0]
    np.testing.assert_allclose(stations["temperature"], [[13.9, 15.7]], rtol=1e-6)
    assert stations["time"].values[0] == np.datetime64("2020-06-09T12")


@pytest.mark.parametrize(
    "readings, words",
    [
        (READINGS.replace("7.3e+01", "4.4e+01"), "1 of them twice"),
        (READINGS.replace("7.3e+01", "9.9e+04"), "1 unknown to the station list"),
        ("# id, lat, lon, temp\n1 2 3\n", "number, latitude, longitude and temperature"),
        ("one two three four\n", "number, latitude, longitude and temperature"),
    ],
)
def test_files_that_do_not_fit_stop(tmp_path, readings, words):
    with pytest.raises(InputError, match=words):
        read_germany_snapshot(*write_pair(tmp_path, readings))


@needs_data
def test_the_real_hour(monkeypatch):
    monkeypatch.setenv("SPARSEOBS_DATA", str(DATA))
    stations = load_germany_snapshot()
    assert stations["temperature"].shape == (1, 493)
    assert stations["temperature"].sel(station="44").item() == pytest.approx(15.7)
    assert float(stations["height"].max()) == pytest.approx(2964, abs=10)
    assert np.isfinite(stations["temperature"]).all()
