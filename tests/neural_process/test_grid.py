import numpy as np
import pytest
import torch
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.neural_process.grid import internal_grid
from sparseobs.neural_process.set_conv import REACH, axis_weights, grid_to_points, points_to_grid
from sparseobs.neural_process.tasks import cell_heights
from sparseobs.stations.regions import REGIONS, Region
from sparseobs.stations.temperature import TemperatureData, gridded

KERRY = Region("kerry", 51.5, 52.5, -10.5, -9.0)


def grid_of(region=KERRY, elevation=None, **changes):
    chosen = {"points_per_degree": 8.0, "margin": 0.25, "multiple": 4, "fields": (), **changes}
    return internal_grid(region, elevation, **chosen)


@pytest.fixture
def slope():
    """Height that rises by 100 m a degree to the north, on a fine grid."""
    axes = {"latitude": np.arange(51.0, 53.01, 0.05), "longitude": np.arange(-11.0, -8.4, 0.05)}
    heights = 100 * (axes["latitude"][:, None] - 51) + 0 * axes["longitude"]
    return xr.DataArray(heights, axes, ("latitude", "longitude"))


def test_the_grid_covers_region_and_margin_in_whole_coarse_cells():
    grid = grid_of()
    assert all(size % 4 == 0 for size in grid.shape)
    corners = grid.coordinates([51.5, 51.5, 52.5, 52.5], [-10.5, -9.0, -10.5, -9.0])
    squeeze = np.cos(np.deg2rad(52.0))
    assert grid.inside(corners + torch.tensor([0.25, 0.25])).all() and grid.inside(corners - 0.25).all()
    np.testing.assert_allclose(corners[1, 1] - corners[0, 1], 1.5 * squeeze, atol=1e-5)
    np.testing.assert_allclose(np.diff(grid.y), 0.125, atol=1e-4)
    np.testing.assert_allclose(np.diff(grid.x), 0.125, atol=1e-4)


def test_static_fields_are_where_they_should_be(slope):
    grid = grid_of(elevation=slope, fields=("land", "elevation", "position"))
    assert grid.static.shape == (4, *grid.shape)
    land, elevation, north, east = grid.static
    row = int(torch.argmin((grid.y - 52.0).abs()))
    assert elevation[row, 5] == pytest.approx((float(grid.y[row]) - 51) * 100 / 500, abs=1e-4)
    assert land[row, 0] == 0 and land[row, -3] == 1  # the Atlantic in the west, Kerry in the east
    assert (north[0] == -1).all() and (north[-1] == 1).all() and (east[:, -1] == 1).all()


def test_a_window_around_points_holds_them():
    grid = grid_of(REGIONS["uk_ireland"])
    points = grid.coordinates([51.5, 55.4], [-10.2, -6.2])
    window = grid.window_around(points, (40, 32))
    assert window.shape == (40, 32) and window.inside(points).all()
    assert window.spacing == pytest.approx(grid.spacing, rel=1e-3)
    with pytest.raises(InputError, match="larger window"):
        grid.window_around(points, (8, 8))


@pytest.mark.parametrize("north, west", [(51.9, -9.8), (51.26, -10.7), (52.7, -8.8), (60.0, 0.0), (40.0, -20.0)])
def test_nodes_near_a_point_are_all_within_reach_and_some(north, west):
    """A point beyond the grid is read from its edge."""
    grid = grid_of()
    point = grid.coordinates([north], [west])
    for axis, (first, last), at in zip((grid.y, grid.x), grid.near(point), point[0], strict=True):
        steps = (axis - at.clamp(axis[0], axis[-1])).abs() / grid.spacing
        assert 0 <= first < last <= len(axis)
        inside = (torch.arange(len(axis)) >= first) & (torch.arange(len(axis)) < last)
        assert inside[steps <= REACH].all() and not inside[steps > REACH + 9].any()


def test_near_no_point_is_everywhere():
    grid = grid_of()
    assert grid.near(torch.zeros(1, 0, 2)) == ((0, len(grid.y)), (0, len(grid.x)))


def test_elevation_is_refused_where_there_is_none():
    with pytest.raises(InputError, match="elevation"):
        grid_of(fields=("elevation",))


def test_a_constant_is_carried_to_the_grid_and_back():
    grid = grid_of()
    generator = torch.Generator().manual_seed(0)
    low, high = grid.coordinates([51.6, 52.4], [-10.4, -9.1])
    coordinates = (low + (high - low) * torch.rand(60, 2, generator=generator)).unsqueeze(0)
    axes = {"y": grid.y, "x": grid.x, "length_scale": 0.3}
    values, mask = torch.full((1, 60), 3.0), torch.ones(1, 60, dtype=torch.bool)
    seen = points_to_grid(coordinates, values, mask, **axes)
    back = grid_to_points(seen, coordinates, **axes)
    assert back[0, 0].min() > 1.0  # many stations are near every station
    torch.testing.assert_close(back[0, 1], torch.full((60,), 3.0), atol=0.05, rtol=0)


def test_separable_weights_equal_the_full_kernel():
    generator = torch.Generator().manual_seed(1)
    y, x = torch.arange(5.0), torch.arange(7.0)
    coordinates = torch.rand(2, 4, 2, generator=generator) * 4
    values, mask = torch.randn(2, 4, generator=generator), torch.tensor([[True] * 4, [True, False, True, False]])
    seen = points_to_grid(coordinates, values, mask, y=y, x=x, length_scale=0.8)
    nodes = torch.stack(torch.meshgrid(y, x, indexing="ij"), dim=-1)  # (row, column, 2)
    squared = ((nodes - coordinates[:, :, None, None]) ** 2).sum(-1)
    weights = torch.exp(-squared / (2 * 0.8**2)) * mask[:, :, None, None]
    density = weights.sum(1)
    torch.testing.assert_close(seen[:, 0], density)
    torch.testing.assert_close(seen[:, 1], (weights * values[:, :, None, None]).sum(1) / (density + 1e-2))


def test_cell_heights_are_means_over_cells(slope):
    latitude, longitude = np.arange(51.5, 52.6, 0.25), np.arange(-10.0, -9.0, 0.25)
    field = gridded(np.zeros((1, 5, 4)), np.array(["2019-03-01"], "datetime64[ns]"), latitude, longitude)
    data = TemperatureData("x", True, KERRY, field, xr.Dataset(), slope, {}, "")
    expected = np.repeat(100 * (latitude - 51)[:, None], 4, axis=1)
    np.testing.assert_allclose(cell_heights(data), expected, atol=3)
    flat = TemperatureData("x", True, KERRY, field, xr.Dataset(), None, {}, "")
    assert (cell_heights(flat) == 0).all()


def test_no_channel_holds_denormal_numbers_which_are_slow_on_a_cpu():
    nodes = torch.arange(80.0)
    shown = torch.ones(1, 1, dtype=torch.bool)
    channels = points_to_grid(torch.zeros(1, 1, 2), torch.tensor([[3.0]]), shown, y=nodes, x=nodes, length_scale=1.0)
    assert channels[channels != 0].abs().min() >= torch.finfo(torch.float32).tiny
    assert (channels[0, 0, :8, :4] > 0).all()  # what is near enough to count is still there
    weights = axis_weights(torch.zeros(1, 1), nodes, 1.0)
    assert weights[weights != 0].min() ** 2 >= torch.finfo(torch.float32).tiny  # of both axes, on the way back too
