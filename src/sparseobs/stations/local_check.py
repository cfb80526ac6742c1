"""What `python -m sparseobs data check local` says: warnings first, then a table of the stations."""

import warnings

import numpy as np
import pandas as pd

from sparseobs.errors import InputError
from sparseobs.stations.downloads import data_folder
from sparseobs.stations.left_out import LeftOut
from sparseobs.stations.local import load_local
from sparseobs.stations.places import describe_network
from sparseobs.stations.plausible import differences
from sparseobs.stations.reading_hours import off_hours
from sparseobs.stations.temperature import TemperatureData

SUSPICIOUS = 5.0  # K of mean difference: more than most valleys and summits
LARGEST_TOLERANCE = 10  # minutes, that is suggested


def check_local() -> dict[str, str]:
    """Return, by what is expected below the data folder, `ready` or what is wrong."""
    states, _ = examine_local()
    return states


def examine_local() -> tuple[dict[str, str], list[str]]:
    """Return the states of `check_local`, and lines: warnings, then a table of the stations (none if not loaded)."""
    folder = data_folder()[0] / "local"
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", LeftOut)
            data = load_local()
    except InputError as error:
        return {"local": str(error)}, []
    table = station_table(data)
    states = {str(folder / name): "ready" for name in data.inputs}
    if not table["readings"].any():
        state = "no reading at all"
    elif not table["met"].any() and table["off_hour"].any():
        state = "no reading at an hour of the reanalysis, see the warnings"
    else:
        state = "ready"
    left_out = [str(warning.message) for warning in caught if issubclass(warning.category, LeftOut)]
    said = [f"warning: {warning}" for warning in [*left_out, *station_warnings(data, table)]]
    return states | {"local": state}, [*said, "", printed(table)]


def station_table(data: TemperatureData) -> pd.DataFrame:
    """Return a row a station: counts of `reading_hours.off_hours` and differences of `plausible.differences`."""
    counts = off_hours(data.stations, data.reanalysis["time"].values)
    return counts.join(differences(data.stations, data.reanalysis))


def station_warnings(data: TemperatureData, table: pd.DataFrame) -> list[str]:
    """Return what a user should know before a run: what is left out, never reports, or looks odd."""
    odd = describe_network(data.stations)
    said = [odd] if odd else []
    if table["readings"].any() and not (table["met"].any() or table["off_hour"].any()):
        spans = [str(part)[:10] for part in (table["first"].min(), data.reanalysis["time"].values[0])]
        said.append(
            f"stations from {spans[0]} and reanalysis from {spans[1]} have no hour in common: "
            "units cannot be compared, and the reanalysis of the hour is no rival"
        )
        return said
    for name, row in table[table["off_hour"] > 0].iterrows():
        at = f"mostly at :{row.minutes:02d}"
        tolerance = min(row.minutes, 60 - row.minutes) + 1
        way = "; they will be left out"
        if tolerance <= LARGEST_TOLERANCE + 1:
            way += f", or `tolerance_minutes: {LARGEST_TOLERANCE}` in local.yaml takes them to the nearest hour"
        said.append(
            f"{name}: {row.off_hour:,} of {row.readings:,} readings are at no hour of the reanalysis, {at}{way}"
        )
    if lost := int(table["before_or_after"].sum()):
        stations = (table["before_or_after"] > 0).sum()
        said.append(
            f"{lost:,} readings of {stations} stations are before or after the reanalysis; they will be left out"
        )
    for name, row in table[(table["mean"].abs() > SUSPICIOUS) | table["unit"].notna()].iterrows():
        unit = f", and fits better as {row.unit}" if row.unit else ""
        said.append(f"{name}: {row['mean']:+.1f} K from the reanalysis on average{unit}")
    return said


def printed(table: pd.DataFrame) -> str:
    """Return the table as text: readings, share at hours of the reanalysis, period, mean difference."""
    share = table["met"] / table["readings"].where(table["readings"] > 0)
    shown = pd.DataFrame(
        {
            "readings": table["readings"].map("{:,}".format),
            "at its hours": share.map(lambda part: "" if np.isnan(part) else f"{np.floor(1000 * part) / 10:.1f} %"),
            "from": table["first"].map(_day),
            "to": table["last"].map(_day),
            "minus reanalysis (K)": table["mean"].map(lambda value: "" if np.isnan(value) else f"{value:+.2f}"),
        }
    )
    return shown.rename_axis("station").reset_index().to_string(index=False)


def _day(time: pd.Timestamp) -> str:
    return "" if pd.isna(time) else f"{time:%Y-%m-%d}"
