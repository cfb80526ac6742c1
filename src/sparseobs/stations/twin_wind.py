"""Another variable for the twin, of other physics: the wind speed 10 m above the same invented Germany.

Synthetic throughout. Eddies of all sizes have the -5/3 spectrum of [nastrom1985], flatter than the temperature's. The
ground slows the wind by its roughness [wieringa1986], summits quicken it [jackson1975], and by night the wind calms
near the plain and freshens above it [crawford1973]. There is no lapse rate, no speed below zero, and what is peculiar
to a site multiplies.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from sparseobs.errors import require_number
from sparseobs.randomness import numpy_stream
from sparseobs.stations.random_fields import MovingField
from sparseobs.stations.temperature import TemperatureData, measured
from sparseobs.stations.twin import NOTES, load_twin
from sparseobs.stations.twin_settings import TwinSettings, Weather
from sparseobs.stations.twin_terrain import Terrain
from sparseobs.stations.twin_weather import Hour, wind_of

LARGEST = 300.0  # km: the eddy whose strength and memory are given; those of the others follow
UNITS = {"standard_name": "wind_speed", "long_name": "10 m wind speed", "units": "m s-1"}


@dataclass(frozen=True)
class WindSettings:
    """What decides the twin's wind near the ground, beside its `wind_mean`, `wind_std` and `wind_memory` far above.

    Raises:
        InputError: a number out of its range.
    """

    lengths: tuple[float, ...] = (LARGEST, 100.0, 40.0, 15.0)  # km, of the eddies
    strength: float = 2.5  # m/s, standard deviation of each component in eddies of 300 km
    memory: float = 48.0  # hours, of the same eddies
    blending: float = 60.0  # m: the height at which the wind no longer feels the roughness of a site
    roughness: tuple[float, float, float] = (2e-4, 0.1, 1.0)  # m: the sea, the land, the middle of a large city
    speed_up: float = 0.8  # share by which a summit's wind is faster
    shelter: float = 0.3  # share that a deep valley takes away
    daily_share: float = 0.25  # of the wind over land: more in the afternoon, less before dawn; reversed on a summit
    siting: float = 0.15  # standard deviation of the logarithm of a site's own factor
    turbulence: float = 0.3  # m/s, what is peculiar to a site and passes
    noise: float = 0.3  # m/s, of an hourly mean
    view_bias: Weather = Weather(std=0.3, length=400.0, memory=480.0)
    view_error: Weather = Weather(std=0.3, length=130.0, memory=6.0)

    def __post_init__(self):
        for name in ("strength", "memory", "blending"):
            require_number(name, getattr(self, name), above=0)
        for name in ("speed_up", "siting", "turbulence", "noise"):
            require_number(name, getattr(self, name), least=0)
        for name in ("shelter", "daily_share"):
            require_number(name, getattr(self, name), least=0, most=1)
        for length in self.lengths:
            require_number("lengths", length, above=0)
        for length in self.roughness:
            require_number("roughness", length, above=0, most=9.0)


def eddies(wind: WindSettings) -> list[Weather]:
    """Return the streamfunctions (km m/s) of the eddies.

    Energy of wavenumber^(-5/3) gives each octave of scales a variance of length^(2/3); a pattern lasts as long as it
    takes to turn over, length / speed, which goes with length^(2/3) too.
    """
    found = []
    for length in wind.lengths:
        part = (length / LARGEST) ** (1 / 3)
        found.append(Weather(wind.strength * part * length, length, wind.memory * part**2))
    return found


def roughness_factor(wind: WindSettings, land: np.ndarray, city: np.ndarray) -> np.ndarray:
    """Return the wind at 10 m over that at the blending height, from logarithmic profiles.

    Args:
        wind: roughness lengths, m, whose logarithms are mixed.
        land: share of land, 0 to 1.
        city: 0 to 1 in the middle of the largest city.

    References: [wieringa1986].
    """
    sea, plain, town = np.log(wind.roughness)
    roughness = np.exp(sea + land * (plain - sea) + city * (town - plain))
    return np.log(10.0 / roughness) / np.log(wind.blending / roughness)


def daily_factor(wind: WindSettings, terrain: Terrain, hour: int) -> np.ndarray:
    """Return what the hour makes of the wind (latitude, longitude): most at 14 local solar time, on summits least."""
    sun = np.cos(2 * np.pi * (hour + terrain.longitude / 15 - 14) / 24)
    return 1 + wind.daily_share * sun * terrain.land * (1 - 2 * terrain.summit)


def wind_run(settings: TwinSettings, seed: int, terrain: Terrain, wind: WindSettings | None = None) -> Iterator[Hour]:
    """Yield every hour of the wind speed, m/s, in place of the temperature of `nature_run`."""
    wind = wind or WindSettings()
    _, displacement = wind_of(settings, seed)
    flow = np.diff(displacement, axis=0, prepend=0.0) / 3.6  # km an hour, in m/s
    streams = [
        MovingField(numpy_stream(seed, f"eddies of {weather.length:g} km"), weather, displacement, *terrain.plane)
        for weather in eddies(wind)
    ]
    ground = roughness_factor(wind, terrain.land, terrain.city)
    ground = ground * (1 + wind.speed_up * terrain.summit - wind.shelter * terrain.valley)
    still = np.zeros_like(terrain.elevation)
    for hour, (northward, eastward) in enumerate(flow):
        stream = sum(field[hour] for field in streams)
        by_north, by_east = np.gradient(stream, *terrain.plane)
        speed = np.hypot(eastward - by_north, northward + by_east)
        speed = speed * ground * daily_factor(wind, terrain, hour)
        yield Hour(hour, speed.astype(np.float32), still, 0.0)


def load_wind_twin(
    settings: TwinSettings | None = None, wind: WindSettings | None = None, *, seed: int = 0
) -> TemperatureData:
    """Run the twin's wind and return what `load_twin` returns of the temperature, still under its names.

    Ground, places of stations and gaps are those of the same seed's temperature. `as_wind_speed` gives it its names.

    Args:
        settings: sizes, ground, network and the wind far above (default `TwinSettings()`).
        wind: near the ground (default `WindSettings()`).
        seed: of everything random.
    """
    wind = wind or WindSettings()
    errors = {"siting": 0.0, "turbulence": wind.turbulence, "obs_error_std": wind.noise, "move_rate": 0.0}
    errors |= {"view_bias": wind.view_bias, "view_error": wind.view_error, "view_night_bias": 0.0}
    settings = dataclasses.replace(settings or TwinSettings(), **errors)
    data = load_twin(settings, seed=seed, run=partial(wind_run, wind=wind))
    sites = numpy_stream(seed, "exposure of sites").standard_normal(data.stations.sizes["station"])
    speed = measured(data.stations) * np.exp(wind.siting * sites).astype(np.float32)
    return dataclasses.replace(
        data,
        reanalysis=data.reanalysis.clip(min=0.0),
        stations=data.stations.assign(temperature=speed.clip(min=0.0)),
    )


def as_wind_speed(data: TemperatureData) -> TemperatureData:
    """Return the data of `load_wind_twin` under the names and units of a wind speed."""
    speed = measured(data.stations).rename("wind_speed").assign_attrs(UNITS)
    stations = data.stations.drop_vars("temperature").assign(wind_speed=speed)
    notes = f"Wind speed, not temperature. {NOTES}"
    reanalysis = data.reanalysis.rename("si10").assign_attrs(UNITS)
    return dataclasses.replace(data, reanalysis=reanalysis, stations=stations, notes=notes)
