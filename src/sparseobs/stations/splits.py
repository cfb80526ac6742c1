"""Which stations and hours are learnt from, chosen on and judged on: apart, and in time never neighbours."""

import hashlib
from dataclasses import dataclass

import numpy as np
import xarray as xr

from sparseobs.errors import InputError, require_number
from sparseobs.randomness import numpy_stream
from sparseobs.stations.geography import great_circle, station_points
from sparseobs.stations.places import apart, families, reporting
from sparseobs.stations.temperature import TemperatureData
from sparseobs.stations.twin_terrain import value_stations

# Days of each cycle. After Scholz et al. (2023): 19 train, 2 gap, 2 validation, 2 gap, 2.5 test and 2 gap,
# shortened so that March holds four whole cycles; 7.75 days move the blocks' start round the clock.
CYCLE = (("train", 4.0), (None, 0.5), ("validation", 1.0), (None, 0.5), ("test", 1.25), (None, 0.5))
GAP = np.timedelta64(12, "h")  # hours of different parts are always further apart than this
PAPER_CYCLE = (("train", 19.0), (None, 2.0), ("validation", 2.0), (None, 2.0), ("test", 2.5), (None, 2.0))
VALIDATION_SHARE = 0.2  # of N_stations and of N_times
MATCH = 5.0  # km: a station further from a VALUE station's place is another station
LARGEST = 500  # stations of which every smaller subset is part
FEWEST_NESTED = 5  # of stations or hours, four to train on and one to validate on


@dataclass(frozen=True)
class StationSplit:
    """Positions along `station`, each ascending and disjoint from the others.

    Args:
        train: stations to learn from.
        validation: stations to choose models on.
        held_out: stations to be judged on.
    """

    train: np.ndarray
    validation: np.ndarray
    held_out: np.ndarray


@dataclass(frozen=True)
class HourSplit:
    """Positions along `time`, each ascending, parts separated by at least the cycle's gap.

    Args:
        train: hours to learn from.
        validation: hours to choose models on.
        test: hours to be judged on.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_stations(data: TemperatureData, *, n_held_out: int, n_validation: int, seed: int) -> StationSplit:
    """Draw the stations that are held out, those models are chosen on, and leave the rest for training.

    Where the source marks VALUE stations they are held out first, as Scholz et al. (2023) do: a random subset
    of them, or all and then others. For one seed a smaller held-out set is part of a larger one. Stations that never
    report are in no part, and those of one place or identifier (`families`) in no two parts.

    Args:
        data: its `stations` are split.
        n_held_out: stations that no part of training or choosing sees.
        n_validation: stations to choose models on.
        seed: of the draw.

    Raises:
        InputError: a negative number, or fewer than two stations left for training.
    """
    require_number("n_held_out", n_held_out, least=0, whole=True)
    require_number("n_validation", n_validation, least=0, whole=True)
    order, n_stations = numpy_stream(seed, "station split"), data.stations.sizes["station"]
    order = _among(order.permutation(n_stations), reporting(data.stations))
    most = len(order) - n_validation - 2
    if n_held_out > most:
        expected = f"at most {most} ({len(order)} stations that report, {n_validation} for validation, 2 to train on)"
        raise InputError("n_held_out", n_held_out, expected, f"n_held_out={max(min(most, n_stations // 4), 0)}")
    if "value" in data.stations.coords:
        order = order[np.argsort(~data.stations["value"].values[order], kind="stable")]
    family, held_out = families(data.stations), order[:n_held_out]
    rest = apart(family, numpy_stream(seed, "validation stations").permutation(order[n_held_out:]), held_out)
    validation, train = rest[:n_validation], apart(family, rest[n_validation:], rest[:n_validation])
    if len(train) < 2:
        given = f"{n_held_out} with {len(train)} stations left to train on, other places of the same ones apart"
        raise InputError("n_held_out", given, "2 or more left", f"n_held_out={n_held_out // 2}")
    return StationSplit(*(np.sort(part) for part in (train, validation, held_out)))


def _among(positions: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return those of the positions that are wanted, in their order."""
    return positions[np.isin(positions, wanted)]


def value_matches(stations: xr.Dataset, most_km: float = MATCH) -> np.ndarray:
    """Return the positions of the stations nearest to the VALUE stations' places, ascending, each once.

    Distances are along the great circle; a VALUE station without a station within `most_km` has no match.
    """
    distance = great_circle(station_points(value_stations()), station_points(stations))
    nearest = distance.argmin(axis=1)
    return np.unique(nearest[distance[np.arange(len(nearest)), nearest] <= most_km])


