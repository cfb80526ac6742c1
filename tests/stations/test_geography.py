import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.geography import DEGREE, EARTH_RADIUS, Points, great_circle, plane_coordinates

CITIES = Points([52.52, 48.8566, 51.5074], [13.405, 2.3522, -0.1278], [34, 35, 11])  # Berlin, Paris, London


def test_distances_of_cities():
    distance = great_circle(CITIES, CITIES)
    assert distance[0, 1] == pytest.approx(877.5, abs=1)  # Berlin to Paris
    assert distance[1, 2] == pytest.approx(343.5, abs=1)  # Paris to London
    np.testing.assert_allclose(distance, distance.T)
    assert (np.diag(distance) == 0).all()


def test_distances_at_the_limits():
    pole, antipode = Points([90.0], [123.0], [0]), Points([-90.0], [-7.0], [0])
    equator = Points([0.0, 0.0], [179.0, -179.0], [0, 0])
    assert great_circle(pole, antipode)[0, 0] == pytest.approx(np.pi * EARTH_RADIUS)
    assert great_circle(pole, equator)[0] == pytest.approx(90 * DEGREE)
    assert great_circle(equator, equator)[0, 1] == pytest.approx(2 * DEGREE)  # across the date line
    millimetre = Points([50.0], [10.0 + 1e-8], [0])
    expected = 1e-8 * DEGREE * np.cos(np.radians(50))
    assert great_circle(Points([50.0], [10.0], [0]), millimetre)[0, 0] == pytest.approx(expected, rel=1e-5)


def test_the_plane_is_true_near_its_centre():
    latitude, longitude = np.array([50.9, 51.1, 51.0]), np.array([10.0, 10.2, 9.8])
    north, east = plane_coordinates(latitude, longitude, 51.0)
    flat = np.hypot(north[:, None] - north, east[:, None] - east)
    points = Points(latitude, longitude, np.zeros(3))
    np.testing.assert_allclose(flat, great_circle(points, points), rtol=2e-3, atol=1e-6)


def test_bad_points():
    with pytest.raises(InputError, match="three columns"):
        Points([50.0], [10.0, 11.0], [0.0])
    with pytest.raises(InputError, match="finite"):
        Points([50.0], [float("nan")], [0.0])


@pytest.mark.parametrize("latitude, longitude", [(95.0, 9.0), (-90.1, 9.0), (50.0, 361.0), (50.0, -181.0)])
def test_a_place_that_is_not_on_the_globe(latitude, longitude):
    with pytest.raises(InputError, match="swapped"):
        Points([50.0, latitude], [9.0, longitude], [0.0, 0.0])


def test_longitudes_may_be_counted_from_0_or_from_minus_180():
    west, too = Points([50.0], [-10.0], [0.0]), Points([50.0], [350.0], [0.0])
    assert great_circle(west, too)[0, 0] == pytest.approx(0, abs=1e-6)
