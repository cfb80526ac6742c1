"""A filter as a function: the same runs as the filters' own loops, with members, and divergence that stays alone."""

import pytest
import torch

from sparseobs.dynamics.catalogue import named_system
from sparseobs.filtering.cycle import FilterState, first_state
from sparseobs.filtering.ensemble_runs import LARGEST_STATE
from sparseobs.filtering.letkf import LETKFSettings, letkf, run_letkf
from sparseobs.filtering.run import assimilate, follow, learned
from sparseobs.observing.patterns import EveryKth, Outage
from sparseobs.observing.twin_experiment import simulate

from .small_filter import ensemble as small_ensemble
from .small_filter import small_network

SYSTEM = named_system("lorenz96")


def stream():
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="module")
def experiment():
    return simulate(SYSTEM, Outage(EveryKth(4), 4, 2), n_cycles=12, batch=2, obs_error_std=1.0, seed=0)


@pytest.fixture(scope="module")
def ensemble():
    return small_ensemble(dtype=torch.float64)


@pytest.mark.parametrize("rotation", [False, True])
def test_letkf_is_the_one_that_is_tuned(experiment, ensemble, rotation):
    settings = LETKFSettings(1.05, 4.0, rotation)
    expected = run_letkf(settings, SYSTEM, experiment.observations, ensemble, generator=stream())
    analysis = letkf(settings, experiment.observations, stream())
    found = follow(SYSTEM, FilterState(ensemble, ensemble[:, :, :0]), 12, analysis)
    torch.testing.assert_close(found.mean, expected.mean)
    torch.testing.assert_close(found.spread, expected.spread)
    assert found.members.shape == (12, 2, 5, 1, 40)


def test_amenf_is_the_one_that_assimilates(experiment, ensemble):
    network = small_network()
    expected = assimilate(network, SYSTEM, experiment.observations, ensemble.float(), stream(), keep_members=True)
    analysis = learned(network, SYSTEM, experiment.observations, stream())
    found = follow(SYSTEM, first_state(network, ensemble.float()), 12, analysis)
    assert torch.equal(found.members, expected.members)


def test_a_run_that_diverges_is_nan_and_leaves_the_others_alone():
    state = FilterState(torch.zeros(2, 3, 1, 40, dtype=torch.float64) + 1, torch.zeros(2, 3, 0, 40))

    def analysis(state, cycle):
        wild = torch.tensor([1.0, 1e6 if cycle == 1 else 1.0], dtype=torch.float64)
        return state._replace(forecast=state.forecast * wild[:, None, None, None])

    run = follow(SYSTEM, state, 4, analysis)
    assert run.mean[:, 0].isfinite().all() and run.mean[:, 1].isnan().all()


def test_a_forecast_that_has_run_away_reaches_no_analysis():
    """An eigenvalue problem of states beyond `LARGEST_STATE` may not converge, and stop every other run."""
    settings = LETKFSettings(3.0, 20.0)
    twin = simulate(SYSTEM, EveryKth(4), n_cycles=60, batch=3, obs_error_std=1.0, seed=0)
    first = FilterState(small_ensemble(dtype=torch.float64)[:1].expand(3, -1, -1, -1), torch.zeros(3, 5, 0, 40))
    seen = []

    def analysis(state, cycle):
        seen.append(state.forecast.abs().max().item())
        return letkf(settings, twin.observations, stream())(state, cycle)

    run = follow(SYSTEM, first, 60, analysis)
    assert run.mean.isnan().all() and max(seen) < LARGEST_STATE
