"""What the page on ingredients runs: the names of the variants, and filters with one input cut off."""

import copy
from dataclasses import replace

import pandas as pd
import torch

from sparseobs.errors import InputError, require_choice
from sparseobs.filtering.amenf import AmEnF, AmEnFConfig
from sparseobs_book.trained_filters import run as trained_filters

ALL_ON = "all on"
# What a table of trials says of each variant.
VARIANTS = {
    "no covariance": {"covariance_width": 0},
    "no tendency": {"use_tendency": False},
    "no memory": {"memory_channels": 0},
    "no gate": {"use_gate": False},
    "filled with zeros": {"filling": "zeros"},
    "no dropout": {"dropout": 0.0},
}
INPUTS = ("tendency", "covariance", "memory")
# How the stored filter is tested on the page.
PRESETS = {
    "smoke": trained_filters.PRESETS["smoke"],
    "lesson": replace(trained_filters.PRESETS["lesson"], n_test_truths=2, n_test_cycles=300),
    "paper": trained_filters.PRESETS["paper"],
}


def named_variants(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of trials with a column `variant`, from what is switched off in each row.

    Raises:
        InputError: a row has two ingredients off.
    """
    names = []
    for row in table.to_dict("records"):
        off = [name for name, change in VARIANTS.items() if change.items() <= row.items()]
        if len(off) > 1:
            raise InputError("variant", off, "one ingredient off at a time", "rows of the grid `ingredients`")
        names.append(off[0] if off else ALL_ON)
    return table.assign(variant=names)


def input_channels(config: AmEnFConfig) -> dict[str, slice]:
    """Return which input channels of the network hold each of `INPUTS`; an empty slice for one it does not have."""
    first = 2 * config.n_variables + 1  # after forecast, observation and mask
    after_tendency = first + config.n_variables * config.use_tendency
    after_band = after_tendency + config.n_variables * config.covariance_width
    bounds = (first, after_tendency, after_band, config.n_inputs)
    return {name: slice(*pair) for name, pair in zip(INPUTS, zip(bounds, bounds[1:], strict=False), strict=True)}


def without_input(network: AmEnF, name: str) -> AmEnF:
    """Return the same trained filter, not retrained, that no longer reads one of `INPUTS`."""
    channels = input_channels(network.config)[require_choice("input", name, INPUTS)]
    cut = copy.deepcopy(network)
    with torch.no_grad():
        cut.lift.weight[:, channels] = 0
    return cut
