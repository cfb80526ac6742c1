"""What the page on stations by the hundred says of its tables, and the synthetic network on which it computes."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from sparseobs.errors import require_number, require_whole_numbers
from sparseobs.interpolation.tuning import Sample
from sparseobs.randomness import numpy_stream
from sparseobs.scores.intervals import repeat_interval
from sparseobs.stations.geography import EARTH_RADIUS, Points, great_circle, plane_coordinates, station_points
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs_book.real_stations.networks import cell_points

DRIFT = "kriging + elevation drift"
# What the first figure shows, in its order.
FIRST = (
    "learned covariance",
    "learned covariance, simulator first",
    "real-only",
    "Sim2Real",
    "Sim2Real from kriging",
)
MOST_SHOWN = 150
N_CELLS = 150  # of the reanalysis, that the covariance is taught by


@dataclass(frozen=True)
class Page:
    """The numbers of the page.

    Attributes:
        seed: of the twin's weather, and of which stations are shown.
        n_stations: stations shown; all others are judged at.
        steps: gradient steps.

    Raises:
        InputError: a number out of its range.
    """

    seed: int = 0
    n_stations: int = 60
    steps: int = 150

    def __post_init__(self):
        require_whole_numbers(self, seed=0, steps=1)
        require_number("n_stations", self.n_stations, least=10, most=MOST_SHOWN, whole=True)


PRESETS = {"smoke": Page(n_stations=15, steps=5), "lesson": Page(), "paper": Page(n_stations=150, steps=500)}


class World(NamedTuple):
    """The twin's stations, and its reanalysis at some of its cells.

    Attributes:
        places: of the stations.
        values: (hour, station), degC, NaN where missing.
        shown, held_out: positions of stations.
        fields: the reanalysis of the hours of the first half, at cells.
    """

    places: Points
    values: np.ndarray
    shown: np.ndarray
    held_out: np.ndarray
    fields: Sample


def synthetic_network(page: Page) -> World:
    """Return the twin's sample, split."""
    data = load_twin(TwinSettings(), seed=page.seed)
    temperature = data.stations["temperature"].transpose("time", "station").values.astype(float)
    generator = numpy_stream(page.seed, "stations shown")
    order = generator.permutation(temperature.shape[1])
    field = data.reanalysis.transpose("time", "latitude", "longitude")
    cells = cell_points(data)
    some = generator.permutation(len(cells))[:N_CELLS]
    early = field.values[: len(field) // 2].reshape(len(field) // 2, -1)[:, some].astype(float)
    return World(
        station_points(data.stations),
        temperature,
        order[: page.n_stations],
        order[page.n_stations :],
        Sample(cells[some], early),
    )


def squared_distances(points: Points) -> np.ndarray:
    """Return (point, point), km^2, by the chord through the Earth: then no covariance of it can be negative."""
    return (2 * EARTH_RADIUS * np.sin(great_circle(points, points) / (2 * EARTH_RADIUS))) ** 2


def hundreds_of_km(points: Points, centre: Points) -> np.ndarray:
    """Return (2, point): north and east of the mean of some points, in 100 km."""
    latitude, longitude = centre.latitude.mean(), centre.longitude.mean()
    return np.stack(plane_coordinates(points.latitude - latitude, points.longitude - longitude, latitude)) / 100


def paired(table: pd.DataFrame, reference: str, scores: tuple[str, ...] = ("mae", "nll")) -> pd.DataFrame:
    """Return each method's scores less the reference's on the same split, by number of stations.

    Columns `source`, `n_stations`, `method`, `score`, `difference`, `low`, `high` (95 %, Student's t over splits), and
    `percent`, the difference over the reference's mean.
    """
    rows = []
    for (source, n_stations), part in table.groupby(["source", "n_stations"]):
        for score in scores:
            wide = part.pivot(index="split_seed", columns="method", values=score)
            for method in part["method"].unique():
                found = repeat_interval(wide[method] - wide[reference])
                row = {"source": source, "n_stations": n_stations, "method": method, "score": score}
                percent = 100 * found.mean / abs(wide[reference].mean())
                rows.append(row | {"difference": found.mean, "low": found.low, "high": found.high, "percent": percent})
    return pd.DataFrame(rows)


def means(table: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return a score's mean over the splits, methods down and numbers of stations across."""
    wide = table.pivot_table(index="method", columns="n_stations", values=score)
    return wide.loc[list(dict.fromkeys(table["method"]))]
