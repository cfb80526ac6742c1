"""Which days are meant: from the first to the last, both whole, in UTC."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError

HOUR, DAY = pd.Timedelta("1h"), pd.Timedelta("1D")


@dataclass(frozen=True)
class Period:
    """Whole days in UTC.

    Attributes:
        start: the first hour.
        stop: the hour after the last.
    """

    start: pd.Timestamp
    stop: pd.Timestamp

    @property
    def hours(self) -> pd.DatetimeIndex:
        """Every hour of the period."""
        return pd.date_range(self.start, self.stop, freq="h", inclusive="left")

    @property
    def months(self) -> list["Period"]:
        """The period cut at the turns of months."""
        edges = pd.date_range(self.start, self.stop, freq="MS", inclusive="neither")
        edges = [self.start, *edges, self.stop]
        return [Period(*pair) for pair in zip(edges, edges[1:], strict=False)]

    @property
    def widened(self) -> "Period":
        """The period and a day more at either end: a stamp may be of a clock up to 14 hours from UTC."""
        return Period(self.start - DAY, self.stop + DAY)

    def contains(self, times) -> np.ndarray:
        """Return, elementwise, whether times (UTC) lie in the period."""
        times = np.asarray(times, dtype="datetime64[ns]")
        return (times >= self.start.to_datetime64()) & (times < self.stop.to_datetime64())

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d}..{self.stop - HOUR:%Y-%m-%d}"


def days_of(field: xr.DataArray) -> Period:
    """Return the days from a field's first hour to its last.

    Args:
        field: with a dimension `time`, ascending, UTC.
    """
    first, last = pd.to_datetime(field["time"].values[[0, -1]]).normalize()
    return Period(first, last + DAY)


def period(start: str, end: str) -> Period:
    """Return the period from `start` to `end`, both days included.

    Args:
        start: first day, year-month-day.
        end: last day, likewise.

    Raises:
        InputError: no such days, or the last before the first.
    """
    days = []
    for name, text in (("start", start), ("end", end)):
        try:
            days.append(pd.to_datetime(str(text), format="%Y-%m-%d"))
        except (TypeError, ValueError) as error:
            raise InputError(name, text, "a day, year-month-day", f"{name}='2020-06-01'") from error
    if days[1] < days[0]:
        raise InputError("end", end, f"a day not before {start}", f"end={start!r}")
    return Period(days[0], days[1] + DAY)
