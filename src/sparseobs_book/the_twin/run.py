"""What the page on the twin shows: short runs of it, and its stored comparison with reality."""

import dataclasses

import numpy as np
import pandas as pd

from sparseobs.stations.geography import station_points
from sparseobs.stations.temperature import measured
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_full import FULL
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs.stations.twin_weather import settled_of
from sparseobs_book.the_twin.networks import FACTS, LEFT_OUT, describe, left_out_errors, lowland

PRESETS = {
    "smoke": dataclasses.replace(FULL, days=1),
    "lesson": dataclasses.replace(FULL, days=3),
    "paper": FULL,
}
# Twelve days of the real nights' season, with as many stations, and settled weather more often than it comes.
FEBRUARY = {"start": "2001-02-11", "days": 12, "n_stations": 150, "least_distance": 12.0, "move_rate": 0.0}
FEBRUARY |= {"settled_share": 0.6}
REAL, SETTLED, OTHER = "178 SYNOP stations, 2019-02-17 to 20", "twin, settled", "twin, not settled"
COVARIANCE = {"length": 800.0, "nugget": 0.05}  # km and share: what suits the real stations best
BANDS = (9, 12, 20, 30, 60, 120, 300)  # km


def spectrum_ratio(table: pd.DataFrame) -> pd.DataFrame:
    """Return the twin's power over the weather model's, a row a band of wavelengths."""
    part = table[table["quantity"] == "power spectrum"]
    band = pd.cut(part["x"], BANDS).rename("wavelength (km)")
    power = part.groupby([band, "source"], observed=True)["value"].mean().unstack()
    over_model = power.div(power.filter(like="ICON").iloc[:, 0], axis=0)
    return over_model[["twin", "twin reanalysis"]].set_axis(["nature run", "reanalysis"], axis=1)


def nights(settings: TwinSettings, seed: int) -> pd.DataFrame:
    """Return `quantity`, `x`, `value` and `source` of real days and of the twin's in February, settled and not.

    Args:
        settings: of the twin; `FEBRUARY` takes the place of some.
        seed: of the twin.
    """
    settings = dataclasses.replace(settings, **FEBRUARY)
    stations = lowland(load_twin(settings, seed=seed).stations)
    errors = left_out_errors(station_points(stations), measured(stations).values.astype(float), **COVARIANCE)
    tables, settled = [pd.read_csv(FACTS).assign(source=REAL)], settled_of(settings, seed) > 0.5
    for source, chosen in {SETTLED: settled, OTHER: ~settled}.items():
        if chosen.sum() >= 24:
            found = describe(stations.isel(time=np.flatnonzero(chosen)), errors[chosen])
            tables.append(found.assign(source=source))
    return pd.concat(tables)


def by_time(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean error of stations left out, a row a source, at 0 to 2 and 12 to 17 UTC, from `nights`, K."""
    part = table[table["quantity"] == LEFT_OUT]
    times = {"0 to 2 UTC (K)": range(3), "12 to 17 UTC (K)": range(12, 18)}
    means = {
        name: part[part["x"].isin(hours)].groupby("source", sort=False)["value"].mean() for name, hours in times.items()
    }
    return pd.DataFrame(means)
