"""The presets smoke, lesson, study and paper of every source of temperature."""

import dataclasses

from sparseobs.errors import require_choice
from sparseobs.neural_process.conv_cnp import PAPER, ConvCNPConfig
from sparseobs.neural_process.training import TrainingSettings
from sparseobs_book.temperature.settings import TemperatureSettings


def presets(source: str) -> dict[str, TemperatureSettings]:
    """Return the presets of a source: `twin`, `uk_ireland`, `germany` (fetched) or `local` (the user's own files).

    Their trainings take seconds at `smoke`; a minute or two at `lesson`; some six minutes a seed on one core at
    `study`, which made the tables in `results/`; at `paper`, the published sizes, hours on a GPU. `temperature run`
    also tunes kriging, in full at every preset, which takes minutes where there are many stations.
    """
    known = {"twin": _TWIN, "uk_ireland": _UK_IRELAND, "germany": _GERMANY, "local": _LOCAL}
    return known[require_choice("source", source, known)]


def grid_presets() -> dict[str, TemperatureSettings]:
    """Return the presets of the grid of N_stations by N_times on the twin at full size.

    `smoke` takes seconds; `lesson` a minute or two a cell on one core; `paper`, the published sizes, a GPU.
    """
    return _GRID


def _recipe(rate: float, epochs: int, batches: int, **others: object) -> TrainingSettings:
    others = {"patience": max(epochs, 1)} | others
    return TrainingSettings(rate, epochs, batches, schedule="one-cycle", **others)


# Rates, static fields, the lapse rate and the share of stations shown were chosen on validation stations and hours.
# A month of hours teaches no season, so the day of the year is left out: a network would learn its dates by heart.
_UK_IRELAND_STUDY = TemperatureSettings(
    source="uk_ireland",
    architecture=ConvCNPConfig(
        channels=(16, 32, 32, 32), points_per_degree=6.0, fields=("land", "position"), scalars=("hour",)
    ),
    pretraining=_recipe(2e-3, 24, 50),
    real_only=_recipe(1e-3, 16, 25),
    fine_tuning=_recipe(3e-4, 12, 20),
    n_held_out=5,
    n_validation=5,
    window=(32, 24),
    max_context=60,
    share_power=0.5,
)
_UK_IRELAND_LESSON = dataclasses.replace(
    _UK_IRELAND_STUDY,
    pretraining=_recipe(2e-3, 8, 25),
    real_only=_recipe(1e-3, 6, 15),
    fine_tuning=_recipe(3e-4, 6, 15),
)
_TWIN_STUDY = TemperatureSettings(
    source="twin",
    architecture=ConvCNPConfig(
        channels=(16, 32, 32, 32),
        points_per_degree=4.0,
        fields=("land", "elevation", "position"),
        scalars=("hour",),
        scales=(1.0, 3.0, 9.0),
    ),
    pretraining=_recipe(2e-3, 20, 150, largest_gradient=1.0),
    real_only=_recipe(2e-3, 24, 25),
    fine_tuning=_recipe(1e-3, 16, 25),
    n_held_out=53,
    n_validation=20,
    max_context=200,
    log_uniform=True,
    share_power=0.5,
)
_TWIN_LESSON = dataclasses.replace(
    _TWIN_STUDY,
    stored_pretraining="temperature_twin",
    pretraining=_recipe(2e-3, 4, 15),
    real_only=_recipe(2e-3, 6, 15),
    fine_tuning=_recipe(1e-3, 6, 15),
)
# Scholz et al. (2023): rates, epochs, batches and plateaus as published, on whichever data the source has.
_PAPER_TRAINING = {
    "architecture": PAPER,
    "pretraining": TrainingSettings(1e-4, 300, 200, plateau_patience=8, patience=20),
    "real_only": TrainingSettings(1e-4, 300, 200, plateau_patience=8, patience=20),
    "fine_tuning": TrainingSettings(3e-5, 100, 25, plateau_patience=10, patience=30),
    "window": None,
    "share_power": 2.0,
}


def _smoke(lesson: TemperatureSettings) -> TemperatureSettings:
    """Return the settings with a tiny network, trained for a few steps."""
    tiny = dataclasses.replace(lesson.architecture, channels=(4, 4, 4), kernel=3)
    few = _recipe(1e-3, 2, 2, batch_size=4)
    brief = dataclasses.replace(lesson, pretraining=few, real_only=few, fine_tuning=few)
    return dataclasses.replace(brief, architecture=tiny, stored_pretraining=None)


def _four(lesson: TemperatureSettings, study: TemperatureSettings, max_context: int) -> dict[str, TemperatureSettings]:
    """Return all presets of a source; `paper` shows the published network at most so many cells."""
    published = _PAPER_TRAINING | {"architecture": dataclasses.replace(PAPER, fields=study.architecture.fields)}
    paper = dataclasses.replace(study, max_context=max_context, **published)
    return {"smoke": _smoke(lesson), "lesson": lesson, "study": study, "paper": paper}


_UK_IRELAND = _four(_UK_IRELAND_LESSON, _UK_IRELAND_STUDY, 1500)
_TWIN = _four(_TWIN_LESSON, _TWIN_STUDY, 1499)


def _measured(source: str, fields: tuple[str, ...], **changes: object) -> dict[str, TemperatureSettings]:
    """Return the twin's presets for measured data, for which no pre-training is stored."""
    found = {}
    for name, settings in _TWIN.items():
        architecture = dataclasses.replace(settings.architecture, fields=fields)
        changes |= {"source": source, "architecture": architecture, "stored_pretraining": None}
        found[name] = dataclasses.replace(settings, **changes)
    found["lesson"] = dataclasses.replace(found["lesson"], pretraining=_recipe(2e-3, 8, 25))
    return found


# Nothing was chosen on either: the numbers are the twin's.
_GERMANY = _measured("germany", _TWIN_STUDY.architecture.fields)
# The package's coasts end in western Europe, an elevation is optional, and stations may be few.
_LOCAL = _measured("local", ("position",), n_held_out=5, n_validation=5)
# A year has seasons, so the day of the year is read as well. The internal grid is finer than the reanalysis (8 against
# 4 nodes a degree): stations can teach scales that it lacks. Set convolutions at four scales carry a lone reading over
# the whole map. Every network may take 900 steps from fresh weights, half as many from a pre-training of 10,000; it
# stops after ten epochs without a better validation loss.
_GRID_LESSON = dataclasses.replace(
    _TWIN_STUDY,
    architecture=ConvCNPConfig(
        channels=(16, 24, 32, 32),
        kernel=3,
        points_per_degree=8.0,
        fields=("land", "elevation", "position"),
        scalars=("day", "hour"),
        scales=(1.0, 3.0, 9.0, 27.0),
    ),
    pretraining=_recipe(3e-3, 20, 500, batch_size=8, largest_gradient=1.0),
    real_only=_recipe(3e-3, 30, 30, batch_size=8, patience=10, largest_gradient=1.0),
    fine_tuning=_recipe(1e-3, 15, 30, batch_size=8, patience=10, largest_gradient=1.0),
    max_context=600,
    log_uniform=True,
    n_stations=100,
    n_times=400,
    n_validation_hours=64,
)
_GRID = {
    "smoke": dataclasses.replace(
        _smoke(_GRID_LESSON), n_stations=20, n_times=16, n_validation_hours=16, n_test_hours=24, max_context=50
    ),
    "lesson": _GRID_LESSON,
    "paper": dataclasses.replace(_GRID_LESSON, max_context=1215, n_validation_hours=512, **_PAPER_TRAINING),
}
