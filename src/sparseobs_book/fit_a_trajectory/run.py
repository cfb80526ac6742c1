"""What the page on 4D-Var and iEnKS runs: windows of Lorenz-96, and Gauss-Newton fits of many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.climate import attractor_states
from sparseobs.dynamics.tangent import along_tangents
from sparseobs.errors import require_number, require_whole_numbers
from sparseobs.filtering.var4d import climate_covariance
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import Observations, TwinExperiment, simulate
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import spatial_rmse
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.trained_filters.lorenz96 import SYSTEM

PAGE_STREAM = 40_000  # added to the seed: neither training, validation nor test streams
ITERATIONS = 5  # Gauss-Newton steps of a fit
WILDEST = 30.0  # no state of the climate is as large; beyond, the model's steps overflow
FITS = 1.5  # noise variances of misfit a reading below which a fit has found the truth's trajectory


@dataclass(frozen=True)
class FitATrajectory:
    """The numbers of the page on 4D-Var and iEnKS.

    Args:
        seed: decides truths, noise, first guesses and ensembles.
        obs_error_std: standard deviation of the observation noise, state units.
        stride: every how many sites is one observed; the pattern rotates.
        window: cycles of the window that the page fits first.
        background_std: standard deviation of the first guess's error, state units.
        ensemble_size: members.
        n_truths: independent windows of the experiments, at least 2.
        longest: cycles of the longest window.
    """

    seed: int = 0
    obs_error_std: float = 1.0
    stride: int = 4
    window: int = 6
    background_std: float = 1.5
    ensemble_size: int = 20
    n_truths: int = 8
    longest: int = 24

    def __post_init__(self) -> None:
        require_whole_numbers(self, seed=0, n_truths=2, longest=2)
        require_number("obs_error_std", self.obs_error_std, above=0)
        EveryKth(self.stride).sites(0, SYSTEM.n_sites)
        require_number("window", self.window, least=1, most=40, whole=True)
        require_number("background_std", self.background_std, above=0, most=4)
        require_number("ensemble_size", self.ensemble_size, least=3, most=200, whole=True)

    @property
    def windows(self) -> tuple[int, ...]:
        """Lengths of the windows that are compared, cycles."""
        return tuple(length for length in (1, 2, 4, 6, 8, 12, 16, 24) if length < self.longest) + (self.longest,)


PRESETS = {
    "smoke": FitATrajectory(n_truths=2, longest=6, window=3),
    "lesson": FitATrajectory(),
    "paper": FitATrajectory(n_truths=100, longest=32),
}


def model(states: Tensor) -> Tensor:
    """Return states (..., variable, site) one cycle later."""
    return SYSTEM.schedule.forecast(SYSTEM, states)


class Trial(NamedTuple):
    """Windows to be fitted.

    Attributes:
        start: (truth, variable, site), the truths one cycle before the first observation.
        first_guess: the same with independent errors at every site.
        experiment: truths and observations of all cycles.
    """

    start: Tensor
    first_guess: Tensor
    experiment: TwinExperiment

    @property
    def observations(self) -> Observations:
        """What was observed."""
        return self.experiment.observations

    def readings(self, window: int) -> Tensor:
        """Return all that was observed within a window, cycle by cycle, (truth, reading)."""
        return readings(self.observations, window)


def readings(observations: Observations, window: int) -> Tensor:
    """Return the values that were observed in the first cycles, one cycle after the other, (truth, reading)."""
    each = zip(observations.values[:window, :, 0], observations.mask[:window], strict=True)
    return torch.cat([values[:, seen] for values, seen in each], -1)


def trial(settings: FitATrajectory, background_std: float | None = None) -> Trial:
    """Return windows of the page's noise and pattern, `longest` or `window` cycles long, whichever is more."""
    seed = PAGE_STREAM + settings.seed
    start = attractor_states(SYSTEM, settings.n_truths, torch_stream(seed, "truth"))
    noise = torch.randn(start.shape, generator=torch_stream(seed, "first guess"), dtype=start.dtype)
    return _observed(settings, start, start + (background_std or settings.background_std) * noise)


def _observed(settings: FitATrajectory, start: Tensor, first_guess: Tensor) -> Trial:
    experiment = simulate(
        SYSTEM,
        EveryKth(settings.stride),
        n_cycles=max(settings.longest, settings.window),
        batch=len(start),
        obs_error_std=settings.obs_error_std,
        seed=PAGE_STREAM + settings.seed,
        start=start,
    )
    return Trial(start, first_guess, experiment)


