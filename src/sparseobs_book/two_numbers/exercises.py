"""Who looks at the answers to the exercises of the page on two numbers."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from sparseobs_book.checking import NotYet, as_array, chosen, is_near, is_open

CHANGES = ("mean", "variance", "both", "neither")
OPEN = "The function returns nothing yet: put your code in the place of the dots."


def no_surprise(prediction: str, before: tuple[float, float], after: tuple[float, float]) -> str:
    """Asked: what of the unread number changes when the reading is what the forecast expects.

    Args:
        prediction: one of `CHANGES`.
        before: mean and variance of the number that is not read, by the forecast.
        after: the same, of the analysis.
    """
    mean, variance = (abs(new - old) > 1e-6 * (1 + abs(old)) for old, new in zip(before, after, strict=True))
    found = {(True, True): "both", (True, False): "mean", (False, True): "variance"}.get((mean, variance), "neither")
    given = chosen(prediction, CHANGES)
    if given != found:
        if (given in ("mean", "both")) != mean:
            raise NotYet("Look at the formula of the analysis' mean again: what is the innovation here?")
        raise NotYet("Look at the formula of the analysis' covariance again: does the reading's value stand in it?")
    if found == "neither":
        return "Neither changes: without a correlation the reading says nothing of the other number."
    return f"It is the {found}: {before[1]:.2f} before the reading and {after[1]:.2f} after it. K does not hold y."


def gain_of_one_reading(gain: Callable[..., tuple[float, float]]) -> str:
    """Asked: the two gains of a reading of h1 x1 + h2 x2, from P11, P12, P22, h1, h2 and R."""
    random = np.random.default_rng(0)
    for _ in range(20):
        P11, P22, R = random.uniform(0.5, 4, 3)
        P12 = random.uniform(-0.8, 0.8) * np.sqrt(P11 * P22)
        h1, h2 = random.uniform(0.4, 2, 2) * random.choice([-1, 1], 2)
        given = gain(P11, P12, P22, h1, h2, R)
        if is_open(given):
            raise NotYet(OPEN)
        if isinstance(given, np.ndarray):
            given = given.ravel()  # a column is as good
        answer = as_array(given, (2,), "The gain")
        P, h = np.array([[P11, P12], [P12, P22]]), np.array([h1, h2])
        if not is_near(answer, _gain_by_precisions(P, h, R), 1e-8):
            raise NotYet(_wrong_gain(answer, P, h, R))
    return "With h = (1, 0) it is the gain of the page; with h = (1, -1/2) that of a position half an hour old."


def _gain_by_precisions(P: np.ndarray, h: np.ndarray, R: float) -> np.ndarray:
    """Return the gain the other way: the analysis' covariance from precisions, times h over R."""
    return np.linalg.inv(np.linalg.inv(P) + np.outer(h, h) / R) @ h / R


def _wrong_gain(answer: np.ndarray, P: np.ndarray, h: np.ndarray, R: float) -> str:
    squares, cross, above = h**2 @ np.diag(P), 2 * h[0] * h[1] * P[0, 1], P @ h
    kinds = {
        "The variance below the line lacks its mixed term: h1 x1 and h2 x2 go together.": above / (squares + R),
        "The mixed term stands twice below the line: once for each order of the two numbers.": above
        / (squares + cross / 2 + R),
        "Below the line the variance of the reading's error is missing.": above / (squares + cross),
        "Above the line stands the covariance of each number with the whole reading, not with its own part of it.": h
        * np.diag(P)
        / (squares + cross + R),
        "This is the gain where the first number alone is read; h1 and h2 have to come in.": P[0] / (P[0, 0] + R),
        "The two gains are in the other order.": _gain_by_precisions(P, h, R)[::-1],
    }
    for sentence, value in kinds.items():
        if is_near(answer, value, 1e-8):
            return sentence
    return "Try h1 = 1 and h2 = 0: the gain has to be P11 and P12, each over P11 + R."


def information_form(analysis: Callable[..., tuple[ArrayLike, ArrayLike]]) -> str:
    """Asked: mean and covariance of the analysis from precisions, for any H and R; held against the gain's."""
    random = np.random.default_rng(1)
    for n, n_readings in ((2, 1), (4, 3), (3, 5)):
        mean, y = random.normal(size=n), random.normal(size=n_readings)
        root, noise = random.normal(size=(n, n)), random.normal(size=(n_readings, n_readings))
        P, R = root @ root.T + np.eye(n), noise @ noise.T + np.eye(n_readings)
        H = random.normal(size=(n_readings, n))
        given = analysis(mean.copy(), P.copy(), y.copy(), H.copy(), R.copy())
        if is_open(given):
            raise NotYet(OPEN)
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            raise NotYet("Return two things: the mean, then the covariance.")
        new_mean, covariance = as_array(given[0], (n,), "The mean"), as_array(given[1], (n, n), "The covariance")
        K = P @ H.T @ np.linalg.inv(H @ P @ H.T + R)
        right_mean, right = mean + K @ (y - H @ mean), P - K @ H @ P
        if not is_near(covariance, right, 1e-8):
            raise NotYet(_wrong_covariance(covariance, right, P, H, R))
        if not is_near(new_mean, right_mean, 1e-8):
            raise NotYet(_wrong_mean(new_mean, right_mean, right))
    return "Precisions and gain agree, with fewer readings than numbers and with more."


def _wrong_covariance(answer: np.ndarray, right: np.ndarray, P: np.ndarray, H: np.ndarray, R: np.ndarray) -> str:
    if is_near(answer, np.linalg.inv(right), 1e-8):
        return "This is the precision of the analysis; its inverse is asked."
    if is_near(answer, np.linalg.inv(np.linalg.inv(P) + H.T @ R @ H), 1e-8):
        return "The readings come in with their precision, the inverse of R."
    if is_near(answer, np.linalg.inv(P + H.T @ np.linalg.inv(R) @ H), 1e-8):
        return "The forecast comes in with its precision, the inverse of P."
    return "Look at the covariance again: its inverse is the sum of two precisions, one for each source."


def _wrong_mean(answer: np.ndarray, right_mean: np.ndarray, right: np.ndarray) -> str:
    if is_near(answer, np.linalg.solve(right, right_mean), 1e-8):
        return "The covariance is right. The weighted sum has still to be multiplied by it."
    return (
        "The covariance is right. In the mean the forecast's weight is P's inverse, the reading's H' times R's inverse."
    )
