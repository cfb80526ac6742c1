"""Judges accept what is right, and name the mistake that was made."""

import numpy as np
import pytest
import torch

from sparseobs_book.fit_a_trajectory import exercises


def test_best_window(told):
    assert "wrong by 1" in exercises.judge_best_window("Shorter")
    assert "see more" in told(exercises.judge_best_window, "longer")
    assert "wrinkles" in told(exercises.judge_best_window, "the same")


def gradient(x, x_b, y, a, b, sigma, sign=1, factor=True, squared=True, background=True, first=1):
    powers = a ** np.arange(first, len(y) + first)
    misfits = ((powers if factor else 1) * (y - powers * x)).sum()
    exponent = 2 if squared else 1
    return sign * (background * (x - x_b) / b**exponent - misfits / sigma**exponent)


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        ({"sign": -1}, "signs"),
        ({"factor": False}, "How much does"),
        ({"squared": False}, "Variances"),
        ({"background": False}, "background"),
        ({"first": 0}, "Count the steps"),
    ],
)
def test_gradient(mistake, sentence, told):
    assert "adjoint" in exercises.judge_gradient(gradient)
    assert sentence in told(exercises.judge_gradient, lambda *given: gradient(*given, **mistake))
    assert "open" in told(exercises.judge_gradient, lambda *given: ...)
    assert "another number" in told(exercises.judge_gradient, lambda *given: 0.0)


def step(w, Y, d, degrees=-1, weights=True):
    degrees += len(w)
    curvature = degrees * torch.eye(len(w), dtype=w.dtype) + Y @ Y.mT
    return torch.linalg.solve(curvature, Y @ d - weights * degrees * w)


def test_ensemble_step(told):
    assert "least squares" in exercises.judge_ensemble_step(step)
    assert "m - 1" in told(exercises.judge_ensemble_step, lambda *given: step(*given, degrees=0))
    assert "two terms" in told(exercises.judge_ensemble_step, lambda *given: step(*given, weights=False))
    assert "wrong way" in told(exercises.judge_ensemble_step, lambda *given: -step(*given))
    assert "curvature" in told(exercises.judge_ensemble_step, lambda w, Y, d: Y @ d - (len(w) - 1) * w)
    assert "shape" in told(exercises.judge_ensemble_step, lambda w, Y, d: d)


def test_growth(told):
    assert "fitted" in exercises.judge_growth((4, 8, 12, 16, 20))
    assert "of 4 truths" in told(exercises.judge_growth, (20,))
    assert "whole one" in told(exercises.judge_growth, (5, 10))
    assert "at most" in told(exercises.judge_growth, [*range(1, 21), 20])
