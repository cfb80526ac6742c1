"""What the page on objectives runs: a training watched on test truths, and where its loss comes from."""

from dataclasses import replace

import pandas as pd
import torch

from sparseobs.dynamics.catalogue import named_system
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.run import FilterRun
from sparseobs.filtering.training import Trainer
from sparseobs.observing.twin_experiment import TwinExperiment
from sparseobs_book.trained_filters import run as trained_filters
from sparseobs_book.trained_filters.recipes import new_trainer
from sparseobs_book.trained_filters.run import Trial

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


def loss_terms(run: FilterRun, trial: Trial, experiment: TwinExperiment) -> pd.DataFrame:
    """Return what the two self-supervised losses of a run are made of, in units of the noise variance.

    With error e of the estimate and noise n of the observation it is compared with, the loss is the mean of
    (e - n)^2: the error e^2, the noise n^2, and -2 e n, which is zero if the estimate knows nothing of n.

    Returns:
        Rows `analysis` (compared with the observations it was given) and `forecast` (with the next ones); columns
        judged, error, noise, shared (the third term) and loss, their sum. Observed sites, after the burn-in.

    References: [mccabe2021, Lemma 1], [batson2019].
    """
    system, after = named_system(trial.system), slice(trial.burn_in, None)
    forecasts = torch.stack([system.schedule.forecast(system, one).mean(1) for one in run.members[after][:-1]])
    truth, mask = experiment.truth[after], experiment.observations.mask[after]
    noise = experiment.observations.values[after] - truth
    judged = {
        "analysis": (run.mean[after] - truth, noise, mask),
        "forecast": (forecasts - truth[1:], noise[1:], mask[1:]),
    }
    rows = []
    for name, (error, noise, mask) in judged.items():
        seen = mask[:, None, None].expand(error.shape)
        error, noise = error[seen] / trial.obs_error_std, noise[seen] / trial.obs_error_std
        terms = {"error": error.square(), "noise": noise.square(), "shared": -2 * error * noise}
        means = {term: values.mean().item() for term, values in terms.items()}
        rows.append({"judged": name} | means | {"loss": sum(means.values())})
    return pd.DataFrame(rows)
