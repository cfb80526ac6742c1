"""Views of one experiment that pages show: what the network reads, maps, scores by station, few stations."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.interpolation.lapse_rate import LapseRateIDW
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.prediction import predict_map
from sparseobs.neural_process.set_conv import points_to_grid
from sparseobs.randomness import numpy_stream
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.scores.intervals import repeat_interval
from sparseobs.stations.regions import Region
from sparseobs_book.temperature.experiment import Experiment, observed, predict_held_out
from sparseobs_book.temperature.summary import score_intervals

# (hour, station) mean and standard deviation in degC from the positions of the stations shown.
Predictor = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def network_predictor(experiment: Experiment, model: ConvCNP) -> Predictor:
    """Return a predictor of the held-out stations at test hours by a ConvCNP."""
    return lambda shown: predict_held_out(experiment, model, shown)


def interpolation_predictor(experiment: Experiment, interpolation: LapseRateIDW) -> Predictor:
    """Return a predictor of the held-out stations at test hours by an interpolation."""
    held_out, hours = experiment.stations.held_out, experiment.hours.test
    return lambda shown: interpolation.predict(experiment.data, shown, held_out, hours)


def scores_by_station(experiment: Experiment, predictor: Predictor, shown: np.ndarray | None = None) -> pd.DataFrame:
    """Return one row a held-out station with any report: `station`, `mae`, `nll`, `crps` (degC).

    Hours in which none of the stations shown reports are left out, for every method alike.

    Args:
        experiment: the data and their split.
        predictor: from one of the functions above.
        shown: positions of the stations shown; None shows all but the held-out.
    """
    shown = experiment.shown if shown is None else shown
    mean, std = predictor(shown)
    reports = np.isfinite(observed(experiment, shown)).any(axis=1, keepdims=True)
    readings = np.where(reports, observed(experiment, experiment.stations.held_out), np.nan)
    rows = []
    for column, station in enumerate(experiment.stations.held_out):
        if np.isfinite(readings[:, column]).any():
            scores = score_gaussian(mean[:, column], std[:, column], readings[:, column])
            rows.append({"station": int(station), **scores._asdict()})
    return pd.DataFrame(rows)


def intervals_over_stations(by_method: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return `method`, `score`, `mean`, `low`, `high`, `n`: 95 % intervals over the held-out stations."""
    return score_intervals(by_method)


def few_stations(experiment: Experiment, predictors: dict[str, Predictor], counts: tuple[int, ...]) -> pd.DataFrame:
    """Return the error when only some stations are shown: `method`, `n_shown`, `mean`, `low`, `high` (degC).

    Nested random subsets, the same for every method; the interval is over the held-out stations.

    Args:
        experiment: the data and their split.
        predictors: by the method's name.
        counts: how many stations are shown.
    """
    if max(counts) > len(experiment.shown) or min(counts) < 1:
        expected = f"1 to {len(experiment.shown)} stations"
        raise InputError("counts", counts, expected, f"counts=(2, {len(experiment.shown)})")
    order = numpy_stream(experiment.settings.split_seed, "few stations").permutation(experiment.shown)
    rows = []
    for method, predictor in predictors.items():
        for n_shown in counts:
            errors = scores_by_station(experiment, predictor, np.sort(order[:n_shown]))["mae"]
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


def encoding(experiment: Experiment, hour: int) -> dict[str, xr.DataArray]:
    """Return what the U-Net reads of one hour, (latitude, longitude) by title: density, data, land."""
    network = experiment.network
    grid, device = network.grid, network.values.device
    shown = torch.as_tensor(experiment.shown, device=device)
    task = network.given(torch.as_tensor([hour], device=device), shown, shown[:0])
    seen = points_to_grid(*task.context, y=grid.y, x=grid.x, length_scale=grid.spacing)[0].cpu()
    axes = {"latitude": grid.y.cpu(), "longitude": grid.x.cpu() / np.cos(np.deg2rad(grid.reference_latitude))}
    channels = {"density": (seen[0], "stations"), "data": (seen[1], "standardised")}
    if "land" in experiment.settings.architecture.fields:
        channels["land"] = (grid.static[0].cpu(), "share")
    return {
        title: xr.DataArray(values.numpy(), axes, ("latitude", "longitude"), attrs={"units": units})
        for title, (values, units) in channels.items()
    }


def map_at(experiment: Experiment, model: ConvCNP, hour: int, spacing: float = 0.08) -> xr.Dataset:
    """Return `mean` and `std` in degC (latitude, longitude) at one hour, from every station not held out.

    Args:
        experiment: the data and their split.
        model: a ConvCNP.
        hour: position along the stations' time.
        spacing: of the map, degrees of latitude. Where the source has no elevation the map is at sea level.
    """
    region, elevation = shown_region(experiment), experiment.data.elevation
    axes = {
        "latitude": np.arange(region.south, region.north, spacing),
        "longitude": np.arange(region.west, region.east, 1.5 * spacing),
    }
    if elevation is None:
        heights = xr.DataArray(np.zeros([len(axis) for axis in axes.values()]), axes, tuple(axes))
    else:
        heights = elevation.interp(axes).fillna(0.0)
    return predict_map(
        model,
        experiment.network,
        experiment.standardisation,
        context=experiment.shown,
        hour=hour,
        elevation=heights,
    )
