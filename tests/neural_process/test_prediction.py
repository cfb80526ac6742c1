import dataclasses

import numpy as np
import pytest
import torch
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.neural_process.conv_cnp import PAPER, ConvCNP, ConvCNPConfig, Points
from sparseobs.neural_process.prediction import height_map, predict_map, predict_stations
from sparseobs.neural_process.set_conv import grid_to_axes, grid_to_points
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.tasks import StationTasks
from sparseobs.neural_process.tiles import convolution_reach, reach, tiled_field
from sparseobs.stations.regions import Region

from .small_conv_cnp import make_batch, make_grid

STANDARDISATION = Standardisation(mean=8.0, std=4.0)


@pytest.fixture
def network():
    """Nine stations in three hours, one of them silent in the last."""
    generator = torch.Generator().manual_seed(0)
    grid = make_grid()
    values = torch.randn(3, 9, generator=generator)
    values[2, 4] = torch.nan
    latitude, longitude = 50.5 + 2 * torch.rand(2, 9, generator=generator).numpy()
    coordinates = grid.coordinates(latitude, longitude - 49)
    return StationTasks(values, coordinates, torch.rand(3, 2), np.arange(9) * 100.0, grid)


def heights(n=12):
    axes = {"latitude": np.linspace(50.6, 53.0, n), "longitude": np.linspace(1.0, 5.0, n + 3)}
    values = 300 * np.sin(axes["latitude"])[:, None] * np.cos(axes["longitude"])
    return xr.DataArray(values, axes, ("latitude", "longitude"))


def map_of(model, network, elevation, **changes):
    chosen = {"context": np.arange(9), "hour": 2, "elevation": elevation, **changes}
    return predict_map(model, network, STANDARDISATION, **chosen)


def test_a_map_says_the_same_as_asking_for_each_of_its_points(model, network):
    elevation = heights()
    latitude, longitude = np.meshgrid(elevation["latitude"], elevation["longitude"], indexing="ij")
    points = network.grid.coordinates(latitude.ravel(), longitude.ravel())
    both = dataclasses.replace(
        network,
        coordinates=torch.cat([network.coordinates, points]),
        values=torch.cat([network.values, torch.zeros(3, len(points))], dim=1),
        heights=np.concatenate([network.heights, elevation.values.ravel()]),
    )
    mean, std = predict_stations(
        model, both, STANDARDISATION, context=np.arange(9), targets=np.arange(9, 9 + len(points)), hours=np.array([2])
    )
    prediction = map_of(model, network, elevation)
    np.testing.assert_allclose(prediction["mean"].values.ravel(), mean[0], atol=1e-4)
    np.testing.assert_allclose(prediction["std"].values.ravel(), std[0], atol=1e-4)


def test_a_map_has_units_and_its_axes(model, network):
    prediction = map_of(model, network, heights().transpose("longitude", "latitude"))
    for name in ("mean", "std"):
        assert prediction[name].attrs["units"] == "degC" and prediction[name].dims == ("latitude", "longitude")
    assert prediction["latitude"].attrs["units"] == "degrees_north"
    assert (prediction["std"] > 0).all()


def test_a_map_beyond_the_internal_grid_is_refused(model, network):
    elevation = heights()
    elevation["longitude"] = elevation["longitude"] + 10
    with pytest.raises(InputError, match="larger region"):
        map_of(model, network, elevation)


def test_reading_off_axes_is_reading_off_points():
    grid, generator = make_grid(), torch.Generator().manual_seed(3)
    field = torch.randn(2, 3, 16, 16, generator=generator)
    to_y, to_x = 50 + 3 * torch.rand(5, generator=generator), 3 * torch.rand(7, generator=generator)
    axes = {"y": grid.y, "x": grid.x, "length_scale": 0.3}
    points = torch.stack(torch.meshgrid(to_y, to_x, indexing="ij"), dim=-1).reshape(1, -1, 2)
    expected = grid_to_points(field, points, **axes).reshape(2, 3, 5, 7)
    torch.testing.assert_close(grid_to_axes(field, to_y, to_x, **axes), expected, atol=1e-5, rtol=0)


