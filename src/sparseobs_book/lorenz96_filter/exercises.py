"""What the exercises of the page on the learned filter accept."""

from collections.abc import Callable, Mapping

import numpy as np

from sparseobs_book.checking import NotYet, as_array, chosen, is_near

N_DRAWS = 200_000


def suffers_more(answer: str, ratios: Mapping[str, float]) -> str:
    """Which filter's error grows by the larger factor when the noise is doubled.

    Args:
        answer: the reader's.
        ratios: error at noise 2 over error at noise 1, by filter, as the run of the page shows.
    """
    if any(not np.isfinite(ratio) for ratio in ratios.values()):
        raise NotYet("A filter diverged in this run: choose a larger preset to compare them.")
    more = max(ratios, key=ratios.get)
    found = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    if chosen(answer, tuple(ratios)) != more:
        raise NotYet("Being told the noise is not all. What else of that filter was chosen for noise 1?")
    return f"{more}: the errors grow by these factors: {found}."


def few_members(size: int) -> str:
    """Run both filters with three members."""
    if is_near(size, 10):
        raise NotYet("There still are ten members.")
    if not is_near(size, 3):
        raise NotYet("Three members are asked for.")
    return "Three members span two directions: compare the column `lost` of the two filters."


def forecast_error(function: Callable[[float, float], float]) -> str:
    """The forecast error that belongs to a loss: `function(loss, sigma)`, beside drawn errors and noises."""
    rng, cases = np.random.default_rng(0), ((0.3, 1.0), (0.9, 2.5), (2.0, 0.7))
    losses, sigmas, right = [], [], []
    for size, sigma in cases:
        error, noise = size * rng.standard_normal(N_DRAWS), sigma * rng.standard_normal(N_DRAWS)
        noise -= error * (error @ noise) / (error @ error)  # what a sample of draws has in common by chance
        noise *= sigma / np.sqrt(np.mean(noise**2))
        losses.append(np.mean((error - noise) ** 2) / sigma**2)
        sigmas.append(sigma)
        right.append(np.sqrt(np.mean(error**2)))
    pairs = zip(losses, sigmas, strict=True)
    found = [as_array(function(*pair), name="The error").item() for pair in pairs]
    losses, sigmas = np.array(losses), np.array(sigmas)
    if is_near(found, right, 1e-3):
        return "Drawn errors and noises give the same. A loss of one is a perfect forecast."
    if is_near(found, np.sqrt(losses - 1), 1e-3):
        raise NotYet("The loss is in units of the noise variance; the error is wanted in state units.")
    if is_near(found, sigmas**2 * (losses - 1), 1e-3):
        raise NotYet("That is the mean square of the error. Its root is wanted.")
    if is_near(found, sigmas * np.sqrt(losses), 1e-3):
        raise NotYet("This takes all of the loss for error. What part of it is the noise of the observations?")
    raise NotYet("Expand (e - noise)^2: which of the three terms has mean zero?")
