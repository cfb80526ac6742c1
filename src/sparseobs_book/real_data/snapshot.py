"""One real hour of Germany: each interpolation at stations that it was neither shown nor tuned on."""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import bootstrap

from sparseobs.errors import InputError
from sparseobs.files import sha256
from sparseobs.interpolation.methods import FITS
from sparseobs.interpolation.tuning import Sample, StationInterpolation
from sparseobs.randomness import numpy_stream
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import write_result
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.stations.downloads import fetch
from sparseobs.stations.geography import station_points
from sparseobs.stations.germany_snapshot import load_germany_snapshot

RESULT = "germany_snapshot"
N_FOLDS = 10
REFERENCE = "IDW"


def predict_without(
    stations: xr.Dataset, fit: Callable[[Sample], StationInterpolation], targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation (hour, target) of a method tuned on the other stations and shown these."""
    places, values = station_points(stations), stations["temperature"].values.astype(float)
    context = np.setdiff1d(np.arange(len(places)), targets)
    tuned = fit(Sample(places[context], values[:, context]))
    return tuned.interpolate(places[context], values[:, context], places[targets])


def left_out_predictions(
    stations: xr.Dataset, fit: Callable[[Sample], StationInterpolation], n_folds: int = N_FOLDS, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation (hour, station) at every station, from a method tuned without it.

    The stations are dealt into folds at random. For each fold the method is tuned on the others, by a
    cross-validation among themselves, and shown these.

    Args:
        stations: a network.
        fit: returns the tuned method.
        n_folds: at least two.
        seed: of the folds.
    """
    n_stations = stations.sizes["station"]
    if not 2 <= n_folds <= n_stations:
        raise InputError("n_folds", n_folds, f"2 to {n_stations}", "n_folds=10")
    order = numpy_stream(seed, "stations left out").permutation(n_stations)
    mean, std = np.full((2, *stations["temperature"].shape), np.nan)
    for first in range(n_folds):
        targets = np.sort(order[first::n_folds])
        mean[:, targets], std[:, targets] = predict_without(stations, fit, targets)
    return mean, std


def snapshot_table(stations: xr.Dataset, n_folds: int = N_FOLDS, seed: int = 0) -> pd.DataFrame:
    """Return one row a method: its scores, the interval of its error, and how much less it errs than IDW.

    Intervals are 95 % ones by a bootstrap over the stations (bias-corrected and accelerated), paired for `less`: IDW's
    absolute error minus the method's.

    Args:
        stations: a network with one hour.
        n_folds: see `left_out_predictions`.
        seed: of folds and bootstrap.
    """
    observed = stations["temperature"].values.astype(float)
    predictions = {method: left_out_predictions(stations, fit, n_folds, seed) for method, fit in FITS.items()}
    errors = {method: np.abs(mean - observed).ravel() for method, (mean, _) in predictions.items()}
    rows = []
    for method, (mean, std) in predictions.items():
        low, high = _interval(errors[method], seed)
        less = errors[REFERENCE] - errors[method]
        less_low, less_high = _interval(less, seed) if method != REFERENCE else (0.0, 0.0)
        rows.append(
            {"method": method, **score_gaussian(mean, std, observed)._asdict(), "mae_low": low, "mae_high": high}
            | {"less": less.mean(), "less_low": less_low, "less_high": less_high}
        )
    return pd.DataFrame(rows)


def _interval(values: np.ndarray, seed: int) -> tuple[float, float]:
    found = bootstrap((values,), np.mean, n_resamples=5000, rng=numpy_stream(seed, "bootstrap")).confidence_interval
    return float(found.low), float(found.high)


def store_snapshot() -> pd.DataFrame:
    """Make the table of the real snapshot and store it."""
    start = time.perf_counter()
    table = snapshot_table(load_germany_snapshot())
    inputs = {path: sha256(file) for path, file in fetch("germany_snapshot").items()}
    command = "python -m sparseobs real-data snapshot"
    parameters = {"preset": "study", "seed": 0, "n_folds": N_FOLDS}
    record = run_record(command, parameters, time.perf_counter() - start, inputs) | {"size": "study"}
    write_result(RESULT, table, record)
    return table
