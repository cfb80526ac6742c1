"""Which stations are one and the same to a split, and which say nothing: one rule for every way to draw stations."""

import numpy as np
import xarray as xr
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from sparseobs.stations.geography import in_space, station_points
from sparseobs.stations.temperature import MARK, measured

SAME_PLACE = 0.25  # km: two thermometers of one field; networks place no two stations of theirs as near
NAMED = 5  # stations that a sentence lists by name


def families(stations: xr.Dataset) -> np.ndarray:
    """Return a number (station,) that those stations share of which one must not be judged by another.

    These are the places of a station that moved (one identifier, or one before `MARK`), and stations within
    `SAME_PLACE` of each other, over others where need be.
    """
    names = [str(name).partition(MARK)[0] for name in stations["station"].values]
    _, number = np.unique(names, return_inverse=True)
    first = np.unique(number, return_index=True)[1][number]
    near = cKDTree(in_space(station_points(stations))).query_pairs(SAME_PLACE, output_type="ndarray")
    links = np.vstack([np.column_stack([np.arange(len(names)), first]), near])
    graph = coo_array((np.ones(len(links)), links.T), shape=(len(names), len(names)))
    return connected_components(graph, directed=False)[1]


def reporting(stations: xr.Dataset) -> np.ndarray:
    """Return the positions of the stations that have a reading at all, ascending."""
    return np.flatnonzero(np.isfinite(measured(stations).values).any(axis=0))


def apart(family: np.ndarray, positions: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return those of the positions that are of no family of the others, in their order.

    What is learnt at a station's old place is known of it at its new one: its surroundings, and its errors.

    Args:
        family: (station,), of `families`.
        positions: along `family`, to choose from.
        others: along `family`.
    """
    return positions[~np.isin(family[positions], family[others])]


def one_of_each(family: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return the first of the positions of every family, in their order."""
    return positions[np.sort(np.unique(family[positions], return_index=True)[1])]


def describe_network(stations: xr.Dataset) -> str:
    """Return a sentence each on the stations that never report and on those that share a place or an identifier."""
    names, family, said = stations["station"].values.astype(str), families(stations), []
    silent = np.setdiff1d(np.arange(len(names)), reporting(stations))
    if silent.size:
        said.append(
            f"{silent.size} of {len(names)} stations never report and are drawn for nothing: {_listed(names[silent])}."
        )
    shared = np.flatnonzero(np.bincount(family)[family] > 1)
    if shared.size:
        said.append(
            f"{shared.size} stations lie within {1000 * SAME_PLACE:g} m of another or are places of one that moved; "
            f"no split puts such stations on both sides: {_listed(names[shared])}."
        )
    return " ".join(said)


def describe_split(stations: xr.Dataset, split) -> str:
    """Return how many stations each part has, and how many are in none and why, as one sentence.

    Args:
        stations: the network.
        split: a `StationSplit` of it.
    """
    parts = {name: getattr(split, name) for name in ("train", "validation", "held_out")}
    drawn = np.concatenate(list(parts.values()))
    left = np.setdiff1d(reporting(stations), drawn)
    kept_out = left.size - apart(families(stations), left, drawn).size
    counts = [
        *(f"{len(part)} {name.replace('_', ' ')}" for name, part in parts.items()),
        f"{stations.sizes['station'] - reporting(stations).size} never report",
        f"{kept_out} in no part, for another part has a station of the same place or identifier",
        f"{left.size - kept_out} not drawn",
    ]
    return "Stations: " + ", ".join(count for count in counts if not count.startswith("0 ")) + "."


def _listed(names: np.ndarray) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
