"""The page's judges take right answers, and tell usual mistakes apart."""

import numpy as np
import pandas as pd
import pytest

from sparseobs_book.heights import exercises
from sparseobs_book.heights.summary import NETWORKS


@pytest.fixture
def mae():
    return pd.DataFrame({"withheld": [1.2, 1.4, 0.9, 1.1], "given": [0.9, 1.3, 0.95, 0.9]}, index=NETWORKS)


def test_given(said, told, mae):
    assert "sim-only -0.30 K" in said(exercises.judge_given, "sim-only", mae)
    assert "Sim2Real +0.05 K" in said(exercises.judge_given, "SIM-ONLY", mae)
    assert "Which?" in told(exercises.judge_given, "real-only", mae)
    assert "none of the choices" in told(exercises.judge_given, "kriging", mae)


def test_given_is_judged_where_nobody_gains(said, mae):
    mae["given"] = mae["withheld"] + [0.4, 0.1, 0.2, 0.3]
    assert "Right." in said(exercises.judge_given, "real-only", mae)


def scaled(g, t):
    s = np.cov(g, t)[0, 1] / np.var(g, ddof=1)
    return s, t.mean() - s * g.mean(), np.var(t - s * g)


def test_scaled(said, told):
    assert "of the variance are left" in said(exercises.judge_scaled, scaled)
    assert "still open" in said(exercises.judge_scaled, lambda g, t: ...)
    assert "has shape (2,)" in told(exercises.judge_scaled, lambda g, t: scaled(g, t)[:2])


def test_slips_with_the_scale(refuses):
    refuses(
        {
            "Which one is scaled": lambda g, t: (np.cov(g, t)[0, 1] / np.var(t, ddof=1), 0, 0),
            "the variances equal": lambda g, t: (t.std() / g.std(), 0, 0),
            "without a shift": lambda g, t: ((g @ t) / (g @ g), 0, 0),
            "The scale is not the best": lambda g, t: (1.0, 0, 0),
            "The scale is right": lambda g, t: (scaled(g, t)[0], t.mean(), 0),
            "a standard deviation there": lambda g, t: (*scaled(g, t)[:2], scaled(g, t)[2] ** 0.5),
            "Scale and shift are right": lambda g, t: (*scaled(g, t)[:2], np.var(t)),
        },
        exercises.judge_scaled,
    )


def drawn(height, reading, usual, usual_std, noise):
    x, y = height - height.mean(), reading - reading.mean()
    weight = (x @ x) / noise**2
    return (-(x @ y) / noise**2 + usual / usual_std**2) / (weight + 1 / usual_std**2)


def test_drawn(said):
    assert "of the weight" in said(exercises.judge_drawn, drawn)
    assert "still open" in said(exercises.judge_drawn, lambda *_: ...)


def alone(height, reading, *_):
    return -np.polyfit(height, reading, 1)[0]


def test_slips_with_the_drawn_rate(refuses):
    refuses(
        {
            "readings alone": alone,
            "The readings say something too": lambda h, r, usual, *_: usual,
            "mind the sign": lambda h, r, *others: drawn(h, -r, *others),
            "not over standard deviations": lambda h, r, u, s, n: drawn(h, r, u, s**0.5, n**0.5),
            "Both count alike": lambda h, r, u, s, n: drawn(h, r, u, 1.0, 1.0),
            "noise² / sum of x²": lambda *_: 0.0,
        },
        exercises.judge_drawn,
    )
