"""What the page on the twin shows: short runs of it, and its stored comparison with reality."""

import dataclasses

import pandas as pd

from sparseobs.stations.twin_full import FULL
from sparseobs.stations.twin_settings import Weather
from sparseobs_book.the_twin.networks import LEFT_OUT
from sparseobs_book.the_twin.reality import MODEL, OTHER, SETTLED

PRESETS = {
    "smoke": dataclasses.replace(FULL, days=1),
    "lesson": dataclasses.replace(FULL, days=3),
    "paper": FULL,
}
# One day that is settled until its evening, whatever the seed (but for one in fifty), without stations.
CALM_DAY = {"start": "2001-07-14", "days": 1, "settled_share": 0.99, "n_stations": 0, "move_rate": 0.0}
NOTHING = Weather(std=0.0, length=100.0, memory=1.0)
NO_ERROR_OF_ITS_OWN = {"view_bias": NOTHING, "view_error": NOTHING}
BANDS = (9, 12, 20, 30, 60, 120, 300)  # km
TIMES = {"0 to 2 UTC (K)": range(3), "8 to 11 UTC (K)": range(8, 12), "12 to 17 UTC (K)": range(12, 18)}
SEEN = {"daily error": "daily mean", "minimum error": "daily minimum", "maximum error": "daily maximum"}


def spectrum_ratio(table: pd.DataFrame) -> pd.DataFrame:
    """Return the twin's power over the weather model's, a row a band of wavelengths."""
    part = table[table["quantity"] == "power spectrum"]
    band = pd.cut(part["x"], BANDS).rename("wavelength (km)")
    power = part.groupby([band, "source"], observed=True)["value"].mean().unstack()
    return power.div(power[MODEL], axis=0)[[SETTLED, OTHER, "twin reanalysis"]]


def by_time(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean error of stations left out, K, a row a source and a column of `TIMES`."""
    part = table[table["quantity"] == LEFT_OUT]
    means = {
        name: part[part["x"].isin(hours)].groupby("source", sort=False)["value"].mean() for name, hours in TIMES.items()
    }
    return pd.DataFrame(means)


def view_errors(table: pd.DataFrame) -> pd.DataFrame:
    """Return RMSE, K, of the reanalysis's daily means, minima and maxima, a row a source."""
    part = table[table["quantity"].isin(SEEN)]
    return part.pivot(index="source", columns="quantity", values="value")[list(SEEN)].rename(columns=SEEN)
