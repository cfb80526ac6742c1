import math
import pickle

import pandas as pd
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
    settings = quick(learning_rate=5e-3, max_epochs=16, batches_per_epoch=25, schedule=schedule)
    training = train(model, list(model.parameters()), goal=goal(batch), settings=settings, seed=0)
    # Of the epoch that is kept: at a level rate the last may be a leap, on one processor and not on another.
    losses, of_batch = (training.history[f"{part}_nll"] for part in ("validation", "train"))
    assert losses.min() < losses[0] - 1.0
    assert of_batch.min() < losses[0] - 1.0


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


def random_goal(most_batches=1_000):
    """Other tasks in every batch; drawing more than `most_batches` of them is an interruption."""
    drawn = []

    def sample(generator):
        drawn.append(None)
        if len(drawn) > most_batches:
            raise KeyboardInterrupt
        return make_batch(seed=int(torch.randint(1000, (), generator=generator)))

    return Goal(sample, [make_batch(seed=7)])


def test_same_seed_same_weights(config):
    def trained(seed):
        model = ConvCNP(config, seed=1)
        train(model, list(model.parameters()), goal=random_goal(), settings=quick(), seed=seed)
        return weights_of(model)

    assert same(trained(5), trained(5))
    assert not same(trained(5), trained(6))


@pytest.mark.parametrize("schedule", ["plateau", "one-cycle"])
def test_an_interrupted_training_ends_as_if_it_had_not_been(config, tmp_path, schedule):
    settings = quick(learning_rate=3e-2, max_epochs=5, schedule=schedule, plateau_patience=1)

    def trained(goal, progress=None):
        model = ConvCNP(config, seed=1)
        return model, train(model, list(model.parameters()), goal=goal, settings=settings, seed=5, progress=progress)

    whole_model, whole = trained(random_goal())
    for batches in (1, 4, 7):  # within the first, second and, of the resumed call, third epoch
        with pytest.raises(KeyboardInterrupt):
            trained(random_goal(batches), tmp_path / "run.pt")
    again_model, again = trained(random_goal(), tmp_path / "run.pt")
    assert same(weights_of(whole_model), weights_of(again_model))
    assert (whole.best_epoch, whole.stopped) == (again.best_epoch, again.stopped)
    assert again.history["seconds"].is_monotonic_increasing
    pd.testing.assert_frame_equal(whole.history.drop(columns="seconds"), again.history.drop(columns="seconds"))


def test_a_finished_training_is_not_done_again(config, tmp_path):
    for most_batches in (1_000, 0):
        model = ConvCNP(config, seed=1)
        goal = random_goal(most_batches)
        train(model, model.film_parameters(), goal=goal, settings=quick(), seed=5, progress=tmp_path / "run.pt")


@pytest.mark.parametrize("change", [{"seed": 6}, {"settings": quick(learning_rate=1e-3)}, {"label": "another"}])
def test_the_progress_of_another_training_is_refused(model, tmp_path, change):
    run = {"goal": random_goal(), "settings": quick(), "seed": 5, "progress": tmp_path / "run.pt"}
    train(model, list(model.parameters()), **run)
    with pytest.raises(InputError, match="progress: given .*run.pt"):
        train(model, list(model.parameters()), **run | change)


@pytest.mark.parametrize(
    "damage", [lambda whole: whole[:-100], lambda whole: b"", lambda whole: pickle.dumps(print, 2)]
)
def test_broken_progress_is_refused(model, tmp_path, damage):
    run = {"goal": random_goal(), "settings": quick(), "seed": 5, "progress": tmp_path / "run.pt"}
    train(model, list(model.parameters()), **run)
    run["progress"].write_bytes(damage(run["progress"].read_bytes()))
    with pytest.raises(InputError, match="deleting it"):
        train(model, list(model.parameters()), **run)


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
