"""A network that begins with kriging: untrained it is kriging, at stations, on maps, and for a reanalysis's cells."""

import dataclasses

import numpy as np
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.interpolation.learned_covariance import geometry, krige
from sparseobs.interpolation.learned_kriging import Fit, LearnedKriging, fit_learned_kriging
from sparseobs.interpolation.tuning import Sample
from sparseobs.kriging_start import kriging_start
from sparseobs.neural_process.conv_cnp import ConvCNP, ConvCNPConfig, load_model, save_model
from sparseobs.neural_process.prediction import height_map, predict_map, predict_stations
from sparseobs.neural_process.training import TrainingSettings, batch_loss
from sparseobs.randomness import torch_stream
from sparseobs.stations.geography import Points, station_points
from sparseobs.stations.regions import Region
from sparseobs.stations.temperature import cell_heights
from sparseobs_book.temperature.experiment import adapt, prepare
from sparseobs_book.temperature.presets import presets

CONFIG = ConvCNPConfig((4, 4, 4), 3, points_per_degree=3.0, fields=("elevation", "position"), corrects=True)


@pytest.fixture(scope="module")
def world():
    """The twin's sample, kriging fitted to a third of its stations, and tasks that start from it."""
    settings = dataclasses.replace(presets("twin")["smoke"], architecture=CONFIG)
    experiment = prepare(settings)
    places = station_points(experiment.data.stations)
    train = experiment.stations.train
    values = experiment.data.stations["temperature"].values
    kriging = fit_learned_kriging(Sample(places[train], values[experiment.hours.train][:, train]), Fit(steps=20))
    given = experiment.standardisation, experiment.network.grid, experiment.data.elevation
    start = kriging_start(kriging, places, *given)
    network = dataclasses.replace(experiment.network, start=start)
    field = experiment.data.reanalysis
    north, east = np.meshgrid(field["latitude"], field["longitude"], indexing="ij")
    cells = Points(north.ravel(), east.ravel(), cell_heights(experiment.data).ravel())
    reanalysis = dataclasses.replace(experiment.reanalysis, start=kriging_start(kriging, cells, *given))
    return dataclasses.replace(experiment, network=network, reanalysis=reanalysis), kriging, cells


def test_untrained_it_is_kriging_at_stations(world):
    experiment, kriging, _ = world
    context, targets, hours = experiment.stations.train, experiment.stations.held_out, experiment.hours.test[:5]
    model = ConvCNP(CONFIG)
    found = predict_stations(
        model, experiment.network, experiment.standardisation, context=context, targets=targets, hours=hours
    )
    expected = kriging.predict(experiment.data, context, targets, hours)
    np.testing.assert_allclose(found[0], expected[0], atol=0.02)
    np.testing.assert_allclose(found[1], expected[1], rtol=0.01)


def test_a_task_among_others_starts_as_if_alone(world):
    experiment, _, _ = world
    stations, hours = (torch.as_tensor(part) for part in (experiment.stations.train, experiment.hours.test[:7]))
    together = experiment.network.given(hours, stations, stations[:3]).start
    for task in range(7):
        alone = experiment.network.given(hours[task : task + 1], stations, stations[:3]).start
        torch.testing.assert_close(alone, together.part(slice(task, task + 1)))


def test_untrained_it_is_kriging_on_a_map_whole_or_in_tiles(world):
    experiment, kriging, _ = world
    context, hour = experiment.stations.train, int(experiment.hours.test[3])
    heights = height_map(experiment.data.region, experiment.data.elevation, spacing=40.0)
    north, east = np.meshgrid(heights["latitude"], heights["longitude"], indexing="ij")
    places = Points(north.ravel(), east.ravel(), heights.values.ravel())
    stations = experiment.data.stations
    readings = stations["temperature"].values[[hour]][:, context]
    mean, std = kriging.interpolate(station_points(stations)[context], readings, places)
    for tile in (None, 8):
        drawn = predict_map(
            ConvCNP(CONFIG), experiment.network, experiment.standardisation, context=context, hour=hour,
            elevation=heights, tile=tile,
        )  # fmt: skip
        np.testing.assert_allclose(drawn["mean"].values.ravel(), mean[0], atol=0.02)
        np.testing.assert_allclose(drawn["std"].values.ravel(), std[0], rtol=0.01)


def test_a_fine_map_is_kriging_too_though_it_is_interpolated(world):
    """At 2 km the mean is computed at every third pixel or so, at two heights, and read between."""
    experiment, kriging, _ = world
    context, hour = experiment.stations.train, int(experiment.hours.test[3])
    region = Region("a part", 48.0, 49.5, 9.0, 11.0)
    heights = height_map(region, experiment.data.elevation, spacing=2.0)
    heights = heights + 300 * np.random.default_rng(0).random(heights.shape)  # no lattice knows each of these
    north, east = np.meshgrid(heights["latitude"], heights["longitude"], indexing="ij")
    readings = experiment.data.stations["temperature"].values[[hour]][:, context]
    places = Points(north.ravel(), east.ravel(), heights.values.ravel())
    mean, std = kriging.interpolate(station_points(experiment.data.stations)[context], readings, places)
    drawn = predict_map(
        ConvCNP(CONFIG), experiment.network, experiment.standardisation, context=context, hour=hour, elevation=heights
    )
    off = np.abs(drawn["mean"].values.ravel() - mean[0])
    assert off.mean() < 0.01 and off.max() < 0.3  # right beside a station, where kriging has a cusp
    ratio = np.abs(drawn["std"].values.ravel() / std[0] - 1)
    assert ratio.mean() < 0.03 and ratio.max() < 0.2


