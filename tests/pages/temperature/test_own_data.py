"""The temperature experiment on what a reader fetched (`germany`) or brought (`local`)."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from sparseobs.cli import main
from sparseobs.interpolation.optimal_interpolation import OptimalInterpolation, available
from sparseobs.runs.settings import resolve
from sparseobs.stations.dwd_write import write_dwd
from sparseobs.stations.sources import load
from sparseobs.stations.splits import value_matches
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs_book.temperature import run as temperature
from sparseobs_book.temperature.experiment import prepare
from sparseobs_book.temperature.presets import presets

BACKGROUND = (temperature.REANALYSIS, *([temperature.OPTIMAL] if available() else []))
FEW = ("IDW", *BACKGROUND, "sim-only", "Sim2Real")


@pytest.fixture(scope="module")
def twin():
    return load_twin(TwinSettings(days=10, n_stations=20, missing_share=0.0))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))
    monkeypatch.setattr(temperature, "METHODS", FEW)
    # Tuning it takes long where there are many stations.
    monkeypatch.setitem(temperature.INTERPOLATIONS, temperature.OPTIMAL, lambda *_: OptimalInterpolation())
    return tmp_path


@pytest.fixture
def germany(twin, folder):
    """A day of the stations before the reanalysis begins, and another after it has ended."""
    for part in ("era5", "elevation"):
        (folder / "germany" / part).mkdir(parents=True)
    write_dwd(twin.stations, folder / "germany" / "dwd")
    twin.reanalysis[24:-24].to_netcdf(folder / "germany" / "era5" / "era5.nc", engine="scipy")
    twin.elevation.to_netcdf(folder / "germany" / "elevation" / "heights.nc", engine="scipy")


@pytest.fixture
def local(twin, folder):
    home = folder / "local"
    home.mkdir()
    few = twin.stations.isel(station=slice(0, 14))
    places = few[["latitude", "longitude", "height"]].to_dataframe().reset_index()
    places[["station", "latitude", "longitude", "height"]].to_csv(home / "stations.csv", index=False)
    readings = few["temperature"].to_series().reset_index()
    readings["time"] = readings["time"].dt.strftime("%Y-%m-%dT%H:%MZ")
    readings.to_csv(home / "readings.csv", index=False)
    twin.reanalysis.to_netcdf(home / "reanalysis.nc", engine="scipy")


def run(source, *words):
    return CliRunner().invoke(main, ["temperature", "run", "--source", source, "--preset", "smoke", *words])


def scored(result):
    """Return which methods the printed table has a row of."""
    return [method for method in FEW if f" {method} " in result.output]


def test_germany_runs_at_the_hours_that_were_fetched(germany):
    result = run("germany", "--n-held-out", "6", "--n-validation", "4")
    assert result.exit_code == 0, result.output
    assert scored(result) == list(FEW), "the reanalysis of the same hours is a method"
    data = load("germany")
    np.testing.assert_array_equal(data.stations["time"], data.reanalysis["time"])


def test_stations_at_values_places_are_held_out_first(germany):
    experiment = prepare(resolve(presets("germany"), "smoke", n_held_out=6, n_validation=4))
    held_out = experiment.stations.held_out
    assert np.isin(held_out, value_matches(experiment.data.stations)).all() and len(held_out) == 6


def test_the_readers_own_region_runs_without_an_elevation(local):
    result = run("local")
    assert result.exit_code == 0, result.output
    assert scored(result) == list(FEW)
    assert load("local").elevation is None


def test_a_reanalysis_of_another_year_leaves_all_hours_and_is_no_method(local, folder, twin):
    later = twin.reanalysis.assign_coords(time=twin.reanalysis["time"] + pd.Timedelta("730D").to_timedelta64())
    later.to_netcdf(folder / "local" / "reanalysis.nc", engine="scipy")
    assert load("local").stations.sizes["time"] == twin.stations.sizes["time"]
    result = run("local")
    assert result.exit_code == 0, result.output
    assert scored(result) == [method for method in FEW if method not in BACKGROUND]
    for method in BACKGROUND:
        assert f"left out: {method}, the reanalysis has other hours than the stations" in result.output


@pytest.mark.parametrize("source, hint", [("germany", "data fetch germany"), ("local", "data check local")])
def test_missing_data_are_told_with_what_brings_them(folder, source, hint):
    result = run(source)
    assert result.exit_code == 2 and hint in result.output and "Traceback" not in result.output


@pytest.mark.parametrize("source", ["germany", "local"])
def test_no_preset_starts_from_what_was_trained_on_the_twin(source):
    for settings in presets(source).values():
        assert settings.source == source and settings.stored_pretraining is None
    assert presets(source)["paper"].architecture.channels == (96,) * 6
