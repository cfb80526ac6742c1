"""What both contestants of `convcnp_speed.py` are given, and how they answer. Needs numpy and xarray alone."""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr
from memory import peak_resident_mb

SOUTH, NORTH, WEST, EAST = 47.2, 54.95, 5.8, 15.05  # Germany, as in the paper's code


@dataclass(frozen=True)
class Size:
    """How large a race is; `multiple` is what our internal grid's rows and columns are multiples of."""

    channels: tuple[int, ...]
    density: int
    context: int
    tasks: int
    kilometres: float
    threads: int
    multiple: int = 64

    @classmethod
    def given(cls) -> "Size":
        """Return the size that the race wrote on the command line."""
        fields = json.loads(sys.argv[1])
        return cls(**{**fields, "channels": tuple(fields["channels"])})


def reanalysis(n_hours: int = 8, seed: int = 0) -> xr.DataArray:
    """Return made-up hourly `t2m` (time, latitude, longitude), degC, on ERA5's cells: a few large waves."""
    rng = np.random.default_rng(seed)
    latitude, longitude = np.arange(SOUTH, NORTH + 0.01, 0.25), np.arange(WEST, EAST + 0.01, 0.25)
    times = np.datetime64("2020-01-01", "ns") + np.arange(n_hours) * np.timedelta64(1, "h")
    waves = rng.uniform(0.3, 2.0, (6, 2)), rng.uniform(0, 2 * np.pi, (n_hours, 6))
    phase = waves[0][:, :1, None] * latitude[:, None] + waves[0][:, 1:, None] * longitude
    field = 9 + 2 * np.sin(phase[None] + waves[1][:, :, None, None]).sum(1)
    axes = {"time": times, "latitude": latitude, "longitude": longitude}
    return xr.DataArray(field, axes, tuple(axes), "t2m")


def map_axes(kilometres: float) -> tuple[np.ndarray, np.ndarray]:
    """Return latitudes and longitudes of a map of Germany of that spacing."""
    step = kilometres / 111.2
    squeeze = np.cos(np.deg2rad((SOUTH + NORTH) / 2))
    return np.arange(SOUTH, NORTH, step), np.arange(WEST, EAST, step / squeeze)


def serve(jobs: dict[str, Callable[[], None]], about: dict, begin_mb: float) -> None:
    """Do the job named by each line of standard input and answer with its seconds and the memory so far, as JSON.

    Args:
        jobs: by name.
        about: what the first line says of this contestant.
        begin_mb: the most memory held before its model was made, libraries and data included.
    """
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints is no answer
    print(json.dumps({**about, "memory_mb": begin_mb}), file=answers)
    for line in sys.stdin:
        job = jobs[line.strip()]
        start = time.perf_counter()
        job()
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "memory_mb": peak_resident_mb()}), file=answers)
