"""Scores apart by station, by hour of the day and by height: where a method is good."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sparseobs.errors import InputError
from sparseobs.scores.gaussian import score_gaussian


def scores_by(
    mean: ArrayLike, std: ArrayLike, observed: ArrayLike, groups: ArrayLike, order: Sequence | None = None
) -> pd.DataFrame:
    """Return one row a group that has an observation: `group` and the scores of `score_gaussian`.

    Args:
        mean: (hour, station), as the next two.
        std: positive.
        observed: NaN where nothing was measured.
        groups: a name or number for every pair; its shape is broadcast, so that (hour, 1) and (station,) will do.
        order: the groups in the order of the rows; None sorts them.

    Raises:
        InputError: groups that do not fit the shape, or as `score_gaussian`.
    """
    mean, std, observed = (np.asarray(part, dtype=float) for part in (mean, std, observed))
    try:
        groups = np.broadcast_to(np.asarray(groups), observed.shape)
    except ValueError as error:
        given = f"shape {np.shape(groups)} for {observed.shape}"
        raise InputError("groups", given, "a group for every pair", "groups[:, None] for groups of hours") from error
    rows = []
    for group in np.unique(groups) if order is None else order:
        inside = groups == group
        if np.isfinite(observed[inside]).any():
            rows.append({"group": group, **score_gaussian(mean[inside], std[inside], observed[inside])._asdict()})
    return pd.DataFrame(rows)


def hour_of_day(times: ArrayLike, hours: int = 6) -> np.ndarray:
    """Return, for every time (UTC), the name of the part of the day that it falls in, (time, 1): `00-05 UTC` ...

    Args:
        times: (time,).
        hours: length of a part, a divisor of 24.
    """
    if hours not in (1, 2, 3, 4, 6, 8, 12, 24):
        raise InputError("hours", hours, "a divisor of 24", "hours=6")
    times = np.asarray(times, dtype="datetime64[h]")
    first = (times - times.astype("datetime64[D]")).astype(int) // hours * hours
    return np.array([f"{hour:02d}-{hour + hours - 1:02d} UTC" for hour in first])[:, None]


def height_bands(edges: Sequence[float]) -> list[str]:
    """Return the names of the bands between heights, low to high: `below 50 m`, `50-100 m`, `above 100 m`.

    Args:
        edges: ascending, m.
    """
    edges = list(edges)
    if not edges or edges != sorted(set(edges)):
        raise InputError("edges", edges, "ascending heights, one or more", "edges=[50, 100]")
    between = [f"{low:g}-{high:g} m" for low, high in zip(edges, edges[1:], strict=False)]
    return [f"below {edges[0]:g} m", *between, f"above {edges[-1]:g} m"]


def height_band(heights: ArrayLike, edges: Sequence[float]) -> np.ndarray:
    """Return, for every height (m), the name of its band (see `height_bands`), (station,).

    Args:
        heights: (station,), m.
        edges: ascending, m; a height on an edge belongs to the band above.
    """
    names = np.array(height_bands(edges))
    return names[np.searchsorted(edges, np.asarray(heights, dtype=float), side="right")]
