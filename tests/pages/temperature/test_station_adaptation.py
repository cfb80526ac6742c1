"""The grid of stations by hours: one split for all methods, no look at what is judged, words that follow the table."""

import dataclasses

import numpy as np
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.runs.settings import resolve
from sparseobs.stations.twin_sample import load_sample, sample_hours
from sparseobs_book.film_against_fine_tuning import run as views
from sparseobs_book.temperature import station_adaptation as grid
from sparseobs_book.temperature.adapted_networks import (
    keep_models,
    keep_pretraining,
    sample_experiment,
    stored_models,
)
from sparseobs_book.temperature.exam import error_by_cells
from sparseobs_book.temperature.experiment import prepare, pretrain
from sparseobs_book.temperature.presets import grid_presets


@pytest.fixture(scope="module")
def data():
    return grid.full_twin("smoke", 0, None)


@pytest.fixture(scope="module")
def experiment(data):
    return prepare(grid_presets()["smoke"], data)


@pytest.fixture(scope="module")
def compared(experiment):
    return grid.compare(experiment, pretrain(experiment), progress=lambda name: None, folder=None)[0]


def with_judged_changed(data, experiment):
    """Return the data with 40 K more at held-out stations at all hours, and everywhere at test hours."""
    stations = data.stations.copy(deep=True)
    stations["temperature"][:, experiment.stations.held_out] += 40.0
    stations["temperature"][experiment.hours.test] += 40.0
    return dataclasses.replace(data, stations=stations)


def test_every_method_has_a_row_on_the_same_readings_and_split(compared):
    assert compared["method"].tolist() == list(grid.METHODS)
    assert compared["n"].nunique() == compared["split"].nunique() == 1
    assert np.isfinite(compared[["mae", "nll", "nll_offset", "crps", "mae_gap", "nll_gap"]]).all(axis=None)
    assert compared["pretrained_weights"].notna().tolist() == [
        method in grid.NETWORKS and method != "real-only" for method in grid.METHODS
    ]


def test_gaps_are_paired_differences_with_their_intervals(compared):
    rows = compared.set_index("method")
    for score in ("mae", "nll"):
        expected = rows.loc["Sim2Real", score] - rows[score]
        np.testing.assert_allclose(rows[f"{score}_gap"], expected, atol=1e-6)
        assert (rows[f"{score}_low"] <= rows[f"{score}_gap"] + 1e-9).all()
        assert (rows[f"{score}_gap"] <= rows[f"{score}_high"] + 1e-9).all()
    assert rows.loc["Sim2Real", ["mae_gap", "mae_low", "mae_high"]].tolist() == [0, 0, 0]


def test_nothing_is_learnt_from_what_is_judged(data, experiment):
    changed = prepare(experiment.settings, with_judged_changed(data, experiment))
    models = [pretrain(part) for part in (experiment, changed)]
    assert all(torch.equal(a, b) for a, b in zip(*(m.state_dict().values() for m, _ in models), strict=True))
    for rival in grid.RIVALS:
        assert grid.tuned_rival(rival, experiment, None) == grid.tuned_rival(rival, changed, None)
    from sparseobs_book.temperature.experiment import adapt

    for name in ("Sim2Real", "real-only"):
        weights = [
            adapt(part, name, model[0])[0].state_dict()
            for part, model in zip((experiment, changed), models, strict=True)
        ]
        assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


def test_a_shared_rival_is_tuned_once(tmp_path, experiment, monkeypatch):
    tuned = {name: grid.tuned_rival(name, experiment, tmp_path) for name in grid.RIVALS}
    monkeypatch.setattr(grid, "RIVALS", {name: (made, None) for name, (made, _) in grid.RIVALS.items()})
    shown, held_out, hours = experiment.shown, experiment.stations.held_out, experiment.hours.test[:3]
    for name, first in tuned.items():
        again = grid.tuned_rival(name, experiment, tmp_path)
        for one, other in zip(
            *(each.predict(experiment.data, shown, held_out, hours) for each in (first, again)), strict=True
        ):
            np.testing.assert_array_equal(one, other)


def test_half_a_split_is_refused(data):
    with pytest.raises(InputError, match="both or neither"):
        dataclasses.replace(grid_presets()["smoke"], n_times=None)
    with pytest.raises(InputError, match="n_stations"):
        prepare(resolve(grid_presets(), "smoke", n_stations=500), data)


def test_networks_are_kept_with_their_standardisation(tmp_path, data, experiment):
    shared, kept = tmp_path / "shared", tmp_path / "kept"
    weights = keep_pretraining("smoke", 0, shared, kept).stem.removeprefix("pretrained-")
    paths = keep_models("smoke", shared, kept, weights)
    stored = stored_models(kept, weights)
    assert [path.name for path in paths] == ["twin_sim2real.safetensors", "twin_film.safetensors"]
    assert list(stored) == ["sim-only", "Sim2Real", "Sim2Real (FiLM)"]
    assert stored["sim-only"].standardisation == experiment.standardisation
    before, after = (stored[name].model.state_dict() for name in ("sim-only", "Sim2Real (FiLM)"))
    assert all(torch.equal(before[name], after[name]) for name in before if "film" not in name)


def test_the_package_has_a_sample_of_hours_from_all_cycles_and_networks_that_know_them():
    data, stored = load_sample(), stored_models()
    assert data.stations.sizes == {"time": 54, "station": 602}
    assert set(data.stations["time"].dt.hour.values) == {2, 6, 10, 14, 18, 22}
    assert set(data.stations["time"].dt.month.values) == set(range(1, 13))
    model, _, standardisation = stored["sim-only"]
    experiment = sample_experiment(data, model, standardisation)
    curve = error_by_cells(experiment, model, (0, 600))
    assert curve["mae"].iloc[1] < 0.2 * curve["mae"].iloc[0]
    alone, among = (views.station_response(experiment, model, hour)["response"] for hour in (None, 20))
    assert alone.iloc[0] > 0.5, "a lone reading is news"
    assert 0.1 < among.iloc[0] < 0.5 and abs(among.iloc[-1]) < 0.02, "one of 500 counts near by only"


def test_sample_hours_are_test_hours():
    from sparseobs.stations.splits import PAPER_CYCLE, split_hours
    from sparseobs.stations.twin_full import FULL
    from sparseobs.stations.twin_weather import hours_of

    times = hours_of(FULL)
    assert set(sample_hours(times)) <= set(split_hours(times, PAPER_CYCLE).test)
    np.testing.assert_array_equal(times[sample_hours(times)], load_sample().stations["time"].values)


def test_the_spectrum_of_a_wave_lies_at_its_wavelength():
    import xarray as xr

    from sparseobs.stations.geography import DEGREE
    from sparseobs_book.temperature.inland import zonal_spectrum

    longitude = np.arange(0, 16, 0.125)
    wave = 2.0 * np.sin(2 * np.pi * longitude / 2)  # two degrees long at the equator
    axes = {"time": [0], "latitude": [0.0], "longitude": longitude}
    wavelength, power = zonal_spectrum(xr.DataArray(wave[None, None], axes, tuple(axes)))
    assert wavelength[power.argmax()] == pytest.approx(2 * DEGREE, rel=0.03)
    waves = 1 / wavelength
    assert np.sum(power) * (waves[1] - waves[0]) == pytest.approx(2.0**2 / 2, rel=0.05)  # the variance of the wave
