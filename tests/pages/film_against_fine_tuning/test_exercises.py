"""The judges of the page's exercises accept what is right and name what people get wrong."""

import numpy as np
import pytest

from sparseobs_book.film_against_fine_tuning import exercises


@pytest.mark.parametrize("few, right", [(40.0, "wider"), (20.0, "narrower"), (31.0, "the same")])
def test_fewer_stations(few, right, refuses):
    many = {"sim-only": 30.0, "Sim2Real": 30.0}
    assert "sim-only 30 km" in exercises.judge_few(right, many, dict.fromkeys(many, few))
    for wrong in set(exercises.WORDS) - {right}:
        refuses({"next station": wrong}, exercises.judge_few, many, dict.fromkeys(many, few))
    refuses({"none of the choices": "larger"}, exercises.judge_few, many, dict.fromkeys(many, few))


def test_film_drawn_into_the_kernels(refuses):
    assert "one threshold" in exercises.judge_absorbed(lambda w, s, b: (w * s, b / s))
    slips = {
        "thresholds are not right": lambda w, s, b: (w * s, b),
        "where has the scale": lambda w, s, b: (w, b / s),
        "multiplied": lambda w, s, b: (w / s, b / s),
        "scale above zero": lambda w, s, b: (w + s, b),
        "still open": lambda w, s, b: ...,
        "shape": lambda w, s, b: (w[0], b),
    }
    refuses(slips, exercises.judge_absorbed)


def test_the_size_of_a_change(refuses):
    density, data = (np.array([1.0, -1.0]), np.array([1.1, -1.0])), (np.array([1.0, -1.0]), np.array([1.2, -1.2]))
    said = exercises.judge_change(lambda a, b: np.abs(b - a).mean() / np.abs(a).mean(), density, data)
    assert "5.0%, data 20.0%" in said and "changed less" in said
    slips = {
        "before, not after": lambda a, b: np.abs(b - a).mean() / np.abs(b).mean(),
        "cancel": lambda a, b: (b - a).mean() / a.mean(),
        "near zero": lambda a, b: np.abs((b - a) / a).mean(),
        "Divide the mean": lambda a, b: 1.0,
        "still open": lambda a, b: ...,
    }
    refuses(slips, exercises.judge_change, density, data)
