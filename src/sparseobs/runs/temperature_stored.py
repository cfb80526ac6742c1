"""Pre-trained models in files, with the history of their training."""

from pathlib import Path

import pandas as pd

from sparseobs.errors import InputError
from sparseobs.files import CHECKPOINTS
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


def checkpoint_path(source: str) -> Path:
    """Return the committed checkpoint of a source, or raise `InputError` if the book has none for it."""
    path = CHECKPOINTS / f"temperature_{source}.safetensors"
    if not path.is_file():
        command = f"`python -m sparseobs temperature pretrain --source {source} --preset study --output {path}`"
        raise InputError("source", source, "a source with a stored pre-training", command)
    return path
