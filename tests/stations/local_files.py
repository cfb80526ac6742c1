"""A small folder `local`: a day's weather and three stations that read it, to be spoilt in one way or another."""

import numpy as np
import pandas as pd
import xarray as xr

HOURS = pd.date_range("2020-06-01", periods=48, freq="h")
PLACES = {"A": (50.0, 10.0, 5.0), "B": (50.5, 10.5, 9.0), "C": (51.0, 11.0, 20.0)}


def weather() -> np.ndarray:
    """Return degC of each hour."""
    return 12 + 6 * np.sin(2 * np.pi * np.arange(48) / 24) + np.random.default_rng(1).normal(0, 1, 48)


def reanalysis(hours=HOURS) -> xr.DataArray:
    """Return the field in K, every cell alike."""
    axes = {"time": hours, "latitude": np.arange(52.5, 47.9, -0.5), "longitude": np.arange(8, 13.1, 0.5)}
    values = np.broadcast_to(weather()[: len(hours), None, None] + 273.15, (len(hours), 10, 11)).astype(np.float32)
    return xr.DataArray(values, axes, tuple(axes), "t2m", attrs={"units": "K"})


def readings(unit=lambda value: value) -> pd.DataFrame:
    """Return the rows of all stations, a few tenths beside the reanalysis."""
    rows = []
    for number, station in enumerate(PLACES):
        values = unit(weather() + 0.3 * number)
        times = [f"{time:%Y-%m-%dT%H:%MZ}" for time in HOURS]
        rows.append(pd.DataFrame({"station": station, "time": times, "temperature": np.round(values, 2)}))
    return pd.concat(rows, ignore_index=True)


def stations() -> pd.DataFrame:
    """Return the table of places."""
    table = pd.DataFrame.from_dict(PLACES, orient="index", columns=["latitude", "longitude", "height"])
    return table.rename_axis("station").reset_index()


def write(folder, table=None, places=None, field=None, settings=None):
    """Write a folder `local`; what is not given is as it should be. A text or bytes are written as they are."""
    local = folder / "local"
    local.mkdir(exist_ok=True)
    for name, given, plain in (("readings", table, readings), ("stations", places, stations)):
        given = plain() if given is None else given
        content = given.to_csv(index=False) if isinstance(given, pd.DataFrame) else given
        (local / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    field = reanalysis() if field is None else field
    field.to_netcdf(local / "reanalysis.nc", engine="scipy")
    if settings is not None:
        (local / "local.yaml").write_text(settings)
    return local
