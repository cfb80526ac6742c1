"""Distance to the sea, height above the surroundings and relief, on ground whose answer is known."""

import numpy as np
import pytest
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.outlines import WINDOW, coastline
from sparseobs.stations.geography import DEGREE, Points, great_circle
from sparseobs.stations.terrain import AROUND, COAST, FEATURES, below_ground, covered, sea_distance, terrain_features

MIDDLE = 40.0, -100.0  # far from the package's outlines
STEP = 0.01  # degrees
EDGE = -STEP / 2 * DEGREE * np.cos(np.radians(MIDDLE[0]))  # km east: half a cell west of the middle


def grid(height, half: float = 0.4, middle=MIDDLE) -> xr.DataArray:
    """Return cells around a place whose height is a function of km north and km east of it."""
    latitude = middle[0] + np.arange(-half, half + STEP / 2, STEP)
    longitude = middle[1] + np.arange(-half, half + STEP / 2, STEP)
    north = (latitude - middle[0])[:, None] * DEGREE
    east = (longitude - middle[1])[None, :] * DEGREE * np.cos(np.radians(middle[0]))
    values = np.broadcast_to(height(north, east), (latitude.size, longitude.size))
    return xr.DataArray(values, {"latitude": latitude, "longitude": longitude}, ("latitude", "longitude"))


def at(north=0.0, east=0.0, height=0.0, middle=MIDDLE) -> Points:
    """Return points so many km north and east of a place."""
    north, east, height = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(part, float)) for part in (north, east, height))
    )
    longitude = middle[1] + east / DEGREE / np.cos(np.radians(middle[0]))
    return Points(middle[0] + north / DEGREE, longitude, height)


def half_sea(north, east):
    """100 m high, sea west of the middle."""
    return np.where(east < 0, np.nan, 100.0) + 0 * north


def test_on_top_of_a_cone():
    """Of slope s: over a disc of radius R the mean lies 2/3 R s below the top; standard deviation R s / sqrt(18)."""
    slope = 30.0  # m per km
    cone = grid(lambda north, east: np.where(north < -38, np.nan, 1500 - slope * np.hypot(north, east)))
    found = terrain_features(at(height=1500.0), cone)
    assert tuple(found) == FEATURES
    assert found["above"][0] == pytest.approx(2 / 3 * AROUND * slope / 1000, rel=0.01)
    assert found["relief"][0] == pytest.approx(AROUND * slope / np.sqrt(18) / 1000, rel=0.01)


def test_on_a_plane_that_slopes_the_middle_is_the_mean():
    """Standard deviation of a slope s over a disc of radius R: R s / 2."""
    plane = grid(lambda north, east: np.where(north < -38, np.nan, 500 + 20 * east + 0 * north))
    points = at(east=[-10.0, 0.0, 10.0], height=[300.0, 500.0, 800.0])
    found = terrain_features(points, plane)
    np.testing.assert_allclose(found["above"], [0.0, 0.0, 0.1], atol=0.003)
    np.testing.assert_allclose(found["relief"], AROUND * 20 / 2 / 1000, rtol=0.01)


def test_a_straight_coast():
    """It runs between the last cell at sea and the first on land; log(1 + distance / 20 km); 0 at sea."""
    elevation, east = grid(half_sea), np.array([-20.0, -3.0, 0.0, 5.0, 20.0, 30.0])
    points = at(north=np.linspace(-5, 5, 6), east=EDGE + east)
    distance = sea_distance(points, elevation)
    np.testing.assert_allclose(distance, np.maximum(east, 0), atol=0.2)
    np.testing.assert_allclose(terrain_features(points, elevation)["coast"], np.log(1 + distance / COAST))


def test_the_sea_counts_as_0_m():
    """On a straight coast half of the disc is land: mean 50 m, standard deviation 50 m; inland both know no sea."""
    found = terrain_features(at(east=[EDGE, 25.0], height=100.0), grid(half_sea))
    np.testing.assert_allclose(found["above"], [0.05, 0.0], atol=0.001)
    np.testing.assert_allclose(found["relief"], [0.05, 0.0], atol=0.001)


