"""Temperature from stations: one method on one split of the stations, judged where it never looked."""

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from sparseobs.errors import InputError, require_choice
from sparseobs.interpolation.methods import FITS, tune
from sparseobs.interpolation.optimal_interpolation import available, tune_optimal_interpolation
from sparseobs.interpolation.reanalysis import covers, tune_reanalysis
from sparseobs.neural_process.adaptation import ADAPTATIONS, find_adaptation
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.training import Training
from sparseobs_book.temperature.experiment import Experiment, adapt
from sparseobs_book.temperature.scores import Predict, held_out_scores, network_predict
from sparseobs_book.temperature.stored import weights_hash

INTERPOLATION = "lapse rate + IDW"
REANALYSIS = "reanalysis + lapse rate"
OPTIMAL = "optimal interpolation"
# What starts from the reanalysis of the hour itself.
FROM_BACKGROUND = {REANALYSIS: tune_reanalysis, OPTIMAL: tune_optimal_interpolation}
# Each is tuned on the stations and hours that the networks learn from and are chosen on.
INTERPOLATIONS = {name: partial(tune, fit) for name, fit in FITS.items()} | FROM_BACKGROUND
ENSEMBLE = "Sim2Real (two trainings)"
METHODS = (*INTERPOLATIONS, *ADAPTATIONS)


def require_method(method: str) -> str:
    """Return the name of what makes a row, one of `METHODS` or `ENSEMBLE`, or raise `InputError`."""
    return require_choice("method", method, (*METHODS, ENSEMBLE))


def needs_pretraining(method: str) -> bool:
    """Return whether a method of `METHODS` starts from a model pre-trained on the reanalysis."""
    require_choice("method", method, METHODS)
    return method in ADAPTATIONS and find_adaptation(method).pretrained


def run_method(
    experiment: Experiment,
    method: str,
    pretrained: tuple[ConvCNP, Training] | None = None,
    progress: Path | None = None,
) -> tuple[dict, Training | None]:
    """Return one method's row and, if it trains, how its adapting went.

    The row has the names, the scores (degC, but `nll`: nats of a density per degC) at the held-out stations and test
    hours, where every method sees the same stations, and the hash of the pre-trained weights if it starts from any.

    Args:
        experiment: the data and their split.
        method: of `METHODS`.
        pretrained: where it starts from, for those that `needs_pretraining`.
        progress: file to resume the adapting from, see `train`.
    """
    model = pretrained[0] if needs_pretraining(method) and pretrained else None
    if needs_pretraining(method) and model is None:
        raise InputError("pretrained", None, f"a pre-trained model for {method}", "`pretrain(experiment)`")
    if method in INTERPOLATIONS:
        predict, training = interpolation_predict(experiment, method), None
    else:
        adapted, training = adapt(experiment, method, model, progress)
        predict = network_predict(experiment, adapted)
    return _row(experiment, method, predict, training and training.best_epoch, model and weights_hash(model)), training


def run_ensemble(
    experiment: Experiment,
    pretrain: Callable[[Experiment], tuple[ConvCNP, Training]],
    seeds: Sequence[int] = (0, 1),
) -> dict:
    """Return the row of `ENSEMBLE`: Sim2Real trained with each seed, the predictions of all as one Gaussian.

    Args:
        experiment: the data and their split; its own seed is not used.
        pretrain: returns a pre-trained model for an experiment, whose seed differs from member to member.
        seeds: of the members, in all they draw.
    """
    models = []
    for seed in seeds:
        member = dataclasses.replace(experiment, settings=dataclasses.replace(experiment.settings, seed=seed))
        models.append(adapt(member, "Sim2Real", pretrain(member)[0])[0])
    members = [network_predict(experiment, model) for model in models]
    return _row(experiment, ENSEMBLE, pooled_predict(members), None, None)


def run(
    experiment: Experiment, pretrained: tuple[ConvCNP, Training], say: Callable[[str], None] | None = None
) -> pd.DataFrame:
    """Return one row a method, see `run_method`, of those that `missing` does not name.

    Args:
        experiment: the data and their split.
        pretrained: where the adaptations start from.
        say: told of each method when it begins, and which are left out.
    """
    left_out = missing(experiment)
    methods = [method for method in METHODS if method not in left_out]
    rows = []
    if say:
        for method, why in left_out.items():
            say(f"left out: {method}, {why}")
    for number, method in enumerate(methods, 1):
        if say:
            say(f"method {number} of {len(methods)}: {method}")
        rows.append(run_method(experiment, method, pretrained)[0])
    return pd.DataFrame(rows)


def missing(experiment: Experiment) -> dict[str, str]:
    """Return the methods that cannot be run here, and why, in words."""
    if not covers(experiment.data, experiment.hours.test):
        return dict.fromkeys(FROM_BACKGROUND, "the reanalysis has other hours than the stations")
    return {} if available() else {OPTIMAL: "gridpp is not installed (the optional extra `operational`)"}


def interpolation_predict(experiment: Experiment, method: str = INTERPOLATION) -> Predict:
    """Return the predictions of one of the `INTERPOLATIONS`, tuned without the held-out stations."""
    tuned = INTERPOLATIONS[method](experiment.data, experiment.stations, experiment.hours)
    return partial(tuned.predict, experiment.data)


def pooled_predict(members: Sequence[Predict]) -> Predict:
    """Return the predictions of all members as one Gaussian, of the mixture's mean and variance."""

    def predict(context, targets, hours):
        found = [each(context, targets, hours) for each in members]
        means, stds = (np.stack(part) for part in zip(*found, strict=True))
        return means.mean(0), np.sqrt(np.square(stds).mean(0) + means.var(0))

    return predict


def _row(experiment: Experiment, method: str, predict: Predict, best_epoch: int | None, weights: str | None) -> dict:
    settings, stations = experiment.settings, experiment.stations
    return {
        "source": settings.source,
        "method": method,
        "split_seed": settings.split_seed,
        "seed": settings.seed,
        **held_out_scores(experiment, predict),
        **{f"n_{role}": len(positions) for role, positions in vars(stations).items()},
        "best_epoch": best_epoch,
        "pretrained_weights": weights,
    }
