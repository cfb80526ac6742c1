"""The smallest learnable scale, measured before and after adaptation: one repeat of the grid `length_scales`."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from sparseobs.errors import require_choice, require_number
from sparseobs.interpolation.kriging import fit_kriging
from sparseobs.interpolation.tuning import Sample, tuning_sample
from sparseobs.runs.settings import resolve
from sparseobs.stations.regions import Region
from sparseobs.stations.twin import truth
from sparseobs.stations.twin_sample import sample_hours
from sparseobs_book.laboratory.settings import PRESETS as LABORATORY
from sparseobs_book.laboratory.stored import shared_pretraining as shared_line
from sparseobs_book.length_scales.line import line_transfers
from sparseobs_book.length_scales.twin import CONTEXTS, KRIGING, inner_axes, twin_transfers
from sparseobs_book.length_scales.weather import band_transfers, predicted_maps
from sparseobs_book.temperature.adapted_networks import FILES
from sparseobs_book.temperature.experiment import Experiment, adapt, prepare
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.settings import TemperatureSettings
from sparseobs_book.temperature.station_adaptation import TWINS, full_twin
from sparseobs_book.temperature.stored import shared_pretraining

RESULT = "length_scales"
PARTS = ("fine", "line")
WAVELENGTHS = (20.0, 28.0, 40.0, 57.0, 80.0, 113.0, 160.0, 226.0, 320.0, 453.0)  # km
HOUR_STEP = 3  # every how many hours of the twin's sample the weather is mapped
MIDDLE = Region("middle of the twin", 49.2, 53.0, 7.5, 12.0)


@dataclass(frozen=True)
class LengthScaleSettings:
    """One repeat.

    Attributes:
        preset: of the twin's experiments and of the laboratory.
        part: `fine`, the `MIDDLE` of the twin on a finer grid than that of other pages; or `line`, Gaussian processes
            whose length scale is set.
        seed: of weights, tasks, split and waves; the twin's weather is one.
        amplitude: K, of the waves on the twin.
        n_waves: of each wavelength.
        n_targets: places on the twin where the waves are asked for.
        n_stations: of the twin's middle, to train and to choose on; all are shown.
        n_times: hours to train and to choose on.
    """

    preset: str
    part: str = "line"
    seed: int = 0
    amplitude: float = 1.0
    n_waves: int = 16
    n_targets: int = 300
    n_stations: int = 120
    n_times: int = 2000

    def __post_init__(self):
        require_choice("part", self.part, PARTS)
        require_number("amplitude", self.amplitude, above=0)
        require_number("seed", self.seed, least=0, whole=True)
        for name in ("n_waves", "n_targets", "n_stations", "n_times"):
            require_number(name, getattr(self, name), least=1, whole=True)


PRESETS = {
    "smoke": LengthScaleSettings("smoke", n_waves=2, n_targets=20, n_stations=8, n_times=16),
    "lesson": LengthScaleSettings("lesson"),
    "paper": LengthScaleSettings("paper", n_waves=96, n_targets=1000),
}


def run(settings: LengthScaleSettings, folder: Path | None = None) -> pd.DataFrame:
    """Return a row a context, method, number of tasks and wavelength: `gain`, `coherence`, `error`.

    Args:
        settings: of one repeat.
        folder: where the twin and pre-trained networks are shared; None makes them here.
    """
    if settings.part == "line":
        laboratory = resolve(LABORATORY, settings.preset, gap="shrinking", seed=settings.seed)
        table = line_transfers(laboratory, shared_line(laboratory, folder), settings.n_waves)
    else:
        table = _twin(settings, folder)
    names = ["part", "seed", "context", "method", "n_tasks", "wavelength", "gain", "coherence", "error"]
    return table.assign(part=settings.part, seed=settings.seed).reindex(columns=names)


def _twin(settings: LengthScaleSettings, folder: Path | None) -> pd.DataFrame:
    experiment = prepare_twin(settings, folder)
    pretrained = shared_pretraining(experiment, folder)[0]
    models = {method: adapt(experiment, method, pretrained)[0] for method in ("sim-only", *FILES)}
    lapse_rate = experiment.standardisation.lapse_rate
    places, values = tuning_sample(experiment.data, experiment.stations, experiment.hours)
    kriging = fit_kriging(Sample(places, values + lapse_rate * places.height), "ignored")
    print("kriging:", kriging)
    sampled = sample_hours(experiment.data.stations["time"].values)
    waves = [
        twin_transfers(
            experiment,
            models | ({KRIGING: kriging} if context == "stations" else {}),
            context,
            WAVELENGTHS,
            hours=np.resize(sampled, settings.n_waves),
            n_targets=settings.n_targets,
            amplitude=settings.amplitude,
            seed=settings.seed,
        ).assign(context=context)
        for context in CONTEXTS
    ]
    mapped = sampled[::HOUR_STEP]
    at_sea_level = truth(mapped, TWINS[settings.preset]) + lapse_rate * experiment.data.elevation
    field = at_sea_level.interp(inner_axes(experiment))
    weather = band_transfers(field, predicted_maps(experiment, models, kriging, mapped))
    return pd.concat([*waves, weather.assign(context="weather")], ignore_index=True)


def prepare_twin(settings: LengthScaleSettings, folder: Path | None) -> Experiment:
    """Return the experiment of one repeat on the middle of the twin, cells and stations alike."""
    sizes = {"n_stations": settings.n_stations, "n_times": settings.n_times}
    page = resolve(grid_presets(), settings.preset, **sizes, seed=settings.seed, split_seed=settings.seed)
    data = full_twin(settings.preset, page.data_seed, folder)
    inside = MIDDLE.contains(data.stations["latitude"].values, data.stations["longitude"].values)
    box = {"latitude": slice(MIDDLE.south, MIDDLE.north), "longitude": slice(MIDDLE.west, MIDDLE.east)}
    fields = {"reanalysis": data.reanalysis.sel(box), "elevation": data.elevation.sel(box)}
    middle = replace(data, region=MIDDLE, stations=data.stations.isel(station=inside), **fields)
    return prepare(finer(page), middle)


def finer(page: TemperatureSettings) -> TemperatureSettings:
    """Return the settings with twice the nodes a degree, one level more to see as far, and fewer steps.

    At `paper` the internal grid is fine enough already.
    """
    if page.architecture.points_per_degree > 16:
        return page
    channels = (*page.architecture.channels, page.architecture.channels[-1])
    architecture = replace(page.architecture, channels=channels, points_per_degree=16.0, margin=0.25)
    epochs = min(page.pretraining.max_epochs, 16)
    pretraining = replace(page.pretraining, max_epochs=epochs, patience=epochs)
    return replace(page, architecture=architecture, pretraining=pretraining, max_context=min(page.max_context, 300))
