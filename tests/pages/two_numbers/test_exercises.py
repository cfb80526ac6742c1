"""Every judge accepts the solution, and refuses the starter and the usual mistakes, each in its own words."""

import numpy as np
import pytest

from sparseobs_book.two_numbers import exercises


def dots(*_):
    """What a starter's function returns."""


def test_no_surprise(said):
    speeds = (1.0, 1.0), (1.0, 0.488)
    assert said(exercises.no_surprise, "Variance", *speeds).startswith("Right. It is the variance: 1.00")
    assert "place of the dots" in said(exercises.no_surprise, ..., *speeds)
    for word, part in {"mean": "innovation", "both": "innovation", "neither": "covariance", "speed": "choices"}.items():
        answer = said(exercises.no_surprise, word, *speeds)
        assert answer.startswith("Not yet.") and part in answer
    assert said(exercises.no_surprise, "neither", (1.0, 2.0), (1.0, 2.0)).startswith("Right. Neither")
    assert "covariance" in said(exercises.no_surprise, "variance", (1.0, 2.0), (1.0, 2.0))


def gain(P11, P12, P22, h1, h2, R, mixed=2):
    below = h1**2 * P11 + mixed * h1 * h2 * P12 + h2**2 * P22 + R
    return (h1 * P11 + h2 * P12) / below, (h1 * P12 + h2 * P22) / below


def test_gain_of_one_reading(said):
    assert said(exercises.gain_of_one_reading, gain).startswith("Right.")
    assert said(exercises.gain_of_one_reading, lambda *given: np.array(gain(*given))[:, None]).startswith("Right.")
    assert "returns nothing" in said(exercises.gain_of_one_reading, dots)
    for wrong, part in {
        lambda *given: gain(*given, mixed=0): "lacks its mixed term",
        lambda *given: gain(*given, mixed=1): "twice below the line",
        lambda *given: gain(*given[:5], 0.0): "reading's error is missing",
        lambda P11, P12, P22, h1, h2, R: (
            h1 * P11 / (h1**2 * P11 + 2 * h1 * h2 * P12 + h2**2 * P22 + R),
            h2 * P22 / (h1**2 * P11 + 2 * h1 * h2 * P12 + h2**2 * P22 + R),
        ): "with the whole reading",
        lambda P11, P12, P22, h1, h2, R: (P11 / (P11 + R), P12 / (P11 + R)): "have to come in",
        lambda *given: gain(*given)[::-1]: "other order",
        lambda *given: (0.5, 0.5): "Try h1 = 1",
        lambda *given: gain(*given)[0]: "shape",
        lambda *given: 1 / 0: "ZeroDivisionError",
    }.items():
        answer = said(exercises.gain_of_one_reading, wrong)
        assert answer.startswith("Not yet.") and part in answer


def information(mean, P, y, H, R, *, weight=np.linalg.inv, forecast=np.linalg.inv):
    covariance = np.linalg.inv(forecast(P) + H.T @ weight(R) @ H)
    return covariance @ (np.linalg.inv(P) @ mean + H.T @ np.linalg.inv(R) @ y), covariance


def test_information_form(said):
    assert said(exercises.information_form, information).startswith("Right.")
    assert "returns nothing" in said(exercises.information_form, dots)

    def by_gain(mean, P, y, H, R):
        K = P @ H.T @ np.linalg.inv(H @ P @ H.T + R)
        return mean + K @ (y - H @ mean), P - K @ H @ P

    assert said(exercises.information_form, by_gain).startswith("Right.")
    for wrong, part in {
        lambda *given: information(*given)[0]: "Return two things",
        lambda *given: (information(*given)[0], np.linalg.inv(information(*given)[1])): "precision of the analysis",
        lambda *given: information(*given, weight=lambda R: R): "inverse of R",
        lambda *given: information(*given, forecast=lambda P: P): "inverse of P",
        lambda mean, P, y, H, R: (mean, P): "sum of two precisions",
        lambda *given: (
            np.linalg.solve(information(*given)[1], information(*given)[0]),
            information(*given)[1],
        ): "still to be multiplied",
        lambda *given: (given[0], information(*given)[1]): "forecast's weight",
    }.items():
        answer = said(exercises.information_form, wrong)
        assert answer.startswith("Not yet.") and part in answer


def test_what_the_judge_says_of_a_late_fix_is_so():
    """A position half an hour old is the page's reading of another state: the gain of the position then, carried on."""
    P = np.array([[4.0, 1.6], [1.6, 1.0]])
    back = np.array([[1.0, -0.5], [0.0, 1.0]])  # the state half an hour ago, at a steady speed
    then = back @ P @ back.T
    there = np.array(gain(then[0, 0], then[0, 1], then[1, 1], 1, 0, 1.0))
    assert gain(4.0, 1.6, 1.0, 1, -0.5, 1.0) == pytest.approx(tuple(np.linalg.solve(back, there)))
