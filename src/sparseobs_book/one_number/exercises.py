"""Who looks at the answers to the exercises of the page on one number."""

from collections.abc import Callable

import numpy as np

from sparseobs_book.checking import NotYet, as_array, chosen, is_near, is_open

CHANGES = ("grows", "shrinks", "stays")


def surprise(prediction: str, usual: float, surprised: float) -> str:
    """Asked: what happens to the posterior variance when the reading is ten kelvin further off.

    Args:
        prediction: one of `CHANGES`.
        usual: posterior variance with the page's reading, K².
        surprised: with the other.
    """
    stays = abs(surprised - usual) <= 0.01 * usual
    found = "stays" if stays else "grows" if surprised > usual else "shrinks"
    if chosen(prediction, CHANGES) != found:
        raise NotYet(
            "Look at the formula of the posterior variance again: which letters stand in it, and which do not?"
        )
    return f"It {found}: {usual:.2f} K² with one reading and {surprised:.2f} K² with the other. Only P and R decide it."


def best_weight(weight: Callable[[float, float, float], float]) -> str:
    """Asked: the weight of a reading whose error has a covariance with the forecast's, as a function of P, R and C."""
    random = np.random.default_rng(0)
    for _ in range(20):
        P, R = random.uniform(0.5, 4, 2)
        C = random.uniform(-0.4, 0.4) * np.sqrt(P * R)
        answer, right = as_array(weight(P, R, C)), _least_variance(P, R, C)
        if is_near(answer, right, 1e-6):
            continue
        _say_what_is_wrong_with(answer, right, P, R, C)
    return (
        "At P = 4, R = 1 and C = 1 it is 1: the forecast adds nothing where its error holds the whole of the reading's."
    )


def _least_variance(P: float, R: float, C: float) -> float:
    """Return the weight with the least variance: the vertex of the parabola through three of its points."""
    at = [(1 - w) ** 2 * P + w**2 * R + 2 * w * (1 - w) * C for w in (-1.0, 0.0, 1.0)]
    return (at[0] - at[2]) / (2 * (at[0] - 2 * at[1] + at[2]))


def _say_what_is_wrong_with(answer: np.ndarray, right: float, P: float, R: float, C: float) -> None:
    kinds = {
        "This is the weight of independent errors: the variance has a third term, with C.": P / (P + R),
        "This is the weight of the forecast; the reading's is asked.": 1 - right,
        "Look at the sign of C: the cross term is plus two times both weights times C.": (P + C) / (P + R + 2 * C),
        "The cross term holds C twice, and its derivative is C times 2 (1 - 2 w).": (P - C / 2) / (P + R - C),
    }
    for sentence, value in kinds.items():
        if is_near(answer, value, 1e-6):
            raise NotYet(sentence)
    raise NotYet(f"At P = {P:.2f}, R = {R:.2f}, C = {C:.2f} another weight than {float(answer):.3f} has less variance.")


def analysis_step(analysis: Callable[..., tuple[float, float]]) -> str:
    """Asked: mean and variance after a reading of h times the number, from mean, variance, reading, h and R."""
    random = np.random.default_rng(1)
    for _ in range(20):
        mean, y = random.normal(0, 5, 2)
        P, R, h = random.uniform(0.5, 3, 3)
        answer = analysis(mean, P, y, h, R)
        if is_open(answer):
            raise NotYet("The function returns nothing yet: put your code in the place of the dots.")
        if not isinstance(answer, (tuple, list, np.ndarray)) or len(answer) != 2:
            raise NotYet("Return two numbers: the mean, then the variance.")
        new_mean, new_variance = (as_array(part) for part in answer)
        right = 1 / (1 / P + h**2 / R)  # precisions add; the reading's, in units of the number, is h² / R
        right_mean = right * (mean / P + h * y / R)
        if not is_near(new_variance, right, 1e-9):
            raise NotYet(_wrong_variance(float(new_variance), P, R, h))
        if not is_near(new_mean, right_mean, 1e-9):
            gain = right * h / R
            if is_near(new_mean, mean + gain * (y - mean), 1e-9):
                raise NotYet(
                    "The variance is right. The innovation is the reading less what the forecast expects there."
                )
            raise NotYet("The variance is right. Look at the mean again: forecast plus gain times innovation.")
    return "With h = 1.8 the thermometer may speak Fahrenheit: the innovation is in its unit, the analysis in yours."


def _wrong_variance(answer: float, P: float, R: float, h: float) -> str:
    gain = h * P / (h**2 * P + R)
    if is_near(answer, (1 - gain) * P, 1e-9):
        return "Of the variance the share gain times h is gone, not the gain alone: try h = 1.8 and a perfect reading."
    if is_near(answer, R * P / (P + R), 1e-9):
        return "This variance does not know h: what the forecast expects of the reading has the variance h² P."
    if is_near(answer**2, 1 / (1 / P + h**2 / R), 1e-9):
        return "This is the standard deviation; the variance is asked."
    return "Look at the variance again: try h = 1, where it has to be P R / (P + R)."


def stationary_variance(formula: Callable[[float, float, float], float]) -> str:
    """Asked: the variance of the forecast that repeats itself from cycle to cycle, as a function of a, Q and R."""
    random = np.random.default_rng(2)
    for _ in range(20):
        a, Q, R = random.uniform(0, 1), *random.uniform(0.2, 3, 2)
        answer, P = as_array(formula(a, Q, R)), Q
        for _ in range(2000):
            P = a**2 * P * R / (P + R) + Q
        if is_near(answer, P, 1e-6):
            continue
        if is_near(answer, P * R / (P + R), 1e-6):
            raise NotYet("This is the variance of the analysis; the forecast's is asked.")
        if answer <= 0:
            raise NotYet("A variance is positive: take the other root of the quadratic equation.")
        if is_near(answer, Q / (1 - a**2), 1e-6):
            raise NotYet("This is the variance without any reading; put the analysis into the cycle.")
        raise NotYet(
            f"At a = {a:.2f}, Q = {Q:.2f}, R = {R:.2f} the loop ends at {P:.3f}, your formula says {answer:.3f}."
        )
    return "At a = 1 and R = Q it is the golden ratio times Q."
