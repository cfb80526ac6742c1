"""The fixed-lag smoother against its equations, against DAPPER's filter, and what must hold whatever the numbers."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sparseobs.dynamics.catalogue import SYSTEMS, climate_of
from sparseobs.dynamics.climate import Climate, attractor_states, climatological_ensemble
from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError
from sparseobs.filtering.dapper_bridge import load_dapper, run_dapper
from sparseobs.filtering.fixed_lag import (
    FixedLagSettings,
    Start,
    _bounds,
    _kept_tapers,
    first_fixed_lag_state,
    kalman_update,
    replaced,
    within,
)
from sparseobs.filtering.fixed_lag_runs import fixed_lag, fixed_lag_cycles
from sparseobs.filtering.run import follow
from sparseobs.observing.patterns import EveryKth, Outage
from sparseobs.observing.twin_experiment import Observations, simulate
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import spatial_rmse

from .small_filter import SYSTEM, ensemble, small_experiment

load_dapper()
DOUBLE = torch.float64
EVERYWHERE = 1e9  # a radius at which every weight is one


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def start_of(settings, dtype=DOUBLE, **changes):
    return Start.of(settings, torch.zeros((), dtype=dtype))._replace(**changes)


def plain_taper(distance, radius):
    """Gaspari and Cohn's fifth-order function, its length 1.82 radii."""
    r = distance / (1.82 * radius)
    if r <= 1:
        return 1 - 5 / 3 * r**2 + 5 / 8 * r**3 + r**4 / 2 - r**5 / 4
    if r < 2:
        return 4 - 5 * r + 5 / 3 * r**2 + 5 / 8 * r**3 - r**4 / 2 + r**5 / 12 - 2 / (3 * r)
    return 0.0


def plain_update(past, forecast, values, sites, error_std, radius, radius_now, shift, reduction):
    """One run's increment and anomalies (member, variable, site), observation by observation.

    `shift` is that of the whole lag: what is seen at j is most about j - shift then.
    """
    members, variables, n_sites = past.shape
    anomalies, mean_now = past - past.mean(0), forecast.mean(0)
    seen = [(variable, site) for variable in range(variables) for site in sites]
    innovation = np.array([values[place] - mean_now[place] for place in seen])
    y = np.array([forecast[:, v, s] - mean_now[v, s] for v, s in seen])  # (observation, member)

    def around(apart):
        return min(abs(apart + turn * n_sites) for turn in range(-3, 4))

    covariance = np.zeros((len(seen), len(seen)))
    for a, (v, s) in enumerate(seen):
        for b, (_, other) in enumerate(seen):
            covariance[a, b] = plain_taper(around(s - other), radius_now) * (y[a] @ y[b]) / (members - 1)
        covariance[a, a] += error_std[v] ** 2
    gain = np.zeros((variables, n_sites, len(seen)))
    for b, (_, place) in enumerate(seen):
        for variable in range(variables):
            for site in range(n_sites):
                cross = anomalies[:, variable, site] @ y[b] / (members - 1)
                gain[variable, site, b] = plain_taper(around(site - (place - shift)), radius) * cross
    gain = gain @ np.linalg.inv(covariance)
    surprise = innovation @ np.linalg.solve(covariance, innovation) / len(seen)
    reduced = [anomalies[member] - reduction * gain @ y[:, member] for member in range(members)]
    return gain @ innovation, np.stack(reduced), surprise


