"""The judges of the page's exercises accept what is right and name what people get wrong."""

import numpy as np

from sparseobs.neural_process.conv_cnp import PAPER
from sparseobs_book.how_a_convcnp_sees import exercises


def test_the_distance_at_which_a_share_is_left(refuses):
    def weight(share):
        return (1 - share) / (1 + share)

    def kept(distance, spacing):
        other = np.exp(-0.5 * (distance / spacing) ** 2)
        return (1 - other) / (1 + other)

    assert "at 1.48 spacings; measured there: 0.50" in exercises.judge_separation(
        lambda share: np.sqrt(-2 * np.log(weight(share))), kept
    )
    slips = {
        "root is missing": lambda share: -2 * np.log(weight(share)),
        "2 in the exponent": lambda share: np.sqrt(-np.log(weight(share))),
        "neighbour's weight": lambda share: np.sqrt(-2 * np.log(1 - share)),
        "both means": lambda share: share,
        "still open": lambda share: ...,
    }
    refuses(slips, exercises.judge_separation, kept)


def test_the_number_of_levels(refuses):
    assert "128 nodes" in exercises.judge_levels(7, PAPER)
    refuses({"less than": 6, "more than needed": 8, "whole": 6.5, "1 to 20": 0}, exercises.judge_levels, PAPER)


def test_half_of_a_gradient(refuses):
    def right(distances, gradient):
        within = np.cumsum(np.abs(gradient))
        return distances[np.argmax(within >= within[-1] / 2)]

    assert "effective" in exercises.judge_flow(right)
    slips = {
        "Signs cancel": lambda d, g: d[np.argmax(np.cumsum(g) >= g.sum() / 2)],
        "pass half": lambda d, g: d[np.argmax(np.abs(g))],
        "still open": lambda d, g: ...,
    }
    refuses(slips, exercises.judge_flow)
