"""Temperature from stations: one method on one split of the stations, judged where it never looked."""

from pathlib import Path

import pandas as pd

from sparseobs.errors import InputError, require_choice
from sparseobs.interpolation.lapse_rate import tune_idw, tune_lapse_rate_idw
from sparseobs.neural_process.adaptation import ADAPTATIONS, find_adaptation
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.training import Training
from sparseobs.runs.temperature_experiment import Experiment, adapt, judge, score
from sparseobs.runs.temperature_stored import weights_hash
from sparseobs.scores.gaussian import GaussianScores

INTERPOLATION = "lapse rate + IDW"
# Each is tuned on the stations and hours that the networks learn from and are chosen on.
INTERPOLATIONS = {"IDW": tune_idw, INTERPOLATION: tune_lapse_rate_idw}
METHODS = (*INTERPOLATIONS, *ADAPTATIONS)


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
    training = None
    if method in INTERPOLATIONS:
        scores = judge_interpolation(experiment, method)
    else:
        adapted, training = adapt(experiment, method, model, progress)
        scores = judge(experiment, adapted)
    settings, stations = experiment.settings, experiment.stations
    row = {
        "source": settings.source,
        "method": method,
        "split_seed": settings.split_seed,
        "seed": settings.seed,
        **scores._asdict(),
        **{f"n_{role}": len(positions) for role, positions in vars(stations).items()},
        "best_epoch": training and training.best_epoch,
        "pretrained_weights": model and weights_hash(model),
    }
    return row, training


def run(experiment: Experiment, pretrained: tuple[ConvCNP, Training]) -> pd.DataFrame:
    """Return one row a method, see `run_method`."""
    return pd.DataFrame([run_method(experiment, method, pretrained)[0] for method in METHODS])


def judge_interpolation(experiment: Experiment, method: str = INTERPOLATION) -> GaussianScores:
    """Return the scores of one of the `INTERPOLATIONS`, tuned without the held-out stations."""
    predictor = INTERPOLATIONS[method](experiment.data, experiment.stations, experiment.hours)
    mean, std = predictor.predict(
        experiment.data, experiment.shown, experiment.stations.held_out, experiment.hours.test
    )
    return score(experiment, mean, std)
