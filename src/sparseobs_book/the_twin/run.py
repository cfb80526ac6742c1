"""What the page on the twin shows: short runs of it, and its stored comparison with reality."""

import dataclasses
from dataclasses import dataclass

import pandas as pd

from sparseobs.interpolation.gridded import reanalysis_errors
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_full import FULL
from sparseobs.stations.twin_settings import TwinSettings

PRESETS = {
    "smoke": dataclasses.replace(FULL, days=1),
    "lesson": dataclasses.replace(FULL, days=3),
    "paper": FULL,
}
BANDS = (10, 30, 60, 120, 300)  # km


@dataclass(frozen=True)
class Summary:
    """What decides a station's reading besides the truth; see `TwinSettings`."""

    height_scatter: float
    siting: float
    turbulence: float
    obs_error_std: float
    missing_share: float
    move_rate: float
    move_distance: float


def summary(settings: TwinSettings) -> Summary:
    """Return the settings of the stations alone."""
    return Summary(**{field.name: getattr(settings, field.name) for field in dataclasses.fields(Summary)})


def errors_without(settings: TwinSettings, seed: int) -> pd.DataFrame:
    """Return the view's hourly errors at stations, K, with ever fewer errors of the thermometers.

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
        rows.append({"thermometers": what, "rmse (K)": hourly["rmse"], "bias (K)": hourly["bias"]})
    return pd.DataFrame(rows).set_index("thermometers")


def reanalysis_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the stored daily errors of reanalyses, a row a network of stations."""
    names = {"daily error": "RMSE (K)", "daily bias": "bias (K)", "station-days": "station-days"}
    part = table[table["quantity"].isin(names)]
    wide = part.pivot(index="source", columns="quantity", values="value")
    return wide.loc[part["source"].unique(), list(names)].rename(columns=names)


def spectrum_ratio(table: pd.DataFrame) -> pd.DataFrame:
    """Return the twin's power over the weather model's, a row a band of wavelengths."""
    part = table[table["quantity"] == "power spectrum"]
    band = pd.cut(part["x"], BANDS).rename("wavelength (km)")
    power = part.groupby([band, "source"], observed=True)["value"].mean().unstack()
    model = power.filter(like="ICON").iloc[:, 0]
    ratios = {
        "nature run / weather model": power["twin"] / model,
        "view / weather model": power["twin reanalysis"] / model,
    }
    return pd.DataFrame(ratios)
