"""Trained filters with one input cut off, and the variants of the older table of trained AmEnF networks."""

import copy
from dataclasses import replace
from itertools import accumulate, pairwise

import pandas as pd
import torch

from sparseobs.errors import InputError, require_choice
from sparseobs.filtering.amenf import AmEnF, AmEnFConfig
from sparseobs.filtering.amens import AmEnS, AmEnSConfig
from sparseobs_book.trained_filters import run as trained_filters
from sparseobs_book.trained_filters.ablation import ALL_ON

# What the table `ingredients` says of each variant of the AmEnF.
OLD_VARIANTS = {
    "no covariance": {"covariance_width": 0},
    "no tendency": {"use_tendency": False},
    "no memory": {"memory_channels": 0},
    "no gate": {"use_gate": False},
    "filled with zeros": {"filling": "zeros"},
    "no dropout": {"dropout": 0.0},
}
INPUTS = {
    AmEnF: ("tendency", "covariance", "memory"),
    AmEnS: ("means", "spreads", "innovation", "increment", "covariance", "tendency", "memory"),
}
# How the stored filters are tested on the page.
TEST = {"n_test_truths": 8, "n_test_cycles": 200, "test_ensemble_size": 5}
PRESETS = {
    "smoke": replace(trained_filters.PRESETS["smoke"], test_ensemble_size=5),
    "lesson": replace(trained_filters.PRESETS["lesson"], **TEST),
    "paper": replace(trained_filters.PRESETS["paper"], test_ensemble_size=5),
}


def named_variants(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of trained AmEnF networks with a column `variant`, from what is switched off in each row.

    Raises:
        InputError: a row has two ingredients off.
    """
    names = []
    for row in table.to_dict("records"):
        off = [name for name, change in OLD_VARIANTS.items() if change.items() <= row.items()]
        if len(off) > 1:
            raise InputError("variant", off, "one ingredient off at a time", "rows of the grid `ingredients`")
        names.append(off[0] if off else ALL_ON)
    return table.assign(variant=names)


def input_channels(config: AmEnFConfig | AmEnSConfig) -> dict[str, slice]:
    """Return which input channels of a network hold what; an empty slice for an input it does not have."""
    each = config.n_variables
    tendency, covariance = each * config.use_tendency, each * config.covariance_width
    if isinstance(config, AmEnSConfig):
        sizes = {"means": 2 * each, "spreads": 2 * each, "innovation": each, "increment": each}
        sizes |= {"covariance": covariance, "mask, lag and size": 3, "tendency": tendency}
    else:
        sizes = {"forecast": each, "observations": each, "mask": 1, "tendency": tendency, "covariance": covariance}
    sizes["memory"] = config.memory_channels
    bounds = pairwise(accumulate(sizes.values(), initial=0))
    return {name: slice(*pair) for name, pair in zip(sizes, bounds, strict=True)}


def without_input(network: AmEnF | AmEnS, *names: str) -> AmEnF | AmEnS:
    """Return the same trained filter, not retrained, that no longer reads some of its `INPUTS`."""
    channels = input_channels(network.config)
    cut = copy.deepcopy(network)
    with torch.no_grad():
        for name in names:
            cut.lift.weight[:, channels[require_choice("input", name, INPUTS[type(network)])]] = 0
    return cut
