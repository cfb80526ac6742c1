"""Equal numbers of stations laid out differently: as far apart as can be, in a few clusters, or by chance."""

import numpy as np
import xarray as xr
from scipy.cluster.vq import kmeans2

from sparseobs.errors import require_choice, require_number
from sparseobs.randomness import numpy_stream
from sparseobs.stations.geography import Points, great_circle, plane_coordinates, station_points
from sparseobs.stations.places import families, one_of_each
from sparseobs.stations.splits import VALIDATION_SHARE, StationSplit, judged_and_others, nested_stations

LAYOUTS = ("random", "dispersed", "clustered")
CLUSTERS = 5


def layout_stations(
    stations: xr.Dataset, *, layout: str, n_stations: int, seed: int, n_clusters: int = CLUSTERS
) -> StationSplit:
    """Hold out the stations at VALUE's places and choose `n_stations` of the others, one in five to validate on.

    Of stations of one place or identifier (`families`) a dispersed or clustered layout chooses one, and none that
    never reports.

    Args:
        stations: the network.
        layout: `random` is `nested_stations`; `dispersed` takes, again and again, the station farthest from all
            taken; `clustered` takes the stations nearest to the middles of `n_clusters` regions of about equal size.
        n_stations: to train on and to validate on together, 5 or more.
        seed: of the first station taken, and of which of the chosen validate.
        n_clusters: of a clustered layout, each of as many stations, give or take one.

    Raises:
        InputError: an unknown layout, or a number out of range.
    """
    if require_choice("layout", layout, LAYOUTS) == "random":
        return nested_stations(stations, n_stations=n_stations, seed=seed)
    held_out, others = judged_and_others(stations)
    others = one_of_each(families(stations), others)
    require_number("n_stations", n_stations, least=5, most=len(others), whole=True)
    require_number("n_clusters", n_clusters, least=1, most=n_stations, whole=True)
    places = station_points(stations)[others]
    first = int(numpy_stream(seed, "first station").integers(len(others)))
    if layout == "dispersed":
        chosen = farthest_first(places, n_stations, first)
    else:
        chosen = clusters(places, n_stations, farthest_first(places, n_clusters, first))
    order = numpy_stream(seed, "chosen stations").permutation(others[chosen])
    validation, train = np.split(order, [int(VALIDATION_SHARE * n_stations)])
    return StationSplit(np.sort(train), np.sort(validation), held_out)


def farthest_first(places: Points, n: int, first: int) -> np.ndarray:
    """Return the positions (n,) of places taken in turn, each once and the farthest from those taken before.

    Args:
        places: to choose from; of several at one spot all but one come last.
        n: how many, at most all.
        first: position of the first.

    Raises:
        InputError: more than there are, or no such first.
    """
    require_number("n", n, least=1, most=len(places), whole=True)
    require_number("first", first, least=0, most=len(places) - 1, whole=True)
    taken = [first]
    nearest = great_circle(places[[first]], places)[0]
    while len(taken) < n:
        nearest[taken[-1]] = -np.inf  # below the 0 km of another at the same spot
        taken.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, great_circle(places[[taken[-1]]], places)[0])
    return np.array(taken)


def clusters(places: Points, n: int, starts: np.ndarray) -> np.ndarray:
    """Return the positions (n,) of the places nearest to the middles of regions that k-means finds.

    Args:
        places: to choose from.
        n: how many in all.
        starts: positions of the places that k-means begins with, as many as there shall be clusters.

    Raises:
        InputError: more than there are.
    """
    require_number("n", n, least=1, most=len(places), whole=True)
    plane = np.column_stack(plane_coordinates(places.latitude, places.longitude, places.latitude.mean()))
    middles, _ = kmeans2(plane, plane[starts], minit="matrix")
    distance = np.linalg.norm(plane - middles[:, None], axis=2)
    taken = []
    for number in range(n):  # in turn, so that no cluster takes all of its neighbour's
        row = distance[number % len(middles)]
        taken.append(int(row.argmin()))
        distance[:, taken[-1]] = np.inf
    return np.array(taken)


def spacing(places: Points) -> np.ndarray:
    """Return how far each of at least two places is from the nearest other, (place,), km.

    Args:
        places: at least two.
    """
    distance = great_circle(places, places)
    np.fill_diagonal(distance, np.inf)
    return distance.min(axis=1)
