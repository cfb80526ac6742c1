"""What the page's exercises ask, and which mistakes are usual."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from sparseobs_book.checking import NotYet, as_array, chosen, is_near


def judge_noise(prediction: object, before: tuple[float, float], after: tuple[float, float]) -> str:
    """Ask which of two filters loses more when the channels become ten times as noisy.

    Args:
        prediction: learned or EnKF.
        before: errors of the learned filter and of the EnKF that is told the weights, state units.
        after: the same with noisy channels.
    """
    if chosen(prediction, ("learned", "EnKF")) != "EnKF":
        raise NotYet("It is told the new noise, and still: how much of its skill came from accurate channels?")
    return (
        f"The learned filter goes from {before[0]:.2f} to {after[0]:.2f}, the EnKF from "
        f"{before[1]:.2f} to {after[1]:.2f}. "
        "Who owes more to the instrument has more to lose."
    )


def judge_regression(regress: Callable[[Tensor, Tensor], Tensor]) -> str:
    """Ask for the weights of a linear instrument with an offset, by least squares.

    Args:
        regress: of states (time, site) and channels (time, channel); returns (channel, site).
    """
    stream = torch.Generator().manual_seed(2)
    weights, offset = torch.randn(3, 6, generator=stream, dtype=torch.float64), torch.tensor([2.0, -1.0, 4.0])
    states = 3 + torch.randn(80, 6, generator=stream, dtype=torch.float64)
    channels = states @ weights.mT + offset + 0.1 * torch.randn(80, 3, generator=stream, dtype=torch.float64)
    given = regress(states, channels)
    if isinstance(given, Tensor) and given.shape == (6, 3):
        raise NotYet("A row of the answer is a site here. A row a channel is asked for: transpose.")
    given = as_array(given, (3, 6), "The weights")
    if is_near(given, torch.linalg.lstsq(states, channels).solution.mT):
        raise NotYet("Channels may have an offset, which this fit presses into the weights. Take the means off first.")
    if is_near(given, ((channels - channels.mean(0)).mT @ (states - states.mean(0)) / len(states))):
        raise NotYet("This is the covariance of channels and states. What does it have to be divided by?")
    if not is_near(given, weights, 0.05):
        off = np.abs(given - weights.numpy()).max()
        raise NotYet(
            f"On a small instrument with weights of order one a weight is off by {off:.2f}. Use torch.linalg.lstsq."
        )
    return "A linear instrument is easy to calibrate once some filter runs; no simulator has to be differentiated."
