"""What the exercises of the page on ensembles accept."""

from collections.abc import Callable

import numpy as np

from sparseobs_book.checking import NotYet, as_array, chosen, is_near

N_DRAWS = 200_000
TOLERANCE = 0.01  # of the error found by drawing


def spread_of_many(answer: str) -> str:
    """Whether the spread grows, stays or shrinks when there are thirty members instead of ten."""
    word = chosen(answer, ("grow", "stay", "shrink"))
    if word == "grow":
        raise NotYet("The range of the members grows with their number; their standard deviation is no range.")
    if word == "shrink":
        raise NotYet("The mean of more members is better known; the spread is that of a single one.")
    return "It stays near 0.30: more draws make a distribution neither wider nor narrower."


def honest_error(function: Callable[[float, int], float]) -> str:
    """The error of an honest ensemble's mean: `function(s, m)`, beside many drawn ensembles."""
    rng, cases = np.random.default_rng(0), ((1.0, 2), (0.5, 5), (3.0, 10))
    found = np.array([as_array(function(*case), name="The error").item() for case in cases])
    right = []
    for spread, size in cases:
        draws = spread * rng.standard_normal((N_DRAWS, size + 1))
        right.append(np.sqrt(np.mean((draws[:, 0] - draws[:, 1:].mean(1)) ** 2)))
    if is_near(found, right, TOLERANCE):
        return "Drawn ensembles err as much. With ten members the error is 5 % larger than the spread."
    spreads, sizes = np.array(cases).T
    if is_near(found, spreads / np.sqrt(sizes), TOLERANCE):
        raise NotYet("That is how well the mean is known. The truth is a draw too, with a variance of its own.")
    if is_near(found, spreads, TOLERANCE):
        raise NotYet("So it is with infinitely many members. What does the mean of m draws add?")
    if is_near(found, spreads**2 * (1 + 1 / sizes), TOLERANCE):
        raise NotYet("That is the mean square; its root is asked for.")
    raise NotYet("Variances of independent numbers add: the truth's, and that of a mean of m draws.")


def stretched_by(factor: float, ratio: float) -> str:
    """The factor that makes the spread as large as the error of the mean.

    Args:
        factor: the reader's.
        ratio: spread over what the error deserves, before.
    """
    if is_near(factor, 1.0, 1e-9, "The factor"):
        raise NotYet("A factor of one leaves the members where they are.")
    if is_near(factor, 1 / ratio, 0.05):
        return f"{factor:.2f} times {ratio:.2f} is one: the spread now is as large as the error."
    if is_near(factor, ratio, 0.05) and ratio < 0.9:
        raise NotYet("This makes the ensemble narrower still.")
    if is_near(factor, 1 / ratio**2, 0.05):
        raise NotYet("The ratio is of standard deviations, not of variances.")
    raise NotYet("The spread grows with the factor and the error stays: what times the ratio is one?")
