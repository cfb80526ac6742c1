"""What the exercises of the page `film_against_fine_tuning` ask, and what their answers show."""

from collections.abc import Callable

import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

from sparseobs_book.checking import NotYet, as_array, chosen, is_near, is_open

WAYS = ("FiLM", "all weights")


def judge_absorbed(absorbed: Callable[..., tuple[Tensor, Tensor]]) -> str:
    """Judge the filters and thresholds that do without FiLM what a block does with it.

    Args:
        absorbed: takes kernels (out, channel, side, side), scale and shift, (channel, 1, 1) each, scales above zero;
            returns kernels of the same shape and thresholds (channel, 1, 1).
    """
    generator = torch.Generator().manual_seed(0)
    kernels, features = torch.randn(5, 3, 3, 3, generator=generator), torch.randn(1, 3, 8, 8, generator=generator)
    scale, shift = torch.rand(3, 1, 1, generator=generator) + 0.5, torch.randn(3, 1, 1, generator=generator)
    given = absorbed(kernels, scale, shift)
    if is_open(given):
        raise NotYet("Kernels and thresholds are still open: put your formulas in the place of the dots.")
    own, threshold = given
    with_film = functional.conv2d(torch.relu(scale * features + shift), kernels, padding=1)
    slips = {
        "The thresholds are not right: s x + b = s (x + b / s).": (scale * kernels, shift),
        "The kernels are not right: where has the scale gone?": (kernels, shift / scale),
        "Divided where it should be multiplied: a channel that is scaled up counts more.": (
            kernels / scale,
            shift / scale,
        ),
    }
    as_array(own, kernels.shape, "The kernels")
    as_array(threshold, shift.shape, "The thresholds")
    if is_near(functional.conv2d(torch.relu(features + threshold), own, padding=1), with_film, 1e-4):
        return "FiLM multiplies a channel's kernels by one number and moves one threshold. No kernel changes its shape."
    for sentence, (slip, moved) in slips.items():
        if is_near(own, slip, 1e-4) and is_near(threshold, moved, 1e-4):
            raise NotYet(sentence)
    raise NotYet("For a scale above zero relu(s x + b) = s relu(x + b / s). What do the kernels then multiply?")


def judge_growing(prediction: str, leads: pd.DataFrame) -> str:
    """Judge which adaptation is ahead with 16 tasks where the length scale grows from 0.2 to 1.

    Args:
        prediction: one of `WAYS`.
        leads: rows of `summary.film_lead` of the stored table.
    """
    guess = chosen(prediction, WAYS)
    row = leads.query("gap == 'growing' and length_scale == 1 and n_tasks == 16").iloc[0]
    if guess != ("FiLM" if row["mean"] > 0 else "all weights"):
        raise NotYet("Sixteen tasks ask for 240 readings. How many numbers does each adaptation set by them?")
    sure = "contains zero" if row["low"] < 0 < row["high"] else "does not contain zero"
    return (
        f"{guess} is ahead by {abs(row['mean']):.3f} nats in the mean over {row['n']:.0f} seeds; the 95 % interval, "
        f"{row['low']:.3f} to {row['high']:.3f}, {sure}."
    )


def judge_fresh(method: str, real_only: str, lost: Callable[[str], float], chosen_rate: float) -> str:
    """Judge which method was trained, and say what the pre-training was worth.

    Args:
        method: the reader's.
        real_only: the method that begins with fresh weights.
        lost: trains a method at the rate of the pre-training; returns nats below the exact prediction.
        chosen_rate: the same of all weights at their chosen rate.
    """
    if method != real_only:
        raise NotYet(
            f"{method!r} begins with the pre-trained weights, or is no method. Which one begins with fresh ones?"
        )
    return (
        f"From fresh weights {lost(method):.3f} nats below the exact prediction; all weights from the pre-training, at "
        f"their chosen rate, {chosen_rate:.3f}."
    )
