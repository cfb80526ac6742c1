"""Every judge accepts the solution, and refuses the starter and the usual mistakes, each in its own words."""

import numpy as np
import pytest

from sparseobs_book.one_number import exercises


def dots(*_):
    """What a starter's function returns."""


def test_surprise(said):
    assert said(exercises.surprise, "Stays", 0.8, 0.8).startswith("Right. It stays: 0.80")
    assert "which letters" not in said(exercises.surprise, ..., 0.8, 0.8)
    assert "Look at the formula" in said(exercises.surprise, "grows", 0.8, 0.8)
    assert "none of the choices" in said(exercises.surprise, "bigger", 0.8, 0.8)


def test_best_weight(said):
    assert said(exercises.best_weight, lambda P, R, C: (P - C) / (P + R - 2 * C)).startswith("Right.")
    assert "still open" in said(exercises.best_weight, dots)
    for formula, part in {
        lambda P, R, C: P / (P + R): "third term",
        lambda P, R, C: (R - C) / (P + R - 2 * C): "weight of the forecast",
        lambda P, R, C: (P + C) / (P + R + 2 * C): "sign of C",
        lambda P, R, C: (P - C / 2) / (P + R - C): "holds C twice",
        lambda P, R, C: 0.5: "less variance",
        lambda P, R, C: P / 0: "ZeroDivisionError",
    }.items():
        answer = said(exercises.best_weight, formula)
        assert answer.startswith("Not yet.") and part in answer


def test_analysis_step(said):
    def step(
        gain=lambda P, h, R: P * h / (h**2 * P + R),
        mean=lambda x, K, y, h: x + K * (y - h * x),
        left=lambda K, h, P, R: (1 - K * h) * P,
    ):
        def analysis(x, P, y, h, R):
            K = gain(P, h, R)
            return mean(x, K, y, h), left(K, h, P, R)

        return analysis

    assert said(exercises.analysis_step, step()).startswith("Right.")
    assert "returns nothing" in said(exercises.analysis_step, dots)
    assert "Return two numbers" in said(exercises.analysis_step, lambda *_: 3.0)
    for wrong, part in {
        step(mean=lambda x, K, y, h: x + K * (y - x)): "less what the forecast expects there",
        step(mean=lambda x, K, y, h: x - K * (y - h * x)): "forecast plus gain",
        step(left=lambda K, h, P, R: (1 - K) * P): "gain times h",
        step(gain=lambda P, h, R: P / (P + R), left=lambda K, h, P, R: (1 - K) * P): "does not know h",
        step(left=lambda K, h, P, R: np.sqrt((1 - K * h) * P)): "standard deviation",
        step(left=lambda K, h, P, R: P): "try h = 1",
    }.items():
        answer = said(exercises.analysis_step, wrong)
        assert answer.startswith("Not yet.") and part in answer


def test_stationary_variance(said):
    def root(a, Q, R, sign=1):
        b = (1 - a**2) * R - Q
        return (-b + sign * np.sqrt(b**2 + 4 * Q * R)) / 2

    assert said(exercises.stationary_variance, root).startswith("Right.")
    assert root(1, 1, 1) == pytest.approx((1 + 5**0.5) / 2), "what the judge says of it"
    assert "still open" in said(exercises.stationary_variance, dots)
    for formula, part in {
        lambda a, Q, R: root(a, Q, R) * R / (root(a, Q, R) + R): "variance of the analysis",
        lambda a, Q, R: root(a, Q, R, -1): "other root",
        lambda a, Q, R: Q / (1 - a**2): "without any reading",
        lambda a, Q, R: Q + R: "the loop ends at",
    }.items():
        answer = said(exercises.stationary_variance, formula)
        assert answer.startswith("Not yet.") and part in answer
