"""Inputs that a trained network no longer reads, and the names of the older table's variants."""

from dataclasses import replace

import pandas as pd
import pytest
import torch

from sparseobs.dynamics.catalogue import named_system
from sparseobs.errors import InputError
from sparseobs.filtering import amens
from sparseobs.filtering.amenf import AmEnF, draw
from sparseobs.filtering.cycle import FilterState, analysis_features
from sparseobs.filtering.fixed_lag import kalman_update
from sparseobs_book.ingredients import run as ingredients
from sparseobs_book.trained_filters import run as trials
from sparseobs_book.trained_filters.ablation import ALL_ON
from sparseobs_book.trained_filters.recipes import smoother_recipe

SMOKE = trials.PRESETS["smoke"]


def test_each_variant_of_the_older_table_is_named_by_what_is_off():
    rows = [replace(SMOKE, **change).switches for change in ({}, *ingredients.OLD_VARIANTS.values())]
    named = ingredients.named_variants(pd.DataFrame(rows))
    assert named["variant"].tolist() == [ALL_ON, *ingredients.OLD_VARIANTS]
    both = replace(SMOKE, use_gate=False, dropout=0.0).switches
    with pytest.raises(InputError, match="one ingredient off at a time"):
        ingredients.named_variants(pd.DataFrame([both]))


def changed_channels(one, other):
    """Return the numbers of the input channels, the last but one axis, that differ."""
    furthest = (one - other).abs().movedim(-2, 0).flatten(1).amax(1)
    return set((furthest > 1e-4).nonzero().flatten().tolist())


def channels_of(config, name):
    return set(range(config.n_inputs)[ingredients.input_channels(config)[name]])


@pytest.mark.parametrize("system", ["lorenz96", "vissio_lucarini"])
def test_the_filters_channels_are_where_its_features_are(system):
    model = named_system(system)
    network, stream = AmEnF(replace(SMOKE, system=system).recipe.network), torch.Generator().manual_seed(0)
    shape = (1, 3, model.n_variables, model.n_sites)
    state = FilterState(torch.randn(shape, generator=stream), torch.zeros(1, 3, 6, model.n_sites))
    values, mask = torch.zeros(shape[:1] + shape[2:]), torch.ones(model.n_sites, dtype=torch.bool)
    draws = draw(network.config, 1, (1, 3), values, stream).cycle(0)

    def features(of):
        return analysis_features(network, model, of, values, mask, draws)

    remembering = state._replace(memory=torch.ones_like(state.memory))
    assert changed_channels(features(remembering), features(state)) == channels_of(network.config, "memory")
    spread_out = features(state._replace(forecast=state.forecast + torch.arange(3.0)[None, :, None, None]))
    band = spread_out[..., ingredients.input_channels(network.config)["covariance"], :]
    assert band.shape[2] == 3 * model.n_variables and (band > 0).any()
    assert len(channels_of(network.config, "tendency")) == model.n_variables


@pytest.mark.parametrize("system", ["lorenz96", "vissio_lucarini"])
def test_the_smoothers_channels_are_where_its_features_are(system):
    model, config = named_system(system), smoother_recipe(system).network
    network, stream = amens.AmEnS(config), torch.Generator().manual_seed(0)
    ensemble = torch.randn(2, 4, model.n_variables, model.n_sites, generator=stream)
    state, sites = amens.first_smoother_state(network, ensemble), torch.arange(0, model.n_sites, 4)
    start, values = network.start(2, 4), torch.zeros(2, model.n_variables, model.n_sites)
    update = kalman_update(state.past, state.forecast, values, sites, network.obs_error_std, start, state.lag)

    spread_then = state.past.std(1)

    def features(of=state, by=update, spread=spread_then):
        return amens.features(network, model, of, spread, by, sites)

    def differs(*changes, **named):
        return changed_channels(features(*changes, **named), features())

    assert differs(state._replace(memory=torch.ones_like(state.memory))) == channels_of(config, "memory")
    for name in ("innovation", "increment"):
        moved = update._replace(**{name: getattr(update, name) + 1})
        assert differs(by=moved) == channels_of(config, name)
    assert differs(spread=spread_then + 1) < channels_of(config, "spreads")
    then, now = (one._replace(mean=one.mean + 1) for one in (update.then, update.now))
    moved = update._replace(then=then, now=now)
    assert differs(by=moved) == channels_of(config, "means") | channels_of(config, "tendency")
    wider = update._replace(now=update.now._replace(anomalies=2 * update.now.anomalies))
    assert channels_of(config, "covariance") <= differs(by=wider)


def test_a_network_without_an_ingredient_has_no_channels_of_it():
    config = replace(SMOKE, use_tendency=False, memory_channels=0).recipe.network
    channels = ingredients.input_channels(config)
    assert channels["tendency"] == slice(3, 3) and channels["memory"] == slice(6, 6)
    assert channels["covariance"] == slice(3, 6)


@pytest.mark.parametrize("kind", [AmEnF, amens.AmEnS])
def test_cutting_off_an_input_makes_it_irrelevant_and_leaves_the_original_alone(kind):
    network = kind((SMOKE.recipe if kind is AmEnF else smoother_recipe("lorenz96")).network)
    torch.nn.init.normal_(network.readout.weight, generator=torch.Generator().manual_seed(0))
    channels = ingredients.input_channels(network.config)
    one = torch.randn(2, network.config.n_inputs, 40, generator=torch.Generator().manual_seed(1))
    for name in ingredients.INPUTS[kind]:
        other = one.clone()
        other[:, channels[name]] += 1
        cut = ingredients.without_input(network, name)
        assert torch.equal(cut(one), cut(other)) and not torch.allclose(network(one), network(other))
    both = ingredients.without_input(network, "tendency", "memory")
    assert (both.lift.weight[:, channels["tendency"]] == 0).all() and (both.lift.weight != 0).any()
    assert (both.lift.weight[:, channels["memory"]] == 0).all()
    with pytest.raises(InputError, match="Try input='memory'"):
        ingredients.without_input(network, "memories")
