"""Made-up temperature data, small enough that every test trains in a moment, and what judges of exercises say."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sparseobs.stations.regions import REGIONS
from sparseobs.stations.temperature import TemperatureData, gridded, network
from sparseobs_book.checking import NotYet, check
from sparseobs_book.temperature.presets import presets


@pytest.fixture(scope="session")
def data():
    """Sixteen days of a smooth field over a corner of Ireland and fourteen stations that see it, with gaps."""
    rng = np.random.default_rng(0)
    times = np.datetime64("2019-03-01", "ns") + np.arange(16 * 24) * np.timedelta64(1, "h")
    latitude, longitude = np.arange(52.0, 54.3, 0.25), np.arange(-9.0, -6.7, 0.25)
    wave = 3 * np.sin(np.arange(times.size) / 24 * 2 * np.pi)[:, None, None]
    field = 7 + wave + 0.5 * latitude[:, None] * np.cos(longitude)
    places = {"latitude": rng.uniform(52.2, 54, 14), "longitude": rng.uniform(-8.8, -7, 14)}
    at = {name: xr.DataArray(values, dims="station") for name, values in places.items()}
    reanalysis = gridded(field, times, latitude, longitude)
    seen = reanalysis.interp(at).values + rng.normal(0, 0.3, (times.size, 14))
    seen[rng.random(seen.shape) < 0.05] = np.nan
    columns = {"station": np.arange(14).astype(str), "name": np.arange(14).astype(str), **places}
    stations = network(seen, times, {**columns, "height": rng.uniform(0, 200, 14)})
    return TemperatureData("uk_ireland", False, REGIONS["uk_ireland"], reanalysis, stations, None, {}, "made up")


@pytest.fixture
def settings():
    return dataclasses.replace(presets("uk_ireland")["smoke"], n_held_out=3, n_validation=3)


@pytest.fixture(scope="session")
def unsaid():
    """Return a function that names those parts of sentences, with their numbers, that a page does not say."""
    folder = Path(__file__).parents[2] / "notebooks"

    def find(name: str, *sentences: str) -> list[str]:
        lines = (folder / f"{name}.py").read_text().splitlines()
        prose = " ".join(line.removeprefix("#").strip() for line in lines if line.startswith("#"))
        return [sentence for sentence in sentences if sentence not in prose]

    return find


@pytest.fixture
def said(capsys):
    """Return a function that gives what a reader is told of answers."""

    def say(judge, *answers) -> str:
        check(judge, *answers)
        return capsys.readouterr().out

    return say


@pytest.fixture(scope="session")
def told():
    """Return a function that gives a judge's sentence on wrong answers."""

    def tell(judge, *answers) -> str:
        with pytest.raises(NotYet) as wrong:
            judge(*answers)
        return str(wrong.value)

    return tell


@pytest.fixture(scope="session")
def refuses():
    """Return a function that holds a judge to its sentence on each slip: answers by what is said of them."""

    def refuse(slips, judge, *others) -> None:
        for sentence, answer in slips.items():
            with pytest.raises(NotYet, match=sentence):
                judge(answer, *others)

    return refuse
