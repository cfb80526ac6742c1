"""The AmEnS trained with one of its ingredients changed at a time, and scored: a cell of `smoother_ingredients`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from sparseobs.errors import require_choice, require_whole_numbers
from sparseobs.filtering.training_config import TrainingConfig
from sparseobs_book.trained_filters.recipes import SMOOTHER_TRAINING, SmootherRecipe, smoother_recipe
from sparseobs_book.trained_filters.run import LAST_STEPS, held_out, run_held_out, scores
from sparseobs_book.trained_filters.training import new_trainer
from sparseobs_book.trained_filters.tuning import tuned_starts

ALL_ON, UNTRAINED = "all on", "untrained start"
# What a variant's recipe says otherwise; without lag, the other numbers are the tuning's best without lag.
VARIANTS: dict[str, dict[str, object]] = {
    ALL_ON: {},
    UNTRAINED: {},
    "no start": {"use_start": False},
    "no lag": {"lags": (0,), "shifts": (0.0,), "inflations": (1.02,), "reductions": (0.5,)},
    "no correction": {"learn_correction": False},
    "no inflation": {"learn_inflation": False},
    "no memory": {"memory_channels": 0},
    "no tendency": {"use_tendency": False},
    "no covariance": {"covariance_width": 0},
}


@dataclass(frozen=True)
class Ablation:
    """How every variant is trained and tested.

    Args:
        seed: decides weights, training streams, test truths and all that is drawn.
        n_training_steps: optimiser steps.
        learning_rate: peak of Adam's rate.
        batch: training streams followed side by side.
        unroll: cycles that gradients flow through.
        filters: channels of the network.
        n_streams: independent training trajectories.
        n_cycles: observation times on each of them.
        n_test_truths: independent test trajectories.
        n_test_cycles: cycles scored on each.
        burn_in: cycles before them, in which the filter finds the truth.
    """

    seed: int = 0
    n_training_steps: int = 500
    learning_rate: float = 1e-3
    batch: int = 16
    unroll: int = 3
    filters: int = 32
    n_streams: int = 64
    n_cycles: int = 600
    n_test_truths: int = 16
    n_test_cycles: int = 180
    burn_in: int = 120

    # Of the experiment; what `trained_filters.run` tests by.
    system = "lorenz96"
    test_ensemble_size = 5

    def __post_init__(self) -> None:
        require_whole_numbers(self, n_training_steps=1, n_test_truths=1, n_test_cycles=2, burn_in=0)
        self.recipe.network  # noqa: B018 -- refuses bad numbers before anything is computed

    @property
    def recipe(self) -> SmootherRecipe:
        """The recipe with every ingredient as usual, started from the smoother tuned for five members."""
        training: TrainingConfig = replace(
            SMOOTHER_TRAINING,
            rounds=(self.n_training_steps,),
            batch=self.batch,
            ensemble_size=self.test_ensemble_size,
            other_sizes=(),
            first_unroll=self.unroll,
            last_unroll=self.unroll,
            learning_rate=self.learning_rate,
            warm_up=max(1, self.n_training_steps // 10),
            averaging=0.97,  # of a short training
            seed=self.seed,
        )
        size = {"filters": self.filters, "n_streams": self.n_streams, "n_cycles": self.n_cycles}
        return tuned_starts(smoother_recipe(self.system, **size, training=training), (self.test_ensemble_size,))


PRESETS = {
    "smoke": Ablation(
        n_training_steps=2, batch=2, unroll=2, filters=8, n_streams=2, n_cycles=60, n_test_truths=2, n_test_cycles=6,
        burn_in=4,
    ),
    "lesson": Ablation(),
    # The stored filter's network, batch, unroll and steps.
    "paper": Ablation(
        n_training_steps=6000, learning_rate=5e-4, batch=64, unroll=6, filters=48, n_streams=64, n_cycles=2000,
        n_test_cycles=1000, burn_in=200,
    ),
}  # fmt: skip


def score(ablation: Ablation, variant: str, progress: Path | None = None) -> pd.DataFrame:
    """Train one variant, test it, and return a row: seed, variant, numbers of the training, scores, final loss.

    Args:
        ablation: how.
        variant: of `VARIANTS`.
        progress: file by which a killed training is taken up again.
    """
    recipe = replace(ablation.recipe, **VARIANTS[require_choice("variant", variant, VARIANTS)])
    trainer = new_trainer(recipe)
    if variant != UNTRAINED:
        trainer.train(progress=progress)
    experiment = held_out(ablation)
    found = scores(run_held_out(trainer.average, ablation, experiment), ablation, experiment)
    last = trainer.losses[-LAST_STEPS:]
    final = {"final_loss": sum(last) / len(last) if last else float("nan")}
    row = {"seed": ablation.seed, "variant": variant, "n_training_steps": trainer.iteration}
    return pd.DataFrame([row | found | final])


def score_all(ablation: Ablation, progress: Callable[[str], Path | None]) -> pd.DataFrame:
    """Return the rows of all variants of a seed; `progress` gives the file of a name."""
    names = {variant: variant.replace(" ", "_") + ".safetensors" for variant in VARIANTS}
    return pd.concat([score(ablation, variant, progress(name)) for variant, name in names.items()], ignore_index=True)
