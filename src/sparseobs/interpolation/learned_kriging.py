"""Kriging whose covariance is learned by gradient from left-out readings: of stations, of simulated fields, or both."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sparseobs.errors import InputError, require_number
from sparseobs.interpolation.inverse_distance import require_values
from sparseobs.interpolation.learned_covariance import (
    Geometry,
    LearnedCovariance,
    geometry,
    krige,
    number_names,
)
from sparseobs.interpolation.tuning import Sample, StationInterpolation, require_varied
from sparseobs.randomness import torch_stream
from sparseobs.stations.geography import Points

LEAST_VARIANCE = 1e-4  # K^2: a Gaussian of no width cannot be scored
LARGEST = 4e6  # numbers in the matrices of the hours that are kriged at once


@dataclass(frozen=True)
class Fit:
    """How the numbers are fitted.

    Attributes:
        rate: of Adam, falling to nothing by a cosine.
        steps: of it; each shows a random part of the stations of some hours and asks for the rest.
        hours: a step.
        share: of the stations, the most that are shown.
        least: the least shown; the number is drawn log-uniform in between. None always shows `share`.
        by_hour: whether the numbers turn with the hour of the day.
        seed: of what is drawn.
    """

    rate: float = 0.02
    steps: int = 250
    hours: int = 4
    share: float = 0.7
    least: int | None = None
    by_hour: bool = False
    seed: int = 0

    def __post_init__(self):
        require_number("rate", self.rate, above=0)
        require_number("steps", self.steps, least=0, whole=True)
        require_number("hours", self.hours, least=1, whole=True)
        require_number("share", self.share, above=0, most=1)


@dataclass(frozen=True)
class LearnedKriging(StationInterpolation):
    """Kriging with drift by a `LearnedCovariance`; a prediction is of a reading.

    Attributes:
        table: a row a number, see `number_names`; one value, or the constant, cosine and sine of a wave of a day.
    """

    table: tuple[tuple[float, ...], ...]

    @property
    def covariance(self) -> LearnedCovariance:
        """The module that holds the numbers."""
        return LearnedCovariance(torch.tensor(self.table, dtype=torch.float64))

    def numbers(self, hour: float = 12.0) -> dict[str, float]:
        """Return the numbers by name at an hour of the day (UTC), no logarithms."""
        with torch.no_grad():
            found = self.covariance.numbers(torch.tensor([hour], dtype=torch.float64))
        return {name: value.item() for name, value in found.items()}

    def of_hours(self, times: np.ndarray) -> dict[str, np.ndarray]:
        """Return the hours of the day, which numbers may turn with."""
        return {"clock": hours_of_day(times)}

    def interpolate(
        self, context: Points, values: np.ndarray, targets: Points, clock: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target); NaN in hours without any value.

        Args:
            context: where the values are.
            values: (hour, context), degC, NaN where missing.
            targets: where to predict.
            clock: (hour,), hours of the day, UTC; needed only by numbers that turn with them.

        Raises:
            InputError: numbers that turn with the hour, and no hours.
        """
        values = torch.as_tensor(require_values(context, values), dtype=torch.float64)
        covariance = self.covariance
        if clock is None and len(self.table[0]) > 1:
            raise InputError("clock", None, "the hour of the day of each row", "hours_of_day(times)")
        if context.features.shape[1] != covariance.n_features:
            expected = f"the {covariance.n_features} that the numbers were fitted to"
            raise InputError(
                "features", f"{context.features.shape[1]} of the context", expected, "the same of all points"
            )
        among, across = geometry(context, context, context), geometry(context, targets, context)
        size = max(1, int(LARGEST // max(len(context) * (len(context) + len(targets)), 1)))
        parts = []
        with torch.no_grad():
            for first in range(0, len(values), size):
                hour = None if clock is None else torch.as_tensor(clock[first : first + size], dtype=torch.float64)
                parts.append(krige(covariance, among, across, values[first : first + size], hour))
        mean, variance = (torch.cat(part).numpy() for part in zip(*parts, strict=True))
        silent = ~np.isfinite(values.numpy()).any(axis=1)
        std = np.sqrt(np.maximum(variance, LEAST_VARIANCE))
        mean[silent], std[silent] = np.nan, np.nan
        return mean, std


def hours_of_day(times: np.ndarray) -> np.ndarray:
    """Return the hour of the day, UTC, of times (time,)."""
    times = np.asarray(times, dtype="datetime64[s]")
    return (times - times.astype("datetime64[D]")) / np.timedelta64(1, "h")


def usual_numbers(sample: Sample, by_hour: bool = False) -> LearnedKriging:
    """Return numbers to begin from: shares of the variance about the hours' means, and usual lengths and weights."""
    several = np.isfinite(sample.values).sum(axis=1) > 1
    variance = float(np.mean(np.nanvar(sample.values[several], axis=1)))
    start = {"sill": (0.6, 0.2), "length": (300.0, 80.0)}
    n_features = sample.places.features.shape[1]
    found = []
    for name in number_names(n_features)[:-1]:
        structure, _, kind = name.partition("_")
        which = int(structure == "short")
        if kind == "sill":
            found.append(np.log(start["sill"][which] * variance))
        elif kind == "length":
            found.append(np.log(start["length"][which]))
        else:
            found.append(np.log({"nugget": 0.1 * variance, "rate_std": 3.0, "gradient_std": 1.0}.get(name, 0.5)))
    rest = (0.0, 0.0) if by_hour else ()
    return LearnedKriging(tuple((float(value), *rest) for value in [*found, -6.5]))


def fit_learned_kriging(
    sample: Sample, fit: Fit | None = None, start: LearnedKriging | None = None, clock: np.ndarray | None = None
) -> LearnedKriging:
    """Return kriging whose numbers make left-out readings likely.

    Every step shows a random part of the stations at some hours, asks for the others, and follows the gradient of
    the mean negative log-likelihood of single readings.

    Args:
        sample: stations, or simulated fields read off at places.
        fit: how; None is `Fit()`.
        start: whose numbers to begin with; None takes `usual_numbers`.
        clock: (hour,), hours of the day of the sample's rows, for numbers that turn with them.

    Raises:
        InputError: fewer than three stations, no hour in which three of them report, or one value everywhere.
    """
    fit = fit or Fit()
    places, values = sample.places, torch.as_tensor(sample.values, dtype=torch.float64)
    heard = torch.isfinite(values).sum(1) >= 3
    if len(places) < 3 or not heard.any():
        given = f"{len(places)} stations, {int(heard.sum())} hours with three readings"
        raise InputError("sample", given, "three stations or more that report together", "fewer held-out stations")
    require_varied(sample)
    start = start or usual_numbers(sample, fit.by_hour)
    covariance = LearnedCovariance(torch.tensor(start.table, dtype=torch.float64))
    whole = geometry(places, places, places)
    hours = torch.nonzero(heard).squeeze(1)
    clocks = None if clock is None else torch.as_tensor(clock, dtype=torch.float64)
    generator = torch_stream(fit.seed, "learned kriging")
    optimizer = torch.optim.Adam(covariance.parameters(), lr=fit.rate)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(fit.steps, 1))
    for _ in range(fit.steps):
        loss = _left_out_loss(covariance, whole, values, _draw(fit, len(places), hours, generator), clocks)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        scheduler.step()
    return dataclasses.replace(start, table=tuple(tuple(row) for row in covariance.table.tolist()))


def _draw(fit: Fit, n_places: int, hours: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Return the hours, and the positions of the stations shown and asked, of one step."""
    times = hours[torch.randint(len(hours), (fit.hours,), generator=generator)]
    order = torch.randperm(n_places, generator=generator)
    most = n_shown = min(max(int(fit.share * n_places), 1), n_places - 1)
    if fit.least is not None and fit.least < most:
        n_shown = int(fit.least * (most / fit.least) ** torch.rand((), generator=generator).item())
    return times, order[:n_shown], order[n_shown:]


def _left_out_loss(
    covariance: LearnedCovariance, whole: Geometry, values: Tensor, drawn: tuple[Tensor, Tensor, Tensor], clocks
) -> Tensor:
    """Return the mean negative log-likelihood, nats, of the readings asked for."""
    times, shown, asked = drawn
    readings = values[times]
    hour = None if clocks is None else clocks[times]
    found = krige(covariance, whole.part(shown, shown), whole.part(shown, asked), readings[:, shown], hour)
    wanted = readings[:, asked]
    there = torch.isfinite(wanted) & torch.isfinite(readings[:, shown]).any(1, keepdim=True)
    if not there.any():
        return 0.0 * covariance.table.sum()
    return functional.gaussian_nll_loss(
        found.mean[there], wanted[there], found.variance[there], full=True, eps=LEAST_VARIANCE
    )
