"""The twin's weather: hour by hour, the temperature of the air 2 m above every point of its ground."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from sparseobs.randomness import numpy_stream
from sparseobs.stations.random_fields import MovingField, red_noise
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs.stations.twin_terrain import CENTRE, Terrain

MIDSUMMER = 172.0  # day of the year on which the Sun stands highest
TILT = 23.4  # degrees, of the Earth's axis
TWILIGHT = 0.2  # sine of the Sun's height over which day passes into night
SLOWLY = 24  # hours over which pressure, which makes weather settled, is a mean
CALMING = 6  # hours of wind that a night's air remembers
SETTLING = 0.2  # standard deviations of pressure over which ordinary weather passes into settled weather


@dataclass(frozen=True)
class Hour:
    """One hour of the nature run; fields are (latitude, longitude), float32.

    Attributes:
        number: hours since the start.
        temperature: degC.
        stillness: 0 by day, under cloud or in wind, to 1 in a clear calm night.
        lapse_rate: K per km.
        daily: K, what the hour of the day makes of the temperature.
        nocturnal: K, what a place's own night makes of it: part of the temperature, as `daily` is.
    """

    number: int
    temperature: np.ndarray
    stillness: np.ndarray
    lapse_rate: float
    daily: np.ndarray | float = 0.0
    nocturnal: np.ndarray | float = 0.0


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


def settled_of(settings: TwinSettings, seed: int) -> np.ndarray:
    """Return how settled the weather is, (hour,): near 1 in a high with clear skies and light winds, else near 0."""
    shape = (24 * settings.days + SLOWLY - 1,)
    pressure = red_noise(numpy_stream(seed, "settled weather"), shape, settings.settled_memory)
    lags = np.abs(np.subtract.outer(np.arange(SLOWLY), np.arange(SLOWLY)))
    std = np.sqrt(np.exp(-lags / settings.settled_memory).mean())
    slow = np.convolve(pressure, np.full(SLOWLY, 1 / SLOWLY), "valid") / std
    return expit((slow - norm.isf(settings.settled_share)) / SETTLING)


def calm_of(settings: TwinSettings, speed: np.ndarray, settled: np.ndarray) -> np.ndarray:
    """Return how calm the air near the ground is, (hour,), 0 to 1: by the mean wind of the hours before, m/s."""
    total = np.cumsum(np.concatenate([np.zeros(CALMING), speed]))
    hours = np.minimum(np.arange(len(speed)) + 1, CALMING)
    lately = (total[CALMING:] - total[:-CALMING]) / hours
    return np.exp(-(((1 - settings.settled_calming * settled) * lately / settings.calm) ** 2))


def nature_run(settings: TwinSettings, seed: int, terrain: Terrain) -> Iterator[Hour]:
    """Yield every hour of the run in order; a few MB are in memory at a time."""
    speed, displacement = wind_of(settings, seed)
    settled = settled_of(settings, seed)
    calms = calm_of(settings, speed, settled).tolist()
    weathers = _weathers(settings, seed, terrain, displacement)
    # Still air is not carried along.
    still = np.zeros_like(displacement)
    patches = MovingField(numpy_stream(seed, "night patches"), settings.night_patches, still, *terrain.plane)
    grounds = night_ground(settings, terrain)
    spread = settings.lapse_rate_std * red_noise(
        numpy_stream(seed, "lapse rate"), speed.shape, settings.lapse_rate_memory
    )
    climate = settings.mean + settings.per_degree_north * (terrain.latitude[:, None] - 51.0)
    seasons, sea_seasons, suns = season_of(settings)
    for hour in range(len(speed)):
        fields = {name: weather[hour] for name, weather in weathers.items()}
        sun, winter, calm = suns[hour], max(-suns[hour], 0.0), calms[hour]
        cloud = _cloud(settings, fields.pop("cloud"), winter, settled[hour])
        front = settings.front_jump * np.tanh(settings.front_sharpness * fields.pop("front"))
        anomaly = front + fields.pop("synoptic")
        lapse_rate = settings.lapse_rate + float(spread[hour]) + settings.lapse_rate_season * sun
        lapse_rate -= settings.winter_inversion * winter * calm
        night = _night(settings, sun, hour, terrain.longitude)
        stillness = (1 - cloud) * np.maximum(night, np.float32(settings.winter_stillness * winter)) * np.float32(calm)
        daily = terrain.land * _daily_over_land(settings, terrain, sun, cloud, stillness, hour)
        nocturnal = terrain.land * (grounds + patches[hour]) * stillness
        soil = settings.soil_day * terrain.soil * (1 - cloud) * (1 - night)
        air = climate + settings.trend * hour / 24 + anomaly + sum(fields.values()) + settings.season * seasons[hour]
        over_land = air + settings.city_warmth * terrain.city + soil - lapse_rate * 1e-3 * terrain.elevation
        over_sea = _over_sea(settings, terrain, anomaly, sea_seasons[hour], hour)
        temperature = terrain.land * over_land + (1 - terrain.land) * over_sea + daily + nocturnal
        yield Hour(hour, temperature.astype(np.float32), stillness.astype(np.float32), lapse_rate, daily, nocturnal)


def _weathers(settings: TwinSettings, seed: int, terrain: Terrain, displacement) -> dict[str, MovingField]:
    """Return by name the fields that the wind carries."""
    named = {"synoptic": settings.synoptic, "front": settings.front, "cloud": settings.cloud}
    named |= {f"mesoscale {weather.length:g} km": weather for weather in settings.mesoscale}
    return {
        name: MovingField(numpy_stream(seed, name), weather, displacement, *terrain.plane)
        for name, weather in named.items()
    }


def _cloud(settings: TwinSettings, field: np.ndarray, winter: float, settled: float) -> np.ndarray:
    """Return the share of the sky that is covered, 0 to 1: more in winter, less in settled weather."""
    overcast = settings.cloudiness + settings.cloud_winter * winter - settings.settled_clearing * settled
    return 1 / (1 + np.exp(-field - np.float32(overcast)))


def _over_sea(settings: TwinSettings, terrain: Terrain, anomaly: np.ndarray, season: float, hour: int) -> np.ndarray:
    """Return the temperature of the air over the sea, degC."""
    over_sea = settings.sea_temperature + settings.trend * hour / 24 + settings.sea_share * anomaly
    over_sea = over_sea + settings.sea_season * season
    return over_sea + settings.sea_amplitude * _daily(settings, hour, terrain.longitude)


def night_ground(settings: TwinSettings, terrain: Terrain) -> np.ndarray:
    """Return what the ground does to a place's air in a clear calm night (latitude, longitude), K.

    Cold air lies in valleys and hollows, slopes stand above it, soils cool at rates of their own, cities hardly.
    """
    slopes = settings.slope_warmth * terrain.rise - settings.cold_pool * terrain.valley
    ground = settings.city_night_warmth * terrain.city - settings.soil_night * terrain.soil
    return (slopes - settings.hollow_cold * terrain.hollow + ground).astype(np.float32)


def _daily_over_land(settings: TwinSettings, terrain: Terrain, sun: float, cloud, stillness, hour: int) -> np.ndarray:
    """Return the daily cycle of the air over land, K: less of it under cloud and on summits, more in still nights."""
    clear = 1 - settings.cloud_damping * cloud
    amplitude = settings.daily_amplitude * (1 + settings.daily_season * sun)
    cycle = amplitude * _daily(settings, hour, terrain.longitude)
    return clear * (1 - settings.summit_damping * terrain.summit) * cycle - settings.night_cooling * stillness


def _daily(settings: TwinSettings, hour: int, longitude: np.ndarray) -> np.ndarray:
    """Return the daily cycle (longitude,): 1 at the warmest hour of local solar time, about -1 near dawn."""
    angle = 2 * np.pi * (hour + longitude / 15 - settings.warmest_hour) / 24
    return (0.9 * np.cos(angle) + 0.1 * np.cos(2 * angle)).astype(np.float32)


def _night(settings: TwinSettings, sun: float, hour: int, longitude: np.ndarray) -> np.ndarray:
    """Return how much of a night it is (longitude,): 0 by day, 1 by night, by the height of the Sun some hours ago.

    Args:
        settings: `dusk`, the hours.
        sun: season of the Sun, 1 at midsummer.
        hour: since a midnight, UTC.
        longitude: degrees.
    """
    declination, latitude = np.radians(TILT * sun), np.radians(CENTRE)
    angle = 2 * np.pi * (hour - settings.dusk + longitude / 15 - 12) / 24
    height = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(angle)
    return expit(-height / TWILIGHT).astype(np.float32)