def test_a_height_map_has_the_spacing_asked_for():
    region = Region("box", 50.0, 51.0, 8.0, 10.0)
    field = height_map(region, heights().assign_coords(longitude=np.linspace(7, 11, 15)), spacing=5.0)
    latitude, longitude = field["latitude"].values, field["longitude"].values
    np.testing.assert_allclose(np.diff(latitude) * 111.195, 5.0, rtol=1e-3)
    np.testing.assert_allclose(np.diff(longitude) * 111.195 * np.cos(np.deg2rad(50.5)), 5.0, rtol=1e-3)
    assert (height_map(region, None, spacing=20.0) == 0).all()
    with pytest.raises(InputError, match="spacing"):
        height_map(region, None, spacing=0.0)


CONFIG = ConvCNPConfig(channels=(4, 5, 6), kernel=3, fields=(), scalars=("hour",))


@pytest.fixture
def wide():
    """A grid many times the reach of its network, with points all over it."""
    grid = make_grid(64, 80)
    batch = make_batch(n_tasks=2, n_context=30, grid=grid)
    spread = (batch.context.coordinates - torch.tensor([50.5, 0.5])) * torch.tensor([6.0, 7.5])
    return batch._replace(context=batch.context._replace(coordinates=torch.tensor([50.2, 0.3]) + spread))


@pytest.mark.parametrize("tile", [8, 20, 64, 500])
def test_tiles_make_up_the_whole(wide, tile):
    model = ConvCNP(CONFIG, seed=2)
    with torch.no_grad():
        whole = model.field(wide.context, scalars=wide.scalars, grid=wide.grid)
    tiled = tiled_field(model, wide.context, scalars=wide.scalars, grid=wide.grid, tile=tile)
    torch.testing.assert_close(tiled, whole, atol=1e-4, rtol=0)


def test_without_overlap_tiles_do_not(wide):
    model = ConvCNP(CONFIG, seed=2)
    fields = [
        tiled_field(model, wide.context, scalars=wide.scalars, grid=wide.grid, tile=16, overlap=overlap)
        for overlap in (0, None)
    ]
    assert (fields[0] - fields[1]).abs().max() > 1e-3


def test_a_map_in_tiles_is_the_map(model, network):
    whole, tiled = (map_of(model, network, heights(), tile=tile) for tile in (None, 2))
    xr.testing.assert_allclose(whole, tiled, atol=1e-4)


@pytest.mark.parametrize("channels, kernel", [((4,), 5), ((4, 5), 3), ((4, 5, 6), 3), ((3, 3, 3), 5)])
def test_reach_is_as_far_as_gradients_go(channels, kernel):
    """No further anywhere, and as far somewhere: sums of positive weights cannot cancel."""
    config = ConvCNPConfig(channels=channels, kernel=kernel, fields=(), scalars=())
    model = ConvCNP(config)
    for parameter in model.unet.parameters():
        torch.nn.init.constant_(parameter, 0.05)
    size = 16 * config.coarsening
    farthest = 0
    for node in range(size // 2, size // 2 + config.coarsening):
        image = torch.rand(1, 2, size, size).requires_grad_()
        model.unet(image)[0, 0, node, size // 2].backward()
        touched = torch.nonzero(image.grad.abs().sum((0, 1, 3)) > 0).squeeze(1)
        farthest = max(farthest, node - int(touched[0]), int(touched[-1]) - node)
    assert farthest == reach(config)


def test_the_paper_sees_farther_than_its_convolutions():
    assert convolution_reach(PAPER) == 128
    assert reach(PAPER) > 128


def test_a_mask_changes_nothing_in_tiles(wide):
    model = ConvCNP(CONFIG, seed=2)
    none = wide.context._replace(mask=torch.zeros_like(wide.context.mask))
    nothing = Points(torch.zeros(1, 0, 2), torch.zeros(2, 0), torch.zeros(2, 0, dtype=torch.bool))
    masked, absent = (
        tiled_field(model, context, scalars=wide.scalars, grid=wide.grid, tile=16) for context in (none, nothing)
    )
    torch.testing.assert_close(masked, absent)


def test_a_map_of_other_axes_and_an_hour_by_its_time(model, network):
    timed = dataclasses.replace(network, times=np.arange("2020-01-01T00", "2020-01-01T03", dtype="datetime64[h]"))
    expected, other = map_of(model, network, heights()), heights().rename(latitude="lat", longitude="lon")
    given = {"elevation": other.isel(lat=slice(None, None, -1)).transpose("lon", "lat"), "hour": "2020-01-01T02"}
    xr.testing.assert_equal(map_of(model, timed, **given), expected)
    with pytest.raises(InputError, match="hours"):
        map_of(model, timed, heights(), hour=3000)
