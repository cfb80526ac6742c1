"""The networks that pages take apart: one pre-training, what adaptations made of it, and hours that none has seen."""

import dataclasses
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sparseobs.files import CHECKPOINTS
from sparseobs.interpolation.learned_kriging import LearnedKriging
from sparseobs.neural_process.conv_cnp import ConvCNP, load_model
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.training import Training
from sparseobs.runs.settings import resolve
from sparseobs.stations.splits import HourSplit, nested_stations
from sparseobs.stations.temperature import TemperatureData
from sparseobs_book.temperature import from_kriging
from sparseobs_book.temperature.experiment import Experiment, adapt, assemble, prepare
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.station_adaptation import full_twin
from sparseobs_book.temperature.stored import (
    PRETRAININGS,
    load_pretrained,
    save_pretrained,
    shared_pretraining,
    stored_training,
    weights_hash,
)

# The file of each adapted network, in the package's folder of checkpoints; sim-only is the pre-training itself.
FILES = {"Sim2Real": "twin_sim2real", "Sim2Real (FiLM)": "twin_film"}
N_STATIONS, N_TIMES = 500, 2000
COMMAND = "python -m sparseobs twin adapt"
FROM_KRIGING = "twin_from_kriging"  # file of a pre-training that corrects kriging


class StoredModel(NamedTuple):
    """A network, how it was trained, and the numbers between its values and degC."""

    model: ConvCNP
    training: Training
    standardisation: Standardisation


def keep_pretraining(preset: str, seed: int, folder: Path, output: Path | None = None) -> Path:
    """Pre-train on the twin at full size and return the file written, which is named as `named_pretraining` asks.

    Args:
        preset: of the grid `adaptation`.
        seed: of weights and tasks.
        folder: where twin and pre-training are kept, so that a second call goes on.
        output: where the network is written; None is the package's folder.
    """
    settings = resolve(grid_presets(), preset, seed=seed)
    experiment = prepare(settings, full_twin(preset, settings.data_seed, folder))
    model, training = shared_pretraining(experiment, folder)
    path = (output or CHECKPOINTS) / f"pretrained-{weights_hash(model)}.safetensors"
    save_pretrained(path, model, training, standardisation=dataclasses.asdict(experiment.standardisation))
    return path


def keep_models(preset: str, folder: Path, output: Path | None = None, weights: str = PRETRAININGS[0]) -> list[Path]:
    """Adapt a kept pre-training of seed 0 on the twin at full size and return the files written.

    Args:
        preset: of the grid `adaptation`; `smoke` takes its own, fewer stations and hours.
        folder: where the twin is kept, so that a second call goes on.
        output: folder of the pre-training, where the networks are written too; None is the package's.
        weights: hash in the name of the pre-training, see `keep_pretraining`.
    """
    sizes = {} if preset == "smoke" else {"n_stations": N_STATIONS, "n_times": N_TIMES}
    settings = resolve(grid_presets(), preset, **sizes)
    experiment = prepare(settings, full_twin(preset, settings.data_seed, folder))
    place = output or CHECKPOINTS
    pretrained, _ = load_pretrained(place / f"pretrained-{weights}.safetensors", experiment)
    paths = []
    for method, name in FILES.items():
        paths.append(place / f"{name}.safetensors")
        found = adapt(experiment, method, pretrained)
        save_pretrained(paths[-1], *found, standardisation=dataclasses.asdict(experiment.standardisation))
    return paths


def stored_models(folder: Path | None = None, weights: str = PRETRAININGS[0]) -> dict[str, StoredModel]:
    """Return a kept pre-training, as sim-only, and the networks that `keep_models` made of it, by method.

    Args:
        folder: of the files; None is the package's.
        weights: hash in the name of the pre-training.
    """
    names = {"sim-only": f"pretrained-{weights}", **FILES}
    return {method: _stored(name, folder)[0] for method, name in names.items()}


def _stored(name: str, folder: Path | None) -> tuple[StoredModel, dict]:
    """Return a kept network and all that its file says besides."""
    model, stored = load_model((folder or CHECKPOINTS) / f"{name}.safetensors")
    return StoredModel(model, stored_training(stored), Standardisation(**stored["standardisation"])), stored


def keep_from_kriging(preset: str, seed: int, folder: Path, output: Path | None = None) -> Path:
    """Pre-train a network that corrects kriging on the twin at full size and return the file written.

    The file also holds the table of the kriging that the reanalysis has taught.

    Args:
        preset: of the grid `adaptation_from_kriging`.
        seed: of weights and tasks.
        folder: as of `keep_pretraining`.
        output: as of `keep_pretraining`.
    """
    settings = from_kriging.correcting(resolve(grid_presets(), preset, seed=seed))
    experiment = prepare(settings, full_twin(preset, settings.data_seed, folder))
    more = {"kriging": from_kriging.taught(experiment, folder).table}
    more["standardisation"] = dataclasses.asdict(experiment.standardisation)
    path = (output or CHECKPOINTS) / f"{FROM_KRIGING}.safetensors"
    save_pretrained(path, *from_kriging.shared_pretraining(experiment, folder), **more)
    return path


def stored_from_kriging(folder: Path | None = None) -> tuple[StoredModel, LearnedKriging]:
    """Return the network that `keep_from_kriging` kept, and the kriging that the reanalysis has taught.

    Args:
        folder: of the file; None is the package's.
    """
    network, stored = _stored(FROM_KRIGING, folder)
    return network, LearnedKriging(tuple(tuple(row) for row in stored["kriging"]))


def sample_experiment(
    data: TemperatureData, model: ConvCNP, standardisation: Standardisation, *, n_stations: int = 500, seed: int = 0
) -> Experiment:
    """Return an experiment whose hours are all for testing, on the CPU, where stored networks are.

    Args:
        data: such as `load_sample()`, whose hours no stored network was trained on.
        model: whose architecture decides the internal grid.
        standardisation: that the model was trained with.
        n_stations: see `nested_stations`.
        seed: of the split.
    """
    settings = dataclasses.replace(grid_presets()["lesson"], architecture=model.config, n_stations=n_stations)
    stations = nested_stations(data.stations, n_stations=n_stations, seed=seed)
    none = np.zeros(0, dtype=int)
    hours = HourSplit(none, none, np.arange(data.stations.sizes["time"]))
    parts = {"stations": stations, "hours": hours, "reanalysis_hours": hours}
    return assemble(settings, data, standardisation, **parts, device="cpu")
