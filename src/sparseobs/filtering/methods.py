"""What training and running need of a learned filter, whichever it is."""

from collections.abc import Callable
from typing import NamedTuple

from torch import nn

from sparseobs.filtering import amenf, amens, cycle


class Method(NamedTuple):
    """The parts of a learned filter, functions of its network.

    Attributes:
        first_state: (network, ensemble) -> state before the first cycle.
        draw: (config, n_cycles, shape, like, generator) -> random numbers of many cycles.
        analyse: (network, system, schedule, state, values, mask, draws) -> state after the analysis.
    """

    first_state: Callable
    draw: Callable
    analyse: Callable


def _amenf_analysis(network, system, schedule, state, values, mask, draws):
    return cycle.analyse(network, system, state, values, mask, draws)  # it runs no model


AMENF = Method(cycle.first_state, amenf.draw, _amenf_analysis)
AMENS = Method(amens.first_smoother_state, amens.draw_turns, amens.smooth)


def method_of(network: nn.Module) -> Method:
    """Return the parts of the filter that a network belongs to."""
    return AMENS if isinstance(network, amens.AmEnS) else AMENF
