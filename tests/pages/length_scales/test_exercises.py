"""The page's judges take right answers, and tell usual mistakes apart."""

import math

import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.length_scales import exercises

AROUND = 2 * math.pi


def test_few():
    assert "from 226 km on" in exercises.judge_few("longer", 226.0, 60.0)
    assert "of no wave" in exercises.judge_few("longer", math.nan, 60.0)
    with pytest.raises(NotYet, match="regular"):
        exercises.judge_few("equal", 226.0, 60.0)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda node: AROUND * node / math.log(2), "root"),
        (lambda node: AROUND * node / math.sqrt(2 * math.log(2)), "one set convolution"),
        (lambda node: math.sqrt(math.log(2)) / (AROUND * node), "turn it over"),
        (lambda node: node / math.sqrt(math.log(2)), "missing"),
        (lambda node: 2 * node, "Put your wavelength back"),
    ],
)
def test_half(answer, told):
    assert "7.5 times" in exercises.judge_half(lambda node: AROUND * node / math.sqrt(math.log(2)))
    with pytest.raises(NotYet, match=told):
        exercises.judge_half(answer)
