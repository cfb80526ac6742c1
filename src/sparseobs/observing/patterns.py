"""Which sites an instrument sees, cycle by cycle."""

from dataclasses import dataclass

import torch

from sparseobs.errors import InputError, require_number


@dataclass(frozen=True)
class EveryKth:
    """Observe every `stride`-th site of all variables; a rotating pattern moves on by one site a cycle.

    Args:
        stride: distance between observed sites; 1 observes all of them.
        rotating: whether the pattern moves by +1 site each cycle.
    """

    stride: int = 4
    rotating: bool = True

    def __post_init__(self) -> None:
        require_number("stride", self.stride, least=1, whole=True)

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
        offset = cycle % self.stride if self.rotating else 0
        return torch.arange(offset, n_sites, self.stride)

    def mask(self, n_cycles: int, n_sites: int) -> torch.Tensor:
        """Return (cycle, site), true where a site is observed."""
        mask = torch.zeros(n_cycles, n_sites, dtype=torch.bool)
        for cycle in range(n_cycles):
            mask[cycle, self.sites(cycle, n_sites)] = True
        return mask


def _largest_divisor(n_sites: int, most: int) -> int:
    return max(divisor for divisor in range(1, most + 1) if n_sites % divisor == 0)
