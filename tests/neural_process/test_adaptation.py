"""What each adaptation may change it changes, and what it may not it leaves alone bit for bit."""

import pytest
import torch

from sparseobs.neural_process.adaptation import ADAPTATIONS, FROZEN, MORE_ADAPTATIONS, Adaptation, find_adaptation
from sparseobs.neural_process.conv_cnp import ConvCNP, ConvCNPConfig
from sparseobs.neural_process.training import Goal, TrainingSettings, train

from .small_conv_cnp import make_batch

LEVELS = 4
DEEP = ("unet.down.2.", "unet.down.3.", "unet.up.0.", "unet.up.1.", "unet.head.")
CHANGES = {
    "sim-only": lambda name: False,
    "real-only": lambda name: True,
    "Sim2Real": lambda name: True,
    "Sim2Real (FiLM)": lambda name: "film" in name,
    FROZEN: lambda name: name.startswith(DEEP),
}


@pytest.fixture
def deep_model():
    return ConvCNP(ConvCNPConfig(channels=(4,) * LEVELS, kernel=3, fields=(), scalars=("hour",)), seed=1)


def tuned(model, adaptation, epochs=3):
    """Return the weights before and after three epochs on a fixed task, and how they went."""
    settings = TrainingSettings(1e-3 * adaptation.rate, epochs, 2, schedule="one-cycle")
    parameters = adaptation.trainable(model)
    goal = Goal(lambda generator: make_batch(), [make_batch(seed=1)])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    training = train(model, parameters, goal=goal, settings=settings, seed=0) if parameters else None
    return before, model.state_dict(), training


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_and_what_does_not(deep_model, name, monkeypatch):
    monkeypatch.setattr("sparseobs.neural_process.training.mean_loss", lambda model, batches: next(falling))
    falling = iter(range(100, 0, -1))  # so that the last epoch is kept
    before, after, _ = tuned(deep_model, find_adaptation(name))
    changed = {key for key in before if not torch.equal(before[key], after[key])}
    may = {key for key in before if CHANGES[name](key)}
    assert changed <= may
    # A bias or shift that no rectifier passes may stay; every block that may change does.
    assert {key.rsplit(".", 2)[0] for key in changed} == {key.rsplit(".", 2)[0] for key in may}


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "sim-only"])
def test_weights_from_before_the_first_epoch_are_kept_if_nothing_was_better(deep_model, name, monkeypatch):
    monkeypatch.setattr("sparseobs.neural_process.training.mean_loss", lambda model, batches: next(rising))
    rising = iter(range(100))
    before, after, training = tuned(deep_model, find_adaptation(name))
    assert training.best_epoch == 0
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_frozen_high_frequencies_leave_the_fine_levels_and_take_the_rest(deep_model):
    chosen = {id(parameter) for parameter in find_adaptation(FROZEN).trainable(deep_model)}
    fine = {name for name, parameter in deep_model.named_parameters() if id(parameter) not in chosen}
    assert {name.rsplit(".", 2)[0] for name in fine} == {"unet.down.0", "unet.down.1", "unet.up.2", "unet.up.3"}


def test_learning_rates_and_starts_are_the_published_ones():
    starts = {name: (way.pretrained, way.rate) for name, way in (ADAPTATIONS | MORE_ADAPTATIONS).items()}
    assert starts == {
        "sim-only": (True, 1.0),
        "real-only": (False, 1.0),
        "Sim2Real": (True, 1.0),
        "Sim2Real (FiLM)": (True, 10.0),
        FROZEN: (True, 1.0),
    }


def test_a_new_one_is_a_function(deep_model, monkeypatch):
    monkeypatch.setattr("sparseobs.neural_process.training.mean_loss", lambda model, batches: next(falling))
    falling = iter(range(100, 0, -1))
    own = Adaptation(pretrained=True, trainable=lambda model: list(model.unet.head.parameters()), rate=5.0)
    before, after, _ = tuned(deep_model, own)
    changed = {key for key in before if not torch.equal(before[key], after[key])}
    assert changed and all(key.startswith("unet.head.") for key in changed)
