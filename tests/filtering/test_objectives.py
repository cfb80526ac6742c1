import math

import pytest
import torch

from sparseobs.filtering.objectives import OBJECTIVES, Outcome, Targets

SITES, BATCH, MEMBERS, SPREAD, NOISE = 40, 2_000, 4, 0.7, 2.0


def outcome(mask=None, members=MEMBERS):
    """A calibrated forecast: members and truth are draws from one distribution; the observations add noise."""
    generator = torch.Generator().manual_seed(0)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    centre = normal(BATCH, 1, SITES)
    truth = centre + SPREAD * normal(BATCH, 1, SITES)
    ensemble = centre[:, None] + SPREAD * normal(BATCH, members, 1, SITES)
    targets = Targets(
        truth + NOISE * normal(BATCH, 1, SITES),
        torch.arange(SITES) % 4 == 0 if mask is None else mask,
        truth,
    )
    return Outcome(ensemble, ensemble, targets, targets, torch.tensor([[NOISE]], dtype=torch.float64))


def test_self_supervised_forecast_loss_is_the_supervised_one_plus_one():
    """The noise of the observations is independent of the forecast: Lemma 1 of mccabe2021."""
    one = outcome(mask=torch.ones(SITES, dtype=torch.bool))
    expected = OBJECTIVES["supervised_forecast"](one).item() + 1
    assert OBJECTIVES["forecast"](one).item() == pytest.approx(expected, abs=0.02)
    assert expected == pytest.approx(1 + SPREAD**2 * (1 + 1 / MEMBERS) / NOISE**2, abs=0.01)


def test_likelihood_is_least_for_the_spread_that_is_true():
    one, losses = outcome(members=50), {}
    mean = one.forecast.mean(1, keepdim=True)
    for scale in (0.3, 0.8, 1.0, 1.25, 3.0):
        scaled = one._replace(forecast=mean + scale * (one.forecast - mean))
        losses[scale] = OBJECTIVES["likelihood"](scaled).item()
    assert min(losses, key=losses.get) == 1.0
    assert losses[1.0] == pytest.approx(1 + math.log(1 + SPREAD**2 / NOISE**2), abs=0.02)


def test_analysis_loss_is_zero_for_the_observations_themselves():
    one = outcome()
    parrot = one._replace(analysis=one.now.values[:, None].expand_as(one.analysis))
    assert OBJECTIVES["analysis"](parrot).item() == 0
    assert OBJECTIVES["supervised_analysis"](parrot).item() == pytest.approx(1, abs=0.02), "its error is the noise"


@pytest.mark.parametrize("name", ["forecast", "analysis", "likelihood"])
def test_unobserved_values_count_for_nothing(name):
    one = outcome()
    values = torch.where(one.now.mask, one.now.values, torch.nan)
    hidden = Targets(values, one.now.mask, torch.full_like(values, torch.nan))
    assert OBJECTIVES[name](one._replace(now=hidden, later=hidden)) == OBJECTIVES[name](one)


def test_nothing_observed_teaches_nothing():
    one = outcome(mask=torch.zeros(SITES, dtype=torch.bool))
    assert OBJECTIVES["forecast"](one) == 0


@pytest.mark.parametrize("name", OBJECTIVES)
def test_gradient_by_finite_differences(name):
    one = outcome()
    small = Targets(one.now.values[:2], one.now.mask, one.now.truth[:2])
    members = one.forecast[:2].clone().requires_grad_()

    def loss(values):
        return OBJECTIVES[name](Outcome(values, values, small, small, one.error_std))

    assert torch.autograd.gradcheck(loss, (members,))


def partly_lost(name):
    """The small outcome with two streams, one of them without a number; and the one stream alone."""
    one = outcome()
    ensemble, now = one.forecast[:2].clone(), one.now
    ensemble[1] = torch.nan
    both, alone = (Targets(now.values[:count], now.mask, now.truth[:count]) for count in (2, 1))
    two = Outcome(ensemble, ensemble, both, both, one.error_std)
    return two, Outcome(ensemble[:1], ensemble[:1], alone, alone, one.error_std)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_lost_stream_counts_nothing_and_gives_no_gradient(name):
    two, alone = partly_lost(name)
    members = two.forecast.requires_grad_()
    loss = OBJECTIVES[name](two._replace(analysis=members, forecast=members).without_lost(12.0))
    assert loss.item() == pytest.approx(OBJECTIVES[name](alone).item() / 2)
    (gradient,) = torch.autograd.grad(loss, members)
    assert gradient[0].abs().max() > 0 and (gradient[1] == 0).all()


def test_lost_are_those_that_miss_by_more_than_spread_and_noise_allow():
    """Moved by some standard deviations, the mean square misfit is about one more than the square of that number."""
    one, moves = outcome(members=50), torch.tensor([0.0, 1.0, 2.0, 4.0, 10.0], dtype=torch.float64)
    deviation = (NOISE**2 + SPREAD**2) ** 0.5
    targets = Targets(one.now.values[:5], one.now.mask, one.now.truth[:5])
    ensemble = one.forecast[:5] + deviation * moves[:, None, None, None]
    moved = Outcome(ensemble, ensemble, targets, targets, one.error_std)
    assert moved.without_lost(12.0).kept.tolist() == [True, True, True, False, False]
    assert moved.without_lost(60.0).kept.tolist() == [True, True, True, True, False]
    blind = moved._replace(later=targets._replace(mask=torch.zeros_like(targets.mask)))
    assert blind.without_lost(12.0).kept.all(), "who sees nothing misses nothing"


@pytest.mark.parametrize("name", OBJECTIVES)
def test_with_none_lost_the_loss_is_the_loss(name):
    one = outcome()
    assert torch.equal(OBJECTIVES[name](one.without_lost(1e6)), OBJECTIVES[name](one))
