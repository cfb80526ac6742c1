"""Which sites an instrument sees, cycle by cycle."""

from dataclasses import dataclass

import torch

from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.randomness import stream_seed

MOVEMENTS = ("fixed", "rotating", "random")


@dataclass(frozen=True)
class EveryKth:
    """Observe every `stride`-th site of all variables.

    Args:
        stride: distance between observed sites; 1 observes all of them.
        movement: `fixed`, `rotating` (one site further each cycle) or `random` (the first site is drawn each cycle).
        seed: decides a random pattern.
    """

    stride: int = 4
    movement: str = "rotating"
    seed: int = 0

    def __post_init__(self) -> None:
        require_number("stride", self.stride, least=1, whole=True)
        require_choice("movement", self.movement, MOVEMENTS)
        require_number("seed", self.seed, least=0, whole=True)

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
            return cycle % self.stride
        return stream_seed(self.seed, f"observed sites/{cycle}") % self.stride

    def mask(self, n_cycles: int, n_sites: int) -> torch.Tensor:
        """Return (cycle, site), true where a site is observed."""
        mask = torch.zeros(n_cycles, n_sites, dtype=torch.bool)
        for cycle in range(n_cycles):
            mask[cycle, self.sites(cycle, n_sites)] = True
        return mask


def _largest_divisor(n_sites: int, most: int) -> int:
    return max(divisor for divisor in range(1, most + 1) if n_sites % divisor == 0)
