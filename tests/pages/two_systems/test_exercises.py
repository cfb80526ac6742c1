"""The page's judges take right answers, and tell usual mistakes apart."""

import math

import pandas as pd
import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.two_systems import exercises


def wave(m, period):
    return 2 * math.pi * m / period


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda m, period: wave(m, period) ** 4 - wave(m, period) ** 2, "signs"),
        (lambda m, period: -(wave(m, period) ** 2) - wave(m, period) ** 4, "Both terms damp"),
        (lambda m, period: m**2 - m**4, "per unit of length"),
        (lambda m, period: 0.1, "Wave 1 on a ring"),
        (lambda m, period: ..., "still open"),
    ],
)
def test_growth_of_a_wave(answer, told):
    assert "Wave 11" in exercises.judge_growth(lambda m, period: wave(m, period) ** 2 - wave(m, period) ** 4)
    with pytest.raises(NotYet, match=told):
        exercises.judge_growth(answer)


def test_noise():
    growth = pd.Series({"LETKF": 3.7, "AmEnF": 2.56})
    assert "3.7" in exercises.judge_noise("more", growth)
    with pytest.raises(NotYet, match="fixed gain"):
        exercises.judge_noise("as much", growth)
    with pytest.raises(NotYet, match="none of the choices"):
        exercises.judge_noise("twice", growth)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda error: error.square().mean((-1, -2)).sqrt().mean(), "whole state"),
        (lambda error: error.square().mean().sqrt(), "one root"),
        (lambda error: error.abs().mean(), "sizes"),
        (lambda error: error.square().sum(-2).sqrt().mean(), "sums"),
        (lambda error: error.square().mean(-2).sqrt(), "one number"),
        (lambda error: 1.0, "dimension -2"),
    ],
)
def test_root(answer, told):
    assert "smaller" in exercises.judge_root(lambda error: error.square().mean(-2).sqrt().mean())
    with pytest.raises(NotYet, match=told):
        exercises.judge_root(answer)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda heating, time, friction: heating * time, "short times"),
        (lambda heating, time, friction: heating * (1 - math.exp(-friction * time)), "takes away"),
        (lambda heating, time, friction: -heating / friction * (1 - math.exp(-friction * time)), "sign"),
        (lambda heating, time, friction: 0.0, "ends at a shift"),
    ],
)
def test_shift(answer, told):
    assert "1.3" in exercises.judge_shift(lambda h, t, friction: h / friction * (1 - math.exp(-friction * t)))
    with pytest.raises(NotYet, match=told):
        exercises.judge_shift(answer)


def test_colder():
    assert "1.10" in exercises.judge_colder(-4.0, 1.1)
    with pytest.raises(NotYet, match="Turn the sign"):
        exercises.judge_colder(4.0, 1.36)
