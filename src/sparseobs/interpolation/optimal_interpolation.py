"""Optimal interpolation [gandin1965] by gridpp, as weather services run it: a background, corrected by stations."""

import dataclasses
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from sparseobs.errors import InputError, require_number
from sparseobs.interpolation.inverse_distance import require_values
from sparseobs.interpolation.lapse_rate import LIMITS
from sparseobs.interpolation.reanalysis import fit_correction, values_and_heights
from sparseobs.interpolation.tuning import Sample, best_of, residuals, station_folds, tuning_hours, tuning_sample
from sparseobs.stations.geography import Points, station_points
from sparseobs.stations.temperature import TemperatureData, measured

# Stations that one target takes account of, those correlated with it most: gridpp inverts a matrix of them for every
# target and hour. Its users take 10 to 50. On the twin 50 are as good as all and take a twentieth of the time; with
# 20 the mean absolute error is 1 % larger, as lengths are long there and readings noisy.
MAX_POINTS = 50
LEAST_RATIO = 1e-6  # keeps the matrix of two stations in one place invertible
EXTRA = 'pip install "sparseobs[operational]"; wheels are for Linux on x86-64'
LENGTHS = (10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0)  # km
VERTICAL_LENGTHS = (100.0, 200.0, 400.0, 800.0, 1600.0)  # m
RATIOS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


@dataclass(frozen=True)
class OptimalInterpolation:
    """A background of the hour plus a weighted mean of what it gets wrong at the stations that report.

    With `b` the background, `y` the readings and `d` the distances between two places, the errors of the background
    are correlated as `exp(-d_horizontal^2 / 2 length^2 - d_vertical^2 / 2 vertical_length^2)` (Barnes), and not at all
    beyond 3.6 lengths; `x = b + r (R + ratio I)^-1 (y - b)`, with R the correlations between stations and r those
    between target and stations. A prediction is of a reading: its variance is the analysis's plus the readings'.

    Attributes:
        length: km.
        vertical_length: m.
        ratio: variance of the readings' errors over that of the background's.
        background_std: K, standard deviation of the background's errors.
        lapse_rate: K per km, by which `predict` brings the reanalysis to a station's height.
        bias: K, background minus stations; taken off the background first.

    Raises:
        InputError: a number out of its range.
    """

    length: float = 80.0
    vertical_length: float = 400.0
    ratio: float = 0.3
    background_std: float = 1.0
    lapse_rate: float = 6.5
    bias: float = 0.0

    def __post_init__(self):
        for name in ("length", "vertical_length", "background_std"):
            require_number(name, getattr(self, name), above=0)
        require_number("ratio", self.ratio, least=LEAST_RATIO)
        require_number("lapse_rate", self.lapse_rate, least=LIMITS[0], most=LIMITS[1])
        require_number("bias", self.bias)

    def predict(self, data: TemperatureData, context, targets, hours) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target), degC and K.

        The background is the reanalysis of the hour, bilinear, brought to the stations' height.

        Args:
            data: whose reanalysis and stations are meant.
            context: positions along `station` of those that may be seen.
            targets: positions along `station` of those to predict.
            hours: positions along the stations' `time`.

        Raises:
            InputError: the reanalysis lacks one of the hours, or gridpp is not installed.
        """
        places = station_points(data.stations)
        values = measured(data.stations).values[np.asarray(hours)][:, np.asarray(context)]
        backgrounds = []
        for stations in (context, targets):
            value, above = values_and_heights(data, stations, hours)
            backgrounds.append(value - self.lapse_rate * 1e-3 * above)
        return self.interpolate(places[context], values, places[targets], *backgrounds)

    def interpolate(
        self,
        context: Points,
        values: np.ndarray,
        targets: Points,
        background_context: np.ndarray,
        background_targets: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target); in hours without readings the background's.

        Args:
            context: where the values are.
            values: (hour, context), degC, NaN where missing.
            targets: where to predict.
            background_context: (hour, context), degC, at the context's heights.
            background_targets: (hour, target), degC, at the targets' heights.

        Raises:
            InputError: shapes that do not fit, a background that is not finite, or gridpp is not installed.
        """
        gridpp = _gridpp()
        values = require_values(context, values)
        background_context = _background("background_context", background_context, (len(values), len(context)))
        background_targets = _background("background_targets", background_targets, (len(values), len(targets)))
        structure = gridpp.BarnesStructure(self.length * 1e3, self.vertical_length)
        there = gridpp.Points(targets.latitude, targets.longitude, targets.height)
        # gridpp computes in single precision: increments lose nothing by it, and unit variances are scaled here.
        nothing, one = np.zeros(len(targets)), np.ones(len(targets))
        wrong = values - (background_context - self.bias)
        increment, variance = np.zeros((len(values), len(targets))), np.ones((len(values), len(targets)))
        for hour, here in enumerate(np.isfinite(values)):
            if not here.any():
                continue
            n, seen = here.sum(), context[here]
            increment[hour], variance[hour] = gridpp.optimal_interpolation_full(
                there,
                nothing,
                one,
                gridpp.Points(seen.latitude, seen.longitude, seen.height),
                wrong[hour, here],
                np.full(n, self.ratio),
                np.zeros(n),
                np.ones(n),
                structure,
                MAX_POINTS,
            )
        std = self.background_std * np.sqrt(np.maximum(variance, 0.0) + self.ratio)
        return background_targets - self.bias + increment, std


