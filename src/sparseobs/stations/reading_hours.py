"""Readings and the hours of a reanalysis: which meet, which could, and what is said of those that do not."""

import numpy as np
import pandas as pd
import xarray as xr

MINUTE = np.timedelta64(1, "m")


def at_nearest_hours(table: pd.DataFrame, hours: np.ndarray, tolerance: float) -> tuple[pd.DataFrame, list[str]]:
    """Return readings moved to the nearest hour of a reanalysis, and a sentence about how many.

    Where several readings of a station are near to one hour, the nearest counts and the others are left out.

    Args:
        table: rows with `station`, `time` and `temperature`.
        hours: of the reanalysis, ascending.
        tolerance: minutes; a reading farther from every hour keeps its time. 0 moves none.
    """
    if not tolerance or not hours.size:
        return table, []
    times = table["time"].to_numpy("datetime64[ns]")
    after = np.clip(hours.searchsorted(times), 1, hours.size - 1) if hours.size > 1 else np.zeros(times.size, int)
    before = np.maximum(after - 1, 0)
    nearer = np.where(times - hours[before] <= hours[after] - times, before, after)
    distance = np.abs(times - hours[nearer])
    near = distance <= tolerance * 60 * np.timedelta64(1_000_000_000, "ns")
    moved = table.assign(time=np.where(near, hours[nearer], times), distance=distance)
    # An empty cell on the hour is no reason to lose the reading beside it.
    moved = moved.sort_values(["distance"], kind="stable").sort_values(
        "temperature", key=lambda values: values.isna(), kind="stable"
    )
    kept = moved.drop_duplicates(["station", "time"]).sort_index()
    lost = int(moved["temperature"].notna().sum() - kept["temperature"].notna().sum())
    off = int((near & (distance > np.timedelta64(0)) & table["temperature"].notna().to_numpy()).sum())
    said = [f"Moved to the nearest hour of the reanalysis, by at most {tolerance:g} minutes: {off:,} readings."] * (
        off > 0
    )
    said += [f"Left out, for another reading of their station is nearer to that hour: {lost:,} readings."] * (lost > 0)
    return kept.drop(columns="distance"), said


def off_hours(stations: xr.Dataset, hours: np.ndarray) -> pd.DataFrame:
    """Return a row a station: readings, how many meet the reanalysis, first and last time.

    Columns: `readings`, `met`, `before_or_after` (outside the reanalysis's first to last hour), `off_hour` (inside, but
    at none of its hours), `first`, `last` (NaT where it never reports) and `minutes`, the commonest of those between.

    Args:
        stations: `temperature` (time, station).
        hours: of the reanalysis, ascending.
    """
    times = stations["time"].values
    there = np.isfinite(stations["temperature"].transpose("time", "station").values)
    met = np.isin(times, hours)
    within = (times >= hours[0]) & (times <= hours[-1])
    between = within & ~met
    minute = (times - times.astype("datetime64[h]")) // MINUTE
    rows = []
    for column, station in enumerate(stations["station"].values):
        own = there[:, column]
        span = times[own][[0, -1]] if own.any() else np.array(["NaT", "NaT"], "datetime64[ns]")
        beside = minute[own & between]
        rows.append(
            {
                "station": str(station),
                "readings": int(own.sum()),
                "met": int((own & met).sum()),
                "before_or_after": int((own & ~within).sum()),
                "off_hour": int((own & between).sum()),
                "first": span[0],
                "last": span[1],
                "minutes": int(np.bincount(beside).argmax()) if beside.size else -1,
            }
        )
    return pd.DataFrame(rows).set_index("station")


def left_out_sentences(counts: pd.DataFrame) -> list[str]:
    """Return what to say of readings that will be left out, by the table of `off_hours`."""
    said, total = [], int(counts["readings"].sum())
    if lost := int(counts["off_hour"].sum()):
        most = counts.sort_values("off_hour", ascending=False).head(3)
        named = ", ".join(f"{row.off_hour:,} of {name}" for name, row in most.iterrows() if row.off_hour)
        said.append(
            f"Left out, at times between the hours of the reanalysis: {lost:,} of {total:,} readings ({named})."
        )
    if lost := int(counts["before_or_after"].sum()):
        said.append(f"Left out, before or after the hours of the reanalysis: {lost:,} of {total:,} readings.")
    return said
