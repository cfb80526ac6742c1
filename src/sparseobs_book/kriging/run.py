"""What the page on kriging looks at: ten winter days of the synthetic twin, some of its stations, and its truth."""

import dataclasses
from dataclasses import dataclass
from typing import NamedTuple

import gstools
import numpy as np
import xarray as xr

from sparseobs.errors import require_number, require_whole_numbers
from sparseobs.interpolation.kriging import Kriging
from sparseobs.interpolation.reanalysis import BilinearReanalysis
from sparseobs.interpolation.variogram import LENGTHS
from sparseobs.outlines import land_fraction
from sparseobs.randomness import numpy_stream
from sparseobs.stations.geography import DEGREE, EARTH_RADIUS, Points, great_circle, station_points
from sparseobs.stations.temperature import TemperatureData, gridded
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_full import FULL
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs.stations.twin_terrain import build_terrain
from sparseobs.stations.twin_weather import hours_of, nature_run

INVENTED = 150  # stations of the network besides VALUE's
MOST_SHOWN = 150  # so that fifty are left to be judged on
EDGES = np.array([0, 25, 50, 75, 100, 150, 200, 250, 300, 350, 400])  # km, of the variogram's bins
FEWER = (5, 10, 20, 40)  # stations
FIXED = 6.5  # K per km, the standard atmosphere's


@dataclass(frozen=True)
class KrigingPage:
    """The numbers of the page.

    Attributes:
        seed: of the twin's weather and network, and of which stations are shown.
        n_stations: stations shown; the others are only judged on.
        hour: of the run, that is mapped.
        obs_error_std: K, noise of the thermometers.
        days: of the run.
        every: nature grid points between two of the map.

    Raises:
        InputError: a number out of its range.
    """

    seed: int = 0
    n_stations: int = 100
    hour: int = 37
    obs_error_std: float = 0.3
    days: int = 10
    every: int = 3

    def __post_init__(self):
        require_whole_numbers(self, seed=0, days=1, every=1)
        require_number("n_stations", self.n_stations, least=10, most=MOST_SHOWN, whole=True)
        require_number("hour", self.hour, least=0, most=24 * self.days - 1, whole=True)
        require_number("obs_error_std", self.obs_error_std, least=0)

    @property
    def twin(self) -> TwinSettings:
        """The twin's settings: winter, and no station moves."""
        changed = {"n_stations": INVENTED, "least_distance": 12.0, "move_rate": 0.0}
        return dataclasses.replace(FULL, days=self.days, obs_error_std=self.obs_error_std, **changed)


PRESETS = {
    "smoke": KrigingPage(n_stations=40, days=2, every=8),
    "lesson": KrigingPage(),
    "paper": KrigingPage(days=60, every=1),
}


class World(NamedTuple):
    """A winter of the twin.

    Attributes:
        data: the whole of it.
        shown: positions along `station` of the stations that the page reads.
        others: of those that it is judged on.
        truth: `t2m` (latitude, longitude) of the hour that is mapped, degC.
        lapse_rates: (hour,), K per km, that the twin itself had.
    """

    data: TemperatureData
    shown: np.ndarray
    others: np.ndarray
    truth: xr.DataArray
    lapse_rates: np.ndarray


class Network(NamedTuple):
    """Stations, what they read, and what a reanalysis says in their place.

    Attributes:
        places: the stations.
        readings: (hour, station), degC, NaN where missing.
        background: (hour, station), degC: the reanalysis, bilinear, brought to the station's height at `FIXED`.
    """

    places: Points
    readings: np.ndarray
    background: np.ndarray


def winter(page: KrigingPage) -> World:
    """Return the page's data: a run of the twin, with its stations split at random."""
    data = load_twin(page.twin, seed=page.seed)
    order = _random_order(page, data)
    terrain, rates = build_terrain(page.twin, page.seed), []
    for hour in nature_run(page.twin, page.seed, terrain):
        rates.append(hour.lapse_rate)
        if hour.number == page.hour:
            kept = hour.temperature[None]
    time = hours_of(page.twin)[[page.hour]]
    mapped = gridded(kept, time, terrain.latitude, terrain.longitude).isel(time=0)
    shown, others = np.sort(order[: page.n_stations]), np.sort(order[page.n_stations :])
    return World(data, shown, others, mapped, np.array(rates))


def _random_order(page: KrigingPage, data: TemperatureData) -> np.ndarray:
    """Return the positions along `station` in the order in which stations are shown, each once."""
    return numpy_stream(page.seed, "stations to krige").permutation(data.stations.sizes["station"])


def network_of(data: TemperatureData, positions: np.ndarray) -> Network:
    """Return some stations of a source, all hours.

    Args:
        data: the source; its reanalysis covers its stations' hours.
        positions: along `station`.
    """
    readings = data.stations["temperature"].values[:, positions].astype(float)
    reanalysis = BilinearReanalysis(lapse_rate=FIXED)
    background, _ = reanalysis.predict(data, None, positions, np.arange(len(readings)))
    return Network(station_points(data.stations)[positions], readings, background)


def off_the_line(places: Points, values: np.ndarray) -> np.ndarray:
    """Return values (hour, place) less each hour's least-squares line in height; NaN where missing."""
    above = places.height - places.height.mean()
    slopes = -1e-3 * line_rates(places, values)
    rest = values - slopes[:, None] * above
    return rest - np.nanmean(rest, axis=1, keepdims=True)


