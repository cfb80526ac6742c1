import math
from dataclasses import replace

import pytest
import torch

from sparseobs.dynamics.catalogue import CLIMATES
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.errors import InputError
from sparseobs.filtering import training
from sparseobs.filtering.amens import AmEnS, AmEnSConfig, Turns
from sparseobs.filtering.fixed_lag import FixedLagState
from sparseobs.filtering.objectives import unrolled_loss
from sparseobs.filtering.training import Trainer, TrainingConfig
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import simulate
from sparseobs.randomness import seeded_weights

from .small_filter import SYSTEM, small_experiment, small_network

CONFIG = TrainingConfig(
    rounds=(8, 4), batch=3, ensemble_size=3, first_unroll=2, last_unroll=3, warm_up=4, restart_probability=0.3
)


def trainer(config=CONFIG, experiment=None, *, truth=None, **network):
    experiment = experiment or small_experiment(n_cycles=14, batch=4)
    return Trainer(small_network(trained=False, **network), SYSTEM, experiment.observations, config, truth=truth)


def changed(**numbers):
    return replace(CONFIG, **numbers)


def weights(run):
    return torch.cat([parameter.flatten() for parameter in run.average.parameters()])


def test_loss_falls():
    config = TrainingConfig(rounds=(160,), batch=4, ensemble_size=3, first_unroll=2, last_unroll=2, warm_up=5)
    run = trainer(config, small_experiment(n_cycles=321, batch=4))
    run.train()
    assert sum(run.losses[-10:]) < 0.8 * sum(run.losses[:10])


def test_interrupted_and_resumed_equals_uninterrupted(tmp_path):
    whole = trainer()
    whole.train()
    first = trainer()
    for _ in range(5):
        first.step()
    first.save(tmp_path / "progress")
    second = trainer()
    second.train(progress=tmp_path / "progress", every=3)
    assert second.losses == whole.losses
    assert torch.equal(weights(second), weights(whole))


def test_progress_of_other_settings_is_refused(tmp_path):
    first = trainer()
    first.step()
    first.save(tmp_path / "progress")
    other = changed(learning_rate=1e-4)
    with pytest.raises(InputError, match="these settings"):
        trainer(other).train(progress=tmp_path / "progress")


def test_seed_decides_everything():
    runs = [trainer(), trainer(), trainer(changed(seed=1))]
    for run in runs:
        run.train()
    assert torch.equal(weights(runs[0]), weights(runs[1]))
    assert not torch.equal(weights(runs[0]), weights(runs[2]))


def test_a_perfect_forecast_scores_one():
    """The loss's floor is the noise of the observations: here the filter is handed the truth as its ensemble."""
    experiment = small_experiment(n_cycles=200, batch=4, stride=1)
    run = trainer(TrainingConfig(rounds=(1,), batch=4, ensemble_size=3), experiment, dropout=0)
    with torch.no_grad():
        run.network.readout.bias[7] = 50.0  # gate wide open: the analysis is the forecast
    total = 0
    for cycle in range(199):
        forecast = experiment.truth[cycle, run.streams, None].float().expand(-1, 3, -1, -1)
        run.state, run.cycle = run.state._replace(forecast=forecast), cycle
        total += run._differentiate(1)
    assert total / 199 == pytest.approx(1, abs=0.03)  # 31,840 squared standard normals: standard error 0.008


def test_learning_rate_restarts_at_half_its_peak():
    config = TrainingConfig(rounds=(100, 50), learning_rate=0.01, warm_up=1)
    rates = [config.rate(iteration) for iteration in range(config.n_iterations)]
    assert rates[0] == pytest.approx(0.01) and rates[100] == pytest.approx(0.005)
    assert max(rates[98:100]) < 1e-4 and rates[-1] < 1e-4
    assert [config.unroll(iteration) for iteration in (0, 99, 100, 149)] == [4, 10, 10, 10]


def test_a_loss_that_is_not_finite_stops_with_the_last_good_weights():
    run = trainer()
    run.step()
    before = weights(run)
    run.values.fill_(torch.nan)
    with pytest.raises(FloatingPointError, match="learning_rate"):
        run.step()
    assert torch.equal(weights(run), before)


