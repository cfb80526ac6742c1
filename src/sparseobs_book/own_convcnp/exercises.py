"""What the exercises of the page `own_convcnp` ask, and what their answers show."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from sparseobs_book.checking import NotYet, as_array, is_near


def judge_far(prediction: float, noise: float, exact: float, network: float) -> str:
    """Judge the standard deviation of a reading that was guessed for a place far from all readings.

    Args:
        prediction: the reader's.
        noise: standard deviation of a reading about the curve.
        exact: what the best possible prediction says there.
        network: what the page's network says there.
    """
    guess = float(as_array(prediction, name="The prediction"))
    if abs(guess - noise) < 0.1 and exact - noise > 0.2:
        raise NotYet(
            "That is the noise, which is left beside a reading. Far from all readings the curve is unknown too."
        )
    if guess > 1.5 * exact:
        raise NotYet(
            "It does not grow without an end: whatever is unknown there, curves have a standard deviation of 1."
        )
    if abs(guess - exact) > 0.12:
        raise NotYet("What would you say of a curve of which you have seen nothing at all?")
    return (
        f"It levels at {exact:.2f}, the root of 1 + {noise:g}², however far the readings are and whatever they say. "
        f"The page's network says {network:.2f}."
    )


def judge_best_std(best_std: Callable[[np.ndarray], float]) -> str:
    """Judge the formula for the standard deviation with the lowest mean negative log-likelihood of given errors."""
    errors = np.array([0.3, -1.1, 2.0, 0.4, -0.2, 1.6])
    found = float(as_array(best_std(errors), name="best_std(errors)"))
    right = float(np.sqrt(np.mean(errors**2)))
    slips = {
        np.mean(errors**2): "That is the variance; asked is its root.",
        np.std(
            errors
        ): "You took the mean error off. The prediction is wrong by its mean error, too, and has to say so.",
        np.mean(np.abs(errors)): "That is the mean absolute error. Which power of the error stands in the likelihood?",
    }
    for value, sentence in slips.items():
        if is_near(found, value):
            raise NotYet(sentence)
    if not is_near(found, right):
        raise NotYet("Set the derivative of the mean of log s + e²/(2 s²) by s to zero, and solve for s.")
    return "The root mean square of the errors. An honest standard deviation is as large as the error, no larger."


def judge_gaps(with_gaps: Callable, without: Callable) -> str:
    """Judge a set convolution of tasks with different numbers of readings against the page's, task by task.

    Args:
        with_gaps: takes x, y and mask, (task, reading) each; returns (task, 2, node).
        without: the page's, takes x and y.
    """
    x = torch.tensor([[-0.7, 0.1, 1.2, 0.4], [0.5, -1.0, 0.0, 0.0]])
    mask = torch.tensor([[True] * 4, [True, True, False, False]])
    y = torch.tensor([[0.3, -1.0, 0.8, 2.0], [1.5, -0.4, torch.nan, torch.nan]])
    found = with_gaps(x, y.clone(), mask.clone())
    right = torch.cat([without(x[:1], y[:1]), without(x[1:, :2], y[1:, :2])])
    if isinstance(found, Tensor) and found.isnan().any():
        raise NotYet("NaN times zero is NaN. Put a number in the place of readings that do not exist, then multiply.")
    if is_near(found, right, 1e-5, "The result"):
        return (
            "A reading that does not exist adds nothing to either channel. Now tasks of any sizes fit into one batch."
        )
    if not is_near(found[:, 0], right[:, 0], 1e-5, "The density"):
        raise NotYet("The density counts readings that do not exist.")
    raise NotYet("The density is right, the signal is not: which readings does it sum over, and what divides it?")


def judge_linear(read_linear: Callable, nodes: Tensor) -> str:
    """Judge a linear interpolation between the two nodes on either side of a target.

    Args:
        read_linear: takes features (task, channel, node) and x (task, target); returns (task, channel, target).
        nodes: (node,), the page's.
    """
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(2, 3, len(nodes), generator=generator)
    span = float(nodes[-1] - nodes[0])
    x = nodes[0] + span * (0.1 + 0.8 * torch.rand(2, 5, generator=generator))
    near = [[np.interp(at, nodes, row) for row in rows] for at, rows in zip(x, features, strict=True)]
    found = as_array(read_linear(features, x), (2, 3, 5), "The result")
    if is_near(found, near, 1e-3):
        return "Two nodes a target, with weights that sum to one."
    mirrored = (nodes[1] - nodes[0]) * (2 * torch.floor(_at(x, nodes)) + 1) + 2 * nodes[0] - x
    swapped = [[np.interp(at, nodes, row) for row in rows] for at, rows in zip(mirrored, features, strict=True)]
    if is_near(found, swapped, 1e-3):
        raise NotYet("The weights are swapped: the nearer node should have the larger one.")
    raise NotYet("Compare with np.interp on a few numbers: which node is to the left of a target, and how far away?")


def _at(x: Tensor, nodes: Tensor) -> Tensor:
    """Return positions in spacings from the first node."""
    return (x - nodes[0]) / (nodes[1] - nodes[0])
