"""A cell of the grid of stations by hours that is small enough for a page: the sample's hours, short trainings."""

import dataclasses

import numpy as np
import pandas as pd

from sparseobs.errors import require_number
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.randomness import numpy_stream
from sparseobs.stations.splits import VALIDATION_SHARE, HourSplit, cycle_numbers
from sparseobs.stations.temperature import TemperatureData
from sparseobs_book.temperature.adapted_networks import StoredModel, sample_experiment
from sparseobs_book.temperature.experiment import Experiment, adapt
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.scores import held_out_scores, network_predict

# Hours of the sample, by the number of their cycle: three in six train, two are judged on, one chooses.
SMALL_PARTS = ("train", "test", "validation", "train", "test", "train")
MOST_SMALL_HOURS = 33  # to train and to choose on together: what the training cycles of the sample hold
SMALL_BATCH = 4  # tasks


def small_hours(times: np.ndarray, *, n_times: int, seed: int) -> HourSplit:
    """Draw `n_times` hours of the sample, four in five to train on; the parts are days apart, those judged on fixed.

    For one seed the parts of a smaller number are subsets of those of a larger one.

    Args:
        times: (time,), UTC, of `load_sample()`.
        n_times: 5 to `MOST_SMALL_HOURS`.
        seed: of the draw.
    """
    require_number("n_times", n_times, least=5, most=MOST_SMALL_HOURS, whole=True)
    part = np.array(SMALL_PARTS)[cycle_numbers(times) % len(SMALL_PARTS)]
    n_validation = int(VALIDATION_SHARE * n_times)
    parts = {"test": np.flatnonzero(part == "test")}
    for name, number in (("train", n_times - n_validation), ("validation", n_validation)):
        order = numpy_stream(seed, f"small {name} hours").permutation(np.flatnonzero(part == name))
        parts[name] = np.sort(order[:number])
    return HourSplit(**parts)


def small_cell(
    data: TemperatureData, pretrained: StoredModel, *, n_stations: int, n_times: int, n_epochs: int, seed: int
) -> Experiment:
    """Return an experiment like a cell of the grid, on the few hours of the sample and with short trainings.

    Args:
        data: `load_sample()`.
        pretrained: the stored network that adaptations start from.
        n_stations: 5 to 500.
        n_times: 5 to `MOST_SMALL_HOURS`.
        n_epochs: of adapting at most, 1 or more.
        seed: of the split and of the tasks.
    """
    require_number("n_epochs", n_epochs, least=1, whole=True)
    require_number("seed", seed, least=0, whole=True)
    model, _, standardisation = pretrained
    experiment = sample_experiment(data, model, standardisation, n_stations=n_stations, seed=seed)
    lesson = grid_presets()["lesson"]
    settings = dataclasses.replace(
        experiment.settings,
        seed=seed,
        split_seed=seed,
        fine_tuning=dataclasses.replace(lesson.fine_tuning, max_epochs=n_epochs, batch_size=SMALL_BATCH),
    )
    hours = small_hours(data.stations["time"].values, n_times=n_times, seed=seed)
    network = dataclasses.replace(experiment.network, share_power=settings.share_power)
    return dataclasses.replace(experiment, settings=settings, hours=hours, network=network)


def losses_of_one_step(experiment: Experiment, pretrained: StoredModel) -> list[float]:
    """Return the loss at validation stations and hours before one step of Sim2Real and after, normalised units.

    The step is taken at the rate that a training of many steps rises to.

    Args:
        experiment: of `small_cell`.
        pretrained: the network that it was made for.
    """
    one = {"max_epochs": 1, "batches_per_epoch": 1, "schedule": "plateau"}  # whose rate is level
    recipe = dataclasses.replace(experiment.settings.fine_tuning, **one)
    settings = dataclasses.replace(experiment.settings, fine_tuning=recipe)
    _, training = adapt(dataclasses.replace(experiment, settings=settings), "Sim2Real", pretrained.model)
    return training.history["validation_nll"].tolist()


def small_scores(
    experiment: Experiment, pretrained: StoredModel, methods: tuple[str, ...]
) -> tuple[pd.DataFrame, dict[str, ConvCNP]]:
    """Return one row of scores (degC; `nll`: nats) a method, and the networks.

    Args:
        experiment: of `small_cell`.
        pretrained: the network that it was made for.
        methods: adaptations.
    """
    models = {method: adapt(experiment, method, pretrained.model)[0] for method in methods}
    rows = {method: held_out_scores(experiment, network_predict(experiment, model)) for method, model in models.items()}
    return pd.DataFrame(rows).T.rename_axis("method"), models
