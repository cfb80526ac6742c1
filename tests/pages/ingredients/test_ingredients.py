"""Names of variants, and inputs that a trained network no longer reads."""

from dataclasses import replace

import pandas as pd
import pytest
import torch

from sparseobs.dynamics.catalogue import named_system
from sparseobs.errors import InputError
from sparseobs.filtering.amenf import AmEnF, draw
from sparseobs.filtering.cycle import FilterState, analysis_features
from sparseobs_book import ingredients
from sparseobs_book.trained_filters import run as trials

SMOKE = trials.PRESETS["smoke"]


def test_each_variant_is_named_by_what_is_off():
    rows = [replace(SMOKE, **change).switches for change in ({}, *ingredients.VARIANTS.values())]
    named = ingredients.named_variants(pd.DataFrame(rows))
    assert named["variant"].tolist() == [ingredients.ALL_ON, *ingredients.VARIANTS]
    both = replace(SMOKE, use_gate=False, dropout=0.0).switches
    with pytest.raises(InputError, match="one ingredient off at a time"):
        ingredients.named_variants(pd.DataFrame([both]))


@pytest.mark.parametrize("system", ["lorenz96", "vissio_lucarini"])
def test_channels_are_where_the_features_are(system):
    """Scaling an ingredient changes its own channels and no others."""
    model = named_system(system)
    trial = replace(SMOKE, system=system)
    network, stream = AmEnF(trial.recipe.network), torch.Generator().manual_seed(0)
    shape = (1, 3, model.n_variables, model.n_sites)
    state = FilterState(torch.randn(shape, generator=stream), torch.zeros(1, 3, 6, model.n_sites))
    values, mask = torch.zeros(shape[:1] + shape[2:]), torch.ones(model.n_sites, dtype=torch.bool)
    draws = draw(network.config, 1, (1, 3), values, stream).cycle(0)

    def features(of):
        return analysis_features(network, model, of, values, mask, draws)

    remembering = features(state._replace(memory=torch.ones_like(state.memory)))
    spread_out = features(state._replace(forecast=state.forecast + torch.arange(3.0)[None, :, None, None]))
    channels = ingredients.input_channels(network.config)
    changed = (remembering - features(state)).abs().sum((0, 1, 3)) > 0
    assert changed.nonzero().flatten().tolist() == list(range(*channels["memory"].indices(changed.numel())))
    band = (spread_out - features(state)).abs()[..., channels["covariance"], :]
    assert band.shape[2] == 3 * model.n_variables and (band > 0).all()
    assert channels["tendency"].stop - channels["tendency"].start == model.n_variables


def test_a_network_without_an_ingredient_has_no_channels_of_it():
    config = replace(SMOKE, use_tendency=False, memory_channels=0).recipe.network
    channels = ingredients.input_channels(config)
    assert channels["tendency"] == slice(3, 3) and channels["memory"] == slice(6, 6)
    assert channels["covariance"] == slice(3, 6)


def test_cutting_off_an_input_makes_it_irrelevant_and_leaves_the_original_alone():
    network = AmEnF(SMOKE.recipe.network)
    torch.nn.init.normal_(network.readout.weight, generator=torch.Generator().manual_seed(0))
    channels = ingredients.input_channels(network.config)
    one = torch.randn(2, network.config.n_inputs, 40, generator=torch.Generator().manual_seed(1))
    for name in ingredients.INPUTS:
        other = one.clone()
        other[:, channels[name]] += 1
        cut = ingredients.without_input(network, name)
        assert torch.equal(cut(one), cut(other)) and not torch.allclose(network(one), network(other))
    with pytest.raises(InputError, match="Try input='memory'"):
        ingredients.without_input(network, "memories")
