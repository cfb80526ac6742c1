"""Is it a temperature in degC? Beside the reanalysis of the same hours a wrong unit cannot hide."""

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.local_layout import LARGEST_DIFFERENCE, UNITS

FEWEST = 12  # hours in common, below which nothing is said
FITS = 8.0  # K apart, of a unit that explains the readings
CLEARLY = 3.0  # times as far off as in that unit


def differences(stations: xr.Dataset, reanalysis: xr.DataArray) -> pd.DataFrame:
    """Return a row a station: `hours` in common, `mean` difference to the nearest cell and how far `apart` (K), `unit`.

    `unit` is the one of `UNITS` in which the readings lie clearly nearer to the reanalysis than in degC, else None.

    Args:
        stations: `temperature` (time, station), degC as it is believed to be.
        reanalysis: (time, latitude, longitude), degC.
    """
    common, rows, columns = np.intersect1d(stations["time"].values, reanalysis["time"].values, return_indices=True)
    readings = stations["temperature"].transpose("time", "station").values[rows]
    found = []
    for index, station in enumerate(stations["station"].values):
        cell = {
            name: int(np.abs(reanalysis[name].values - float(stations[name][index])).argmin())
            for name in ("latitude", "longitude")
        }
        beside = reanalysis.isel(cell).values[columns]
        own = np.isfinite(readings[:, index])
        found.append({"station": str(station)} | _compared(readings[own, index].astype(float), beside[own]))
    return pd.DataFrame(found).set_index("station")


def _compared(readings: np.ndarray, beside: np.ndarray) -> dict:
    if readings.size == 0:
        return {"hours": 0, "mean": np.nan, "apart": np.nan, "unit": None}
    apart = {unit: _apart(convert(readings), beside) for unit, convert in UNITS.items()}
    best = min(apart, key=lambda unit: apart[unit])
    explains = readings.size >= FEWEST and apart[best] < FITS and apart["degC"] > max(FITS, CLEARLY * apart[best])
    compared = {"hours": readings.size, "mean": float(np.mean(readings - beside)), "apart": apart["degC"]}
    return compared | {"unit": best if explains else None}


def _apart(readings: np.ndarray, beside: np.ndarray) -> float:
    """Return how far two series lie apart, K, by their means and by their standard deviations.

    The root mean square would favour tenths, which hardly vary, over degrees that vary at other hours.
    """
    return float(np.hypot(np.mean(readings - beside), np.std(readings) - np.std(beside)))


def require_plausible(
    stations: xr.Dataset,
    reanalysis: xr.DataArray,
    largest: float = LARGEST_DIFFERENCE,
    settings: str | None = None,
) -> None:
    """Raise `InputError` if stations lie `largest` K or more from the reanalysis on average, naming the likely unit.

    A station is refused too whose readings scatter as far about the reanalysis and fit it in another unit. Nothing is
    said where the two have fewer than `FEWEST` hours in common. `settings` is the file that may say otherwise.
    """
    table = differences(stations, reanalysis)
    table = table[table["hours"] >= FEWEST]
    wrong = table[(table["mean"].abs() >= largest) | ((table["apart"] >= largest) & table["unit"].notna())]
    if wrong.empty:
        return
    name, first = wrong.index[0], wrong.iloc[0]
    how_many = f"{len(wrong)} of {len(table)} stations" if len(wrong) > 1 else f"station {name}"
    side = "above" if first["mean"] > 0 else "below"
    apart = f"{abs(first['mean']):.1f} K {side} the reanalysis"
    given = f"{how_many}: {name} is {apart} on average, over {first['hours']} hours"
    units = wrong["unit"].dropna()
    unit = units.mode().iloc[0] if len(units) else None
    hint = (
        f"degC for {unit}, which they look like" if unit else "its place, and the attribute `units` of the reanalysis"
    )
    if settings:
        hint += f"; `unit: {unit}` in {settings} reads them so" if unit else f"; or `largest_difference` in {settings}"
    raise InputError(
        "column temperature", given, f"air temperature in degC, within {largest:g} K of it on average", hint
    )