@pytest.mark.parametrize("dtype, tolerance", [(DOUBLE, 1e-10), (torch.float32, 1e-3)])
@pytest.mark.parametrize("variables", [1, 2])
@pytest.mark.parametrize("members", [2, 6])
def test_update_is_the_equations(members, variables, dtype, tolerance):
    """Three runs with settings of their own; one shift goes more than halfway round the ring."""
    n_sites, sites = 12, torch.tensor([0, 4, 5, 11])
    stream = generator(members)
    forecast, past = (
        2 + 3 * torch.randn(3, members, variables, n_sites, generator=stream, dtype=DOUBLE) for _ in range(2)
    )
    values = 2 + 3 * torch.randn(3, variables, n_sites, generator=stream, dtype=DOUBLE)
    error_std = torch.tensor([1.3, 0.4][:variables], dtype=DOUBLE)
    start = start_of([FixedLagSettings(3, *numbers) for numbers in ((1.5, 0.6), (0.8, -2.5), (2.0, 0.0))])
    start = start._replace(
        radius_now=torch.tensor([1.0, 0.9, 1.4], dtype=DOUBLE), reduction=torch.tensor([0.5, 0.8, 1.0], dtype=DOUBLE)
    )
    lag = torch.tensor([2, 3, 0])
    given = [one.to(dtype) for one in (past, forecast, values)]
    noise = error_std[:, None].to(dtype)
    narrow = Start(*(part.to(dtype) if part.is_floating_point() else part for part in start))
    found = kalman_update(*given, sites, noise, narrow, lag)
    assert found.increment.dtype == dtype
    learned = kalman_update(*given, sites, noise, narrow._replace(radius=narrow.radius.clone().requires_grad_()), lag)
    torch.testing.assert_close(learned, found)  # tapers that have a gradient are computed another way
    for run in range(3):
        numbers = (float(part[run]) for part in (start.radius, start.radius_now, start.shift * lag, start.reduction))
        arrays = (one[run].numpy() for one in (past, forecast, values))
        increment, anomalies, surprise = plain_update(*arrays, sites.tolist(), error_std.tolist(), *numbers)
        np.testing.assert_allclose(found.increment[run], increment, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(found.anomalies[run], anomalies, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(found.surprise[run], surprise, rtol=tolerance)


def test_tapers_that_are_kept_are_those_of_the_question():
    """Asked in any order, each with one thing changed: none may answer for another."""
    forecast = torch.randn(2, 4, 1, 12, generator=generator(), dtype=DOUBLE)
    plain = start_of([FixedLagSettings(radius=1.5)] * 2)

    def increment(sites=(0, 4), start=plain, lag=(1, 1), dtype=DOUBLE):
        given = forecast.to(dtype), torch.full((2, 1, 12), 3.0, dtype=dtype), torch.tensor(sites)
        noise = torch.ones(1, 1, dtype=dtype)
        return kalman_update(given[0], *given, noise, start.to(given[0]), torch.tensor(lag)).increment

    def changed(**numbers):
        return {"start": plain._replace(**{name: torch.full((2,), one).double() for name, one in numbers.items()})}

    questions = [
        {}, {"sites": (0, 5)}, {"lag": (2, 2)}, {"lag": (2, 1)}, {"lag": (1, 2)}, {"dtype": torch.float32},
        changed(radius=0.9), changed(radius_now=2.5), changed(shift=-1.2),
    ]  # fmt: skip
    first = [increment(**question) for question in questions]
    assert all(not torch.equal(one, other) for index, one in enumerate(first) for other in first[:index])
    assert first[5].dtype == torch.float32
    for question, one in reversed(list(zip(questions, first, strict=True))):
        assert torch.equal(increment(**question), one)
        _kept_tapers.cache_clear()
        assert torch.equal(increment(**question), one)


def test_what_a_run_without_gradients_keeps_serves_one_with():
    """Tensors made in inference mode cannot take part in a gradient: none may be kept."""
    experiment, members = tracked(3)
    settings, climate = FixedLagSettings(lag=1, growth=1), climate_of(SYSTEM)
    for cache in (_kept_tapers, _bounds):
        cache.cache_clear()
    analysis = fixed_lag(settings, SYSTEM, experiment.observations, generator())
    run = follow(SYSTEM, first_fixed_lag_state(members), 3, analysis)
    run.mean.add_(1)  # what is returned can be changed
    state = first_fixed_lag_state(members.clone().requires_grad_())
    result = within(analysis(state.advanced(SYSTEM, SYSTEM.schedule), 0).forecast, climate)
    (gradient,) = torch.autograd.grad(result.sum(), state.forecast)
    assert gradient.isfinite().all() and gradient.abs().max() > 0


def test_bounds_are_those_of_the_climate_the_ring_and_the_type():
    narrow, wide = (Climate((0.0,), (deviation,), (1.0,)) for deviation in (1.0, 2.0))
    for climate, n_sites, dtype in [(narrow, 6, DOUBLE), (wide, 6, DOUBLE), (wide, 8, torch.float32)]:
        found = within(torch.full((1, 2, 1, n_sites), 100.0, dtype=dtype), climate)
        torch.testing.assert_close(found, torch.full_like(found, 6 * climate.standard_deviation[0]))
        assert found.dtype == dtype


def test_only_runs_that_are_named_are_replaced():
    """And nothing is made for none."""
    kept, other = torch.zeros(3, 2), torch.ones(3, 2)
    found = replaced(torch.tensor([False, True, False]), lambda: other, kept)
    assert found.tolist() == [[0, 0], [1, 1], [0, 0]]
    assert torch.equal(replaced(torch.ones(3, dtype=torch.bool), lambda: other, kept), other)
    assert replaced(torch.zeros(3, dtype=torch.bool), None, kept) is kept


def test_mean_without_localization_is_kalmans():
    forecast = 3 + 2 * torch.randn(1, 12, 1, 20, generator=generator(), dtype=DOUBLE)
    sites, values = torch.arange(0, 20, 3), torch.randn(1, 1, 20, generator=generator(1), dtype=DOUBLE)
    update = kalman_update(
        forecast, forecast, values, sites, torch.tensor([[0.7]]), start_of([FixedLagSettings(0, EVERYWHERE)]),
        torch.zeros(1, dtype=torch.long),
    )  # fmt: skip
    covariance, mean = forecast[0, :, 0].mT.cov(), forecast[0, :, 0].mean(0)
    gain = torch.linalg.solve(covariance[sites][:, sites] + 0.49 * torch.eye(len(sites)), covariance[sites]).mT
    torch.testing.assert_close(update.increment[0, 0], gain @ (values[0, 0, sites] - mean[sites]))
    # The halved gain leaves the covariance Kalman's plus a quarter of K S K^T - K R K^T [sakov2008deterministic].
    left = update.anomalies[0, :, 0]
    halved = torch.eye(20, dtype=DOUBLE)
    halved[:, sites] -= gain / 2
    torch.testing.assert_close(left.mT @ left / 11, halved @ covariance @ halved.mT)


def test_a_covariance_that_is_none_changes_nothing_and_has_a_gradient():
    """On a small ring a wide taper has negative eigenvalues; with tiny noise the tapered covariance has too."""
    forecast = (100 * torch.randn(1, 2, 1, 6, generator=generator(), dtype=DOUBLE)).requires_grad_()
    settings = [FixedLagSettings(0, 2.0)]
    update = kalman_update(
        forecast, forecast, torch.zeros(1, 1, 6, dtype=DOUBLE), torch.arange(6), torch.tensor([[0.1]], dtype=DOUBLE),
        start_of(settings), torch.zeros(1, dtype=torch.long),
    )  # fmt: skip
    assert update.increment.abs().max() < 1e-3 and update.increment.isfinite().all()
    (gradient,) = torch.autograd.grad(update.increment.sum() + update.anomalies.square().sum(), forecast)
    assert gradient.isfinite().all()


@pytest.mark.parametrize("n_sites, lag", [(12, 0), (12, 2)])
def test_gradients_by_finite_differences(n_sites, lag):
    sites, stream = torch.tensor([1, 5, 8]), generator(4)
    past, forecast = (torch.randn(2, 3, 1, n_sites, generator=stream, dtype=DOUBLE) for _ in range(2))
    values = torch.randn(2, 1, n_sites, generator=stream, dtype=DOUBLE)
    numbers = torch.tensor([[1.1, 1.3, 0.3, 0.5], [0.9, 1.2, -0.4, 0.7]], dtype=DOUBLE).T

    def function(past, forecast, values, radius, radius_now, shift, reduction):
        start = Start(None, radius, radius_now, shift, None, reduction, None, None)
        update = kalman_update(
            past, forecast, values, sites, torch.tensor([[0.8]], dtype=DOUBLE), start, torch.full((2,), lag)
        )
        return update.increment, update.anomalies, update.innovation, update.surprise

    given = [one.clone().requires_grad_() for one in (past, forecast, values, *numbers)]
    assert torch.autograd.gradcheck(function, given)


def tracked(n_cycles, *, system=SYSTEM, batch=2, members=6, pattern=None, noise=1.0, schedule=None):
    """A twin experiment and an ensemble around its truths: no run is lost at first."""
    start = attractor_states(system, batch, generator())
    given = {"obs_error_std": noise, "seed": 0, "schedule": schedule}
    experiment = simulate(system, pattern or EveryKth(4), n_cycles=n_cycles, batch=batch, start=start, **given)
    draws = torch.randn(batch, members, *start.shape[1:], generator=generator(1), dtype=DOUBLE)
    return experiment, start[:, None] + 0.5 * draws


def lag_zero(radius=EVERYWHERE, inflation=1.05):
    return FixedLagSettings(0, radius, 0.0, inflation)


def run_of(settings, system, observations, members, *, seed=0, schedule=None):
    """All states of a smoother's run."""
    analysis, states = fixed_lag(settings, system, observations, generator(seed), schedule), []
    state = first_fixed_lag_state(members)
    for cycle in range(observations.n_cycles):
        state = analysis(state.advanced(system, schedule or system.schedule), cycle)
        states.append(state)
    return states


def test_at_lag_0_without_localization_a_run_is_dappers():
    """DAPPER inflates the analysis, after the update, as we do; an inflation of the forecast would be seen here."""
    from dapper.da_methods.ensemble import EnKF

    experiment, members = small_experiment(n_cycles=20, batch=2), ensemble(2, 30, dtype=DOUBLE)
    theirs = run_dapper(EnKF(upd_a="DEnKF", N=30, infl=1.05), SYSTEM, experiment, members, seed=1)
    settings = replace(lag_zero(), largest_surprise=float("inf"))  # DAPPER's has no way back
    states = run_of(settings, SYSTEM, experiment.observations, members)
    torch.testing.assert_close(torch.stack([one.forecast.mean(1) for one in states]), theirs.mean, rtol=0, atol=1e-7)
    spread = torch.stack([one.forecast.var(1).mean((-1, -2)).sqrt() for one in states])
    torch.testing.assert_close(spread, theirs.spread, rtol=0, atol=1e-7)


class Carried(System):
    """A linear ring: what is there is carried on, fades, and is fed the same everywhere."""

    n_sites, n_variables = 12, 1
    schedule = Schedule(step=0.1, steps_per_cycle=3)
    spin_up_time = 0.0

    def tendency(self, state):
        return (state.roll(1, -1) - state.roll(-1, -1)) - 0.1 * state + 0.5

    def random_states(self, count, generator):
        """Widely spread, so that its climate clips no state of the tests."""
        return 100 * super().random_states(count, generator)


@pytest.mark.parametrize("lag", [1, 2, 4])
def test_on_a_linear_model_every_lag_is_the_filter(lag):
    """M K_then = K_now: to correct then and to carry on is to correct now, for the mean and for every member."""
    system = Carried()
    members = torch.randn(2, 8, 1, 12, generator=generator(), dtype=DOUBLE)
    truth = torch.randn(2, 1, 12, generator=generator(1), dtype=DOUBLE)
    seen = simulate(system, EveryKth(3), n_cycles=20, batch=2, obs_error_std=1.0, seed=0, start=truth).observations
    settings = replace(lag_zero(), lag=lag, growth=3)
    smoother, plain = (run_of(one, system, seen, members) for one in (settings, lag_zero()))
    assert smoother[-1].lag.tolist() == [lag, lag]
    for one, other in zip(smoother, plain, strict=True):
        torch.testing.assert_close(one.forecast, other.forecast, rtol=0, atol=1e-9)


def test_lag_grows_by_one_and_the_past_is_the_ensemble_of_then():
    """The model carries `past`, one cycle after the next forecast's lag, to just that forecast."""
    experiment, members = tracked(20, members=10)
    states = run_of(FixedLagSettings(lag=3, growth=4), SYSTEM, experiment.observations, members)
    assert [one.lag[0].item() for one in states] == [0] * 3 + [1] * 4 + [2] * 4 + [3] * 9
    for state in states[3:]:
        carried = state.past
        for _ in range(int(state.lag[0]) - 1):
            carried = SYSTEM.schedule.forecast(SYSTEM, carried)
        torch.testing.assert_close(carried, state.forecast, rtol=0, atol=1e-12)


def test_the_past_is_smoothed():
    """With the observations of the cycles after it, an ensemble errs less than it did when it was the analysis."""
    experiment = simulate(SYSTEM, EveryKth(2), n_cycles=60, batch=4, obs_error_std=1.0, seed=3)
    states = run_of(FixedLagSettings(lag=3, growth=2), SYSTEM, experiment.observations, ensemble(4, 20, dtype=DOUBLE))
    truth, late = experiment.truth, range(20, 60)
    now = torch.stack([(states[cycle - 2].forecast.mean(1) - truth[cycle - 2]).square().mean() for cycle in late])
    then = torch.stack([(states[cycle].past.mean(1) - truth[cycle - 2]).square().mean() for cycle in late])
    assert then.mean() < 0.8 * now.mean()


def test_each_observation_is_used_once():
    """Values of other cycles than the present one's change nothing; the present one's do."""
    experiment, members = tracked(12, batch=1)
    settings, seen = FixedLagSettings(lag=2, growth=2), experiment.observations
    state = run_of(settings, SYSTEM, seen, members)[9].advanced(SYSTEM, SYSTEM.schedule)
    expected = fixed_lag(settings, SYSTEM, seen, None)(state, 10)
    for cycle in range(12):
        values = seen.values.clone()
        values[cycle] += 1
        found = fixed_lag(settings, SYSTEM, replace(seen, values=values), None)(state, 10)
        assert torch.equal(found.forecast, expected.forecast) == (cycle != 10)


EVERY_SETTING = [
    FixedLagSettings(lag=2, growth=2),
    FixedLagSettings(lag=0, radius=3.0, inflation=1.1, reduction=0.7),
    FixedLagSettings(lag=3, growth=1, shift=-1.0, rotation=True),
]


def test_a_setting_never_depends_on_its_neighbours():
    experiment, members = tracked(10)
    seen = experiment.observations
    together = list(fixed_lag_cycles(EVERY_SETTING, SYSTEM, seen, members, generator=generator()))
    for index, settings in enumerate(EVERY_SETTING):
        alone = run_of(settings, SYSTEM, seen, members)
        for one, state in zip(together, alone, strict=True):
            torch.testing.assert_close(one.members[index], state.forecast, rtol=0, atol=1e-9)
            torch.testing.assert_close(one.spread[index], state.forecast.var(1).mean((-1, -2)).sqrt())


def test_what_is_followed_is_what_is_tuned():
    experiment, members = tracked(8)
    seen, settings = experiment.observations, EVERY_SETTING[2]
    tuned = list(fixed_lag_cycles([settings], SYSTEM, seen, members, generator=generator()))
    run = follow(SYSTEM, first_fixed_lag_state(members), 8, fixed_lag(settings, SYSTEM, seen, generator()))
    assert torch.equal(run.members, torch.stack([one.members[0] for one in tuned]))


def test_rotations_keep_mean_and_covariance():
    experiment, members = small_experiment(n_cycles=1, batch=1), ensemble(1, 5, dtype=DOUBLE)
    plain, turned = (
        run_of(FixedLagSettings(lag=0, rotation=rotation), SYSTEM, experiment.observations, members)[0].forecast[
            0, :, 0
        ]
        for rotation in (False, True)
    )
    assert (plain - turned).abs().max() > 0.1
    torch.testing.assert_close(turned.mean(0), plain.mean(0))
    torch.testing.assert_close(turned.mT.cov(), plain.mT.cov())


@pytest.mark.parametrize("name", SYSTEMS)
def test_turning_the_ring_turns_the_run(name):
    system = SYSTEMS[name]
    experiment, members = tracked(5, system=system, batch=1)
    seen = experiment.observations
    turned = replace(seen, values=seen.values.roll(7, -1), mask=seen.mask.roll(7, -1))
    settings = FixedLagSettings(lag=2, growth=2)
    plain = run_of(settings, system, seen, members)[-1]
    again = run_of(settings, system, turned, members.roll(7, -1))[-1]
    assert plain.lag.item() == 2
    torch.testing.assert_close(again.forecast, plain.forecast.roll(7, -1), rtol=0, atol=1e-8)


def test_members_are_exchangeable():
    experiment, members = tracked(6, batch=1, members=5)
    order, settings = torch.tensor([3, 0, 4, 1, 2]), FixedLagSettings(lag=2, growth=2)
    plain, shuffled = (
        run_of(settings, SYSTEM, experiment.observations, one)[-1] for one in (members, members[:, order])
    )
    torch.testing.assert_close(shuffled.forecast, plain.forecast[:, order], rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("stride, members", [(1, 10), (4, 2)])
def test_every_system_and_the_smallest_ensemble(name, stride, members):
    """Noise of each variable; with all sites seen the smoother is far better than the observations."""
    system = SYSTEMS[name]
    noise = tuple(0.5 * deviation for deviation in climate_of(system).standard_deviation)
    experiment, first = tracked(25, system=system, members=members, pattern=EveryKth(stride), noise=noise)
    run = run_of(FixedLagSettings(lag=2, growth=4, radius=4.0), system, experiment.observations, first)[-1]
    assert run.forecast.isfinite().all() and (run.lag <= 2).all()
    if stride == 1:
        assert (run.lag == 2).all()
        error = (run.forecast.mean(1) - experiment.truth[-1]).square().mean((0, -1)).sqrt()
        assert (error < 0.6 * torch.tensor(noise)).all()


def test_without_observations_the_forecast_stands_and_the_lag_grows():
    experiment, members = tracked(14, pattern=Outage(EveryKth(4), 5, 7))
    states = run_of(FixedLagSettings(lag=3, growth=3), SYSTEM, experiment.observations, members)
    for before, state in zip(states[4:11], states[5:12], strict=True):
        expected = SYSTEM.schedule.forecast(SYSTEM, before.forecast)
        torch.testing.assert_close(state.forecast, expected, rtol=0, atol=1e-9)
        assert torch.equal(state.surprise, before.surprise)
    assert [one.lag[0].item() for one in states] == [0] * 2 + [1] * 3 + [2] * 3 + [3] * 6
    assert states[-1].forecast.isfinite().all()


def test_one_observation_moves_what_it_is_about():
    """Seen at site 20 at lag 2 and a shift of 3, it is most about site 14 then; 20 sites further nothing moves."""
    past, forecast = (torch.randn(1, 4, 1, 40, generator=generator(seed), dtype=DOUBLE) for seed in (0, 1))
    start = start_of([FixedLagSettings(2, 1.0, 3.0)])
    update = kalman_update(
        past, forecast, torch.full((1, 1, 40), 5.0, dtype=DOUBLE), torch.tensor([20]), torch.ones(1, 1), start,
        torch.tensor([2]),
    )  # fmt: skip
    moved = update.increment[0, 0].abs() > 1e-12
    assert moved[11:18].all() and not moved[:11].any() and not moved[18:].any()


@pytest.fixture(scope="module")
def lost():
    """Eight truths that are exchanged for others at cycle 120 of 240, and all states of the smoother on them."""
    half = 120
    twin = simulate(SYSTEM, EveryKth(4), n_cycles=2 * half, batch=16, obs_error_std=1.0, seed=0)
    seen = twin.observations

    def exchanged(series):
        return torch.cat([series[:half, :8], series[half:, 8:]])

    observations = Observations(exchanged(seen.values), seen.mask, 1.0)
    bank = attractor_states(SYSTEM, 64, torch_stream(0, "members"))
    members = climatological_ensemble(bank, (8, 10), torch_stream(0, "draw"))
    return half, exchanged(twin.truth), run_of(FixedLagSettings(3, 5.5, 0.6, 1.02), SYSTEM, observations, members)


def test_it_does_not_go_back_while_it_tracks(lost):
    half, _, states = lost
    lag = torch.stack([one.lag for one in states[90:half]])
    assert (lag == 3).all(), "all eight have grown to lag 3 within 90 cycles, and stay there"


def test_it_goes_back_and_finds_a_new_truth(lost):
    """Measured over 24 truths: lag 0 within two cycles, the new truth found after 9 to 69, half of them by 19."""
    half, truth, states = lost
    assert (torch.stack([one.lag for one in states[half : half + 4]]) == 0).any(0).all()
    error = spatial_rmse(torch.stack([one.forecast.mean(1) for one in states]), truth)[half:]
    assert error[0].min() > 3, "two truths have nothing in common"
    found = error.unfold(0, 10, 1).mean(-1) < 1.2
    assert found[:100].any(0).all()
    assert error[80:].mean() < 1


def test_the_way_back_can_be_switched_off():
    """Observations of another world: one run goes back at once, the other never does."""
    experiment, members = tracked(8, batch=1)
    seen = replace(
        experiment.observations,
        values=experiment.observations.values + 30 * experiment.observations.mask[:, None, None],
    )
    for bound, lags in ((4.0, {0}), (float("inf"), {0, 1, 2})):
        states = run_of(FixedLagSettings(lag=2, growth=3, largest_surprise=bound), SYSTEM, seen, members)
        assert {one.lag.item() for one in states} == lags


def test_members_of_a_lost_run_spread_as_far_as_the_climate(lost):
    half, _, states = lost
    deviation = climate_of(SYSTEM).standard_deviation[0]
    for before, state in zip(states[half - 1 : half + 3], states[half : half + 4], strict=True):
        spread = state.forecast.var(1).mean((-1, -2)).sqrt()
        gone_back = (state.lag == 0) & (state.age == 0)
        assert (spread[gone_back] <= deviation + 1e-9).all()
        grown = spread > before.forecast.var(1).mean((-1, -2)).sqrt()
        assert grown[gone_back & (before.lag > 0)].all()
        assert (state.surprise[gone_back] == 1).all()


def test_no_state_leaves_the_climates_neighbourhood():
    """Observations that no state of the model explains."""
    experiment, members = small_experiment(n_cycles=10, batch=1), ensemble(1, 5, dtype=DOUBLE)
    wild = replace(experiment.observations, values=1e6 * experiment.observations.values)
    (mean,), (deviation,), _ = climate_of(SYSTEM)
    for state in run_of(FixedLagSettings(lag=2, growth=2), SYSTEM, wild, members):
        assert (state.forecast - mean).abs().max() <= 6 * deviation + 1e-9


def test_a_run_that_diverges_is_nan_and_stops_no_other():
    experiment, members = small_experiment(n_cycles=6, batch=2), ensemble(2, 6, dtype=DOUBLE)
    members[1] *= 1e3  # this trajectory overflows in the first forecast
    settings = [FixedLagSettings(lag=1, growth=2), FixedLagSettings(lag=0)]
    cycles = list(fixed_lag_cycles(settings, SYSTEM, experiment.observations, members))
    assert all(one.mean[:, 1].isnan().all() and one.spread[:, 1].isnan().all() for one in cycles)
    seen = experiment.observations
    alone = fixed_lag_cycles(settings, SYSTEM, replace(seen, values=seen.values[:, :1]), members[:1])
    for one, other in zip(cycles, alone, strict=True):
        torch.testing.assert_close(one.members[:, :1], other.members, rtol=0, atol=1e-9)


def test_another_schedule_is_the_models_schedule():
    schedule, settings = Schedule(0.05, 1), FixedLagSettings(lag=2, growth=1)
    experiment, members = tracked(4, schedule=schedule)
    state = run_of(settings, SYSTEM, experiment.observations, members, schedule=schedule)[-1]
    carried = schedule.forecast(SYSTEM, state.past)
    torch.testing.assert_close(carried, state.forecast, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "numbers",
    [
        {"lag": -1},
        {"lag": 1.5},
        {"radius": 0.0},
        {"shift": float("nan")},
        {"inflation": 0.9},
        {"growth": 0},
        {"reduction": 0.4},
        {"largest_surprise": 1.0},
        {"largest_surprise": float("nan")},
    ],
)
def test_bad_settings(numbers):
    with pytest.raises(InputError, match=f"{next(iter(numbers))}: given .* expected .* Try"):
        FixedLagSettings(**numbers)


def test_bad_input_gives_no_number():
    experiment, members = small_experiment(batch=2), ensemble(2, 5, dtype=DOUBLE)
    for first, what in [(members[:1], "trajectories"), (members[:, :1], "2 members"), (members * torch.nan, "NaN")]:
        with pytest.raises(InputError, match=what):
            next(fixed_lag_cycles([FixedLagSettings()], SYSTEM, experiment.observations, first))
    with pytest.raises(InputError, match="at least one"):
        next(fixed_lag_cycles([], SYSTEM, experiment.observations, members))
