"""Pre-trained networks of the Gaussian-process laboratory in files: committed ones, and those that cells share."""

from pathlib import Path

from sparseobs.files import CHECKPOINTS, SOURCE
from sparseobs.neural_process.conv_cnp import load_model, save_model
from sparseobs.neural_process.one_dimension import LineConvCNP
from sparseobs.neural_process.training import Training
from sparseobs.runs.shared import content_address, make_once
from sparseobs_book.laboratory.run import pretrain
from sparseobs_book.laboratory.settings import PRESETS, LaboratorySettings

# Modules that decide a pre-trained network besides its settings.
CODE = ("sparseobs/neural_process/*.py", "sparseobs/randomness.py", "sparseobs_book/laboratory/run.py")
# The committed one of each gap; simulators that are the same share it.
COMMITTED = {"shrinking": "laboratory_fixed", "noise": "laboratory_fixed", "mixed": "laboratory_mixed",
             "growing": "laboratory_short"}  # fmt: skip


def save_pretrained(path: Path, settings: LaboratorySettings, progress: Path | None = None) -> None:
    """Pre-train and write the network, with the losses before and after, to a `.safetensors` file."""
    model, training = pretrain(settings, progress)
    save_model(path, model, **_losses(training))


def _losses(training: Training) -> dict:
    losses = training.history["validation_nll"]
    return {"loss_before": losses.iloc[0], "loss": losses.min(), "best_epoch": training.best_epoch}


def shared_pretraining(settings: LaboratorySettings, folder: Path | None) -> LineConvCNP:
    """Return the pre-trained network that all experiments with this simulator, recipe and pre-training seed share.

    Args:
        settings: of one repeat.
        folder: where such networks are shared (see `shared_folder`); each is trained once. None trains here.
    """
    if folder is None:
        return pretrain(settings)[0]
    names = ("architecture", "pretraining", "pretraining_seed", "simulator", "n_simulated")
    identity = {name: repr(getattr(settings, name)) for name in names}
    path = folder / f"{content_address('laboratory', identity, CODE)}.safetensors"
    make_once(path, lambda path, progress: save_pretrained(path, settings, progress))
    return load_model(path, network=LineConvCNP)[0]


def page_pretraining(settings: LaboratorySettings) -> tuple[LineConvCNP, dict]:
    """Return the network that a page begins with, and how it was trained: the committed one where it fits.

    Where the settings are not those it was made with (another preset, other noise), a network is trained here.
    """
    if settings.architecture == PRESETS["lesson"].architecture and settings.obs_error_std is None:
        return load_model(CHECKPOINTS / f"{COMMITTED[settings.gap]}.safetensors", network=LineConvCNP)
    model, training = pretrain(settings)
    return model, _losses(training)


def checkpoint_command(gap: str) -> str:
    """Return what a reader types to make a committed checkpoint again."""
    path = Path("src") / (CHECKPOINTS / f"{COMMITTED[gap]}.safetensors").relative_to(SOURCE)
    return f"python -m sparseobs laboratory pretrain --gap {gap} --preset lesson --output {path}"
