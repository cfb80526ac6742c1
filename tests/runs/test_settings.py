from dataclasses import dataclass

import pytest

from sparseobs.errors import InputError, require_number
from sparseobs.runs.settings import describe, resolve


@dataclass(frozen=True)
class Tides:
    n_gauges: int = 10
    obs_error_std: float = 1.0

    def __post_init__(self):
        require_number("obs_error_std", self.obs_error_std, above=0)


PRESETS = {"smoke": Tides(n_gauges=2), "lesson": Tides(), "paper": Tides(n_gauges=500)}


def test_a_preset_is_returned_as_it_is():
    assert resolve(PRESETS, "smoke") == Tides(n_gauges=2)


def test_single_numbers_override_the_preset_and_none_does_not():
    assert resolve(PRESETS, "smoke", obs_error_std=2.0, n_gauges=None) == Tides(2, 2.0)
    assert PRESETS["smoke"] == Tides(2, 1.0)


def test_unknown_preset():
    with pytest.raises(
        InputError, match="preset: given 'papr'; expected one of lesson, paper, smoke. Try preset='paper'"
    ):
        resolve(PRESETS, "papr")


def test_unknown_parameter_is_named_with_the_known_ones():
    with pytest.raises(InputError, match="given 'noise'; expected one of n_gauges, obs_error_std"):
        resolve(PRESETS, "smoke", noise=1.0)


def test_an_override_is_checked_like_the_rest():
    with pytest.raises(InputError, match="obs_error_std: given -1"):
        resolve(PRESETS, "smoke", obs_error_std=-1)


def test_effective_settings_are_printed_one_a_line():
    assert describe(Tides()).splitlines() == ["n_gauges       10", "obs_error_std  1.0"]