def test_untrained_it_is_kriging_for_cells_however_many_are_shown(world):
    """Few shown: no less sure than the climate. None shown: the climate itself."""
    experiment, kriging, cells = world
    tasks = dataclasses.replace(experiment.reanalysis, max_context=40)
    hours = torch.as_tensor(experiment.reanalysis_hours.train)
    batch = tasks.sample(hours, 6, torch_stream(0, "a test"))
    mean, variance = ConvCNP(CONFIG)(
        batch.context, batch.targets.coordinates, scalars=batch.scalars, grid=batch.grid, start=batch.start
    )
    scale = experiment.standardisation
    plane = tasks.grid.coordinates(cells.latitude, cells.longitude)
    assert (variance <= 1 + 1e-5).all()
    for task in range(6):
        shown = batch.context.coordinates[task][batch.context.mask[task]]
        which = torch.cdist(shown, plane).argmin(1).numpy()
        if not len(which):
            assert (variance[task] == variance[task].max()).all()
            continue
        values = batch.context.values[task][batch.context.mask[task]].numpy()
        readings = values * scale.std + scale.mean - scale.lapse_rate * cells.height[which]
        # The priors of the drift's gradients hold about the middle of all sites, whichever are shown.
        context = cells[which]
        geometries = (geometry(context, others, cells) for others in (context, cells))
        expected, squared = krige(kriging.covariance, *geometries, torch.as_tensor(readings[None], dtype=torch.float64))
        std = squared.sqrt().detach().numpy()
        expected = expected.detach().numpy()
        found, spread = scale.temperature(mean[task].detach().numpy(), variance[task].detach().numpy(), cells.height)
        np.testing.assert_allclose(found, expected[0], atol=1e-3)
        np.testing.assert_allclose(spread, np.minimum(std[0], scale.std), rtol=1e-3)


def test_the_channels_are_the_map_on_the_nodes_and_a_window_has_its_part(world):
    experiment, kriging, _ = world
    network = experiment.network
    hours, stations = (torch.as_tensor(part) for part in (experiment.hours.test[:2], experiment.stations.train))
    whole = network.given(hours, stations, stations[:3]).start.channels
    part = network.grid.window(2, 3, (12, 16))
    cut = dataclasses.replace(network, grid=part).given(hours, stations, stations[:3]).start.channels
    torch.testing.assert_close(cut, whole[:, :, 2:14, 3:19])
    at_station = network.given(hours, stations, stations[:3]).start.at_targets.mean
    nodes = torch.cdist(network.coordinates[stations[:3]], _nodes(network.grid)).argmin(1)
    assert (whole[:, 0].flatten(1)[:, nodes] - at_station).abs().mean() < 0.5
    assert (whole[:, 1] > 0).all() and (whole[:, 1] <= 1).all()


def _nodes(grid):
    return torch.stack(torch.meshgrid(grid.y, grid.x, indexing="ij"), dim=-1).flatten(0, 1)


def test_training_takes_it_away_from_kriging_and_adapting_goes_by_the_same_road(world):
    experiment, _, _ = world
    settings = dataclasses.replace(
        experiment.settings, real_only=TrainingSettings(3e-3, 2, 4, batch_size=4, schedule="one-cycle")
    )
    model, training = adapt(dataclasses.replace(experiment, settings=settings), "real-only", None)
    assert training.history["validation_nll"].min() <= training.history["validation_nll"][0]
    batch = experiment.network.given(*(torch.as_tensor(p) for p in ([0, 1], [3, 4, 5, 6], [7, 8])))
    fresh = batch_loss(ConvCNP(CONFIG, 1), batch)
    assert fresh != batch_loss(model, batch) or training.best_epoch == 0


def test_the_switch_is_part_of_a_stored_network(world, tmp_path):
    model = ConvCNP(CONFIG, seed=3)
    save_model(tmp_path / "model.safetensors", model)
    assert load_model(tmp_path / "model.safetensors")[0].config.corrects
    assert "start" in str(CONFIG) and CONFIG.n_inputs == dataclasses.replace(CONFIG, corrects=False).n_inputs + 2


def test_a_start_missing_or_not_wanted_is_refused(world):
    experiment, _, _ = world
    plain = dataclasses.replace(experiment.network, start=None)
    ask = {"context": np.array([0, 1]), "targets": np.array([2]), "hours": np.array([0])}
    with pytest.raises(InputError, match="start"):
        predict_stations(ConvCNP(CONFIG), plain, experiment.standardisation, **ask)
    with pytest.raises(InputError, match="start"):
        uncorrecting = ConvCNP(dataclasses.replace(CONFIG, corrects=False))
        predict_stations(uncorrecting, experiment.network, experiment.standardisation, **ask)


def test_numbers_that_a_grid_cannot_follow_are_refused(world):
    experiment, kriging, cells = world
    turning = LearnedKriging(tuple((*row, 0.0, 0.0) for row in kriging.table))
    with pytest.raises(InputError, match="hour"):
        kriging_start(turning, cells, experiment.standardisation, experiment.network.grid, None)


def test_a_grid_that_is_no_part_of_the_starts_is_refused(world):
    experiment, _, _ = world
    grid = experiment.network.grid
    moved = dataclasses.replace(grid, y=grid.y + 0.1)
    with pytest.raises(InputError, match="another grid"):
        hours, stations = torch.as_tensor([0]), torch.as_tensor([0, 1])
        dataclasses.replace(experiment.network, grid=moved).given(hours, stations, stations)


def test_hours_are_positions_or_times(world):
    experiment, kriging, _ = world
    hours, context, targets = experiment.hours.test[:3], experiment.stations.train, experiment.stations.held_out
    times = experiment.data.stations["time"].values[hours]
    by_position, by_time = (kriging.predict(experiment.data, context, targets, given) for given in (hours, times))
    np.testing.assert_array_equal(by_position, by_time)
