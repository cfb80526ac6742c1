"""What the page on the twin shows: short runs of it, and its stored comparison with reality."""

import dataclasses

import pandas as pd

from sparseobs.stations.twin_full import FULL

PRESETS = {
    "smoke": dataclasses.replace(FULL, days=1),
    "lesson": dataclasses.replace(FULL, days=3),
    "paper": FULL,
}
BANDS = (9, 12, 20, 30, 60, 120, 300)  # km


def spectrum_ratio(table: pd.DataFrame) -> pd.DataFrame:
    """Return the twin's power over the weather model's, a row a band of wavelengths."""
    part = table[table["quantity"] == "power spectrum"]
    band = pd.cut(part["x"], BANDS).rename("wavelength (km)")
    power = part.groupby([band, "source"], observed=True)["value"].mean().unstack()
    over_model = power.div(power.filter(like="ICON").iloc[:, 0], axis=0)
    return over_model[["twin", "twin reanalysis"]].set_axis(["nature run", "reanalysis"], axis=1)
