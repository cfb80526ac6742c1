"""What the exercises of the page on 4D-Var and iEnKS are judged by."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from sparseobs_book.checking import NotYet, as_array, chosen, is_near
from sparseobs_book.fit_a_trajectory.run import FITS, FitATrajectory, errors_by_window, grown, trial

LENGTHS = ("shorter", "the same", "longer")


def judge_best_window(prediction: str) -> str:
    """Judge which way the best window goes when the first guess errs as the climate's mean does."""
    word = chosen(prediction, LENGTHS)
    best = {}
    for std in (1.0, 3.6):
        table = errors_by_window(FitATrajectory(longest=8, n_truths=4), std).set_index("window")["end"]
        best[std] = table.loc[[1, 2, 4, 8]].idxmin()
    if word == "longer":
        raise NotYet("Longer windows see more, but look at what becomes of a large error within the window.")
    if word == "the same":
        raise NotYet("The linear theory would say so. Look at the wrinkles: how far away may one start?")
    return f"Of 1, 2, 4 and 8 cycles {best[1.0]} is best if the first guess is wrong by 1, and {best[3.6]} if by 3.6."


def judge_gradient(gradient: Callable) -> str:
    """Judge the gradient of the cost of a scalar linear model, `gradient(x, x_b, y, a, b, sigma)`."""
    rng = np.random.default_rng(0)
    for _ in range(5):
        x, x_b, a = rng.normal(size=3)
        y, b, sigma = rng.normal(size=4), *rng.uniform(0.5, 2, size=2)
        given, right = as_array(gradient(x, x_b, y, a, b, sigma), ()), _slope(x, x_b, y, a, b, sigma)
        if not is_near(given, right, 1e-8):
            raise NotYet(_mistake_of_gradient(given, x, x_b, y, a, b, sigma, right))
    return "It agrees with automatic differentiation at five random points: the factor $a^k$ is the adjoint of k steps."


def _slope(x: float, x_b: float, y: np.ndarray, a: float, b: float, sigma: float) -> float:
    """Return the derivative by automatic differentiation, of a model that is stepped."""
    start = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    state, cost = start, ((start - x_b) / b) ** 2
    for value in y:
        state = a * state
        cost = cost + ((value - state) / sigma) ** 2
    (cost / 2).backward()
    return start.grad.item()


def _mistake_of_gradient(given, x, x_b, y, a, b, sigma, right) -> str:
    powers = a ** np.arange(1, len(y) + 1)
    departures = y - powers * x
    background = (x - x_b) / b**2
    mistakes = {
        "It points uphill where it should point downhill, or the other way round: look at the signs.": (
            -right,
            background + (powers * departures).sum() / sigma**2,
        ),
        "How much does $x_k$ change if $x$ does? Each misfit needs that factor.": (
            background - departures.sum() / sigma**2,
        ),
        "Variances belong in the denominators, not standard deviations.": (
            (x - x_b) / b - (powers * departures).sum() / sigma,
        ),
        "The background pulls too: one term is missing.": (right - background,),
        "Count the steps: the first observation is one step after $x$.": (
            background - ((powers / a) * (y - powers / a * x)).sum() / sigma**2,
        ),
    }
    for sentence, values in mistakes.items():
        if any(is_near(given, value, 1e-8) for value in values):
            return sentence
    return "It is another number than the cost's slope. Differentiate one term of the sum by hand first."


def judge_ensemble_step(step: Callable) -> str:
    """Judge one Gauss-Newton step of the weights, `step(w, Y, d)` with Y (member, reading) and d (reading,)."""
    rng = np.random.default_rng(1)
    for members, readings in ((5, 3), (12, 10)):
        w, d = rng.normal(size=members), rng.normal(size=readings)
        Y = rng.normal(size=(members, readings))
        Y = Y - Y.mean(0)
        given = step(*(torch.tensor(each) for each in (w, Y, d)))
        given = as_array(given, (members,), "The step")
        if not is_near(given, _step(w, Y, d, members - 1), 1e-8):
            raise NotYet(_mistake_of_step(given, w, Y, d))
    return "Two ensembles, of 5 and 12 members: your step is the one that numpy's least squares finds."


def _step(w: np.ndarray, Y: np.ndarray, d: np.ndarray, degrees: float) -> np.ndarray:
    """Return the step that minimises the linearized cost, as a least-squares problem of stacked rows."""
    rows = np.vstack([Y.T, np.sqrt(degrees) * np.eye(len(w))])
    return np.linalg.lstsq(rows, np.concatenate([d, -np.sqrt(degrees) * w]), rcond=None)[0]


def _mistake_of_step(given, w, Y, d) -> str:
    degrees = len(w) - 1
    hessian = Y @ Y.T + degrees * np.eye(len(w))
    mistakes = {
        "An ensemble of m members has m - 1 degrees of freedom: look at the first term of the cost.": _step(
            w, Y, d, len(w)
        ),
        "The weights themselves cost something: the gradient has two terms.": np.linalg.solve(hessian, Y @ d),
        "Right size, wrong way: the step goes against the gradient.": -_step(w, Y, d, degrees),
        "That is the gradient. Divide by the curvature: solve a system of equations.": Y @ d - degrees * w,
    }
    for sentence, value in mistakes.items():
        if is_near(given, value, 1e-8):
            return sentence
    return "Another vector than least squares gives. Write gradient and second derivative of the cost down first."


def judge_growth(windows: Sequence[int]) -> str:
    """Judge by which windows a fit of 20 cycles is approached: lengths in cycles, one fit after the other."""
    settings = FitATrajectory(n_truths=4, longest=20)
    lengths = [int(each) for each in windows]
    if not lengths or lengths[-1] != settings.longest:
        raise NotYet("The last window has to be the whole one, 20 cycles.")
    if min(lengths) < 1 or max(lengths) > settings.longest or len(lengths) > settings.longest:
        raise NotYet("Windows of 1 to 20 cycles, and at most twenty of them.")
    found = grown(trial(settings), lengths, settings.background_std)[settings.longest]
    fit = int((found < FITS).sum())
    if fit < 3:
        raise NotYet(f"{fit} of 4 truths are fitted. From one window to the next, how much may the error grow?")
    return f"{fit} of 4 truths are fitted, to a misfit of {found.min().item():.2f} noise variances at best."
