"""The networks that pages take apart: one pre-training and what adaptations made of it."""

import dataclasses
from pathlib import Path
from typing import NamedTuple

from sparseobs.files import CHECKPOINTS
from sparseobs.neural_process.conv_cnp import ConvCNP, load_model
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.training import Training
from sparseobs.runs.settings import resolve
from sparseobs_book.temperature.experiment import adapt, prepare
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.station_adaptation import full_twin
from sparseobs_book.temperature.stored import save_pretrained, shared_pretraining, stored_training

# The file of each network, in the package's folder of checkpoints.
FILES = {
    "sim-only": "twin_pretrained",
    "Sim2Real": "twin_sim2real",
    "Sim2Real (FiLM)": "twin_film",
}
N_STATIONS, N_TIMES = 500, 2000
COMMAND = "python -m sparseobs twin adapt"


class StoredModel(NamedTuple):
    """A network, how it was trained, and the numbers between its values and degC."""

    model: ConvCNP
    training: Training
    standardisation: Standardisation


def keep_models(preset: str, folder: Path, output: Path | None = None) -> list[Path]:
    """Pre-train and adapt on the twin at full size, seed 0, and return the files written.

    Args:
        preset: of the grid `adaptation`; `smoke` takes its own, fewer stations and hours.
        folder: where twin and pre-training are kept, so that a second call goes on.
        output: where the networks are written; None is the package's folder.
    """
    sizes = {} if preset == "smoke" else {"n_stations": N_STATIONS, "n_times": N_TIMES}
    settings = resolve(grid_presets(), preset, **sizes)
    experiment = prepare(settings, full_twin(preset, settings.data_seed, folder))
    pretrained = shared_pretraining(experiment, folder)
    paths = []
    for method, name in FILES.items():
        model, training = pretrained if method == "sim-only" else adapt(experiment, method, pretrained[0])
        paths.append((output or CHECKPOINTS) / f"{name}.safetensors")
        save_pretrained(paths[-1], model, training, standardisation=dataclasses.asdict(experiment.standardisation))
    return paths


def stored_models(folder: Path | None = None) -> dict[str, StoredModel]:
    """Return the networks that `keep_models` wrote, by method.

    Args:
        folder: of the files; None is the package's.
    """
    found = {}
    for method, name in FILES.items():
        model, stored = load_model((folder or CHECKPOINTS) / f"{name}.safetensors")
        found[method] = StoredModel(model, stored_training(stored), Standardisation(**stored["standardisation"]))
    return found
