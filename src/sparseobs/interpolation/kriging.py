"""Kriging, by gstools: the best linear unbiased estimate, given a variogram [wackernagel2003]."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import gstools
import numpy as np

from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.interpolation.inverse_distance import TOUCHING, require_values
from sparseobs.interpolation.lapse_rate import hourly_lapse_rate
from sparseobs.interpolation.tuning import (
    Sample,
    StationInterpolation,
    best_of,
    require_varied,
    residuals,
    station_folds,
)
from sparseobs.interpolation.variogram import LENGTHS, MODELS, SHARES, covariance_model, fit_variogram
from sparseobs.stations.geography import Points
from sparseobs.stations.layouts import spacing

HEIGHTS = ("ignored", "reduced", "drift")
USUAL = 6.5, 3.0  # K per km: prior of the hourly lapse rate, as widely as lapse rate + IDW may choose it
LEAST_DRIFT = 4  # stations of different heights below which an hour cannot tell its drift from its noise
LEAST_RELIEF = 10.0  # m, standard deviation of their heights: below it noise of 1 K is a drift of 100 K per km
LEAST_STD = 0.01  # K: a Gaussian of no width cannot be scored


@dataclass(frozen=True)
class Kriging(StationInterpolation):
    """Ordinary kriging, after reducing to sea level or with elevation as a drift if wanted.

    The variogram is one for all hours. A prediction is of a reading: its variance includes the nugget.

    Attributes:
        model: `exponential`, `spherical` or `matern`.
        length: km.
        sill: K^2, nugget included.
        nugget_share: of the sill.
        heights: `ignored`; `reduced` by the lapse rate of the hour (see `hourly_lapse_rate`) and put back; or a
            `drift`, whose rate kriging estimates itself in every hour. Hours with fewer than `LEAST_DRIFT`
            different heights, or heights within `LEAST_RELIEF`, are reduced instead.

    Raises:
        InputError: an unknown name, or a number out of its range; of no nugget, also where two stations share a place.
    """

    model: str = "exponential"
    length: float = 150.0
    sill: float = 1.0
    nugget_share: float = 0.1
    heights: str = "ignored"

    def __post_init__(self):
        require_choice("model", self.model, MODELS)
        require_choice("heights", self.heights, HEIGHTS)
        require_number("length", self.length, above=0)
        require_number("sill", self.sill, above=0)
        require_number("nugget_share", self.nugget_share, least=0, most=1)

    def interpolate(self, context: Points, values: np.ndarray, targets: Points) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target), see `StationInterpolation`."""
        values = require_values(context, values)
        if self.nugget_share == 0 and len(context) > 1 and spacing(context).min() < TOUCHING:
            expected = "above 0 where two stations share a place, whose readings may differ"
            raise InputError("nugget_share", self.nugget_share, expected, f"nugget_share={SHARES[0]}")
        mean, std = np.full((2, len(values), len(targets)), np.nan)
        for reporting, hours in reporting_patterns(values):
            if reporting.any():
                mean[hours], std[hours] = self._krige(context[reporting], values[np.ix_(hours, reporting)], targets)
        return mean, std

    def _krige(self, context: Points, values: np.ndarray, targets: Points) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of hours in which the same stations report, all of `context`."""
        varied = np.unique(context.height).size >= LEAST_DRIFT and context.height.std() >= LEAST_RELIEF
        drift = self.heights == "drift" and varied
        rate = np.zeros(len(values))
        if self.heights != "ignored" and not drift:
            rate = hourly_lapse_rate(context, values, *USUAL) * 1e-3  # K per m
        values = values + rate[:, None] * context.height
        covariance = covariance_model(self.model, length=self.length, sill=self.sill, nugget_share=self.nugget_share)
        system = gstools.Krige(
            covariance,
            (context.latitude, context.longitude),
            values[0],
            ext_drift=_standard(context.height, context.height) if drift else None,
            pseudo_inv_type=_inverted_once(),
        )
        there = {"ext_drift": _standard(targets.height, context.height)} if drift else {}
        mean, variance = np.empty((2, len(values), len(targets)))
        for hour, readings in enumerate(values):
            system.set_condition(cond_val=readings)
            mean[hour], variance[hour] = system((targets.latitude, targets.longitude), store=False, **there)
        return mean - rate[:, None] * targets.height, np.maximum(np.sqrt(variance), LEAST_STD)


def reporting_patterns(values: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield which stations report (station,), and the hours (positions) in which just these do."""
    patterns, which = np.unique(np.isfinite(values), axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        yield pattern, np.flatnonzero(which.ravel() == number)


def _standard(heights: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Return heights in standard deviations from the mean of others, which keeps the kriging matrix invertible."""
    return (heights - of.mean()) / of.std()


def _inverted_once() -> Callable[[np.ndarray], np.ndarray]:
    """Return an inverse that is computed at the first call: the matrix does not depend on what stations read."""
    known = []

    def inverse(matrix: np.ndarray) -> np.ndarray:
        if not known:
            known.append(np.linalg.inv(matrix))
        return known[0]

    return inverse


def fit_kriging(sample: Sample, heights: str, n_folds: int = 10) -> Kriging:
    """Return the kriging that suits stations which it does not see.

    Each model's variogram is fitted to the sample, pooled over hours; then model, length and nugget are chosen by
    the mean absolute error of a cross-validation over stations that starts from these fits, and the sill by its
    likelihood.

    Args:
        sample: stations to tune on.
        heights: see `Kriging`.
        n_folds: of stations, at least two.

    Raises:
        InputError: see `fit_variogram`.
    """
    require_choice("heights", heights, HEIGHTS)
    require_varied(sample)
    folds = station_folds(sample.places, n_folds)
    # A fold costs the cube of the stations, so a dense network is cross-validated at fewer hours.
    n_hours = int(np.clip(4800 // len(sample.places), 12, 48))
    step = max(len(sample.values) // n_hours, 1)
    thinned = sample._replace(values=sample.values[::step])
    departures = _without_heights(sample, heights)
    fitted = [Kriging(name, *fit_variogram(name, sample.places, departures), heights=heights) for name in MODELS]
    best = best_of(fitted, thinned, folds)
    for name, factors, limits in (
        ("length", (1.0, 0.25, 0.5, 2.0, 4.0), LENGTHS),
        ("nugget_share", (1.0, 0.2, 0.5, 2.0, 4.0), SHARES),
    ):
        values = {float(np.clip(factor * getattr(best, name), *limits)): None for factor in factors}
        best = best_of([dataclasses.replace(best, **{name: value}) for value in values], thinned, folds)
    found = residuals(best, thinned, folds)
    return dataclasses.replace(best, sill=best.sill * float(np.mean(np.square(found.errors / found.stds))))


def _without_heights(sample: Sample, heights: str) -> np.ndarray:
    """Return the sample's values less what their heights explain (hour, place)."""
    if heights == "ignored":
        return sample.values
    rate = hourly_lapse_rate(sample.places, sample.values, *USUAL) * 1e-3
    return sample.values + rate[:, None] * sample.places.height
