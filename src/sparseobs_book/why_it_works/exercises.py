"""What the exercises of the page on theory accept."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.checking import NotYet, as_array, chosen, is_near

N_DRAWS = 400_000
TOLERANCE = 0.02  # of the price found by drawing


def price_of_noise(function: Callable[[float], float]) -> str:
    """By which factor noise raises the variance of a gradient: `function(E)`, beside many drawn gradients."""
    rng, errors = np.random.default_rng(0), (0.3, 0.9, 2.5)
    found = [as_array(function(error), name="The price").item() for error in errors]
    right = []
    for error in errors:
        e, noise, slope = rng.standard_normal((3, N_DRAWS))
        e *= error**0.5
        right.append(np.var((e - noise) * slope) / np.var(e * slope))
    if is_near(found, right, TOLERANCE):
        return f"{N_DRAWS:,} drawn gradients have the same price; E = 0.87 makes it 2.1."
    errors = np.array(errors)
    if is_near(found, 1 + 1 / errors**0.5, TOLERANCE):
        raise NotYet("E is a mean square already, in units of the noise variance: no root is needed.")
    if is_near(found, 1 / errors, TOLERANCE):
        raise NotYet("That is the noise's part over the error's. Both parts stand above the line.")
    if is_near(found, 1 + errors, TOLERANCE):
        raise NotYet("The ratio is upside down: a large error makes the noise cheap.")
    raise NotYet("Variances of independent parts add: the noise's is 1, the error's E.")


def cost_at_more_noise(answer: str) -> str:
    """Whether noisy targets cost more or less data at noise 2.5 than at 1."""
    if chosen(answer, ("more", "less")) == "less":
        raise NotYet("The error grows with the noise, but less than the noise does. So what becomes of its share?")
    return "More: the error's share falls from 0.87 to 0.65, and 1 + 1/E rises from 2.1 to 2.5."


def compared(function: Callable[[Tensor, Tensor], tuple[float, float, float]]) -> str:
    """Mean, low and high of a difference of losses: `function(one, other)`, each (truth,)."""
    stream = torch.Generator().manual_seed(0)
    weather = torch.randn(12, generator=stream, dtype=torch.float64)
    one, other = (2 + weather + 0.05 * torch.randn(12, generator=stream, dtype=torch.float64) for _ in range(2))
    one = one + 0.1
    found = as_array(function(one, other), (3,), "The triple")
    right = np.array(repeat_interval(one - other)[:3])
    if is_near(found, right, 1e-6):
        return "Truth by truth the weather cancels, and a difference of a tenth shows."
    if is_near(found, -right[[0, 2, 1]], 1e-6):
        raise NotYet("The sign is that of the other loss: what `one` loses more than `other` is asked for.")
    if is_near(found[0], right[0], 1e-6):
        raise NotYet("The mean is right. The interval is of the differences, truth by truth, not of the two losses.")
    raise NotYet("Take the difference first, then its mean and interval over the truths.")


def cycles_until(function: Callable[[float, float, float], float]) -> str:
    """After how many cycles a gradient is down to a share: `function(share, exponent, cycle_length)`."""
    cases = np.random.default_rng(0).uniform((0.005, -2.0, 0.05), (0.5, -0.3, 1.0), (5, 3))
    found = [as_array(function(*case), name="The number of cycles").item() for case in cases]
    share, exponent, length = cases.T
    if is_near(np.exp(exponent * length * found), share, 1e-6):
        return "Put back into the exponential, your number of cycles gives the share."
    if is_near(found, np.log(share) / exponent, 1e-6):
        raise NotYet("That is a time; a cycle lasts cycle_length of it.")
    if is_near(-np.array(found), np.log(share) / exponent / length, 1e-6):
        raise NotYet("The sign is wrong: logarithm and exponent are both below zero.")
    if is_near(found, np.log(share) / exponent * length, 1e-6):
        raise NotYet("The longer a cycle, the fewer of them are needed.")
    raise NotYet("Take the logarithm of both sides of share = exp(exponent n cycle_length).")
