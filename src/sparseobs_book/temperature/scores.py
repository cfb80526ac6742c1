"""Scores of any method on one experiment: as predicted, and with a variance added that validation data ask for."""

from collections.abc import Callable

import numpy as np

from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.prediction import predict_stations
from sparseobs.randomness import numpy_stream
from sparseobs.scores.bootstrap import two_way_interval
from sparseobs.scores.calibration import variance_offset, widened
from sparseobs.scores.gaussian import GaussianScores, score_gaussian
from sparseobs.stations.temperature import measured
from sparseobs_book.temperature.experiment import Experiment

# Mean and standard deviation (hour, target), degC, from positions: context, targets (stations) and hours.
Predict = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def network_predict(experiment: Experiment, model: ConvCNP) -> Predict:
    """Return the predictions of a network."""
    tasks, standardisation = experiment.network, experiment.standardisation
    return lambda context, targets, hours: predict_stations(
        model, tasks, standardisation, context=context, targets=targets, hours=hours
    )


def judge(experiment: Experiment, model: ConvCNP, shown: np.ndarray | None = None) -> GaussianScores:
    """Return the scores of a network, in degC, at what `held_out` asks for."""
    return score_gaussian(*held_out(experiment, network_predict(experiment, model), shown))


def validation_offset(experiment: Experiment, predict: Predict) -> float:
    """Return the variance, K^2, that added to a method's predictions suits the validation stations best.

    Training stations are shown and validation stations asked for, at validation hours, as when an epoch is chosen.
    Held-out stations and test hours are never touched.

    Args:
        experiment: the data and their split.
        predict: the method.
    """
    stations, hours = experiment.stations, experiment.hours.validation
    mean, std = predict(stations.train, stations.validation, hours)
    return variance_offset(mean, std, _with_context(experiment, stations.train, stations.validation, hours))


def held_out(
    experiment: Experiment, predict: Predict, shown: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean, standard deviation and reading (hour, station), degC, at the held-out stations and test hours.

    In hours in which none of the stations shown reports the reading is NaN, unless none is shown at all.

    Args:
        experiment: the data and their split.
        predict: the method.
        shown: positions of the stations shown; None shows all but the held-out.
    """
    shown = experiment.shown if shown is None else shown
    targets, hours = experiment.stations.held_out, experiment.hours.test
    return *predict(shown, targets, hours), _with_context(experiment, shown, targets, hours)


def held_out_scores(experiment: Experiment, predict: Predict, found: tuple | None = None) -> dict[str, float]:
    """Return the scores of `score_gaussian` at the held-out stations and test hours, `nll_offset` and `offset_std`.

    `nll_offset` is the negative log-likelihood with the variance of `validation_offset` added, whose root is
    `offset_std` (K).

    Args:
        experiment: the data and their split.
        predict: the method.
        found: what `held_out` returned; None asks the method.
    """
    mean, std, readings = held_out(experiment, predict) if found is None else found
    offset = validation_offset(experiment, predict)
    mended = score_gaussian(mean, widened(std, offset), readings)
    scores = score_gaussian(mean, std, readings)._asdict()
    return {**scores, "nll_offset": mended.nll, "offset_std": offset**0.5}


def gap_columns(differences: dict[str, np.ndarray], blocks: np.ndarray, seed: int) -> dict[str, float]:
    """Return the mean of each score's differences and its 95 % interval, by a bootstrap over stations and blocks.

    Args:
        differences: (hour, station), paired, by the score's name.
        blocks: (hour,), of hours that stay together.
        seed: of the draws.

    Returns:
        `NAME_gap`, `NAME_low`, `NAME_high` of every score.
    """
    columns = {}
    for score, difference in differences.items():
        mean, low, high, _ = two_way_interval(difference, blocks, numpy_stream(seed, "bootstrap"))
        columns |= {f"{score}_gap": mean, f"{score}_low": low, f"{score}_high": high}
    return columns


def _with_context(experiment: Experiment, context, targets, hours) -> np.ndarray:
    """Return the targets' readings (hour, target), NaN in hours in which no station of the context reports."""
    temperature = measured(experiment.data.stations).values[hours]
    unseen = len(context) > 0 and np.isnan(temperature[:, context]).all(axis=1, keepdims=True)
    return np.where(unseen, np.nan, temperature[:, targets])
