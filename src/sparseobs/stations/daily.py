"""A reanalysis of coarser time resolution."""

import numpy as np
import xarray as xr

from sparseobs.errors import InputError

HOUR = np.timedelta64(1, "h")


def daily_means(field: xr.DataArray) -> xr.DataArray:
    """Return the field with the mean of its UTC day in place of each hour.

    It keeps its hours, so that a network sees as many fields with all hours of the day, and can learn from them that
    the hour says nothing.

    Args:
        field: hourly, dimension `time` first, of whole days.

    Raises:
        InputError: other steps than an hour, or a day that is not whole.
    """
    times = np.asarray(field["time"].values, dtype="datetime64[ns]")
    whole = field.dims[0] == "time" and times.size and times.size % 24 == 0 and times[0] == times[0].astype("M8[D]")
    if not whole or (np.diff(times) != HOUR).any():
        given = f"{times.size} times" + (f" from {times[0]} to {times[-1]}" if times.size else "")
        raise InputError("field", given, "every hour of whole days (UTC), time first", "cutting it at midnight")
    means = field.values.reshape(-1, 24, *field.shape[1:]).mean(axis=1)
    return field.copy(data=np.repeat(means, 24, axis=0)).assign_attrs(cell_methods="time: mean (interval: 1 day)")
