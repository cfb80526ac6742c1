"""What the page on the twin shows: short runs of it, and its stored comparison with reality."""

import dataclasses

import pandas as pd

from sparseobs.interpolation.reanalysis import reanalysis_errors
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_full import FULL
from sparseobs.stations.twin_settings import TwinSettings

PRESETS = {
    "smoke": dataclasses.replace(FULL, days=1),
    "lesson": dataclasses.replace(FULL, days=3),
    "paper": FULL,
}
BANDS = (9, 12, 20, 30, 60, 120, 300)  # km


def errors_without(settings: TwinSettings, seed: int) -> pd.DataFrame:
    """Return the reanalysis's hourly errors at stations, K, with ever fewer errors of the thermometers.

    Args:
        settings: of the run; a day of it is run.
        seed: of the twin.
    """
    changes = {
        "as it is": {},
        "no noise": {"obs_error_std": 0.0},
        "nor turbulence": {"turbulence": 0.0},
        "nor siting": {"siting": 0.0},
    }
    rows, settings = [], dataclasses.replace(settings, days=1)
    for what, change in changes.items():
        settings = dataclasses.replace(settings, **change)
        hourly = reanalysis_errors(load_twin(settings, seed=seed)).set_index("resolution").loc["hourly"]
        rows.append({"thermometers": what, "RMSE (K)": hourly["rmse"], "bias (K)": hourly["bias"]})
    return pd.DataFrame(rows).set_index("thermometers")


def spectrum_ratio(table: pd.DataFrame) -> pd.DataFrame:
    """Return the twin's power over the weather model's, a row a band of wavelengths."""
    part = table[table["quantity"] == "power spectrum"]
    band = pd.cut(part["x"], BANDS).rename("wavelength (km)")
    power = part.groupby([band, "source"], observed=True)["value"].mean().unstack()
    over_model = power.div(power.filter(like="ICON").iloc[:, 0], axis=0)
    return over_model[["twin", "twin reanalysis"]].set_axis(["nature run", "reanalysis"], axis=1)
