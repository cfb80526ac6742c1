"""The book's three systems by name, and their climates."""

import functools

from sparseobs.dynamics.climate import Climate, climate
from sparseobs.dynamics.integrate import System
from sparseobs.dynamics.kuramoto_sivashinsky import KuramotoSivashinsky
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.dynamics.vissio_lucarini import VissioLucarini
from sparseobs.errors import require_choice
from sparseobs.randomness import torch_stream

SYSTEMS: dict[str, System] = {
    "lorenz96": Lorenz96(),
    "kuramoto_sivashinsky": KuramotoSivashinsky(),
    "vissio_lucarini": VissioLucarini(),
}

# Measured by `climate` over 4,096 states each, and held by a test: mean, standard deviation, that of the tendency.
CLIMATES: dict[str, Climate] = {
    "lorenz96": Climate((2.339,), (3.638,), (18.70,)),
    "kuramoto_sivashinsky": Climate((0.0,), (1.313,), (0.337,)),
    "vissio_lucarini": Climate((2.319, 1.799), (3.531, 4.493), (18.35, 22.91)),
}


def named_system(name: str) -> System:
    """Return the system of that name, in its standard size.

    Args:
        name: one of the keys of `SYSTEMS`.
    """
    return SYSTEMS[require_choice("system", name, SYSTEMS)]


@functools.lru_cache(maxsize=32)
def climate_of(system: System) -> Climate:
    """Return a system's climate: that of `CLIMATES` where it is one of `SYSTEMS`, else measured over 256 states.

    Args:
        system: any system.
    """
    known = next((name for name, one in SYSTEMS.items() if one == system), None)
    return CLIMATES[known] if known else climate(system, torch_stream(0, "climate of a system"))
