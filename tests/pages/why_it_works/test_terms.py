"""Lemma 1 where every expectation has a closed form: the Kalman filter of a linear, Gaussian world."""

import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.observing.twin_experiment import Observations
from sparseobs_book.why_it_works.terms import TERMS, loss_terms, smeared, standard_error, terms_table

from . import linear_world as toy

PART = torch.tensor([True, False] * (toy.N_SITES // 2))
WHOLE = torch.ones(toy.N_SITES, dtype=torch.bool)
SCORED = slice(50, None)


def scored(observations, chosen=SCORED):
    return Observations(observations.values[chosen], observations.mask[chosen], observations.error_std)


def means(estimate, truth, observations):
    terms = loss_terms(estimate, truth, observations)
    return torch.stack([terms[name].mean() for name in TERMS])


def per_site(covariance):
    """Return a covariance's mean variance in units of the noise variance."""
    return (covariance.trace() / len(covariance) / toy.ERROR_STD**2).item()


@pytest.fixture(scope="module", params=["part", "whole"])
def run(request):
    mask = {"part": PART, "whole": WHOLE}[request.param]
    world = toy.linear_world(mask)
    experiment = toy.truth_and_noise(world, mask, 450, 100)
    return world, experiment, *toy.kalman(world, experiment.observations)


def test_forecast_loss_is_the_expected_innovation(run):
    world, experiment, forecast, _ = run
    error = per_site(world.seen @ world.before @ world.seen.mT)
    expected = torch.tensor([error, 1, 0, error + 1], dtype=torch.float64)
    found = means(forecast[SCORED], experiment.truth[SCORED], scored(experiment.observations))
    torch.testing.assert_close(found, expected, rtol=0.02, atol=0.012)


def test_analysis_loss_is_short_of_twice_the_influence(run):
    """The analysis has read the same noise: the cross term is minus twice the gain's mean diagonal."""
    world, experiment, _, analysis = run
    gain = world.seen @ world.gain
    eye = torch.eye(len(gain), dtype=gain.dtype)
    influence = gain.trace().item() / len(gain)
    error = per_site(world.seen @ world.after @ world.seen.mT)
    residual = toy.ERROR_STD**2 * (eye - gain) @ (world.seen @ world.before @ world.seen.mT + toy.ERROR_STD**2 * eye)
    residual = residual @ (eye - gain).mT / toy.ERROR_STD**2
    expected = torch.tensor([error, 1, -2 * influence, per_site(residual)], dtype=torch.float64)
    found = means(analysis[SCORED], experiment.truth[SCORED], scored(experiment.observations))
    assert influence > 0.3, "a toy in which nothing is learned proves nothing"
    torch.testing.assert_close(found, expected, rtol=0.02, atol=0.012)


def test_smeared_noise_breaks_the_lemma_by_the_closed_form_and_two_cycles_on_repairs_it():
    """With correlation 1/2 between cycles the forecast has read half of the noise it is compared with."""
    world = toy.linear_world(WHOLE)
    experiment = smeared(toy.truth_and_noise(world, WHOLE, 450, 200), "standing", seed=1)
    forecast, analysis = toy.kalman(world, experiment.observations)
    carried = (world.seen @ world.model @ world.gain).trace().item() / toy.N_SITES
    found = means(forecast[SCORED], experiment.truth[SCORED], scored(experiment.observations))
    assert carried > 0.1
    assert found[2].item() == pytest.approx(-carried, abs=0.012)
    later = analysis[50:-2] @ (world.model @ world.model).mT
    found = means(later, experiment.truth[52:], scored(experiment.observations, slice(52, None)))
    assert found[2].item() == pytest.approx(0, abs=0.012)


def test_parts_add_up_cycle_by_cycle(run):
    _, experiment, forecast, _ = run
    error, noise, cross, loss = loss_terms(forecast, experiment.truth, experiment.observations).values()
    torch.testing.assert_close(error + noise + cross, loss)


def test_unobserved_sites_do_not_count(run):
    world, experiment, forecast, _ = run
    elsewhere = forecast + 100.0 * ~experiment.observations.mask[:, None, None]
    before = loss_terms(forecast, experiment.truth, experiment.observations)
    after = loss_terms(elsewhere, experiment.truth, experiment.observations)
    for name in TERMS:
        torch.testing.assert_close(after[name], before[name])


def test_intervals_are_over_independent_truths_and_mostly_hold_zero(run):
    _, experiment, forecast, _ = run
    terms = loss_terms(forecast[SCORED], experiment.truth[SCORED], scored(experiment.observations))
    low, high = terms_table({"forecast": terms}).set_index("term").loc["cross term", ["low", "high"]]
    own = terms["cross term"].mean(0)
    assert (high - low) / 2 == pytest.approx(1.984 * own.std().item() / 10, rel=1e-3)  # Student's t, 99 degrees
    groups = [{name: part[:, first : first + 5] for name, part in terms.items()} for first in range(0, 100, 5)]
    tables = [terms_table({"forecast": group}).set_index("term").loc["cross term"] for group in groups]
    assert 16 <= sum(row["low"] < 0 < row["high"] for row in tables) <= 20


def test_cross_terms_of_forecasts_are_white_and_errors_are_not(run):
    _, experiment, forecast, _ = run
    terms = loss_terms(forecast[SCORED], experiment.truth[SCORED], scored(experiment.observations))
    one, sixteen = (standard_error(terms["cross term"], length) for length in (1, 16))
    assert sixteen == pytest.approx(one / 4, rel=0.06)
    one, sixteen = (standard_error(terms["true squared error"], length) for length in (1, 16))
    assert sixteen > 1.1 * one / 4


def test_bad_input(run):
    _, experiment, forecast, _ = run
    with pytest.raises(InputError, match="one shape"):
        loss_terms(forecast[1:], experiment.truth, experiment.observations)
    uneven = experiment.observations.mask.clone()
    uneven[0, 0] = False
    observations = Observations(experiment.observations.values, uneven, toy.ERROR_STD)
    with pytest.raises(InputError, match="as many observed sites"):
        loss_terms(forecast, experiment.truth, observations)
    with pytest.raises(InputError, match="two windows within 8 cycles"):
        standard_error(torch.zeros(8, 1), 8)