def test_neither_order_of_points_nor_of_axes_matters():
    random = np.random.default_rng(0)
    elevation = grid(lambda north, east: np.where(east < -20, np.nan, 300 + 200 * np.sin(north / 7) * np.cos(east / 5)))
    points = at(*random.uniform(-25, 25, (2, 30)), height=random.uniform(0, 500, 30))
    found = terrain_features(points, elevation)
    order = random.permutation(30)
    turned = terrain_features(points[order], elevation[::-1, ::-1].transpose("longitude", "latitude"))
    for name in FEATURES:
        np.testing.assert_allclose(turned[name], found[name][order], atol=1e-9)


def test_higher_ground_and_higher_stations_on_it_are_the_same_terrain():
    """Inland: 500 m more of both change nothing, and relief grows with the heights."""
    land = grid(lambda north, east: np.where(east < -32, np.nan, 100 * np.sin(north / 6) + 0 * east))
    points = at(north=[0.0, 8.0], east=10.0, height=[10.0, 90.0])
    found = terrain_features(points, land)
    raised = terrain_features(Points(points.latitude, points.longitude, points.height + 500), land + 500)
    doubled = terrain_features(Points(points.latitude, points.longitude, 2 * points.height), 2 * land)
    for name in FEATURES:
        np.testing.assert_allclose(raised[name], found[name], atol=1e-9)
    for name in ("above", "relief"):
        np.testing.assert_allclose(doubled[name], 2 * found[name], atol=1e-9)


def test_points_off_the_grid_are_named_and_can_be_told_beforehand():
    elevation, points = grid(half_sea), at(north=[0.0, 50.0, 200.0, -90.0])
    assert covered(points, elevation).tolist() == [True, True, False, False]
    with pytest.raises(InputError, match=r"2 of 4 off the grid, 41\.7986 N -100 E first.*elevation within 12 km"):
        terrain_features(points, elevation)
    assert terrain_features(points[covered(points, elevation)], elevation)["coast"].shape == (2,)


def test_a_grid_without_sea_outside_europe_has_no_coast():
    with pytest.raises(InputError, match="a height everywhere.*NaN at sea"):
        terrain_features(at(), grid(lambda north, east: 100.0 + 0 * north * east))


def test_heights_below_all_ground():
    """100 m below the lowest cell around it; in the range of the cells; above all; at sea; off the grid."""
    elevation = grid(lambda north, east: np.where(east < -20, np.nan, np.where(north > 0, 300.0, 200.0)))
    points = at(north=[0, 0, 0, 0, 300], east=[10, 10, 10, -25, 0], height=[100, 250, 900, 0, -50])
    np.testing.assert_array_equal(below_ground(points, elevation), [100, 0, 0, 0, 0])


def test_in_western_europe_the_coast_is_natural_earths():
    """Whatever the elevation says: 0 in the North Sea, some 1 km at Cuxhaven, and Munich's nearest sea is Venice's."""
    flat = xr.DataArray(
        np.zeros((80, 100)),
        {"latitude": np.linspace(47, 55, 80), "longitude": np.linspace(5, 15, 100)},
        ("latitude", "longitude"),
    )
    points = Points([54.5, 53.87, 48.14], [7.5, 8.7, 11.58], [0.0] * 3)
    at_sea, cuxhaven, munich = sea_distance(points, flat)
    assert at_sea == 0 and cuxhaven < 4 and munich == pytest.approx(310, abs=30)


def test_distances_to_natural_earths_coast_against_all_of_its_vertices():
    """No vertex of the coast is nearer than the coast itself."""
    random = np.random.default_rng(0)
    west, south, east, north = WINDOW
    points = Points(random.uniform(48, 53, 20), random.uniform(8, 13, 20), np.zeros(20))
    axes = {"latitude": np.linspace(south, north, 5), "longitude": np.linspace(west, east, 5)}
    found = sea_distance(points, xr.DataArray(np.zeros((5, 5)), axes, ("latitude", "longitude")))
    vertices = np.concatenate([np.array(line.coords) for line in coastline().geoms])
    nearest = great_circle(points, Points(vertices[:, 1], vertices[:, 0], np.zeros(len(vertices)))).min(axis=1)
    assert (found <= nearest + 0.01).all() and (found > nearest - 15).all()
