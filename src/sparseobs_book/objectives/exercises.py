"""What the exercises of the page on objectives accept."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from sparseobs.filtering.objectives import Outcome, Targets, forecast_loss
from sparseobs_book.checking import NotYet, as_array, is_near


def copied_noise(answer: float) -> str:
    """Which error the filter taught by `analysis` has in the end at noise 2, state units."""
    if is_near(answer, 2.0, 0.06, "The error"):
        return "A copy of observations with noise 2 errs by 2."
    if is_near(answer, 1.0, 0.06):
        raise NotYet("That is the error at noise 1. What is copied is noisier now.")
    if is_near(answer, 4.0, 0.06):
        raise NotYet("That is a variance; the error is in state units.")
    raise NotYet("A filter that repeats what it is told has the error of what it is told.")


def cross_term(function: Callable[[float, float], float]) -> str:
    """The cross term from a mean slope: `function(mean_slope, sigma)`, beside an integral over the noise."""
    cases = np.random.default_rng(0).uniform((-2, 0.5, 0.3, 0.5), (2, 2.0, 1.5, 2.5), (4, 4))
    nodes = np.linspace(-9, 9, 2001)
    weights = np.exp(-(nodes**2) / 2)
    weights /= weights.sum()
    found, right, slopes = [], [], []
    for truth, height, steepness, sigma in cases:
        analysis = height * np.tanh(steepness * (truth + sigma * nodes))
        slope = weights @ (height * steepness / np.cosh(steepness * (truth + sigma * nodes)) ** 2)
        right.append(-2 * weights @ ((analysis - truth) * sigma * nodes))
        slopes.append(slope)
        found.append(as_array(function(slope, sigma), name="The cross term").item())
    if is_near(found, right, 1e-4):
        return "The integral over the noise agrees for curved analyses, too; a copy, of slope 1, has -2 sigma^2."
    found, right, sigma = np.array(found), np.array(right), cases[:, 3]
    if is_near(-found, right, 1e-4):
        raise NotYet("The size is right, the sign is not: an analysis moves towards the noise.")
    if is_near(2 * found, right, 1e-4):
        raise NotYet("The cross term is twice the mean product.")
    if is_near(found * sigma, right, 1e-4):
        raise NotYet("A standard deviation stands where the density's derivative gives a variance.")
    raise NotYet("Put epsilon p = -sigma^2 p' into the integral and move the derivative to g.")


def best_pull(function: Callable[[float, float], float]) -> str:
    """The pull of least true error: `function(E, C)`, beside a search over many pulls."""
    rng, pulls = np.random.default_rng(0), np.linspace(-1, 2, 30_001)
    errors = rng.uniform(0.3, 1.5, 5)
    shared = rng.uniform(0.1, 0.6, 5) * errors
    found = [as_array(function(*case), name="The pull").item() for case in zip(errors, shared, strict=True)]
    squares = [
        (1 - pulls) ** 2 * error + pulls**2 + 2 * pulls * (1 - pulls) * common
        for error, common in zip(errors, shared, strict=True)
    ]
    right = pulls[np.argmin(squares, axis=1)]
    if is_near(found, right, 1e-3):
        return "A search over many pulls finds the same. Where E = C the observation is weighed rightly already."
    if is_near(found, errors / (errors + 1), 1e-3):
        raise NotYet("That is the weight for an estimate that knows nothing of the noise; this one has read it: C.")
    if is_near(found, np.ones(5), 1e-3):
        raise NotYet("That is what the analysis loss likes best. The true error is asked for.")
    if is_near(1 - np.array(found), right, 1e-3):
        raise NotYet("That is the weight of the analysis, not of the observation.")
    raise NotYet("Try E = C = 0.4: an analysis that weighs the observation rightly should not be moved.")


def forecast_objective(function: Callable[[Tensor, Tensor, Tensor, float], Tensor]) -> str:
    """The objective `forecast` of one cycle: `function(members, y, mask, sigma)`, beside the package's."""
    stream = torch.Generator().manual_seed(0)
    members, y = torch.randn(2, 3, 1, 8, generator=stream), torch.randn(2, 1, 8, generator=stream)
    mask, sigma = torch.arange(8) % 4 == 1, torch.tensor([[2.0]])
    targets = Targets(y, mask, None)
    right = forecast_loss(Outcome(members, members, targets, targets, sigma))
    found = as_array(function(members, y, mask, 2.0), name="The loss")
    if is_near(found, right, 1e-5):
        return "The package's `forecast_loss` says the same."
    misfit = members - y[:, None]
    wrong = {
        "Here every site is compared; only the observed ones have a judge.": (misfit.mean(1) / 2).square().mean(),
        "Here each member is compared by itself; the objective judges their mean.": (misfit[..., mask] / 2)
        .square()
        .mean(),
        "The unit is wrong: divide by the noise's standard deviation before you square.": 4 * right,
    }
    for sentence, value in wrong.items():
        if is_near(found, value, 1e-5):
            raise NotYet(sentence)
    raise NotYet("It should be the mean of squares of the mean forecast less the observation, where one was made.")


def biased_noise(answer: float) -> str:
    """How large the term called noise is with a bias of one standard deviation, in noise variances."""
    if is_near(answer, 2.0, 0.06, "The term"):
        return "Variance 1 and squared bias 1 make 2; the shape of the noise does not matter."
    if is_near(answer, 1.0, 0.06):
        raise NotYet("That is the variance. The term is a mean square, and the mean is no longer zero.")
    if is_near(answer, 4.0, 0.06):
        raise NotYet("The cross term of noise and bias is zero: do not add them before squaring.")
    raise NotYet("The mean square of a number is its variance plus its squared mean.")
