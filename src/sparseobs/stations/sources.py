"""One door to every source of temperature data."""

import dataclasses

import numpy as np

from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.randomness import numpy_stream
from sparseobs.stations.germany import load_germany
from sparseobs.stations.left_out import tell
from sparseobs.stations.local import load_local
from sparseobs.stations.places import describe_network
from sparseobs.stations.reading_hours import left_out_sentences, off_hours
from sparseobs.stations.synop import load_synop
from sparseobs.stations.temperature import TemperatureData
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs.stations.uk_ireland import load_uk_ireland

__all__ = ["SOURCES", "TemperatureData", "load"]

SOURCES = ("twin", "uk_ireland", "synop", "germany", "local")


def load(source: str, *, seed: int = 0, obs_error_std: float | None = None) -> TemperatureData:
    """Return the temperature data of a source.

    Args:
        source: `twin` (synthetic Germany, offline), or real: `uk_ireland` (a folder or a download), `synop` (likewise;
            four days of the British Isles), `germany` (what `python -m sparseobs data fetch germany` brought, or a
            folder) or `local` (the user's own files). Where stations and reanalysis have hours in common, these alone
            are kept of the stations. Stations that never report, share a place or have moved are counted in `notes`.
        seed: of everything random: the twin's weather, and the noise that is added.
        obs_error_std: K, the twin's thermometer noise (default 0.3); on real data, noise added to what was
            measured (default none).

    Raises:
        InputError: unknown source, negative noise, or a file missing, truncated or not the pinned one.
    """
    require_choice("source", source, SOURCES)
    if obs_error_std is not None:
        require_number("obs_error_std", obs_error_std, least=0)
    if source != "twin":
        # Looked up when called, so that a test may put something else in their place.
        real = {
            "uk_ireland": load_uk_ireland,
            "synop": load_synop,
            "germany": load_germany,
            "local": load_local,
        }[source]()
        return _with_noise(_with_network_described(_at_common_hours(real)), seed, obs_error_std or 0.0)
    settings = TwinSettings() if obs_error_std is None else TwinSettings(obs_error_std=obs_error_std)
    return load_twin(settings, seed=seed)


def _at_common_hours(data: TemperatureData) -> TemperatureData:
    """Return the data without station hours that the reanalysis lacks; with all of them where the two never meet.

    A weather service's files hold more than the days for which a reanalysis was fetched. What is left out is counted.

    Raises:
        InputError: the two cover the same days, but no reading is at an hour of the reanalysis.
    """
    hours = data.reanalysis["time"].values
    common = np.isin(data.stations["time"].values, hours)
    if common.all():
        return data
    counts = off_hours(data.stations, hours)
    if not common.any():
        if counts["off_hour"].any():
            row = counts[counts["off_hour"] > 0].iloc[0]
            given = f"no reading at an hour of the reanalysis: {row.name} reads at :{row.minutes:02d}"
            hint = "`python -m sparseobs data check local`, and `tolerance_minutes` in local.yaml"
            raise InputError("readings", given, "readings at hours of the reanalysis", hint)
        return data
    notes = tell(data.notes, *left_out_sentences(counts))
    return dataclasses.replace(data, stations=data.stations.isel(time=np.flatnonzero(common)), notes=notes)


def _with_network_described(data: TemperatureData) -> TemperatureData:
    """Return the data with what is odd about their stations in the notes."""
    odd = describe_network(data.stations)
    return dataclasses.replace(data, notes=f"{data.notes} {odd}") if odd else data


def _with_noise(data: TemperatureData, seed: int, std: float) -> TemperatureData:
    """Return the data with synthetic noise of `std` K added to the stations, and a note that says so."""
    if std == 0:
        return data
    temperature = data.stations["temperature"]
    noise = std * numpy_stream(seed, "added thermometer noise").standard_normal(temperature.shape, np.float32)
    notes = f"{data.notes} Synthetic noise of {std:g} K was added to the stations."
    stations = data.stations.assign(temperature=temperature + noise)
    return dataclasses.replace(data, stations=stations, notes=notes)
