import math

import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.training import Goal, TrainingSettings, train

from .small_conv_cnp import make_batch, predict


def quick(**changes):
    return TrainingSettings(**{"learning_rate": 3e-3, "max_epochs": 2, "batches_per_epoch": 3, **changes})


def goal(training_batch, validation_batch=None):
    return Goal(lambda generator: training_batch, [validation_batch or training_batch])


def weights_of(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("schedule", ["plateau", "one-cycle"])
def test_one_batch_can_be_learnt_by_heart(model, batch, schedule):
    settings = quick(learning_rate=1e-2, max_epochs=8, batches_per_epoch=25, schedule=schedule)
    training = train(model, list(model.parameters()), goal=goal(batch), settings=settings, seed=0)
    start, end = training.history["validation_nll"].iloc[[0, -1]]
    assert end < start - 1.0
    assert training.history["train_nll"].iloc[-1] < start - 1.0


def test_only_the_parameters_named_change(model, batch):
    before = weights_of(model)
    train(model, model.film_parameters(), goal=goal(batch), settings=quick(), seed=0)
    after = weights_of(model)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed and all("film" in name for name in changed)


def test_nothing_to_train_only_looks(model, batch):
    before = weights_of(model)
    training = train(model, [], goal=goal(batch), settings=quick(max_epochs=0), seed=0)
    assert same(before, weights_of(model)) and training.best_epoch == 0
    assert math.isfinite(training.history["validation_nll"].item())


def test_the_best_weights_are_kept_and_the_start_is_one_of_them(model, batch):
    """Validation asks for what the start predicts and training for something else: training only harms."""
    wrong = batch._replace(targets=batch.targets._replace(values=20 - batch.targets.values))
    batch = batch._replace(targets=batch.targets._replace(values=predict(model, batch).mean))
    before = weights_of(model)
    settings = quick(max_epochs=20, patience=3)
    training = train(model, list(model.parameters()), goal=goal(wrong, batch), settings=settings, seed=0)
    assert training.best_epoch == 0 and training.stopped == "no improvement"
    assert len(training.history) == 4
    assert same(before, weights_of(model))


def test_divergence_stops_with_the_last_good_weights(model, batch):
    calls = []

    def sample(generator):
        calls.append(None)
        if len(calls) <= 3:
            return batch
        values = torch.full_like(batch.targets.values, torch.inf)
        return batch._replace(targets=batch.targets._replace(values=values))

    training = train(model, list(model.parameters()), goal=Goal(sample, [batch]), settings=quick(max_epochs=9), seed=0)
    assert training.stopped == "diverged"
    assert training.best_epoch == 1
    assert all(torch.isfinite(tensor).all() for tensor in model.state_dict().values())


def test_an_interruption_leaves_the_best_weights(model, batch):
    calls = []

    def sample(generator):
        calls.append(None)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return batch

    before = weights_of(model)
    with pytest.raises(KeyboardInterrupt):
        train(model, list(model.parameters()), goal=Goal(sample, [batch]), settings=quick(), seed=0)
    assert not same(before, weights_of(model))
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_same_seed_same_weights(config):
    def trained(seed):
        model = ConvCNP(config, seed=1)
        chosen = Goal(
            lambda generator: make_batch(seed=int(torch.randint(1000, (), generator=generator))), [make_batch(seed=7)]
        )
        train(model, list(model.parameters()), goal=chosen, settings=quick(), seed=seed)
        return weights_of(model)

    assert same(trained(5), trained(5))
    assert not same(trained(5), trained(6))


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate": 0.0},
        {"learning_rate": math.nan},
        {"max_epochs": -1},
        {"batches_per_epoch": 0},
        {"batch_size": 2.5},
        {"patience": 0},
        {"schedule": "cosine"},
    ],
)
def test_impossible_settings_are_refused(change):
    with pytest.raises(InputError):
        quick(**change)
