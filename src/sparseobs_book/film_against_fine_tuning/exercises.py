"""What the exercises of the page `film_against_fine_tuning` ask, and what their answers show."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sparseobs_book.checking import NotYet, as_array, chosen, is_near, is_open

WORDS = ("wider", "narrower", "the same")


def judge_few(prediction: str, many: dict[str, float], few: dict[str, float]) -> str:
    """Judge how the response to a station among others changes when most of the others are taken away.

    Args:
        prediction: one of `WORDS`.
        many: half width (km) by network, with many stations.
        few: the same with few.
    """
    guess = chosen(prediction, WORDS)
    change = float(np.mean([few[name] - many[name] for name in many]))
    right = "wider" if change > 2.5 else "narrower" if change < -2.5 else "the same"
    if guess != right:
        raise NotYet("How far away is the next station now, and what does it say against the first?")
    said = "; ".join(f"{name} {many[name]:g} km and {few[name]:g} km" for name in many)
    return f"Half of the response, with 500 stations and with 20: {said}. The next station sets the bound."


def judge_change(relative_change: Callable[[np.ndarray, np.ndarray], float], density: tuple, data: tuple) -> str:
    """Judge the size of a change relative to the size before, and say it of two channels.

    Args:
        relative_change: takes kernels before and after.
        density: kernels of the density channel, before and after.
        data: those of the data channel.
    """
    rng = np.random.default_rng(0)
    before, after = rng.normal(size=(2, 4, 3, 3))
    found = float(as_array(relative_change(before, after), name="relative_change(before, after)"))
    right = np.abs(after - before).mean() / np.abs(before).mean()
    if is_near(found, np.abs(after - before).mean() / np.abs(after).mean()):
        raise NotYet("Relative to the size before, not after.")
    if is_near(found, (after - before).mean() / before.mean()) or is_near(found, (after - before).mean()):
        raise NotYet("Changes of both signs cancel in a mean. Take magnitudes first.")
    if is_near(found, np.abs((after - before) / before).mean()):
        raise NotYet("A kernel element near zero makes its own ratio huge. Divide mean by mean.")
    root = np.sqrt(np.square(after - before).sum() / np.square(before).sum())
    if not is_near(found, right) and not is_near(found, root):
        raise NotYet("Divide the mean magnitude of the change by the mean magnitude before.")
    of_density, of_data = relative_change(*density), relative_change(*data)
    word = "less" if of_density < of_data else "more"
    return f"Density {of_density:.1%}, data {of_data:.1%}: the density's kernels changed {word} than the data's."


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
