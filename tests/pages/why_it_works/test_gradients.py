"""The gradient of a noisy loss, taken apart."""

import pandas as pd
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.cycle import analyse, predict
from sparseobs.filtering.objectives import Outcome, Targets, analysis_loss, forecast_loss
from sparseobs.randomness import torch_stream
from sparseobs_book.trained_filters.recipes import stored_filter
from sparseobs_book.why_it_works.gradients import OBJECTIVES, agreement, gradient_parts, knocked
from sparseobs_book.why_it_works.run import PRESETS, SYSTEM, cycles, first_members, unseen_experiment

SETTINGS = PRESETS["smoke"]


@pytest.fixture(scope="module")
def network():
    return stored_filter("lorenz96", 1.0).network


def test_parts_add_up_to_the_gradient_that_training_follows(network):
    """At noise 1 the objectives are in the same units; the second scored cycle is as good as any."""
    parts = gradient_parts(network, SETTINGS)
    n_weights = sum(weights.numel() for weights in network.parameters())
    assert parts.shape == (SETTINGS.n_gradient_cycles, len(OBJECTIVES), 2, n_weights)
    observations = unseen_experiment(SETTINGS, SETTINGS.burn_in + SETTINGS.n_gradient_cycles + 1).observations
    values, mask, index = observations.values.float(), observations.mask, SETTINGS.burn_in + 1
    stream = torch_stream(SETTINGS.seed, "dropout of gradients")
    chosen = [one for one in cycles(network, observations, first_members(SETTINGS), stream) if one.index == index][0]
    analysis = analyse(network, SYSTEM, chosen.before, values[index], mask[index], chosen.draws)
    forecast = predict(SYSTEM, SYSTEM.schedule, analysis)
    now, later = (Targets(values[time], mask[time], None) for time in (index, index + 1))
    outcome = Outcome(analysis.forecast, forecast.forecast, now, later, torch.ones(1, 1))
    for number, loss in enumerate((forecast_loss, analysis_loss)):
        gradients = torch.autograd.grad(loss(outcome), list(network.parameters()), retain_graph=True)
        expected = torch.cat([gradient.flatten() for gradient in gradients])
        torch.testing.assert_close(parts[1, number].sum(0), expected, rtol=1e-3, atol=1e-4)


def test_agreement_of_parts_made_by_hand():
    """True gradients along one axis; the noise's alternates in one objective and persists in the other."""
    parts = torch.zeros(8, 2, 2, 2)
    parts[:, :, 0, 0] = 1
    parts[::2, 0, 1, 1], parts[1::2, 0, 1, 1] = 1, -1
    parts[:, 1, 1, 1] = 1
    table = pd.concat([agreement(parts, length) for length in (1, 2, 8)]).set_index(["objective", "length"])
    assert list(table.loc["forecast"]["windows"]) == [8, 4, 1]
    assert table.loc[("forecast", 1), "cosine"] == pytest.approx(0.5**0.5)
    assert table.loc[("forecast", 2), "cosine"] == pytest.approx(1)
    assert table.loc[("forecast", 2), "noise"] == pytest.approx(0)
    assert list(table.loc["analysis"]["cosine"]) == pytest.approx([0.5**0.5] * 3)
    assert list(table.loc["analysis"]["noise"]) == pytest.approx([1] * 3)


def test_a_knock_moves_every_layer_by_its_share_and_leaves_the_original(network):
    before = [weights.detach().clone() for weights in network.parameters()]
    moved = knocked(network, 0.1, seed=0)
    for old, kept, new in zip(before, network.parameters(), moved.parameters(), strict=True):
        assert torch.equal(old, kept)
        if old.numel() > 500:
            change = (new - old).square().mean().sqrt() / old.square().mean().sqrt()
            assert change.item() == pytest.approx(0.1, rel=0.1)
    for weights, same in zip(network.parameters(), knocked(network, 0.0, seed=0).parameters(), strict=True):
        assert torch.equal(weights, same)


def test_bad_input(network):
    with pytest.raises(InputError, match="length: given 9; expected at most the 8 cycles"):
        agreement(torch.zeros(8, 2, 2, 3), 9)
    with pytest.raises(InputError, match="share: given -1"):
        knocked(network, -1, 0)
