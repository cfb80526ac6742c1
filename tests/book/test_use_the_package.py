"""The blocks of the page on using the package run as they stand, on small data of their own."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from sparseobs.files import project_root
from sparseobs.filtering import AmEnF

PAGE = project_root() / "book" / "use_the_package.md"
SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
SMALLER = {"steps, n_cycles = MyRing(), 2_000, 200": "steps, n_cycles = MyRing(), 3, 20", "steps = 600": "steps = 5"}


def sections() -> dict[str, list[str]]:
    text = PAGE.read_text()
    return {name: re.findall(r"```python\n(.*?)```", body, re.DOTALL) for name, body in SECTION.findall(text)}


def run_section(name: str) -> dict:
    """Run a section's blocks one after the other, smaller than the page has them; return their variables."""
    variables = {}
    for block in sections()[name]:
        for given, smaller in SMALLER.items():
            block = block.replace(given, smaller)
        exec(compile(block, PAGE.name, "exec"), variables)
    return variables


def stations_table(n_stations=20) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    places = pd.DataFrame({"station": [f"S{number:02d}" for number in range(n_stations)]})
    places["name"] = places["station"]
    places["latitude"], places["longitude"] = (
        generator.uniform(48, 52, n_stations),
        generator.uniform(8, 13, n_stations),
    )
    return places.assign(height=generator.uniform(0, 400, n_stations).round())


def weather(hours, latitude, longitude) -> np.ndarray:
    """Return a smooth field (hour, ...), degC, that a trend and a wave make."""
    phase = 2 * np.pi * np.arange(len(hours)) / 24
    wave = np.sin(phase.reshape(-1, *[1] * np.ndim(latitude)) + latitude)
    return 10 - 0.5 * latitude + 3 * wave + np.cos(longitude)


def readings_table(places, hours) -> pd.DataFrame:
    values = weather(hours, places["latitude"].values, places["longitude"].values)
    table = pd.DataFrame(values + np.random.default_rng(1).normal(0, 0.2, values.shape), hours, places["station"])
    long = table.rename_axis("time").reset_index().melt("time", var_name="station", value_name="temperature")
    return long.assign(time=[f"{time:%Y-%m-%dT%H:%MZ}" for time in long["time"]])


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_sizes_are_made_smaller_where_the_page_has_them():
    text = "\n".join("\n".join(blocks) for blocks in sections().values())
    assert [given for given in SMALLER if text.count(given) != 1] == []


@pytest.mark.parametrize("name", ["A filter for your own system", "A map of your own stations"])
def test_a_section_takes_some_twenty_lines(name):
    lines = [line for block in sections()[name] for line in block.splitlines() if line.strip()]
    assert len(lines) < 40


def test_a_filter_is_trained_saved_loaded_and_run(here, capsys):
    after = run_section("A filter for your own system")
    assert isinstance(after["network"], AmEnF) and (here / "my_filter.safetensors").is_file()
    assert after["run"].mean.shape == after["new"].truth.shape and torch.isfinite(after["run"].mean).all()
    assert after["trainer"].iteration == 3
    assert "error" in capsys.readouterr().out


def test_stations_become_a_map(here, capsys):
    places, hours = stations_table(), pd.date_range("2020-06-01", periods=30, freq="h")
    places.to_csv("stations.csv", index=False)
    readings_table(places, hours).to_csv("readings.csv", index=False)
    after = run_section("A map of your own stations")
    field = xr.load_dataset("map.nc")
    assert dict(field.sizes) == {"latitude": 60, "longitude": 60} and np.isfinite(field["mean"]).all()
    assert after["stations"]["time"].values[0] == np.datetime64("2020-06-01T00")
    first = places.set_index("station").loc[after["stations"]["station"].values, "latitude"]
    np.testing.assert_allclose(first, after["points"].latitude)
    at_stations = field["mean"].interp(
        latitude=("station", after["points"].latitude), longitude=("station", after["points"].longitude)
    )
    assert np.abs(at_stations - after["values"][-1]).mean() < 0.5 * np.std(after["values"][-1])
    assert "mae" in capsys.readouterr().out


def test_a_folder_with_a_reanalysis_is_loaded_split_and_kriged(here, monkeypatch, capsys):
    local = here / "local"
    local.mkdir()
    monkeypatch.setenv("SPARSEOBS_DATA", str(here))
    places, hours = stations_table(), pd.date_range("2020-06-01", periods=9 * 24, freq="h")
    places.to_csv(local / "stations.csv", index=False)
    readings_table(places, hours).to_csv(local / "readings.csv", index=False)
    latitude, longitude = np.arange(47.5, 52.6, 0.5), np.arange(7.5, 13.6, 0.5)
    axes = {"time": hours, "latitude": latitude, "longitude": longitude}
    grid = weather(hours, *np.meshgrid(latitude, longitude, indexing="ij")).astype(np.float32)
    xr.DataArray(grid, axes, tuple(axes), "t2m", attrs={"units": "degC"}).to_netcdf(
        local / "reanalysis.nc", engine="scipy"
    )
    after = run_section("With a reanalysis beside the stations")
    assert after["mean"].shape == after["truth"].shape and len(after["stations"].held_out) == 5
    assert np.nanmean(np.abs(after["mean"] - after["truth"])) < np.nanstd(after["truth"])
    assert plt.get_fignums() == [] and "mae" in capsys.readouterr().out
