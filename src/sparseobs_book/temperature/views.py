"""Views of one experiment that pages show: maps, scores by station, few stations."""

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.prediction import height_map, predict_map
from sparseobs.randomness import numpy_stream
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.scores.intervals import repeat_interval
from sparseobs.stations.regions import Region
from sparseobs_book.temperature.experiment import Experiment
from sparseobs_book.temperature.scores import Predict, held_out


def scores_by_station(experiment: Experiment, predict: Predict, shown: np.ndarray | None = None) -> pd.DataFrame:
    """Return one row a held-out station with any report: `station`, `mae`, `nll`, `crps` (degC).

    Hours in which none of the stations shown reports are left out, for every method alike.

    Args:
        experiment: the data and their split.
        predict: the method.
        shown: positions of the stations shown; None shows all but the held-out.
    """
    mean, std, readings = held_out(experiment, predict, shown)
    rows = []
    for column, station in enumerate(experiment.stations.held_out):
        if np.isfinite(readings[:, column]).any():
            scores = score_gaussian(mean[:, column], std[:, column], readings[:, column])
            rows.append({"station": int(station), **scores._asdict()})
    return pd.DataFrame(rows)


def few_stations(experiment: Experiment, methods: dict[str, Predict], counts: tuple[int, ...]) -> pd.DataFrame:
    """Return the error when only some stations are shown: `method`, `n_shown`, `mean`, `low`, `high` (degC).

    Nested random subsets, the same for every method; the interval is over the held-out stations.

    Args:
        experiment: the data and their split.
        methods: by name.
        counts: how many stations are shown.
    """
    if max(counts) > len(experiment.shown) or min(counts) < 1:
        expected = f"1 to {len(experiment.shown)} stations"
        raise InputError("counts", counts, expected, f"counts=(2, {len(experiment.shown)})")
    order = numpy_stream(experiment.settings.split_seed, "few stations").permutation(experiment.shown)
    rows = []
    for method, predict in methods.items():
        for n_shown in counts:
            errors = scores_by_station(experiment, predict, np.sort(order[:n_shown]))["mae"]
            rows.append({"method": method, "n_shown": n_shown, **repeat_interval(errors)._asdict()})
    return pd.DataFrame(rows)


def station_hour(experiment: Experiment) -> int:
    """Return the test hour in which most stations report, the first of them."""
    hours = experiment.hours.test
    reports = np.isfinite(experiment.network.values[hours].cpu().numpy()).sum(1)
    return int(hours[reports.argmax()])


def shown_region(experiment: Experiment) -> Region:
    """Return the box of the stations with 0.3 degrees around them, within the region and the network's grid."""
    data, grid = experiment.data, experiment.network.grid
    squeeze = np.cos(np.deg2rad(grid.reference_latitude))
    y, x = grid.y.cpu().numpy(), grid.x.cpu().numpy() / squeeze
    latitude, longitude = (data.stations[name].values for name in ("latitude", "longitude"))
    return Region(
        data.source,
        south=max(latitude.min() - 0.3, data.region.south, y[0]),
        north=min(latitude.max() + 0.3, data.region.north, y[-1]),
        west=max(longitude.min() - 0.3, data.region.west, x[0]),
        east=min(longitude.max() + 0.3, data.region.east, x[-1]),
    )


def map_at(experiment: Experiment, model: ConvCNP, hour: int, spacing: float = 9.0) -> xr.Dataset:
    """Return `mean` and `std` in degC (latitude, longitude) at one hour, from every station not held out.

    Args:
        experiment: the data and their split.
        model: a ConvCNP.
        hour: position along the stations' time.
        spacing: of the map, km. Where the source has no elevation the map is at sea level.
    """
    heights = height_map(shown_region(experiment), experiment.data.elevation, spacing)
    network, standardisation = experiment.network, experiment.standardisation
    return predict_map(model, network, standardisation, context=experiment.shown, hour=hour, elevation=heights)