def test_longer_unrolls_than_data_and_more_streams_than_there_are():
    with pytest.raises(InputError, match="last_unroll"):
        trainer(TrainingConfig(last_unroll=14))
    with pytest.raises(InputError, match="batch"):
        trainer(TrainingConfig(batch=5, last_unroll=4))


@pytest.mark.parametrize(
    "arguments",
    [
        {"ensemble_size": 1},
        {"learning_rate": 0.0},
        {"rounds": (5, -1)},
        {"averaging": 1.0},
        {"seed": -1},
        {"objective": "forcast"},
        {"protocol": "truth"},
        {"micro_batch": 0},
        {"other_sizes": (1,)},
        {"largest_misfit": 0.0},
        {"largest_misfit": math.nan},
    ],
)
def test_bad_configuration(arguments):
    with pytest.raises(InputError, match="expected"):
        TrainingConfig(**arguments)


def gradients(run):
    run._differentiate(3)
    return torch.cat([parameter.grad.flatten() for parameter in run.network.parameters()])


@pytest.mark.parametrize("numbers", [{"micro_batch": 1}, {"micro_batch": 2}, {"recompute": True}])
def test_ways_to_save_memory_give_the_same_gradient_and_state(numbers):
    plain, saving = trainer(changed(batch=4)), trainer(changed(batch=4, **numbers))
    torch.testing.assert_close(gradients(saving), gradients(plain), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(saving.state.forecast, plain.state.forecast, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(saving.state.memory, plain.state.memory, rtol=1e-5, atol=1e-5)


def test_no_truth_is_not_even_kept_unless_it_is_read():
    experiment = small_experiment(n_cycles=14, batch=4)
    assert trainer(truth=experiment.truth).truth is None
    wrong = experiment.truth + 100
    for config in (CONFIG, changed(objective="analysis"), changed(objective="likelihood")):
        runs = [trainer(config, experiment, truth=truth) for truth in (None, experiment.truth, wrong)]
        assert len({run.step() for run in runs}) == 1


@pytest.mark.parametrize("numbers", [{"protocol": "paper"}, {"objective": "supervised_analysis"}])
def test_what_reads_the_truth_has_to_be_given_it(numbers):
    with pytest.raises(InputError, match="truth: given None"):
        trainer(changed(**numbers))


def test_protocol_paper_begins_every_step_at_the_truth_plus_noise():
    experiment = small_experiment(n_cycles=40, batch=40)
    config = changed(protocol="paper", batch=40, ensemble_size=10)
    run, starts = trainer(config, experiment, truth=experiment.truth), set()
    for _ in range(5):
        run._begin_at_the_truth(3)
        departure = run.state.forecast - experiment.truth[run.cycle, run.streams, None]
        assert departure.std().item() == pytest.approx(1, abs=0.03)
        assert departure.mean().item() == pytest.approx(0, abs=0.03)
        assert departure.mean(1).std().item() == pytest.approx(0.1**0.5, abs=0.02), "members are independent"
        assert (run.state.memory == 0).all()
        starts.add(run.cycle)
    assert len(starts) > 2
    assert run.train() is run.average


def test_resumes_bit_for_bit_by_the_authors_protocol_too(tmp_path):
    experiment = small_experiment(n_cycles=14, batch=4)
    config = changed(protocol="paper", objective="supervised_forecast")
    whole, first, second = (trainer(config, experiment, truth=experiment.truth) for _ in range(3))
    whole.train()
    for _ in range(5):
        first.step()
    first.save(tmp_path / "progress")
    second.train(progress=tmp_path / "progress")
    assert second.losses == whole.losses


SMALL_RING = Lorenz96(n_sites=20)
SMOOTHER = replace(CONFIG, rounds=(40,), first_unroll=2, last_unroll=2, restart_probability=0.1, ensemble_size=8)
GUARDED = replace(
    SMOOTHER, guarded=True, largest_misfit=12.0, objective="likelihood", learning_rate=1e-3, restart_probability=0.0
)


def smoother(**numbers):
    mean, deviation, tendency = CLIMATES["lorenz96"]
    scales = {"climate_mean": mean, "climate_std": deviation, "tendency_std": tendency}
    small = {"lags": (2,), "growth": 3, "filters": 4, "n_blocks": 1, "radii": (2.0,)}
    with seeded_weights(0):
        return AmEnS(AmEnSConfig(**(scales | small | numbers)))


def smoother_trainer(config=GUARDED, n_cycles=120, seed=0, network=None):
    seen = simulate(SMALL_RING, EveryKth(2), n_cycles=n_cycles, batch=4, obs_error_std=1.0, seed=seed).observations
    return Trainer(network or smoother(), SMALL_RING, seen, config)


@pytest.fixture
def short_windows(monkeypatch):
    """Judge a guarded run by the mean of 4 losses in place of 50."""
    monkeypatch.setattr(training, "GUARDED_STEPS", 4)


def poison(run, value=math.nan):
    with torch.no_grad():
        run.network.readout.bias[0] = value


def steps(run, count, *, poisoned_at=()):
    for _ in range(count):
        if run.iteration in poisoned_at:
            poison(run)
        run.step()


def everything(run):
    """All weights, averages and moments of a run."""
    parts = [*run.network.state_dict().values(), *run.average.state_dict().values()]
    for _, moments in sorted(run.optimiser.state_dict()["state"].items()):
        parts += [moments[name] for name in sorted(moments)]
    return torch.cat([part.flatten() for part in parts])


@pytest.mark.parametrize("stopped_at", [2, 5, 9, 13])
def test_a_guarded_run_of_several_sizes_resumes_bit_for_bit(tmp_path, short_windows, stopped_at):
    """Before and after the first good weights, and before and after the run went back to them at iteration 10."""
    config = replace(GUARDED, other_sizes=(3, 4))
    whole, first, second = (smoother_trainer(config) for _ in range(3))
    steps(whole, 18, poisoned_at=(10,))
    steps(first, stopped_at, poisoned_at=(10,))
    first.save(tmp_path / "progress")
    second.resume(tmp_path / "progress")
    assert isinstance(second.state, FixedLagState) and second.state.lag.dtype == torch.long
    steps(second, 18 - stopped_at, poisoned_at=(10,))
    assert second.losses == whole.losses and second.n_returns == whole.n_returns == 1
    assert torch.equal(everything(second), everything(whole))


def test_sizes_take_turns_and_each_follows_its_own_streams():
    run = smoother_trainer(replace(SMOOTHER, other_sizes=(3, 4), restart_probability=0.0))
    seen = []
    for _ in range(7):
        run.step()
        seen.append((run.state.forecast.shape[1], run.cycle))
    assert seen == [(8, 2), (3, 2), (4, 2), (8, 4), (3, 4), (4, 4), (8, 6)]
    assert {size: one.cycle for size, one in run.parked.items()} == {3: 4, 4: 4}


@pytest.mark.parametrize("value", [math.nan, 1e30])
def test_a_guarded_run_goes_back_to_its_last_good_weights(short_windows, value):
    run = smoother_trainer(replace(GUARDED, other_sizes=(3,)))
    steps(run, 8)
    good, rate = everything(run), run.optimiser.param_groups[0]["lr"]
    poison(run, value)
    loss = run.step()
    while run.n_returns == 0:  # a loss that is finite is judged by the mean over a window
        loss = run.step()
    assert not loss < 4 and run.iteration <= 8 + (1 if math.isnan(value) else 4)  # no stream is kept
    assert torch.equal(everything(run), good)
    assert run.cycle == 0 and (run.state.lag == 0).all() and not run.parked
    steps(run, 1)
    assert math.isfinite(run.losses[-1]) and not torch.equal(everything(run), good)
    expected = 0.7 * run.config.rate(run.iteration - 1)
    assert run.optimiser.param_groups[0]["lr"] == pytest.approx(expected) and expected < rate


def test_one_runaway_is_one_return(short_windows):
    """The losses before a return say nothing of the weights after it."""
    run = smoother_trainer()
    steps(run, 8)
    poison(run, 1e30)
    steps(run, 11)
    assert run.n_returns == 1 and max(run.losses[-5:]) < 8


def test_a_filter_that_has_lost_everything_is_astray_and_its_weights_are_not_kept(short_windows):
    """Streams that are lost give no gradient; were they not in the loss either, it would be the lowest of all."""
    run = smoother_trainer()
    steps(run, 19)
    poison(run, 1e30)  # every state is as large as any may be
    assert run.step() == pytest.approx(12.0)
    assert run.good.network["readout.bias"].abs().max() < 1
    steps(run, 4)
    assert run.n_returns == 1 and run.network.readout.bias.abs().max() < 1


def test_a_guarded_run_goes_back_from_its_first_steps_on():
    run = smoother_trainer()
    untrained = everything(run)
    steps(run, 2, poisoned_at=(1,))
    assert run.n_returns == 1 and torch.equal(everything(run), untrained)
    steps(run, 2)
    assert run.losses[3] < run.losses[1] == 12 and everything(run).isfinite().all()


def test_without_a_guard_the_same_run_ends():
    run = smoother_trainer(SMOOTHER)
    steps(run, 2)
    before = everything(run)
    run.values.fill_(torch.nan)
    with pytest.raises(FloatingPointError, match="learning_rate"):
        run.step()
    assert torch.equal(everything(run), before)


def test_without_a_guard_a_gradient_that_is_not_finite_ends_the_run():
    """A finite loss is not enough: streams without numbers are left out of it."""
    run = smoother_trainer(replace(SMOOTHER, largest_misfit=12.0))
    steps(run, 2)
    before = everything(run)
    run.network.readout.bias.register_hook(lambda slope: slope * math.nan)
    with pytest.raises(FloatingPointError, match="its gradient nan"):
        run.step()
    assert torch.equal(everything(run), before)


def test_a_step_without_a_direction_is_not_taken():
    run = smoother_trainer()
    steps(run, 2)
    before = everything(run)
    hook = run.network.readout.bias.register_hook(lambda slope: slope * math.nan)
    assert math.isfinite(run.step()) and torch.equal(everything(run), before)
    hook.remove()
    steps(run, 1)
    assert everything(run).isfinite().all() and not torch.equal(everything(run), before)


def test_a_run_that_is_sound_never_goes_back(short_windows):
    run = smoother_trainer()
    steps(run, 24)
    assert run.n_returns == 0


def losing(run, stream=0):
    """Put one stream's ensemble where no observation is."""
    for part in (run.state.forecast, run.state.past):
        part[stream] = 12.0
    return run


@pytest.mark.parametrize("micro_batch", [64, 1])
def test_a_lost_stream_gives_no_gradient_and_counts_as_the_largest_misfit(micro_batch):
    config = replace(GUARDED, largest_misfit=6.0, micro_batch=micro_batch)
    run, alone = losing(smoother_trainer(config)), smoother_trainer(config)
    some = slice(1, None)
    window, state = alone._window(1).streams(some), alone.state.streams(some)
    given = alone.network, SMALL_RING, SMALL_RING.schedule, state, window, [Turns(None)]
    others, _ = unrolled_loss(*given, objective="likelihood", largest_misfit=6.0)
    (2 / 3 * others).backward()
    loss = run._differentiate(1)
    assert loss == pytest.approx((6 + 2 * others.item()) / 3, rel=1e-5)
    for (name, found), expected in zip(run.network.named_parameters(), alone.network.parameters(), strict=True):
        torch.testing.assert_close(found.grad, expected.grad, rtol=1e-4, atol=1e-6, msg=name)


def test_a_stream_without_numbers_begins_anew():
    run = smoother_trainer()
    steps(run, 4)
    run.state.forecast[1] = torch.nan
    kept = run.state.age[[0, 2]].clone()
    run._restart_some()
    assert run.state.forecast.isfinite().all() and run.state.age[1] == 0
    assert torch.equal(run.state.age[[0, 2]], kept) and (kept > 0).all()


def likelihood(network):
    """Over streams of other truths that begin at the climate."""
    run = smoother_trainer(replace(SMOOTHER, objective="likelihood"), n_cycles=61, seed=1, network=network)
    given = network, SMALL_RING, SMALL_RING.schedule, run.state, run._window(60), [Turns(None)] * 60
    with torch.no_grad():
        return unrolled_loss(*given, objective="likelihood")[0].item()


def test_training_mends_a_badly_tuned_smoother():
    badly = {"radii": (1.0,), "inflations": (1.2,), "lags": (1,)}
    config = replace(SMOOTHER, rounds=(80,), objective="likelihood", learning_rate=1e-2, averaging=0.9)
    run = smoother_trainer(config, n_cycles=81, network=smoother(**badly))
    assert likelihood(run.train()) < likelihood(smoother(**badly)) - 0.1
