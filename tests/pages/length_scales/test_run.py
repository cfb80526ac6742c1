"""Length scales: interpolations with a known transfer function get theirs."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from scipy.interpolate import RegularGridInterpolator

from sparseobs.errors import InputError
from sparseobs.interpolation.kriging import Kriging
from sparseobs.neural_process.conv_cnp import Points
from sparseobs.neural_process.laboratory import GaussianProcess, on_line
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs.runs.results import read_result
from sparseobs.scores.waves import resolved_scale
from sparseobs.stations.twin_sample import load_sample
from sparseobs_book.length_scales import line, summary, twin
from sparseobs_book.length_scales import run as length_scales
from sparseobs_book.length_scales.probe import Probe, at_places, plane_waves, transfer_function
from sparseobs_book.length_scales.weather import band_transfers, predicted_maps
from sparseobs_book.temperature.adapted_networks import sample_experiment, stored_models

N_WAVES, N_TARGETS = 64, 1500


@pytest.fixture(scope="module")
def networks():
    return stored_models()


@pytest.fixture(scope="module")
def experiment(networks):
    first = networks["sim-only"]
    return sample_experiment(load_sample(), first.model, first.standardisation)


def linear_probe(n_axes: int, spacing: float = 1.0, extent: int = 40, amplitude: float = 1.0) -> Probe:
    """Return the probe of linear interpolation between readings `spacing` apart on a line or a plane."""
    axis = spacing * np.arange(extent + 1)
    places = np.stack(np.meshgrid(*[axis] * n_axes, indexing="ij"), axis=-1).reshape(1, -1, n_axes)
    targets = np.random.default_rng(0).uniform(axis[0], axis[-1], (1, N_TARGETS, n_axes))

    def predict(values):
        field = values.T.reshape(*[len(axis)] * n_axes, len(values))
        return RegularGridInterpolator([axis] * n_axes, field)(targets[0]).T

    return Probe(predict, places, targets, np.zeros((N_WAVES, places.shape[1])), amplitude)


def linear_theory(vectors, spacing):
    """Return gain and error of linear interpolation, of waves with these vectors (wave, axis), each axis on its own.

    The mean over all places of (1 - t) cos(a) + t cos(a + kh) against the wave, and of its square.
    """
    turns = vectors * spacing
    gain = np.prod(np.sinc(turns / (2 * np.pi)) ** 2, axis=1).mean()
    power = np.prod((2 + np.cos(turns)) / 3, axis=1).mean()
    return gain, 1 - 2 * gain + power


@pytest.mark.parametrize("n_axes", [1, 2])
@pytest.mark.parametrize("wavelength", [2.3, 3.0, 5.0, 12.0])
def test_linear_interpolation_has_its_transfer_function(n_axes, wavelength):
    found = transfer_function(linear_probe(n_axes), [wavelength], seed=0).iloc[0]
    gain, error = linear_theory(plane_waves(wavelength, N_WAVES, n_axes, 0)[0], 1.0)
    np.testing.assert_allclose([found["gain"], found["error"]], [gain, error], atol=0.03)


def test_a_wave_as_short_as_the_spacing_does_not_come_back():
    """Every reader then reads the same. The error reaches one half at about twice the spacing."""
    table = transfer_function(linear_probe(1), [1.0, 1.6, 1.85, 2.15, 2.5, 4.0], seed=1)
    assert abs(table["gain"].iloc[0]) < 0.03 and table["error"].iloc[0] > 1
    assert resolved_scale(table["wavelength"], table["error"]) == pytest.approx(2.0, abs=0.1)


def test_whoever_repeats_what_is_read_loses_nothing():
    probe = linear_probe(1)
    same = dataclasses.replace(probe, predict=lambda values: values, targets=probe.places)
    np.testing.assert_allclose(transfer_function(same, [0.7, 30.0], seed=0)[["gain", "coherence"]], 1)


def test_the_background_drops_out_and_the_amplitude_too():
    plain, loud = linear_probe(2), linear_probe(2, amplitude=5.0)
    weather = 10 + np.random.default_rng(1).normal(size=plain.background.shape)
    busy = dataclasses.replace(loud, background=weather)
    expected = transfer_function(plain, [3.0], seed=0)
    pd.testing.assert_frame_equal(transfer_function(busy, [3.0], seed=0), expected)


def test_waves_are_of_their_length_and_the_same_for_every_method():
    vectors, phases = plane_waves(7.0, 500, 2, seed=3)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 2 * np.pi / 7)
    assert np.abs(vectors.mean(0)).max() < 0.1 and np.ptp(phases) > 6
    np.testing.assert_array_equal(vectors, plane_waves(7.0, 500, 2, seed=3)[0])
    assert at_places((vectors, phases), np.zeros((1, 4, 2))).shape == (500, 4)


def test_bad_probes_are_refused():
    probe = linear_probe(1)
    with pytest.raises(InputError, match="amplitude"):
        dataclasses.replace(probe, amplitude=0.0)
    with pytest.raises(InputError, match="wavelength"):
        transfer_function(probe, [-3.0], seed=0)
    with pytest.raises(InputError, match="part"):
        length_scales.LengthScaleSettings("smoke", part="sea")


@pytest.mark.parametrize("length_scale, wavelength", [(0.25, 0.45), (0.25, 0.8), (0.05, 0.11), (0.05, 0.3)])
def test_the_exact_prediction_filters_as_its_equivalent_kernel(length_scale, wavelength):
    """Of readings h apart with noise s^2, a wave of spectral density S comes back by S / (S + s^2 h)."""
    process, step = GaussianProcess(length_scale), 0.02
    x = torch.arange(-2.0, 2.0, step).expand(8, -1)
    asked = torch.linspace(-0.8, 0.8, 61).expand(8, -1)
    readings = Points(on_line(x), torch.zeros(x.shape), torch.ones(x.shape) > 0)
    task = TaskBatch(readings, Points(on_line(asked), *readings[1:]), torch.zeros(8, 0), None)
    found = transfer_function(line.line_probe(process, task), [wavelength], seed=0)["gain"][0]
    density = length_scale * np.sqrt(2 * np.pi) * np.exp(-2 * (np.pi * length_scale / wavelength) ** 2)
    assert found == pytest.approx(density / (density + process.noise_variance * step), abs=0.03)


def test_kriging_brings_back_long_waves_and_not_what_is_finer_than_its_readers(experiment):
    task = twin.shown_task(experiment, "stations", np.array([0, 1]))
    targets = twin.random_targets(experiment, 40, seed=0)
    probe = twin.twin_probe(experiment, Kriging(length=300.0, nugget_share=1e-3), task, targets, 1.0)
    table = transfer_function(probe, [20.0, 500.0], seed=0)
    assert table["error"].iloc[0] > 0.9 and table["error"].iloc[1] < 0.05


@pytest.mark.parametrize("context", twin.CONTEXTS)
def test_a_network_is_shown_what_the_context_says(experiment, networks, context):
    hours = np.array([3, 3, 20])
    task = twin.shown_task(experiment, context, hours)
    probe = twin.twin_probe(experiment, networks["Sim2Real"].model, task, twin.random_targets(experiment, 50, 0), 1.0)
    read = np.isfinite(probe.background)
    assert read.any(1).all() and (context == "stations" or read.all())
    np.testing.assert_array_equal(probe.background[0], probe.background[1])
    table = transfer_function(probe, [20.0, 640.0], seed=0)
    assert table["gain"].iloc[0] < 0.2 < 0.5 < table["gain"].iloc[1]


def test_the_networks_background_is_the_field_that_it_knows(experiment):
    """Cells, and readers at every node, read one field: a node reads about what the nearest cell does."""
    hours = np.array([5])
    cells, nodes = (twin.shown_task(experiment, context, hours).context for context in ("cells", "nodes"))
    nearest = torch.cdist(nodes.coordinates[0], cells.coordinates[0]).argmin(1)
    assert np.corrcoef(nodes.values[0], cells.values[0, nearest])[0, 1] > 0.97
    with pytest.raises(InputError, match="context"):
        twin.shown_task(experiment, "ships", hours)


def maps_of_noise(n_hours=40):
    axes = {"latitude": np.arange(48.0, 49.0, 0.25), "longitude": np.arange(6.5, 14.0, 1 / 12)}
    values = np.random.default_rng(0).normal(size=(n_hours, 4, 90))
    return xr.DataArray(values, {"time": np.arange(n_hours), **axes}, ("time", *axes))


def test_bands_of_a_shrunken_a_noisy_and_an_empty_map():
    truth = maps_of_noise()
    noise = np.random.default_rng(1).normal(size=truth.shape)
    maps = {"shrunken": 0.5 * truth, "noisy": truth + noise, "empty": 0 * truth}
    table = band_transfers(truth, maps).groupby("method")[["gain", "coherence", "error"]].mean()
    np.testing.assert_allclose(table.loc["shrunken"], (0.5, 1, 0.25), atol=1e-9)
    np.testing.assert_allclose(table.loc["noisy"], (1, 0.5**0.5, 1), atol=0.1)
    np.testing.assert_allclose(table.loc["empty"], (0, 0, 1), atol=1e-9)
    with pytest.raises(InputError, match="maps"):
        band_transfers(truth, {"other hours": truth[:3]})


def test_every_map_of_the_weather_is_at_sea_level(experiment, networks):
    maps = predicted_maps(experiment, {"Sim2Real": networks["Sim2Real"].model}, Kriging(), np.array([4]))
    means = {name: float(field.mean()) for name, field in maps.items()}
    assert set(means) == {"reanalysis", "Sim2Real", twin.KRIGING}
    assert max(means.values()) - min(means.values()) < 1.5, means
    assert len({field.shape for field in maps.values()}) == 1


def test_a_line_before_and_after_adapting():
    table = length_scales.run(length_scales.resolve(length_scales.PRESETS, "smoke", part="line", seed=1))
    counts = table.groupby(["context", "method"])["n_tasks"].nunique(dropna=False)
    assert len(counts) == 2 * 5 and counts.xs("Sim2Real", level="method").eq(2).all()
    exact = table[(table["method"] == line.KNOWN) & (table["context"] == "200 readings")]
    blurred = table[(table["method"] == line.SIMULATED) & (table["context"] == "200 readings")]
    assert (exact["error"].to_numpy() <= blurred["error"].to_numpy() + 0.02).mean() > 0.7
    assert table["n_tasks"].isna().sum() == 2 * 2 * len(line.WAVELENGTHS)


def made_table(shift):
    """Errors of a method that resolves 100 km, and of one that resolves less by a factor, in three seeds."""
    rows = []
    for seed in range(3):
        for method, scale in (("sim-only", 100.0), ("Sim2Real", 100.0 / shift)):
            for wavelength in (25.0, 50.0, 100.0, 200.0):
                error = 0.5 - 0.3 * np.log2(wavelength / scale)
                names = {"part": "fine", "context": "stations", "method": method, "n_tasks": np.nan, "seed": seed}
                rows.append(names | {"wavelength": wavelength, "error": error})
    return pd.DataFrame(rows)


def test_scales_intervals_and_paired_changes_of_a_made_table():
    scales = summary.resolved_scales(made_table(2.0))
    assert len(scales) == 6
    found = summary.scale_intervals(scales).set_index("method")
    np.testing.assert_allclose(found.loc["sim-only", ["mean", "low", "high"]].astype(float), 100)
    assert found.loc["Sim2Real", "mean"] == pytest.approx(50)
    assert summary.paired_change(scales)["mean"].tolist() == pytest.approx([2.0])
    blind = scales.assign(scale=scales["scale"].where(scales["seed"] > 0, np.inf))
    found = summary.scale_intervals(blind)
    assert np.isinf(found["mean"]).all() and found["low"].isna().all()
    assert summary.paired_change(blind).empty


def test_two_set_convolutions_alone_resolve_what_their_formula_says():
    """The wave whose error (1 - exp(-(2 pi l / wavelength)^2))^2 is one half."""
    scale = summary.through_set_convolutions(14.0)
    assert (1 - np.exp(-((2 * np.pi * 14.0 / scale) ** 2))) ** 2 == pytest.approx(0.5)
    waves = np.geomspace(40, 400, 60)
    left = np.exp(-((2 * np.pi * 14.0 / waves) ** 2))
    assert resolved_scale(waves, (1 - left) ** 2) == pytest.approx(scale, rel=0.01)


def test_spacings_of_the_sample(experiment):
    found = summary.spacings(experiment)
    assert found["cells, northward"] == pytest.approx(0.25 * 111.2, rel=1e-3)
    assert found["nodes"] == pytest.approx(111.2 / 8, rel=1e-3)
    assert found["stations, the closest pair"] < found["nodes"] < found["stations, on average"]
    assert found["stations, on average"] == pytest.approx(np.sqrt(357_600 / 500), rel=1e-3)


def test_the_page_asks_networks_and_kriging_as_the_grid_does(experiment, networks):
    models = {"Sim2Real": networks["Sim2Real"].model}
    asked = {"hours": np.arange(3), "n_targets": 50, "amplitude": 1.0}
    methods = models | {twin.KRIGING: Kriging()}
    table = twin.twin_transfers(experiment, methods, "stations", (100.0, 400.0), **asked)
    assert table["method"].tolist() == 2 * ["Sim2Real"] + 2 * [twin.KRIGING]
    assert table.groupby("method")["gain"].is_monotonic_increasing.all()
    maps, places = twin.one_wave(experiment, models, 300.0, hour=3, amplitude=1.0)
    assert len({field.shape for field in maps.values()}) == 1 and places.shape[1] == 2
    assert np.corrcoef(*(field.ravel() for field in maps.values()))[0, 1] > 0.9


def test_the_stored_table_is_whole():
    table = read_result(length_scales.RESULT).table
    assert set(table["part"]) == {"line", "fine"}
    assert table[table["part"] == "line"]["seed"].nunique() >= 3
    assert np.isfinite(table[["wavelength", "gain", "coherence", "error"]]).all(axis=None)
    contexts = table[table["part"] == "fine"]["context"]
    assert set(contexts) == {*twin.CONTEXTS, "weather"}