def judged_and_others(stations: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions at VALUE's places, to be held out, and of stations apart from them; all of them report.

    Raises:
        InputError: no station reports.
    """
    heard = reporting(stations)
    if not heard.size:
        raise InputError(
            "stations", f"{stations.sizes['station']} without a reading", "some that report", "other hours"
        )
    held_out = heard[value_matches(stations.isel(station=heard))]
    return held_out, apart(families(stations), np.setdiff1d(heard, held_out), held_out)


def with_value_marked(stations: xr.Dataset) -> xr.Dataset:
    """Return the network with `value` (station,): which stations `value_matches` finds."""
    marked = np.isin(np.arange(stations.sizes["station"]), value_matches(stations))
    attributes = {"long_name": "nearest to one of the 53 German stations of the VALUE project"}
    return stations.assign_coords(value=("station", marked, attributes))


def nested_stations(stations: xr.Dataset, *, n_stations: int, seed: int) -> StationSplit:
    """Hold out the stations at VALUE's places and draw `n_stations` of the others, four in five to train on.

    For one seed the parts of a smaller number are subsets of those of a larger one, up to 500. Stations that never
    report are in no part, and those of one place or identifier (`families`) in no two parts.

    Args:
        stations: the network.
        n_stations: to train on and to validate on together, 5 to 500.
        seed: of the draw.

    Raises:
        InputError: a number out of range, or more than the network has besides the held-out ones and apart from
            those that it validates on.

    References: [scholz2023]; the authors match in degrees on a plane and however far away.
    """
    require_number("n_stations", n_stations, least=FEWEST_NESTED, most=LARGEST, whole=True)
    family, (held_out, others) = families(stations), judged_and_others(stations)
    if n_stations > len(others):
        expected = f"at most {len(others)}, the stations that are neither held out nor another place of one"
        raise InputError("n_stations", n_stations, expected, f"n_stations={len(others)}")
    order, most = numpy_stream(seed, "nested stations").permutation(others), min(len(others), LARGEST)
    n_validation, pool = (int(VALIDATION_SHARE * number) for number in (n_stations, most))
    end = round(VALIDATION_SHARE * most)  # a station more than is ever validated on trains, but last
    candidates = np.concatenate([order[end:], order[pool:end]])
    validation, train = order[:n_validation], apart(family, candidates, order[:pool])[: n_stations - n_validation]
    if len(train) < max(n_stations - n_validation, 2):
        given = f"{n_stations} with {len(train)} left to train on, other places of the same ones apart"
        raise InputError("n_stations", given, f"{n_stations - n_validation} left", "fewer stations, or another seed")
    return StationSplit(np.sort(train), np.sort(validation), held_out)


def split_hours(times, cycle=CYCLE) -> HourSplit:
    """Cut the hours into blocks of days, cycle by cycle, so that no two parts touch.

    Args:
        times: (time,), UTC, ascending.
        cycle: names of the parts (None is a gap) with their lengths in days.

    Raises:
        InputError: the times are too short to have all three parts.
    """
    times = np.asarray(times, dtype="datetime64[s]")
    days = _days(times)
    ends = np.cumsum([length for _, length in cycle])
    block = np.searchsorted(ends, days % ends[-1], side="right")
    names = [name for name, _ in cycle]
    parts = [np.flatnonzero(block == names.index(part)) for part in ("train", "validation", "test")]
    if not all(part.size for part in parts):
        given = f"{times.size} times over {np.ptp(days) if days.size else 0:.1f} days"
        raise InputError("times", given, f"more than {ends[-3]} days", f"{ends[-1]} days, one whole cycle")
    return HourSplit(*parts)


def _days(times: np.ndarray) -> np.ndarray:
    """Return the days since the first of the times."""
    return (times - times[0]) / np.timedelta64(1, "D") if times.size else np.zeros(0)


def cycle_numbers(times, cycle=PAPER_CYCLE) -> np.ndarray:
    """Return in which cycle, from 0, each of the times (time,) lies; hours of one are more alike than of two."""
    length = sum(days for _, days in cycle)
    return (_days(np.asarray(times, dtype="datetime64[s]")) // length).astype(int)


def nested_hours(times, *, n_times: int, seed: int, n_validation: int = 512, n_test: int = 256) -> HourSplit:
    """Draw `n_times` hours, four in five from training blocks, the others from validation blocks; and test hours.

    For one seed the parts of a smaller number are subsets of those of a larger one; test hours are the same for all.

    Args:
        times: (time,), UTC, ascending.
        n_times: to train and to validate on together, 5 or more.
        seed: of the draw.
        n_validation: validation hours at most, as the authors limit them.
        n_test: hours to be judged on.

    Raises:
        InputError: a number out of range, or more hours than the blocks hold.

    References: [scholz2023].
    """
    require_number("n_times", n_times, least=FEWEST_NESTED, whole=True)
    blocks = split_hours(times, PAPER_CYCLE)
    wanted = {
        "train": n_times - int(VALIDATION_SHARE * n_times),
        "validation": min(int(VALIDATION_SHARE * n_times), n_validation),
        "test": n_test,
    }
    parts = {}
    for name, number in wanted.items():
        block = getattr(blocks, name)
        if number > len(block):
            given = f"{number} {name} hours of n_times={n_times}, n_test={n_test}"
            raise InputError("hours", given, f"at most the {len(block)} of the {name} blocks", "fewer, or more days")
        parts[name] = np.sort(numpy_stream(seed, f"nested {name} hours").permutation(block)[:number])
    return HourSplit(**parts)


def split_hash(data: TemperatureData, stations: StationSplit, hours: HourSplit) -> str:
    """Return 16 digits that two splits share only if they name the same stations and hours for the same parts."""
    digest, network = hashlib.sha256(), data.stations
    for split, names in ((stations, network["station"].values), (hours, network["time"].values.astype("M8[s]"))):
        for part, positions in vars(split).items():
            digest.update(f"{part}: {' '.join(map(str, names[positions]))}\n".encode())
    return digest.hexdigest()[:16]
