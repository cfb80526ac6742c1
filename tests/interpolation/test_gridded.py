import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.interpolation.reanalysis import sample
from sparseobs.stations.geography import Points
from sparseobs.stations.temperature import gridded

LATITUDE, LONGITUDE = np.arange(50, 52.01, 0.25), np.arange(-2, 1.01, 0.25)
TIMES = np.array(["2019-03-01T00", "2019-03-01T01"], dtype="datetime64[ns]")


def plane(latitude, longitude):
    return np.stack([3 + 2 * latitude - longitude, 5 * longitude + 0 * latitude])


@pytest.fixture
def field():
    return gridded(plane(LATITUDE[:, None], LONGITUDE[None, :]), TIMES, LATITUDE, LONGITUDE)


@pytest.fixture
def points():
    generator = np.random.default_rng(0)
    return Points(generator.uniform(50, 52, 30), generator.uniform(-2, 1, 30), np.zeros(30))


def test_bilinear_is_exact_on_linear_fields(field, points):
    expected = plane(points.latitude, points.longitude)
    np.testing.assert_allclose(sample(field, points), expected, atol=2e-5)


def test_bilinear_is_exact_on_one_cell_twisted():
    corners = np.array([[[0.0, 1.0], [2.0, 7.0]]])
    field = gridded(corners, TIMES[:1], [50, 51], [0, 1])
    weights = 0.75 * 0.6 * 0 + 0.75 * 0.4 * 1 + 0.25 * 0.6 * 2 + 0.25 * 0.4 * 7
    assert sample(field, Points([50.25], [0.4], [0]))[0, 0] == pytest.approx(weights)


def test_nearest_takes_the_cells_own_value(field, points):
    near = np.round(points.latitude * 4) / 4, np.round(points.longitude * 4) / 4
    np.testing.assert_allclose(sample(field, points, "nearest"), plane(*near), atol=1e-5)


def test_at_grid_points_both_are_the_field(field):
    rows, columns = np.meshgrid(LATITUDE, LONGITUDE, indexing="ij")
    corners = Points(rows.ravel(), columns.ravel(), np.zeros(rows.size))
    for method in ("linear", "nearest"):
        np.testing.assert_array_equal(sample(field, corners, method), field.values.reshape(2, -1))


def test_just_outside_takes_the_edge_and_far_outside_stops(field):
    edge, outside = Points([51.0], [-2.0], [0]), Points([51.0], [-2.24], [0])
    np.testing.assert_array_equal(sample(field, outside), sample(field, edge))
    with pytest.raises(InputError, match=r"longitude: given '-2.3 degrees'; expected at most 0.25 outside -2..1"):
        sample(field, Points([51.0, 51.0], [0.0, -2.3], [0, 0]))
    with pytest.raises(InputError, match="latitude: given '53 degrees'"):
        sample(field, Points([53.0], [0.0], [0]))


def test_unknown_method(field, points):
    with pytest.raises(InputError, match="method: given 'cubic'"):
        sample(field, points, "cubic")
