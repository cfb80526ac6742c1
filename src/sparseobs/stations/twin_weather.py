"""The twin's weather: hour by hour, the temperature of the air 2 m above every point of its ground."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sparseobs.randomness import numpy_stream
from sparseobs.stations.random_fields import MovingField, red_noise
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs.stations.twin_terrain import Terrain

MIDSUMMER = 172.0  # day of the year on which the Sun stands highest


@dataclass(frozen=True)
class Hour:
    """One hour of the nature run; fields are (latitude, longitude), float32.

    Attributes:
        number: hours since the start.
        temperature: degC.
        stillness: 0 by day, under cloud or in wind, to 1 in a clear calm night.
        lapse_rate: K per km.
    """

    number: int
    temperature: np.ndarray
    stillness: np.ndarray
    lapse_rate: float


def hours_of(settings: TwinSettings) -> np.ndarray:
    """Return the times of the run, (hour,), UTC."""
    return np.datetime64(settings.start, "ns") + np.arange(24 * settings.days) * np.timedelta64(1, "h")


def season_of(settings: TwinSettings) -> tuple[list[float], ...]:
    """Return the season (hour,) of the air, of the sea and of the Sun: 1 at its height, -1 half a year later."""
    times = hours_of(settings)
    days = (times - times.astype("datetime64[Y]")) / np.timedelta64(1, "D")
    heights = settings.warmest_day, settings.warmest_day + settings.sea_delay, MIDSUMMER
    return tuple(np.cos(2 * np.pi * (days - height) / 365.25).tolist() for height in heights)


def wind_of(settings: TwinSettings, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the wind speed (hour,), m/s, and how far the air has moved (hour, 2), km north and east."""
    gusts = red_noise(numpy_stream(seed, "wind"), (24 * settings.days, 2), settings.wind_memory)
    eastward, northward = (np.array(settings.wind_mean) + settings.wind_std * gusts).T
    displacement = np.cumsum(np.column_stack([northward, eastward]), axis=0) * 3.6  # m/s for an hour, in km
    return np.hypot(eastward, northward), displacement


def nature_run(settings: TwinSettings, seed: int, terrain: Terrain) -> Iterator[Hour]:
    """Yield every hour of the run in order; a few MB are in memory at a time."""
    speed, displacement = wind_of(settings, seed)
    names = {"synoptic": settings.synoptic, "front": settings.front, "cloud": settings.cloud}
    names |= {f"mesoscale {weather.length:g} km": weather for weather in settings.mesoscale}
    weathers = {
        name: MovingField(numpy_stream(seed, name), weather, displacement, *terrain.plane)
        for name, weather in names.items()
    }
    spread = settings.lapse_rate_std * red_noise(
        numpy_stream(seed, "lapse rate"), speed.shape, settings.lapse_rate_memory
    )
    climate = settings.mean + settings.per_degree_north * (terrain.latitude[:, None] - 51.0)
    seasons, sea_seasons, suns = season_of(settings)
    for hour in range(len(speed)):
        fields = {name: weather[hour] for name, weather in weathers.items()}
        cloud = 1 / (1 + np.exp(-fields.pop("cloud")))
        front = settings.front_jump * np.tanh(settings.front_sharpness * fields.pop("front"))
        anomaly = front + fields.pop("synoptic")
        sun, winter, calm = suns[hour], max(-suns[hour], 0.0), float(np.exp(-speed[hour] / settings.calm))
        air = climate + settings.trend * hour / 24 + anomaly + sum(fields.values()) + settings.season * seasons[hour]
        lapse_rate = settings.lapse_rate + float(spread[hour]) + settings.lapse_rate_season * sun
        lapse_rate -= settings.winter_inversion * winter * calm
        still = np.maximum(_night(hour, terrain.longitude), settings.winter_stillness * winter)
        stillness = (1 - cloud) * still * calm
        daily = (1 + settings.daily_season * sun) * _daily(settings, hour, terrain.longitude)
        over_land = air + _local(settings, terrain, cloud, stillness, daily) - lapse_rate * 1e-3 * terrain.elevation
        over_sea = settings.sea_temperature + settings.trend * hour / 24 + settings.sea_share * anomaly
        over_sea = over_sea + settings.sea_season * sea_seasons[hour]
        over_sea = over_sea + settings.sea_amplitude * _daily(settings, hour, terrain.longitude)
        temperature = terrain.land * over_land + (1 - terrain.land) * over_sea
        yield Hour(hour, temperature.astype(np.float32), stillness.astype(np.float32), lapse_rate)


def _local(settings: TwinSettings, terrain: Terrain, cloud, stillness, daily) -> np.ndarray:
    """Return what the Sun, the valleys and the cities do to the air over land, K."""
    clear = 1 - settings.cloud_damping * cloud
    range_ = settings.daily_amplitude * clear * (1 - settings.summit_damping * terrain.summit)
    pools = settings.cold_pool * stillness * terrain.valley
    cities = terrain.city * (settings.city_warmth + settings.city_night_warmth * stillness)
    return range_ * daily - pools + cities


def _daily(settings: TwinSettings, hour: int, longitude: np.ndarray) -> np.ndarray:
    """Return the daily cycle (longitude,): 1 at the warmest hour of local solar time, about -1 near dawn."""
    angle = 2 * np.pi * (hour + longitude / 15 - settings.warmest_hour) / 24
    return 0.9 * np.cos(angle) + 0.1 * np.cos(2 * angle)


def _night(hour: int, longitude: np.ndarray) -> np.ndarray:
    """Return 0 by day, rising through the night to 1 at 4 local solar time (longitude,)."""
    return (0.5 + 0.5 * np.cos(2 * np.pi * (hour + longitude / 15 - 4) / 24)) ** 2
