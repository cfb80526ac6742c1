"""Objectives under a pull towards the observations, and noise with a memory."""

import pytest
import torch

from sparseobs.errors import InputError
from sparseobs_book.trained_filters.stored import stored_filter
from sparseobs_book.why_it_works import run as theory
from sparseobs_book.why_it_works.run import PRESETS, cycles, first_members, recorded_run, unseen_experiment
from sparseobs_book.why_it_works.terms import (
    TARGETS,
    broken_lemma,
    cross_terms,
    loss_terms,
    pulled_losses,
    skewed,
    smeared,
    terms_of,
)

SETTINGS = PRESETS["smoke"]


@pytest.fixture(scope="module")
def network():
    return stored_filter(theory.SYSTEM_NAME, 1.0).network


@pytest.fixture(scope="module")
def run(network):
    return recorded_run(network, SETTINGS)


def noise_of(experiment):
    return (experiment.observations.values - experiment.truth) * experiment.observations.mask[:, None, None]


def test_a_run_keeps_what_belongs_together(run, network):
    """The forecasts are those of the members kept a cycle earlier, and the observations are of the same times."""
    forecast = theory.SYSTEM.schedule.forecast(theory.SYSTEM, run.members[:-1]).mean(2)
    torch.testing.assert_close(run.forecast[1:], forecast)
    assert run.truth.shape == run.forecast.shape == run.observations.values.shape
    noise = loss_terms(run.forecast, run.truth, run.observations)["noise variance"].mean().item()
    assert noise == pytest.approx(1, abs=0.5), "observations of other times would be tens of variances off"
    torch.testing.assert_close(recorded_run(network, SETTINGS).members, run.members)


def test_influence_of_a_linear_analysis_is_its_gain(network, monkeypatch):
    def linear(_, system, state, values, mask, draws):
        pulled = state.forecast + 0.3 * mask * (values[:, None] - state.forecast)
        return state._replace(forecast=pulled)

    monkeypatch.setattr(theory, "analyse", linear)
    found = recorded_run(network, SETTINGS, probe_every=1).influence
    assert found.shape == (SETTINGS.n_cycles, SETTINGS.n_trajectories)
    torch.testing.assert_close(found, torch.full_like(found, 0.3), rtol=1e-4, atol=1e-4)


def test_cycles_are_those_of_the_filter_itself(network):
    from sparseobs.filtering.run import assimilate
    from sparseobs.randomness import torch_stream

    observations = unseen_experiment(SETTINGS, 6).observations
    ensemble = first_members(SETTINGS)
    expected = assimilate(network, theory.SYSTEM, observations, ensemble, torch_stream(0, "draws"))
    found = list(cycles(network, observations, ensemble, torch_stream(0, "draws")))
    assert [cycle.index for cycle in found] == list(range(6))
    torch.testing.assert_close(torch.stack([cycle.analysis.forecast.mean(1) for cycle in found]), expected.mean)


def test_pulled_all_the_way_the_analysis_loss_is_zero_and_the_error_that_of_the_observations(run):
    table = pulled_losses(run, [0.0, 0.5, 1.0]).set_index(["objective", "weight"])
    whole = table.loc[("analysis", 1.0)]
    observations = loss_terms(run.observations.values, run.truth, run.observations)
    assert whole["self_supervised"] == pytest.approx(0, abs=1e-9)
    assert whole["supervised"] == pytest.approx(observations["noise variance"][:-1].mean().item(), rel=1e-5)
    still = terms_of(run)["analysis"]["self-supervised loss"][:-1].mean().item()
    assert table.loc[("analysis", 0.0), "self_supervised"] == pytest.approx(still, rel=1e-5)
    assert table.loc[("analysis", 0.5), "self_supervised"] == pytest.approx(still / 4, rel=1e-4)
    ahead = terms_of(run)["forecast"]["self-supervised loss"][1:].mean().item()
    assert table.loc[("forecast", 0.0), "self_supervised"] == pytest.approx(ahead, rel=1e-5)


@pytest.mark.parametrize("instrument, stride", [("moving", 4), ("standing", 1)])
def test_smeared_noise_is_correlated_with_the_next_cycle_alone(instrument, stride):
    experiment = unseen_experiment(SETTINGS, 800, stride)
    found = smeared(experiment, instrument, seed=2)
    mask = found.observations.mask
    assert torch.equal(found.truth, experiment.truth)
    noise = torch.stack([now[..., seen] for now, seen in zip(noise_of(found), mask, strict=True)])  # by instrument
    assert noise.var().item() == pytest.approx(1, abs=0.04)
    for lag, expected in ((1, 0.5), (2, 0.0), (5, 0.0)):
        assert (noise[lag:] * noise[:-lag]).mean().item() == pytest.approx(expected, abs=0.04)
    assert (noise[..., 1:] * noise[..., :-1]).mean().item() == pytest.approx(0, abs=0.04)
    assert (found.observations.values * ~mask[:, None, None]).abs().max() == 0


def test_skewed_noise_has_the_mean_and_variance_asked_for():
    noise = noise_of(skewed(unseen_experiment(SETTINGS, 800, 1), seed=2, bias=0.5))
    assert noise.mean().item() == pytest.approx(0.5, abs=0.02)
    assert noise.var().item() == pytest.approx(1, abs=0.05)
    assert noise.min() > -0.5001, "an exponential has a hard lower end"


def test_a_second_instrument_of_the_truth_itself_has_a_cross_term_of_its_own_noise(run):
    """Where the estimate is the truth every cross term vanishes whatever the noise."""
    perfect = run._replace(forecast=run.truth, members=run.truth[:, :, None].expand(-1, -1, 2, -1, -1))
    found = cross_terms(perfect, perfect, 0)
    assert list(found) == list(TARGETS)
    for terms in found.values():
        assert terms["cross term"].abs().max() < 1e-9 and terms["true squared error"].max() < 1e-9


def test_broken_lemma_covers_both_instruments(network):
    table = broken_lemma(network, SETTINGS)
    assert list(table["instrument"].unique()) == ["moving", "standing"]
    assert len(table) == 8 and table[["mean", "low", "high"]].notna().all(axis=None)
    assert (table["low"] <= table["high"]).all()
    # The last target is the usual noise: for moving instruments, that of the usual run.
    usual = terms_of(recorded_run(network, SETTINGS))["forecast"]["cross term"].mean().item()
    found = table.set_index(["instrument", "target"]).loc[("moving", TARGETS[-1]), "mean"]
    assert found == pytest.approx(usual)


def test_bad_input(run):
    experiment = unseen_experiment(SETTINGS, 4)
    with pytest.raises(InputError, match="instrument: .*stride=1"):
        smeared(experiment, "standing", 0)
    with pytest.raises(InputError, match="instrument: given 'flying'"):
        smeared(experiment, "flying", 0)
    with pytest.raises(InputError, match="n_trajectories: given 1"):
        theory.Theory(n_trajectories=1)
