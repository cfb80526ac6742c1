"""The time axis of a gridded file: decoded where its units say how, refused in words where they do not."""

import re

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError

DAYS_AS = re.compile(r"day as %Y%m%d\.%f")  # what `cdo -a` writes: the day as a number, its fraction behind the point
AXES = ("valid_time", "time")
EXPECTED = "a time axis in UTC of the standard calendar that says its units, such as hours since 1900-01-01"
HINT = "`cdo -r copy`, or setting the attributes `units` and `calendar`"
SECOND, ROUNDING = np.timedelta64(1, "s"), np.timedelta64(1, "ms")  # of a time kept as a number of days


def axis_times(axis: xr.DataArray, given: object) -> np.ndarray:
    """Return the times of an axis, UTC; a millisecond or less beside a whole second is a number's rounding.

    Args:
        axis: as opened, of times or of numbers with an attribute `units`.
        given: what to call the file in a message.

    Raises:
        InputError: units that do not say which hour a number means, another calendar, or a time that is missing.
    """
    values, units = axis.values, str(axis.attrs.get("units", ""))
    if not np.issubdtype(values.dtype, np.datetime64):
        values = _days_as(axis, given) if DAYS_AS.fullmatch(units) else _refuse(axis, given)
    values = values.astype("datetime64[ns]")
    if np.isnat(values).any():
        raise InputError("time axis", f"{given} (a missing time)", EXPECTED, HINT)
    whole = values.astype("datetime64[s]") + np.where(values - values.astype("datetime64[s]") > SECOND / 2, SECOND, 0)
    return np.where(np.abs(values - whole) <= ROUNDING, whole, values)


def hour_positions(times: np.ndarray | None, hours: object) -> np.ndarray:
    """Return positions along times (time,), UTC, of hours that are given as positions or as times.

    Args:
        times: of the axis; None where they are not known, and hours can be positions only.
        hours: one or several whole numbers, or times of any kind that NumPy or pandas reads as UTC without an offset.

    Raises:
        InputError: an hour that the axis does not have.
    """
    given = np.atleast_1d(np.asarray(hours))
    given = np.flatnonzero(given) if given.dtype == bool else given
    if given.size == 0 or np.issubdtype(given.dtype, np.integer):
        if times is not None and given.size and not (-len(times) <= given.min() and given.max() < len(times)):
            expected = f"positions from 0 to {len(times) - 1}, or times"
            raise InputError("hours", given[(given >= len(times)) | (given < -len(times))][0], expected, "fewer hours")
        return given.astype(int)
    try:
        wanted = pd.DatetimeIndex(given).as_unit("ns")
        found = pd.Index([]) if times is None else pd.DatetimeIndex(times).as_unit("ns")
        positions = found.get_indexer(wanted)
    except (ValueError, TypeError) as error:
        raise InputError(
            "hours", hours, "positions, or times in UTC without an offset", "`.tz_localize(None)`"
        ) from error
    if (positions < 0).any():
        span = f"{found[0]} to {found[-1]}" if len(found) else "positions: this network does not know its times"
        raise InputError("hours", str(wanted[positions < 0][0]), f"hours of {span}", "another hour")
    return positions


def refusal(dataset: xr.Dataset, given: object) -> InputError:
    """Return what to say of a file whose times xarray could not decode.

    Args:
        dataset: opened without decoding its times.
        given: what to call the file.
    """
    axes = [dataset[name] for name in AXES if name in dataset.variables]
    return _refusal(axes[0], given) if axes else InputError("time axis", f"{given} (none)", EXPECTED, HINT)


def _days_as(axis: xr.DataArray, given: object) -> np.ndarray:
    """Return the times of numbers such as 20190301.25."""
    if axis.dtype.itemsize < 8:
        raise InputError("time axis", f"{given} ({axis.dtype}, which cannot hold an hour so)", EXPECTED, HINT)
    numbers = axis.values.astype(float)
    days, fraction = np.divmod(numbers, 1)
    try:
        texts = [f"{day:08.0f}" for day in days.ravel()]
        days = pd.to_datetime(texts, format="%Y%m%d").to_numpy("datetime64[ns]").reshape(numbers.shape)
    except ValueError as error:
        raise _refusal(axis, given) from error
    # A double holds such a number to a third of a millisecond.
    return days + np.round(fraction * 86_400e3).astype("timedelta64[ms]")


def _refuse(axis: xr.DataArray, given: object) -> np.ndarray:
    raise _refusal(axis, given)


def _refusal(axis: xr.DataArray, given: object) -> InputError:
    first = axis.values.ravel()[0] if axis.size else "empty"
    told = [f"{name} {axis.attrs[name]!r}" for name in ("units", "calendar") if name in axis.attrs]
    calendar = getattr(first, "calendar", None)  # of a time that is none of the standard calendar
    told += [f"calendar {calendar!r}"] if calendar else []
    given = f"{given} ({axis.name} begins with {first!s}; {', '.join(told) or 'no units'})"
    return InputError("time axis", given, EXPECTED, HINT)
