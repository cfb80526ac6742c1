"""What training and running need of a learned filter, whichever it is."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn

from sparseobs.filtering import amenf, amens, cycle


class Method(NamedTuple):
    """The parts of a learned filter, functions of its network.

    Attributes:
        first_state: (network, ensemble) -> state before the first cycle.
        draw: (config, n_cycles, shape, like, generator) -> random numbers of many cycles.
        analyse: (network, system, schedule, state, values, mask, draws) -> state after the analysis; the mask is
            (site,), or (batch, site) where the streams are not seen alike.
    """

    first_state: Callable
    draw: Callable
    analyse: Callable


def _amenf_analysis(network, system, schedule, state, values, mask, draws):
    seen = mask if mask.ndim == 1 else mask[:, None, None]
    return cycle.analyse(network, system, state, values, seen, draws)  # it runs no model


def _amens_analysis(network, system, schedule, state, values, mask, draws):
    if mask.ndim == 1:
        return amens.smooth(network, system, schedule, state, values, mask, draws)
    parts = []
    for index, seen in enumerate(mask):
        one = slice(index, index + 1)
        given = state.streams(one), values[one], seen, draws.streams(one)
        parts.append(amens.smooth(network, system, schedule, *given))
    return type(state)(*(torch.cat(part) for part in zip(*parts, strict=True)))


AMENF = Method(cycle.first_state, amenf.draw, _amenf_analysis)
AMENS = Method(amens.first_smoother_state, amens.draw_turns, _amens_analysis)


def method_of(network: nn.Module) -> Method:
    """Return the parts of the filter that a network belongs to."""
    return AMENS if isinstance(network, amens.AmEnS) else AMENF
