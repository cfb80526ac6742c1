"""The page's judges take right answers, and tell usual mistakes apart."""

import numpy as np

from sparseobs_book.heights import exercises


def test_milder(said, told):
    assert "0.20 K with the other rate and 0.02 K" in said(exercises.judge_milder, "More", 0.02, 0.2)
    assert "Right." in said(exercises.judge_milder, "less", 0.3, 0.2)
    assert "nearer" in told(exercises.judge_milder, "less", 0.02, 0.2)
    assert "none of the choices" in told(exercises.judge_milder, "equal", 0.02, 0.2)


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
