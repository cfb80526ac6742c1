"""Real station networks, split into those shown and those judged at, and the simulated fields there are beside them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr

from sparseobs.errors import InputError, require_choice
from sparseobs.interpolation.learned_kriging import hours_of_day
from sparseobs.interpolation.tuning import Sample
from sparseobs.randomness import numpy_stream
from sparseobs.stations.geography import Points, station_points
from sparseobs.stations.northwest import load_northwest
from sparseobs.stations.places import apart, families
from sparseobs.stations.regions import Region
from sparseobs.stations.synop import load_synop
from sparseobs.stations.temperature import TemperatureData, measured
from sparseobs.stations.terrain import described
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs_book.temperature.places import cell_points

LEAST_SHARE = 3 / 8  # of the hours in which a station has to report
SOURCES = ("northwest", "synop_germany", "synop_british_isles", "twin")
THINNED = 12  # of the twin's hours one in so many: it has 31 days
CHOSEN_ON = 0.2  # share of the stations shown that a network's training is stopped by


class Fields(NamedTuple):
    """What a simulator says at places of its own.

    Attributes:
        places: with the features of the ground there.
        values: (field, place), degC.
        times: (field,), UTC, when each is valid.
    """

    places: Points
    values: np.ndarray
    times: np.ndarray


@dataclass(frozen=True, eq=False)
class Network:
    """A network whose readings of the first half of the period are learnt from, and of the second judged by.

    Attributes:
        stations: of `StationData`, those alone that report often enough.
        places: with the features of the ground there.
        values: (hour, station), degC, NaN where missing.
        times: (hour,), UTC.
        region, elevation: of the source.
        simulated: fields to learn from, or None.
        forecast: (hour, station), degC: the simulator's mean at the stations' readings themselves, or None.
        notes: of the source.
    """

    stations: xr.Dataset
    places: Points
    values: np.ndarray
    times: np.ndarray
    region: Region
    elevation: xr.DataArray | None
    simulated: Fields | None
    forecast: np.ndarray | None
    notes: str

    @property
    def learnt(self) -> slice:
        """The hours to learn from."""
        return slice(None, len(self.times) // 2)

    @property
    def judged(self) -> slice:
        """The hours to be judged by."""
        return slice(len(self.times) // 2, None)

    @property
    def clock(self) -> np.ndarray:
        """The hour of the day of each time, UTC."""
        return hours_of_day(self.times)

    def sample(self, stations: np.ndarray) -> Sample:
        """Return what some stations read in the hours to learn from."""
        return Sample(self.places[stations], self.values[self.learnt][:, stations])


class Split(NamedTuple):
    """Positions of stations.

    Attributes:
        shown: the stations that every method learns from and is shown, in the order drawn: fewer are a part of more.
        held_out: those that are only judged at.
        others: all that are not held out, nor another place of one that is.
    """

    shown: np.ndarray
    held_out: np.ndarray
    others: np.ndarray


def load_network(source: str) -> Network:
    """Return a network of `SOURCES`, fetching its files if need be; `twin` is synthetic and needs none.

    Raises:
        InputError: no such source, or files that are missing or damaged.
    """
    require_choice("source", source, SOURCES)
    if source == "northwest":
        data = load_northwest()
    elif source == "twin":
        data = load_twin(TwinSettings())
    else:
        data = load_synop(source.removeprefix("synop_"))
    readings = measured(data.stations).values
    often = np.isfinite(readings).mean(axis=0) >= LEAST_SHARE
    stations = data.stations.isel(station=np.flatnonzero(often))
    if source == "twin":
        stations = stations.isel(time=slice(None, None, THINNED))
    places = described(station_points(stations), data.elevation)
    values, times = measured(stations).values.astype(float), stations["time"].values
    simulated = forecast = None
    if "forecast" in stations:
        members = stations["forecast"].transpose("member", "time", "station").values.astype(float)
        forecast, early = np.where(np.isfinite(values), members.mean(axis=0), np.nan), members[:, : len(times) // 2]
        simulated = Fields(places, early.reshape(-1, len(places)), np.tile(times[: len(times) // 2], len(members)))
    elif source in ("synop_british_isles", "twin"):
        simulated = _cells(data)
    parts = data.region, data.elevation, simulated, forecast, data.notes
    return Network(stations, places, values, times, *parts)


def _cells(data: TemperatureData) -> Fields:
    """Return the cells of a reanalysis as places of their own, without the time by which methods are judged."""
    field = data.reanalysis.transpose("time", "latitude", "longitude")
    hours, times = field["time"].values, data.stations["time"].values
    field = field.isel(time=np.flatnonzero((hours < times[len(times) // 2]) | (hours > times[-1])))
    places = described(cell_points(data), data.elevation)
    return Fields(places, field.values.reshape(len(field), -1).astype(float), field["time"].values)


def split(network: Network, *, n_stations: int, n_held_out: int, seed: int) -> Split:
    """Return a split; for one seed the stations held out are the same whatever is shown.

    Raises:
        InputError: more stations than there are.
    """
    order = numpy_stream(seed, "real stations").permutation(len(network.places))
    family, held_out = families(network.stations), order[:n_held_out]
    others = apart(family, order[n_held_out:], held_out)
    if n_stations > len(others):
        given = f"{n_stations} with {n_held_out} of {len(order)} held out"
        raise InputError("n_stations", given, f"at most {len(others)}", f"n_stations={len(others)}")
    return Split(others[:n_stations], held_out, others)
