"""Equal numbers of stations, dispersed or clustered: the same for a seed, as far apart as asked, none judged."""

import itertools

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.geography import Points, great_circle, station_points
from sparseobs.stations.layouts import LAYOUTS, clusters, farthest_first, layout_stations, spacing
from sparseobs.stations.splits import split_hash, value_matches
from sparseobs.stations.temperature import network
from sparseobs.stations.twin_terrain import value_stations

TIMES = np.datetime64("2001-01-01", "ns") + np.arange(2) * np.timedelta64(1, "h")
N = 100


@pytest.fixture(scope="module")
def stations():
    """The VALUE stations and 400 others."""
    places, generator = station_points(value_stations()), np.random.default_rng(0)
    latitude = np.concatenate([places.latitude, generator.uniform(47.5, 54.5, 400)])
    longitude = np.concatenate([places.longitude, generator.uniform(7.0, 14.0, 400)])
    names = np.arange(len(latitude)).astype(str)
    columns = {"station": names, "name": names, "latitude": latitude, "longitude": longitude, "height": 0 * latitude}
    return network(np.zeros((2, len(names))), TIMES, columns)


def chosen(split):
    return np.sort(np.concatenate([split.train, split.validation]))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", [0, 3])
def test_equal_numbers_apart_from_what_is_judged(stations, layout, seed):
    split = layout_stations(stations, layout=layout, n_stations=N, seed=seed)
    assert (len(split.train), len(split.validation)) == (80, 20)
    for one, other in itertools.combinations(vars(split).values(), 2):
        assert not set(one) & set(other)
    np.testing.assert_array_equal(split.held_out, value_matches(stations))
    assert all((np.diff(part) > 0).all() for part in vars(split).values()), "each once, in order"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_seed_names_a_choice(stations, layout):
    def parts(seed):
        split = layout_stations(stations, layout=layout, n_stations=N, seed=seed)
        return [part.tolist() for part in vars(split).values()]

    assert parts(0) == parts(0)
    assert parts(0)[0] != parts(1)[0]


def test_dispersed_stations_are_further_from_each_other_than_clustered_ones(stations):
    places = station_points(stations)
    medians = {}
    for layout in LAYOUTS:
        split = layout_stations(stations, layout=layout, n_stations=N, seed=0)
        medians[layout] = np.median(spacing(places[chosen(split)]))
    assert medians["dispersed"] > 1.4 * medians["random"] > 1.4 * medians["clustered"]


def test_held_out_stations_are_nearer_to_dispersed_ones(stations):
    places, reach = station_points(stations), {}
    for layout in ("dispersed", "clustered"):
        split = layout_stations(stations, layout=layout, n_stations=N, seed=0)
        reach[layout] = np.median(great_circle(places[split.held_out], places[chosen(split)]).min(axis=1))
    assert reach["clustered"] > 2 * reach["dispersed"]


def on_the_equator(*degrees):
    return Points(np.zeros(len(degrees)), np.array(degrees, float), np.zeros(len(degrees)))


def test_farthest_first_by_hand():
    """From the west end of a line: the east end, then the middle, then what is farthest from all three."""
    assert farthest_first(on_the_equator(0, 1, 2.2, 5, 10), 5, first=0).tolist() == [0, 4, 3, 2, 1]


def test_no_two_chosen_stations_are_closer_than_any_left_out_is_to_them(stations):
    """The property that makes greedy choice good: every place left out is nearer to the chosen than they are apart."""
    places = station_points(stations)
    taken = farthest_first(places, 30, first=7)
    left = np.setdiff1d(np.arange(len(places)), taken)
    covered = great_circle(places[left], places[taken]).min(axis=1).max()
    assert spacing(places[taken]).min() >= covered


def test_clusters_by_hand():
    places = on_the_equator(0, 0.1, 0.2, 5, 5.1, 5.2, 2.5)
    assert sorted(clusters(places, 4, starts=np.array([0, 3])).tolist()[:2]) != [0, 1], "clusters take in turn"
    assert set(clusters(places, 4, starts=np.array([0, 3]))) <= {0, 1, 2, 3, 4, 5}
    assert sorted(clusters(places, 7, starts=np.array([0, 3])).tolist()) == list(range(7)), "each place once"


def test_clusters_are_of_equal_size_and_far_apart(stations):
    split = layout_stations(stations, layout="clustered", n_stations=N, seed=0, n_clusters=4)
    places = station_points(stations)[chosen(split)]
    together = great_circle(places, places) < 60  # km: some members of each are nearer to one another
    groups, left = [], set(range(N))
    while left:
        group, edge = set(), {left.pop()}
        while edge:
            group |= edge
            edge = {int(other) for one in edge for other in np.flatnonzero(together[one])} & left
            left -= edge
        groups.append(len(group))
    assert sorted(groups) == [25, 25, 25, 25]


def test_spacing_by_hand():
    degree = great_circle(on_the_equator(0), on_the_equator(1))[0, 0]
    np.testing.assert_allclose(spacing(on_the_equator(0, 1, 3)), degree * np.array([1, 1, 2]))


def test_the_hash_in_the_table_tells_layouts_apart(stations):
    class Data:
        pass

    data, hours = Data(), layout_stations(stations, layout="random", n_stations=5, seed=0)
    data.stations = stations
    hours = type(hours)(np.array([0]), np.array([1]), np.array([], int))
    hashes = {
        split_hash(data, layout_stations(stations, layout=layout, n_stations=N, seed=0), hours) for layout in LAYOUTS
    }
    assert len(hashes) == 3


@pytest.mark.parametrize(
    "change, says",
    [
        ({"layout": "cluster"}, "layout: given 'cluster'.*Try layout='clustered'"),
        ({"n_stations": 4}, "n_stations: given 4"),
        ({"n_stations": 401}, "n_stations: given 401; expected a whole number >= 5 and <= "),
        ({"n_clusters": 0}, "n_clusters: given 0"),
        ({"n_clusters": N + 1}, "n_clusters: given 101"),
    ],
)
def test_bad_input(stations, change, says):
    with pytest.raises(InputError, match=says):
        layout_stations(stations, **{"layout": "clustered", "n_stations": N, "seed": 0} | change)
