"""Which sites an instrument sees, cycle by cycle."""

from dataclasses import dataclass
from typing import Protocol

import torch

from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.randomness import stream_seed, torch_stream

MOVEMENTS = ("fixed", "rotating", "random")
SENSES = {"forwards": 1, "backwards": -1}  # sites a cycle


class Pattern(Protocol):
    """Anything that says where an instrument looks."""

    def mask(self, n_cycles: int, n_sites: int) -> torch.Tensor:
        """Return (cycle, site), true where a site is observed."""


@dataclass(frozen=True)
class EveryKth:
    """Observe every `stride`-th site of all variables.

    Args:
        stride: distance between observed sites; 1 observes all of them.
        movement: `fixed`, `rotating` (on by one site each cycle) or `random` (the first site is drawn each cycle).
        seed: decides a random pattern.
        sense: of rotating, `forwards` to the next larger site number or `backwards` to the next smaller one.

    Notes: on a system whose mirror image is another system the two senses are two problems, and scores of one do not
    compare with scores of the other. This book and DAPPER rotate forwards on Lorenz's system. The code of
    [mccabe2021] rotates forwards on its mirror image, which is backwards on the system itself.
    """

    stride: int = 4
    movement: str = "rotating"
    seed: int = 0
    sense: str = "forwards"

    def __post_init__(self) -> None:
        require_number("stride", self.stride, least=1, whole=True)
        require_choice("movement", self.movement, MOVEMENTS)
        require_number("seed", self.seed, least=0, whole=True)
        require_choice("sense", self.sense, SENSES)

    def sites(self, cycle: int, n_sites: int) -> torch.Tensor:
        """Return the indices of the sites observed at `cycle`, ascending.

        Raises:
            InputError: the ring does not hold a whole number of strides.
        """
        if n_sites % self.stride:
            raise InputError(
                "stride",
                self.stride,
                f"a divisor of the {n_sites} sites",
                f"stride={_largest_divisor(n_sites, 4)}",
            )
        return torch.arange(self._first_site(cycle), n_sites, self.stride)

    def _first_site(self, cycle: int) -> int:
        if self.movement == "fixed":
            return 0
        if self.movement == "rotating":
            return SENSES[self.sense] * cycle % self.stride
        return stream_seed(self.seed, f"observed sites/{cycle}") % self.stride

    def mask(self, n_cycles: int, n_sites: int) -> torch.Tensor:
        """Return (cycle, site), true where a site is observed."""
        mask = torch.zeros(n_cycles, n_sites, dtype=torch.bool)
        for cycle in range(n_cycles):
            mask[cycle, self.sites(cycle, n_sites)] = True
        return mask


@dataclass(frozen=True)
class Failing:
    """An instrument each of whose observations may fail to arrive, independently of all others.

    Args:
        pattern: where it looks.
        failure_rate: probability that an observation is missing, from 0 to 1.
        seed: decides which are.
    """

    pattern: Pattern
    failure_rate: float
    seed: int = 0

    def __post_init__(self) -> None:
        require_number("failure_rate", self.failure_rate, least=0, most=1)
        require_number("seed", self.seed, least=0, whole=True)

    def mask(self, n_cycles: int, n_sites: int) -> torch.Tensor:
        """Return (cycle, site), true where an observation arrives."""
        draws = torch.rand(n_cycles, n_sites, generator=torch_stream(self.seed, "failures"))
        return self.pattern.mask(n_cycles, n_sites) & (draws >= self.failure_rate)


@dataclass(frozen=True)
class Outage:
    """An instrument that is switched off for some cycles.

    Args:
        pattern: where it looks otherwise.
        first: first cycle without any observation, counted from 0.
        length: cycles without any.
    """

    pattern: Pattern
    first: int
    length: int

    def __post_init__(self) -> None:
        require_number("first", self.first, least=0, whole=True)
        require_number("length", self.length, least=0, whole=True)

    def mask(self, n_cycles: int, n_sites: int) -> torch.Tensor:
        """Return (cycle, site), true where a site is observed."""
        mask = self.pattern.mask(n_cycles, n_sites)
        mask[self.first : self.first + self.length] = False
        return mask


def _largest_divisor(n_sites: int, most: int) -> int:
    return max(divisor for divisor in range(1, most + 1) if n_sites % divisor == 0)
