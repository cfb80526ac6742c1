"""Pre-trained models in files, with the history of their training."""

import dataclasses
import hashlib
from pathlib import Path

import pandas as pd

from sparseobs.errors import InputError
from sparseobs.files import CHECKPOINTS, SOURCE
from sparseobs.neural_process.conv_cnp import ConvCNP, load_model, save_model
from sparseobs.neural_process.training import Training
from sparseobs.runs.shared import content_address, make_once
from sparseobs_book.temperature.experiment import Experiment, pretrain

# Modules that decide a pre-trained model besides its settings and data: a change in any of these makes it anew.
CODE = ("sparseobs/neural_process/*.py", "sparseobs/randomness.py", "sparseobs_book/temperature/experiment.py")
# Weights, by `weights_hash`, of the committed pre-trainings on the twin at full size, seeds 0, 1, ... That of seed 2
# did not pass its exam (`temperature.exam`) and is kept for it alone: grids start from the others.
PRETRAININGS: tuple[str, ...] = (
    "4aeda9c1bafe8fba",
    "80f39c56fd1de5e3",
    "ef2e4c3a65a5394e",
    "466013e73e975211",
    "105e5d10d85e0ea1",
    "4b7d36d12445d153",
)

NAMED = "pretrained-"  # before the hash in a file's name


def save_pretrained(path: Path, model: ConvCNP, training: Training, **more: object) -> None:
    """Write a model, its history and whatever `more` there is to know of it to a `.safetensors` file."""
    history = training.history.astype(float).round(5).to_dict("split", index=False)
    save_model(path, model, history=history, best_epoch=training.best_epoch, stopped=training.stopped, **more)


def load_pretrained(path: Path, experiment: Experiment) -> tuple[ConvCNP, Training]:
    """Return the model stored at `path` and how it was trained.

    Raises:
        InputError: no such file, a broken one, or another architecture than the experiment's.
    """
    model, stored = load_model(path, experiment.settings.architecture)
    return model.to(experiment.network.values.device), stored_training(stored)


def stored_training(stored: dict) -> Training:
    """Return how a model that `save_pretrained` wrote was trained, from what its file says."""
    history = pd.DataFrame(**stored["history"], dtype=float)
    return Training(history, stored["best_epoch"], stored["stopped"])


def shared_pretraining(experiment: Experiment, folder: Path | None) -> tuple[ConvCNP, Training]:
    """Return the pre-trained model that every experiment with this reanalysis, recipe and seed starts from.

    Args:
        experiment: its committed checkpoint, if it names one, is not used.
        folder: where such models are shared (see `shared_folder`); each is trained once, and resumed if its
            training was interrupted. None trains here.
    """
    if folder is None:
        return pretrain(experiment)
    path = folder / f"{pretraining_address(experiment)}.safetensors"
    make_once(path, lambda path, progress: save_pretrained(path, *pretrain(experiment, progress)))
    return load_pretrained(path, experiment)


def pretraining_address(experiment: Experiment) -> str:
    """Return a name that two experiments share if, and only if, they share their pre-training."""
    settings, tasks = experiment.settings, experiment.reanalysis
    names = ("architecture", "pretraining", "seed", "window", "max_context", "log_uniform")
    recipe = {name: value for name, value in dataclasses.asdict(settings).items() if name in names}
    parts = [tasks.values, tasks.coordinates, tasks.scalars, tasks.grid.y, tasks.grid.x, tasks.grid.static]
    parts = [part.cpu().numpy() for part in parts]
    parts += [experiment.reanalysis_hours.train, experiment.reanalysis_hours.validation]
    data = [hashlib.sha256(part.tobytes()).hexdigest() for part in parts]
    return content_address("pretrained", [recipe, data], CODE)


def weights_hash(model: ConvCNP) -> str:
    """Return the first 16 digits of the SHA-256 of a model's weights."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode() + tensor.cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


def named_pretraining(hashes: str, experiment: Experiment) -> tuple[ConvCNP, Training]:
    """Return the committed pre-training of the experiment's seed.

    Grids that are compared start from the same weights: each names them and lists the files among its inputs.

    Args:
        hashes: of the weights (see `weights_hash`) for the seeds 0, 1, ..., with spaces between them. A file is called
            `pretrained-HASH.safetensors`, see `checkpoint_path`.
        experiment: what starts from it.

    Raises:
        InputError: no hash for the seed, no such file, other weights in it, or another architecture.
    """
    path = named_checkpoint(hashes, experiment.settings.seed)
    found, name = load_pretrained(path, experiment), path.stem.removeprefix(NAMED)
    if (inside := weights_hash(found[0])) != name:
        raise InputError("pretraining_hashes", name, f"weights of that hash, not {inside}", "another file")
    return found


def named_checkpoint(hashes: str, seed: int) -> Path:
    """Return the file of a seed's committed pre-training, see `named_pretraining`.

    Raises:
        InputError: no hash for the seed, or no such file.
    """
    names = hashes.split()
    if seed >= len(names):
        raise InputError("pretraining_hashes", hashes, f"one for each seed up to {seed}", "more of them")
    path = checkpoint_path(f"{NAMED}{names[seed]}")
    if not path.is_file():
        raise InputError("pretraining_hashes", names[seed], f"a file {path.name} in {path.parent}", "null")
    return path


def longer_pretraining(experiment: Experiment, here: tuple[ConvCNP, Training] | None) -> tuple[ConvCNP, Training]:
    """Return the committed checkpoint that the settings name, or, if they name none, what was trained `here`."""
    name = experiment.settings.stored_pretraining
    return here if name is None else load_pretrained(checkpoint_path(name), experiment)


def checkpoint_path(name: str) -> Path:
    """Return where the book keeps a committed checkpoint."""
    return CHECKPOINTS / f"{name}.safetensors"


def checkpoint_command(source: str, name: str) -> str:
    """Return what a reader types to make a committed checkpoint again."""
    path = Path("src") / checkpoint_path(name).relative_to(SOURCE)
    return f"python -m sparseobs temperature pretrain --source {source} --preset study --output {path}"
