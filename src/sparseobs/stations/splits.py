"""Which stations and hours are learnt from, chosen on and judged on: apart, and in time never neighbours."""

from dataclasses import dataclass

import numpy as np

from sparseobs.errors import InputError, require_number
from sparseobs.randomness import numpy_stream
from sparseobs.stations.temperature import TemperatureData

# Days of each cycle. After Scholz et al. (2023): 19 train, 2 gap, 2 validation, 2 gap, 2.5 test and 2 gap,
# shortened so that March holds four whole cycles; 7.75 days move the blocks' start round the clock.
CYCLE = (("train", 4.0), (None, 0.5), ("validation", 1.0), (None, 0.5), ("test", 1.25), (None, 0.5))
GAP = np.timedelta64(12, "h")  # hours of different parts are always further apart than this


@dataclass(frozen=True)
class StationSplit:
    """Positions along `station`, each ascending and disjoint from the others."""

    train: np.ndarray
    validation: np.ndarray
    held_out: np.ndarray


@dataclass(frozen=True)
class HourSplit:
    """Positions along `time`, each ascending, parts separated by `GAP`."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_stations(data: TemperatureData, *, n_held_out: int, n_validation: int, seed: int) -> StationSplit:
    """Draw the stations that are held out, those models are chosen on, and leave the rest for training.

    Where the source marks VALUE stations they are held out first, as Scholz et al. (2023) do: a random subset
    of them, or all and then others. For one seed a smaller held-out set is part of a larger one.

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
    n_stations = data.stations.sizes["station"]
    most = n_stations - n_validation - 2
    if n_held_out > most:
        expected = f"at most {most} ({n_stations} stations, {n_validation} for validation, 2 or more to train on)"
        raise InputError("n_held_out", n_held_out, expected, f"n_held_out={max(min(most, n_stations // 4), 0)}")
    order = numpy_stream(seed, "station split").permutation(n_stations)
    if "value" in data.stations.coords:
        order = order[np.argsort(~data.stations["value"].values[order], kind="stable")]
    rest = numpy_stream(seed, "validation stations").permutation(order[n_held_out:])
    parts = rest[n_validation:], rest[:n_validation], order[:n_held_out]
    return StationSplit(*(np.sort(part) for part in parts))


def split_hours(times) -> HourSplit:
    """Cut the hours into blocks of days, `CYCLE` by `CYCLE`, so that no two parts touch.

    Args:
        times: (time,), UTC, ascending.

    Raises:
        InputError: the times are too short to have all three parts.
    """
    times = np.asarray(times, dtype="datetime64[s]")
    days = (times - times[0]) / np.timedelta64(1, "D") if times.size else np.zeros(0)
    ends = np.cumsum([length for _, length in CYCLE])
    block = np.searchsorted(ends, days % ends[-1], side="right")
    names = [name for name, _ in CYCLE]
    parts = [np.flatnonzero(block == names.index(part)) for part in ("train", "validation", "test")]
    if not all(part.size for part in parts):
        given = f"{times.size} times over {np.ptp(days) if days.size else 0:.1f} days"
        raise InputError("times", given, f"more than {ends[-3]} days", f"{ends[-1]} days, one whole cycle")
    return HourSplit(*parts)
