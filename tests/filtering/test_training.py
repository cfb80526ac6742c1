from dataclasses import replace

import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.training import Trainer, TrainingConfig

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
