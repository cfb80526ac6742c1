"""What each of the three open questions changes, and at which sizes they are asked."""

import dataclasses
from typing import NamedTuple

from sparseobs.neural_process.adaptation import ADAPTATIONS
from sparseobs.neural_process.training import TrainingSettings
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.run import INTERPOLATION
from sparseobs_book.temperature.settings import TemperatureSettings
from sparseobs_book.temperature.station_adaptation import TWINS as ADAPTATION_TWINS

LAID_OUT = ("dispersed", "clustered")
TEMPERATURE, WIND = "temperature", "wind speed"


class Case(NamedTuple):
    """One change to the experiment, or none.

    Attributes:
        layout: of the stations to adapt with.
        shown: layouts of the stations shown when judging.
        daily: whether the reanalysis has daily means only.
        variable: `TEMPERATURE` or `WIND`.
        methods: compared.
    """

    layout: str = "dispersed"
    shown: tuple[str, ...] = ("dispersed",)
    daily: bool = False
    variable: str = TEMPERATURE
    methods: tuple[str, ...] = ("IDW", INTERPOLATION, *ADAPTATIONS)


# What never sees the reanalysis is the same with daily means of it as in the reference.
FROM_REANALYSIS = tuple(name for name, adaptation in ADAPTATIONS.items() if adaptation.pretrained)
CASES = {
    "dispersed": Case(shown=LAID_OUT),
    "clustered": Case("clustered", LAID_OUT),
    "daily means": Case(daily=True, methods=FROM_REANALYSIS),
    WIND: Case(variable=WIND),
}
REFERENCE = "dispersed"  # what each of the others changes one thing of
# Eight of the published cycles on a grid of 5.6 by 3.5 km, so that every seed can have a world of its own.
WORLD = dataclasses.replace(ADAPTATION_TWINS["lesson"], days=236, spacing=0.05, coarse=5)
TWINS = {"smoke": ADAPTATION_TWINS["smoke"], "lesson": WORLD, "paper": ADAPTATION_TWINS["paper"]}


def _recipe(like: TrainingSettings, rate: float, epochs: int, batches: int) -> TrainingSettings:
    return dataclasses.replace(like, learning_rate=rate, max_epochs=epochs, batches_per_epoch=batches)


_GRID = grid_presets()
_LESSON = _GRID["lesson"]
# A coarser internal grid and shorter trainings than those of the grid `adaptation`, for there are many.
PRESETS: dict[str, TemperatureSettings] = {
    "smoke": _GRID["smoke"],
    "lesson": dataclasses.replace(
        _LESSON,
        architecture=dataclasses.replace(_LESSON.architecture, points_per_degree=4.0),
        pretraining=_recipe(_LESSON.pretraining, 3e-3, 20, 50),
        real_only=_recipe(_LESSON.real_only, 3e-3, 12, 20),
        fine_tuning=_recipe(_LESSON.fine_tuning, 5e-4, 6, 20),
        max_context=200,
        n_times=1000,
        n_test_hours=128,
    ),
    "paper": dataclasses.replace(_GRID["paper"], n_stations=100, n_times=2000),
}
