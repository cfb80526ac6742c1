"""What the page on objectives runs: a training watched on test truths."""

from dataclasses import replace

import pandas as pd

from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.training import Trainer
from sparseobs_book.trained_filters import run as trained_filters
from sparseobs_book.trained_filters.run import Trial
from sparseobs_book.trained_filters.training import new_trainer

# What is trained while the reader watches: every site observed, as in the paper's figure 6, and far fewer steps.
PRESETS = {
    "smoke": replace(trained_filters.PRESETS["smoke"], stride=1),
    "lesson": replace(trained_filters.PRESETS["lesson"], stride=1, n_training_steps=120, n_test_truths=2),
    "paper": replace(trained_filters.PRESETS["paper"], stride=1),
}


def watched_training(trial: Trial, n_looks: int, start: AmEnF | None = None) -> tuple[AmEnF, pd.DataFrame]:
    """Train, and score the filter on the test truths at the beginning, on the way and at the end.

    Args:
        trial: the switches.
        n_looks: scores after the first; as many as there are steps at most.
        start: weights that training begins with; fresh ones by default.

    Returns:
        The filter, and a table with the columns step, objective and those of `trained_filters.scores`.
    """
    trainer = new_trainer(trial.recipe)
    if start is not None:
        for network in (trainer.network, trainer.average):
            network.load_state_dict(start.state_dict())
    experiment = trained_filters.held_out(trial)
    rows = []

    def look(seen: Trainer) -> None:
        run = trained_filters.run_held_out(seen.average, trial, experiment)
        found = trained_filters.scores(run, trial, experiment)
        rows.append({"step": seen.iteration, "objective": trial.objective} | found)

    look(trainer)
    trainer.train(report=look, every=max(1, trial.n_training_steps // n_looks))
    return trainer.average, pd.DataFrame(rows)
