from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError
from sparseobs.files import CHECKPOINTS
from sparseobs.filtering.amenf import AmEnF, AmEnFConfig
from sparseobs.filtering.amens import AmEnS, AmEnSConfig
from sparseobs.filtering.saved import load_filter, save_filter
from sparseobs_book.trained_filters import stored


@dataclass(frozen=True)
class Lorenz63(System):
    """A system of one's own, at one site."""

    prandtl: float = 10.0
    n_sites: int = 1
    n_variables: int = 3

    schedule = Schedule(step=0.01, steps_per_cycle=10)
    spin_up_time = 20.0

    def tendency(self, state):
        x, y, z = state.unbind(-2)
        return torch.stack([self.prandtl * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z], -2)


class Plain(Lorenz63):
    """Without a `repr` of its own."""

    __repr__ = System.__repr__


SCALES = {name: (np.float32(0.7),) * 3 for name in ("climate_mean", "climate_std", "tendency_std", "obs_error_std")}


@pytest.mark.parametrize("system", [Lorenz63(), Plain()])
@pytest.mark.parametrize(
    "network", [AmEnF(AmEnFConfig(kernel=1, filters=4, **SCALES)), AmEnS(AmEnSConfig(kernel=1, filters=4, **SCALES))]
)
def test_a_filter_of_ones_own_system_comes_back(network, system, tmp_path):
    path = tmp_path / "own.safetensors"
    save_filter(path, network, system, note="mine")
    found = load_filter(path, type(system)())
    assert found.config == network.config
    assert all(torch.equal(one, other) for one, other in zip(found.parameters(), network.parameters(), strict=True))
    with pytest.raises(InputError, match="prandtl=11"):
        load_filter(path, Lorenz63(prandtl=11.0))
    with pytest.raises(InputError, match="sparseobs.filtering.saved"):
        stored.load_filter(path)


def test_the_filters_of_the_package_are_read_too():
    path = sorted(CHECKPOINTS.glob("lorenz96_noise_*.safetensors"))[0]
    expected = stored.load_filter(path)
    assert load_filter(path, expected.recipe.model).config == expected.network.config


def test_another_network_is_refused(tmp_path):
    with pytest.raises(InputError, match="Linear"):
        save_filter(tmp_path / "own.safetensors", nn.Linear(1, 1), Lorenz63())
