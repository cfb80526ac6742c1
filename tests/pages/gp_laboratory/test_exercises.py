"""The judges of the page's exercises accept what is right and name what people get wrong."""

import math

import pandas as pd
import pytest

from sparseobs_book.gp_laboratory import exercises


@pytest.mark.parametrize("mean, right", [(0.02, "FiLM"), (-0.02, "all weights")])
def test_who_is_ahead_where_scales_grow(mean, right, refuses):
    row = {"gap": "growing", "length_scale": 1.0, "n_tasks": 16.0, "mean": mean, "low": -0.05, "high": 0.05, "n": 10}
    leads = pd.DataFrame([row, row | {"n_tasks": 64.0, "mean": -mean}])
    assert f"{right} is ahead by 0.020" in exercises.judge_growing(right, leads)
    other = exercises.WAYS[1 - exercises.WAYS.index(right)]
    refuses({"240 readings": other, "none of the choices": "both"}, exercises.judge_growing, leads)


def test_the_cost_of_a_wrong_belief(refuses):
    def right(s, sigma):
        return math.log(s / sigma) + sigma**2 / (2 * s**2) - 0.5

    assert "loses 0.81 nats, the reverse 0.32" in exercises.judge_belief(right, (0.5, 1.0))
    slips = {
        "sign": lambda s, sigma: -right(s, sigma),
        "has the mean 1/2": lambda s, sigma: right(s, sigma) + 0.5,
        "changed places": lambda s, sigma: right(sigma, s),
        "both log densities": lambda s, sigma: math.log(s / sigma),
        "still open": lambda s, sigma: ...,
    }
    refuses(slips, exercises.judge_belief, (0.5, 1.0))


def test_fresh_weights_are_trained_only_when_asked_for(refuses):
    asked = []

    def lost(method):
        asked.append(method)
        return 0.2

    refuses({"Which begins|Which one": "Sim2Real"}, exercises.judge_fresh, "real-only", lost, 0.3)
    assert not asked
    assert "0.200 nats" in exercises.judge_fresh("real-only", "real-only", lost, 0.3)