def expected(masks: Tensor, states: Tensor) -> Tensor:
    """Return what the instruments would show of a window that begins at `states`, (..., variable, reading).

    Args:
        masks: (cycle, site), true where observed.
        states: (..., variable, site), one cycle before the first observation.
    """
    shown = []
    for seen in masks:
        states = model(states)
        shown.append(states[..., seen])
    return torch.cat(shown, -1)


def fitted(
    observations: Observations,
    window: int,
    first_guess: Tensor,
    root: Tensor,
    weights: Tensor | None = None,
    iterations: int = ITERATIONS,
) -> tuple[Tensor, Tensor]:
    """Return the states at the start of the windows that Gauss and Newton's steps end at, and their weights.

    The cost of the weights w is w'w/2 plus half the squared misfits of what begins at `first_guess + w @ root`, in
    units of the noise: 4D-Var for `root' root` as covariance of the background error.

    Args:
        observations: of the windows, their first cycles.
        window: cycles.
        first_guess: (truth, variable, site).
        root: (truth or 1, direction, variable, site).
        weights: (truth, direction) that the steps begin with; zeros if None.
        iterations: steps. A fit whose states run away begins again at the first guess.
    """
    masks, noise = observations.mask[:window], observations.error_stds[0]
    root = root.expand(len(first_guess), -1, -1, -1)
    weights = first_guess.new_zeros(root.shape[:2]) if weights is None else weights
    values = readings(observations, window)
    for _ in range(iterations):
        states = first_guess + _combined(weights, root)
        shown, tangents = along_tangents(lambda given: expected(masks, given), states, root)
        observed, departure = tangents[:, :, 0] / noise, (values - shown[:, 0]) / noise
        gradient = (observed @ departure[..., None])[..., 0] - weights
        hessian = observed @ observed.mT + torch.eye(root.shape[1]).to(root)
        ahead = weights + torch.linalg.solve(hessian, gradient)
        sound = (first_guess + _combined(ahead, root)).abs().amax((-1, -2)) < WILDEST
        weights = torch.where(sound[:, None], ahead, 0.0)
    return first_guess + _combined(weights, root), weights


def _combined(weights: Tensor, root: Tensor) -> Tensor:
    return (weights[..., None, None] * root).sum(1)


def static_root(background_std: float) -> Tensor:
    """Return the root of independent background errors at every site, (1, direction, variable, site)."""
    return background_std * torch.eye(SYSTEM.n_sites, dtype=torch.float64)[None, :, None]


def misfit(observations: Observations, window: int, states: Tensor) -> Tensor:
    """Return the mean squared misfit of windows that begin at `states`, in noise variances a reading, (truth,).

    Args:
        observations: of the windows.
        window: cycles.
        states: (truth, variable, site).
    """
    departure = readings(observations, window) - expected(observations.mask[:window], states)[:, 0]
    return (departure / observations.error_stds[0]).square().mean(-1)


def along_a_line(trial_: Trial, windows: Sequence[int], reach: float, n_points: int = 241) -> tuple[Tensor, dict]:
    """Return places on the line through the first truth and its first guess, and the misfits there by window.

    Args:
        trial_: the windows.
        windows: lengths in cycles.
        reach: how far the line goes to either side, in units of the distance between the two.
        n_points: places.

    Returns:
        Places (point,), 0 at the truth and 1 at the first guess; noise variances a reading (point,) by window.
    """
    places = torch.linspace(-reach, reach, n_points, dtype=torch.float64)
    states = trial_.start[0] + places[:, None, None] * (trial_.first_guess[0] - trial_.start[0])
    first = next(trial_.observations.trajectories())
    return places, {window: misfit(first, window, states) for window in windows}


def valleys(curve: Tensor) -> int:
    """Return how many points of a curve (point,) lie below both their neighbours."""
    return int(((curve[1:-1] < curve[:-2]) & (curve[1:-1] < curve[2:])).sum())


def errors_by_window(settings: FitATrajectory, background_std: float | None = None) -> pd.DataFrame:
    """Return a row a window: RMSE at its start and at its end, before and after the fit, means over the truths."""
    std = background_std or settings.background_std
    windows, rows = trial(settings, std), []
    for window in settings.windows:
        states, _ = fitted(windows.observations, window, windows.first_guess, static_root(std))
        ends = {"end": states, "end, no fit": windows.first_guess}
        errors = {name: _errors_at_end(windows, window, each) for name, each in ends.items()}
        errors = {"start": spatial_rmse(states, windows.start), **errors}
        rows.append({"window": window, **{name: each.mean().item() for name, each in errors.items()}})
    return pd.DataFrame(rows)


