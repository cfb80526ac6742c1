"""The judges of the page's exercises accept what is right and name what people get wrong."""

import pandas as pd
import pytest

from sparseobs_book.film_against_fine_tuning import exercises


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


@pytest.mark.parametrize("mean, right", [(0.02, "FiLM"), (-0.02, "all weights")])
def test_who_is_ahead_where_scales_grow(mean, right, refuses):
    row = {"gap": "growing", "length_scale": 1.0, "n_tasks": 16.0, "mean": mean, "low": -0.05, "high": 0.05, "n": 10}
    leads = pd.DataFrame([row, row | {"n_tasks": 64.0, "mean": -mean}])
    assert f"{right} is ahead by 0.020" in exercises.judge_growing(right, leads)
    other = exercises.WAYS[1 - exercises.WAYS.index(right)]
    refuses({"240 readings": other, "none of the choices": "both"}, exercises.judge_growing, leads)


def test_fresh_weights_are_trained_only_when_asked_for(refuses):
    asked = []

    def lost(method):
        asked.append(method)
        return 0.2

    refuses({"Which begins|Which one": "Sim2Real"}, exercises.judge_fresh, "real-only", lost, 0.3)
    assert not asked
    assert "0.200 nats" in exercises.judge_fresh("real-only", "real-only", lost, 0.3)
