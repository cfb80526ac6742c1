import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.training import Trainer, TrainingConfig

from .small_filter import SYSTEM, small_experiment, small_network

CONFIG = TrainingConfig(
    rounds=(8, 4), batch=3, ensemble_size=3, first_unroll=2, last_unroll=3, warm_up=4, restart_probability=0.3
)


def trainer(config=CONFIG, observations=None, **network):
    observations = observations or small_experiment(n_cycles=14, batch=4).observations
    return Trainer(small_network(trained=False, **network), SYSTEM, observations, config)


def weights(run):
    return torch.cat([parameter.flatten() for parameter in run.average.parameters()])


def test_loss_falls():
    config = TrainingConfig(rounds=(80,), batch=4, ensemble_size=3, first_unroll=2, last_unroll=2, warm_up=5)
    run = trainer(config, small_experiment(n_cycles=161, batch=4).observations)
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
    other = TrainingConfig(**{**vars(CONFIG), "learning_rate": 1e-4})
    with pytest.raises(InputError, match="these settings"):
        trainer(other).train(progress=tmp_path / "progress")


def test_seed_decides_everything():
    runs = [trainer(), trainer(), trainer(TrainingConfig(**{**vars(CONFIG), "seed": 1}))]
    for run in runs:
        run.train()
    assert torch.equal(weights(runs[0]), weights(runs[1]))
    assert not torch.equal(weights(runs[0]), weights(runs[2]))


def test_a_perfect_forecast_scores_one():
    """The loss's floor is the noise of the observations: here the filter is handed the truth as its ensemble."""
    experiment = small_experiment(n_cycles=200, batch=4, stride=1)
    run = trainer(TrainingConfig(rounds=(1,), batch=4, ensemble_size=3), experiment.observations, dropout=0)
    with torch.no_grad():
        run.network.readout.bias[7] = 50.0  # gate wide open: the analysis is the forecast
        total = 0
        for cycle in range(199):
            run.state = run.state._replace(
                forecast=experiment.truth[cycle, run.streams, None].float().expand(-1, 3, -1, -1)
            )
            run.cycle = cycle
            total += run._unrolled_loss(1).item()
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
    run.observations.values.fill_(torch.nan)
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
    [{"ensemble_size": 1}, {"learning_rate": 0.0}, {"rounds": (5, -1)}, {"averaging": 1.0}, {"seed": -1}],
)
def test_bad_configuration(arguments):
    with pytest.raises(InputError, match="expected"):
        TrainingConfig(**arguments)