def grown(trial_: Trial, windows: Sequence[int], background_std: float, iterations: int = 2) -> dict[int, Tensor]:
    """Return the misfits (truth,) by window, where every fit begins with what the one before it ended at.

    Args:
        trial_: the windows.
        windows: their lengths, one fit after the other.
        background_std: of independent errors of the first guess.
        iterations: steps of each fit.
    """
    weights, found, root = None, {}, static_root(background_std)
    for window in windows:
        states, weights = fitted(trial_.observations, window, trial_.first_guess, root, weights, iterations)
        found[window] = misfit(trial_.observations, window, states)
    return found


def forecast_members(
    settings: FitATrajectory, n_members: int, n_truths: int, n_cycles: int = 6
) -> tuple[Trial, Tensor]:
    """Return windows whose first guess is a forecast, and members of it (truth, member, variable, site).

    An analysis with independent errors of 0.5 is forecast for some cycles, in which the dynamics correlate the errors.
    The truth is one more such member.
    """
    stream = torch_stream(PAGE_STREAM + settings.seed, "forecast members")
    centre = attractor_states(SYSTEM, n_truths, stream)
    shape = (n_truths, n_members + 1, *centre.shape[1:])
    members = centre[:, None] + 0.5 * torch.randn(shape, generator=stream, dtype=centre.dtype)
    for _ in range(n_cycles):
        members = model(members)
    truth, members = members[:, 0], members[:, 1:]
    return _observed(settings, truth, members.mean(1)), members


def backgrounds(members: Tensor) -> dict[str, Tensor]:
    """Return roots of background covariances by name, all of one total variance: (truth or 1, direction, 1, site).

    Args:
        members: (truth, member, variable, site); a sample of the true background errors.
    """
    anomalies = (members - members.mean(1, keepdim=True)) / (members.shape[1] - 1) ** 0.5
    variance = anomalies.square().sum(1).mean()
    values, vectors = torch.linalg.eigh(climate_covariance(SYSTEM))
    climate = values.clamp(min=0).sqrt()[:, None] * vectors.mT
    climate = climate * (variance / climate.square().sum(0).mean()).sqrt()
    return {
        "independent errors": static_root(variance.sqrt().item()),
        "the climate's": climate[None, :, None],
        "this ensemble's": anomalies,
    }


def errors_by_background(settings: FitATrajectory, window: int, sizes: Sequence[int]) -> pd.DataFrame:
    """Return a row a background covariance: RMSE at the end of the window, and what it saves.

    Means over the truths; the second with its interval, paired by truth, against independent errors.

    The static ones have the total variance of the largest ensemble.

    Args:
        settings: of the page.
        window: cycles.
        sizes: of the ensembles that a covariance is taken from; that of the first guess is the largest.
    """
    windows, members = forecast_members(settings, max(sizes), 4 * settings.n_truths)
    roots = backgrounds(members)
    del roots["this ensemble's"]
    roots |= {f"{size} members'": backgrounds(members[:, :size])["this ensemble's"] for size in sizes}
    starts = {"no fit": windows.first_guess} | {
        name: fitted(windows.observations, window, windows.first_guess, root)[0] for name, root in roots.items()
    }
    errors = {name: _errors_at_end(windows, window, states) for name, states in starts.items()}
    usual = errors["independent errors"]
    saved = {name: "" if each is usual else f"{repeat_interval(usual - each):.2f}" for name, each in errors.items()}
    table = {"RMSE": {name: each.mean().item() for name, each in errors.items()}, "saved": saved}
    return pd.DataFrame(table).rename_axis("background covariance")


def _errors_at_end(windows: Trial, window: int, states: Tensor) -> Tensor:
    for _ in range(window):
        states = model(states)
    return spatial_rmse(states, windows.experiment.truth[window - 1])


def compared(table: pd.DataFrame) -> pd.DataFrame:
    """Return the stored comparison's filters that this page is about, a row a noise, method and ensemble size.

    Args:
        table: of the grid `filter_comparison`.

    Returns:
        Columns obs_error_std, method, ensemble_size (1 for 4D-Var), rmse with its interval (low, high) over the runs
        that stayed finite, lost and runs.
    """
    rows, chosen = [], table.query("system == 'lorenz96' and method in ('LETKF', 'iEnKS', '4D-Var')")
    for keys, part in chosen.groupby(["obs_error_std", "method", "ensemble_size"]):
        interval = repeat_interval(part["rmse"].dropna())
        counts = {"lost": int(part["lost"].sum()), "runs": len(part)}
        names = dict(zip(("obs_error_std", "method", "ensemble_size"), keys, strict=True))
        scores = {"rmse": interval.mean, "low": interval.low, "high": interval.high}
        rows.append(names | scores | counts)
    return pd.DataFrame(rows)
