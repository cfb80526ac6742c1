"""Pre-trained models in files, with the history of their training."""

from pathlib import Path

import pandas as pd

from sparseobs.files import CHECKPOINTS, PACKAGE
from sparseobs.neural_process.conv_cnp import ConvCNP, load_model, save_model
from sparseobs.neural_process.training import Training
from sparseobs.runs.temperature_experiment import Experiment


def save_pretrained(path: Path, model: ConvCNP, training: Training) -> None:
    """Write a pre-trained model and its history to a `.safetensors` file."""
    history = training.history.astype(float).round(5).to_dict("split", index=False)
    save_model(path, model, history=history, best_epoch=training.best_epoch, stopped=training.stopped)


def load_pretrained(path: Path, experiment: Experiment) -> tuple[ConvCNP, Training]:
    """Return the model stored at `path` and how it was trained.

    Raises:
        InputError: no such file, a broken one, or another architecture than the experiment's.
    """
    model, stored = load_model(path, experiment.settings.architecture)
    history = pd.DataFrame(**stored["history"], dtype=float)
    training = Training(history, stored["best_epoch"], stored["stopped"])
    return model.to(experiment.network.values.device), training


def longer_pretraining(experiment: Experiment, here: tuple[ConvCNP, Training] | None) -> tuple[ConvCNP, Training]:
    """Return the committed checkpoint that the settings name, or, if they name none, what was trained `here`."""
    name = experiment.settings.stored_pretraining
    return here if name is None else load_pretrained(checkpoint_path(name), experiment)


def checkpoint_path(name: str) -> Path:
    """Return where the book keeps a committed checkpoint."""
    return CHECKPOINTS / f"{name}.safetensors"


def checkpoint_command(source: str, name: str) -> str:
    """Return what a reader types to make a committed checkpoint again."""
    path = Path("src") / checkpoint_path(name).relative_to(PACKAGE.parent)
    return f"python -m sparseobs temperature pretrain --source {source} --preset study --output {path}"