def line_rates(places: Points, values: np.ndarray) -> np.ndarray:
    """Return the lapse rate (hour,), K per km, of each hour's least-squares line in height.

    Args:
        places: where the values are.
        values: (hour, place), degC, NaN where missing; two or more heights an hour.
    """
    above = np.where(np.isfinite(values), places.height, np.nan)
    above = above - np.nanmean(above, axis=1, keepdims=True)
    return -1e3 * np.nansum(above * values, axis=1) / np.nansum(above**2, axis=1)


def semivariances(places: Points, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean distance (km), semivariance (K^2) and number of pairs, by gstools, of the bins that hold any.

    Args:
        places: where the values are.
        values: (hour, place), K, NaN where missing; the semivariance is pooled over hours.
    """
    first, second = np.triu_indices(len(places), 1)
    distance = great_circle(places, places)[first, second]
    which = np.digitize(distance, EDGES)
    options = {"latlon": True, "geo_scale": EARTH_RADIUS, "return_counts": True}
    _, half, _ = gstools.vario_estimate((places.latitude, places.longitude), values, EDGES, **options)
    full = [number for number in range(1, len(EDGES)) if (which == number).any()]
    pairs = np.array([(which == number).sum() for number in full])
    return np.array([distance[which == number].mean() for number in full]), half[np.array(full) - 1], pairs


def fitted(distance: np.ndarray, half: np.ndarray, pairs: np.ndarray) -> gstools.Exponential:
    """Return gstools' exponential variogram, by least squares of relative differences, each pair counting alike.

    Args:
        distance: (bin,), km.
        half: (bin,), K^2: the semivariances.
        pairs: (bin,), how many there are.

    References: [cressie1985], with the semivariance found in the place of the fitted one.
    """
    model = gstools.Exponential(latlon=True, geo_scale=EARTH_RADIUS)
    most = float(half.max())
    model.set_arg_bounds(var=[1e-3 * most, 50 * most], nugget=[1e-3 * most, most], len_scale=list(LENGTHS))
    model.fit_variogram(distance, half, weights=np.sqrt(pairs) / half)
    return model


def by_package(model: gstools.Exponential, heights: str) -> Kriging:
    """Return the package's kriging with a fitted variogram; `heights` as in `Kriging`."""
    share = model.nugget / model.sill
    return Kriging("exponential", float(model.len_scale), float(model.sill), float(share), heights)


def first_look(network: Network) -> Kriging:
    """Return kriging with height as a drift, its variogram pooled over all hours."""
    rest = off_the_line(network.places, network.readings)
    return by_package(fitted(*semivariances(network.places, rest)), "drift")


def on_a_line(km: np.ndarray) -> Points:
    """Return places at sea level along 51 degrees north, some km (place,) east of 10 degrees east."""
    km = np.asarray(km, dtype=float)
    return Points(np.full(km.size, 51.0), 10 + km / (DEGREE * np.cos(np.radians(51.0))), np.zeros(km.size))


class Kriged(NamedTuple):
    """The hour that is mapped, kriged from some of the stations shown.

    Attributes:
        stations: positions along `station` of those read.
        mean: (place,) on the map, degC.
        std: (place,) on the map, K.
        rmse: of the readings of the stations that are only judged on, K.
        said: the standard deviation said there, root mean square, K.
    """

    stations: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    rmse: float
    said: float


class Map(NamedTuple):
    """Where a map is drawn: `places` on land, and `field`, which lays values there on the grid (sea: NaN)."""

    places: Points
    on_land: np.ndarray
    axes: dict[str, np.ndarray]

    def field(self, values: np.ndarray) -> xr.DataArray:
        """Return values (place,) as a field (latitude, longitude), NaN at sea."""
        full = np.full(self.on_land.shape, np.nan)
        full[self.on_land] = values
        return xr.DataArray(full, self.axes, ("latitude", "longitude"))


def map_of(world: World, every: int) -> Map:
    """Return every so many points of the nature run's grid that lie on land."""
    heights = world.data.elevation[::every, ::every]
    axes = {name: heights[name].values for name in ("latitude", "longitude")}
    on_land = land_fraction(*axes.values()) > 0.5
    latitude, longitude = np.meshgrid(*axes.values(), indexing="ij")
    return Map(Points(latitude[on_land], longitude[on_land], heights.values[on_land]), on_land, axes)


def numbers_shown(page: KrigingPage) -> list[int]:
    """Return the numbers of stations to choose from: those of `FEWER` and the page's own, ascending."""
    return [*(number for number in FEWER if number < page.n_stations), page.n_stations]


def kriged_from(page: KrigingPage, world: World, grid: Map, method: Kriging, n_stations: int) -> Kriged:
    """Return the page's hour, kriged from the first so many stations of a random order: more contain fewer.

    Args:
        page: the numbers of the page.
        world: its data.
        grid: where the map is drawn.
        method: how, with its variogram.
        n_stations: 2 to as many as are shown.

    Raises:
        InputError: a number out of its range.
    """
    require_number("n_stations", n_stations, least=2, most=len(world.shown), whole=True)
    chosen = np.sort(_random_order(page, world.data)[:n_stations])
    readings = world.data.stations["temperature"].values.astype(float)[[page.hour]]
    places = station_points(world.data.stations)
    read = places[chosen], readings[:, chosen]
    mean, std = method.interpolate(*read, grid.places)
    judged, claimed = method.interpolate(*read, places[world.others])
    unseen = readings[:, world.others]
    rmse = np.sqrt(np.nanmean((judged - unseen) ** 2))
    said = np.sqrt(np.mean(claimed[np.isfinite(unseen)] ** 2))
    return Kriged(chosen, mean[0], std[0], float(rmse), float(said))