def tune_optimal_interpolation(data: TemperatureData, stations, hours) -> OptimalInterpolation:
    """Return the optimal interpolation that suits the training and validation stations and hours.

    Held-out stations and test hours are never touched.

    Args:
        data: the source.
        stations: a `StationSplit`.
        hours: an `HourSplit`.

    Raises:
        InputError: the reanalysis lacks one of the hours, or gridpp is not installed.
    """
    seen = np.sort(np.concatenate([stations.train, stations.validation]))
    value, above = values_and_heights(data, seen, tuning_hours(hours))
    return fit_optimal_interpolation(tuning_sample(data, stations, hours)._replace(background=value), above)


def fit_optimal_interpolation(
    sample: Sample, above: np.ndarray | None = None, n_folds: int = 10
) -> OptimalInterpolation:
    """Return the optimal interpolation that suits stations which it does not see.

    First the background is corrected: lapse rate by mean absolute error, bias by the median. Then length, ratio and
    vertical length, and the first two again, are chosen in turn by the mean absolute error of a cross-validation over
    stations, and the background's standard deviation by its likelihood.

    Args:
        sample: stations to tune on, with their `background`.
        above: (place,), m, of the stations above the background's ground; None for a background that is at the
            stations' height already, whose lapse rate is 0.
        n_folds: of stations, at least two.

    Raises:
        InputError: no background, one that is not finite or of another shape, or gridpp is not installed.
    """
    values = require_values(sample.places, sample.values)
    background = _background("sample.background", sample.background, values.shape)
    rate, bias, _ = fit_correction(background - values, above)
    if above is not None:
        background = background - rate * 1e-3 * np.asarray(above)
    folds = station_folds(sample.places, n_folds)
    # Every target costs the inverse of a matrix an hour, so a dense network is cross-validated at fewer hours.
    n_hours = int(np.clip(4800 // len(sample.places), 12, 48))
    step = max(len(values) // n_hours, 1)
    thinned = Sample(sample.places, values[::step], background[::step])
    best = OptimalInterpolation(lapse_rate=rate, bias=bias)
    axes = (("length", LENGTHS), ("ratio", RATIOS), ("vertical_length", VERTICAL_LENGTHS))
    for name, candidates in (*axes, *axes[:2]):
        best = best_of([dataclasses.replace(best, **{name: value}) for value in candidates], thinned, folds)
    found = residuals(best, thinned, folds)
    scale = float(np.sqrt(np.mean(np.square(found.errors / found.stds))))
    return dataclasses.replace(best, background_std=best.background_std * scale)


def available() -> bool:
    """Return whether gridpp is installed."""
    return find_spec("gridpp") is not None


def _gridpp():
    """Return the module gridpp, or raise `InputError`."""
    try:
        import gridpp
    except ImportError as error:
        raise InputError("optimal interpolation", "a Python without gridpp", "the package gridpp", EXTRA) from error
    return gridpp


def _background(name: str, given: np.ndarray | None, shape: tuple[int, int]) -> np.ndarray:
    """Return a background as float64, or raise `InputError`."""
    if given is None or np.shape(given) != shape:
        arrived = None if given is None else f"shape {np.shape(given)}"
        raise InputError(name, arrived, f"shape {shape}, one value an hour and place", "the same hours and places")
    given = np.asarray(given, dtype=float)
    if not np.isfinite(given).all():
        missing = f"{np.isnan(given).sum()} NaN and {np.isinf(given).sum()} infinite of {given.size}"
        raise InputError(name, missing, "a finite background at every hour and place", "dropping those hours")
    return given
