"""Every method on one split of a real network, judged at stations and hours that none has met."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from sparseobs.interpolation.kriging import fit_kriging
from sparseobs.interpolation.lapse_rate import fit_lapse_rate_idw
from sparseobs.interpolation.learned_kriging import Fit, LearnedKriging, fit_learned_kriging
from sparseobs.interpolation.optimal_interpolation import available, fit_optimal_interpolation
from sparseobs.interpolation.reanalysis import fit_correction
from sparseobs.interpolation.tuning import Sample
from sparseobs.neural_process.adaptation import ADAPTATIONS, FROZEN, find_adaptation
from sparseobs.neural_process.conv_cnp import ConvCNP, load_model, save_model
from sparseobs.neural_process.grid import InternalGrid, internal_grid
from sparseobs.neural_process.prediction import predict_stations
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.tasks import StationTasks
from sparseobs.neural_process.training import Training
from sparseobs.runs.shared import content_address, make_once
from sparseobs.scores.gaussian import negative_log_density, score_gaussian
from sparseobs.stations.geography import Points
from sparseobs_book.real_stations.networks import CHOSEN_ON, Fields, Network, Split, split
from sparseobs_book.real_stations.settings import RealStations
from sparseobs_book.temperature.experiment import adapt_to
from sparseobs_book.temperature.places import (
    FROM_KRIGING,
    MOST_PLACES,
    place_tasks,
    pretrain_on_places,
    start_at,
    taught_by_fields,
)
from sparseobs_book.temperature.scores import gap_columns

LEARNED = "learned covariance"
REFERENCE = LEARNED  # whose errors every other method's are compared with
CODE = (  # modules that decide a pre-trained network
    "sparseobs/interpolation/*.py",
    "sparseobs/neural_process/*.py",
    "sparseobs/stations/*.py",
    "sparseobs/kriging_start.py",
    "sparseobs_book/real_stations/*.py",
    "sparseobs_book/temperature/places.py",
)

Predicted = tuple[np.ndarray, np.ndarray]  # mean and standard deviation (hour, held-out station), degC and K


@dataclass(frozen=True, eq=False)
class Case:
    """A network, its split, and what several methods share."""

    settings: RealStations
    network: Network
    stations: Split

    @cached_property
    def shown(self) -> Sample:
        """What the stations shown read in the hours to learn from."""
        return self.network.sample(self.stations.shown)

    @cached_property
    def fields(self) -> Fields | None:
        """Simulated fields without any place of a held-out station."""
        fields = self.network.simulated
        if fields is None or len(fields.places) != len(self.network.places):
            return fields
        return Fields(fields.places[self.stations.others], fields.values[:, self.stations.others], fields.times)

    @cached_property
    def learned(self) -> LearnedKriging:
        """Covariance learned from the stations."""
        return fit_learned_kriging(self.shown, self.fit)

    @cached_property
    def taught(self) -> LearnedKriging:
        """Covariance learned from simulated fields."""
        fields = self.fields
        return taught_by_fields(fields.places, fields.values, self.fit, 2 * MOST_PLACES)

    @cached_property
    def adapted(self) -> LearnedKriging:
        """Covariance learned from simulated fields first, and then from the stations."""
        return fit_learned_kriging(self.shown, self.fit, start=self.taught)

    @property
    def fit(self) -> Fit:
        """How numbers are fitted."""
        return Fit(steps=self.settings.steps, seed=self.settings.seed)

    @property
    def readings(self) -> np.ndarray:
        """What is to be predicted, (hour, held-out station)."""
        return self.network.values[self.network.judged][:, self.stations.held_out]

    def by_stations(self, method, **clock) -> Predicted:
        """Return what a method of stations alone predicts."""
        network, (shown, held_out, _) = self.network, self.stations
        values = network.values[network.judged][:, shown]
        return method.interpolate(network.places[shown], values, network.places[held_out], **clock)


def prepare(settings: RealStations, network: Network) -> Case:
    """Return the case of these settings."""
    sizes = {"n_stations": settings.n_stations, "n_held_out": settings.n_held_out}
    return Case(settings, network, split(network, **sizes, seed=settings.split_seed))


def classical(case: Case) -> dict[str, Callable[[], Predicted]]:
    """Return the methods without a network, by name; each is fitted when it is called."""
    methods = {
        "lapse rate + IDW": lambda: case.by_stations(fit_lapse_rate_idw(case.shown)),
        "lapse rate + kriging": lambda: case.by_stations(fit_kriging(case.shown, "reduced")),
        "kriging + elevation drift": lambda: case.by_stations(fit_kriging(case.shown, "drift")),
        "learned covariance, distance and height": lambda: _height_alone(case),
        LEARNED: lambda: case.by_stations(case.learned),
    }
    if len(np.unique(case.network.clock)) > 1:
        methods["learned covariance by hour"] = lambda: _by_hour(case)
    if case.network.simulated is not None:
        methods["covariance of the simulator"] = lambda: case.by_stations(case.taught)
        methods["learned covariance, simulator first"] = lambda: case.by_stations(case.adapted)
    if case.network.forecast is not None:
        methods["forecast"] = lambda: _forecast(case)
        methods["forecast + learned covariance"] = lambda: _kriged_residuals(case)
        if available():
            methods["optimal interpolation"] = lambda: _optimal(case)
    return methods


def _height_alone(case: Case) -> Predicted:
    """Krige by a learned covariance that reads no feature but the height."""
    sample = case.shown._replace(places=_without_features(case.shown.places))
    fitted = fit_learned_kriging(sample, case.fit)
    values = case.network.values[case.network.judged][:, case.stations.shown]
    targets = _without_features(case.network.places[case.stations.held_out])
    return fitted.interpolate(sample.places, values, targets)


def _without_features(places: Points) -> Points:
    return Points(places.latitude, places.longitude, places.height)


def _by_hour(case: Case) -> Predicted:
    network = case.network
    start = LearnedKriging(tuple((*row, 0.0, 0.0) for row in case.learned.table))
    fitted = fit_learned_kriging(case.shown, case.fit, start, clock=network.clock[network.learnt])
    return case.by_stations(fitted, clock=network.clock[network.judged])


def _forecast(case: Case) -> Predicted:
    """The simulator's mean, less its median error at the stations shown."""
    network, (shown, held_out, _) = case.network, case.stations
    _, bias, std = fit_correction((network.forecast - network.values)[network.learnt][:, shown], None)
    mean = network.forecast[network.judged][:, held_out] - bias
    return mean, np.full_like(mean, std)


def _kriged_residuals(case: Case) -> Predicted:
    network, (shown, held_out, _) = case.network, case.stations
    residuals = network.values - network.forecast
    sample = Sample(case.shown.places, residuals[network.learnt][:, shown])
    fitted = fit_learned_kriging(sample, case.fit)
    mean, std = fitted.interpolate(network.places[shown], residuals[network.judged][:, shown], network.places[held_out])
    return mean + network.forecast[network.judged][:, held_out], std


def _optimal(case: Case) -> Predicted:
    network, (shown, held_out, _) = case.network, case.stations
    # The forecast is known where there is a reading; elsewhere it is asked for by nobody.
    forecast = np.nan_to_num(network.forecast)
    fitted = fit_optimal_interpolation(case.shown._replace(background=forecast[network.learnt][:, shown]))
    backgrounds = [forecast[network.judged][:, which] for which in (shown, held_out)]
    values = network.values[network.judged][:, shown]
    return fitted.interpolate(network.places[shown], values, network.places[held_out], *backgrounds)


@dataclass(frozen=True, eq=False)
class Tasks:
    """What networks learn from and are judged on."""

    grid: InternalGrid
    standardisation: Standardisation
    stations: StationTasks
    fields: StationTasks | None


def network_tasks(case: Case, starts: bool) -> Tasks:
    """Return the tasks of a case, with a start by kriging or without."""
    network, fields, config = case.network, case.fields, case.settings.architecture
    grid = internal_grid(
        network.region, network.elevation, points_per_degree=config.points_per_degree, margin=config.margin,
        multiple=config.coarsening, fields=config.fields,
    )  # fmt: skip
    seen = (fields.values, fields.places) if fields else (case.shown.values, case.shown.places)
    standardisation = Standardisation.of(seen[0], seen[1].height)

    def tasks(places: Points, values: np.ndarray, times: np.ndarray, kriging: LearnedKriging | None) -> StationTasks:
        start = start_at(kriging, places, standardisation, grid, network.elevation) if starts else None
        return place_tasks(
            places, values, times, standardisation=standardisation, grid=grid, scalars=config.scalars, start=start
        )

    best = (case.adapted if fields else case.learned) if starts else None
    of_fields = fields and tasks(*fields, case.taught if starts else None)
    return Tasks(grid, standardisation, tasks(network.places, network.values, network.times, best), of_fields)


def pretrain(case: Case, tasks: Tasks, progress: Path | None = None) -> ConvCNP:
    """Return a network trained on the simulated fields of four days in five, and chosen on the others."""
    recipe, fields = case.settings.pretraining, tasks.fields
    days = case.fields.times.astype("datetime64[D]")
    late = days > np.quantile(days.astype(int), 0.8).astype(int).astype("datetime64[D]")
    early, late = (torch.as_tensor(np.flatnonzero(part)) for part in (~late, late))
    settings = case.settings
    return pretrain_on_places(fields, (early, late), settings.architecture, recipe, settings.seed, progress)[0]


def shared_pretraining(case: Case, tasks: Tasks, starts: bool, folder: Path | None) -> ConvCNP:
    """Return `pretrain`'s network, trained once for all numbers of stations of a split.

    Args:
        case: what it is for.
        tasks: of the case.
        starts: whether it corrects kriging.
        folder: where it is shared; None trains here.
    """
    if folder is None:
        return pretrain(case, tasks)
    identity = {name: value for name, value in dataclasses.asdict(case.settings).items() if name != "n_stations"}
    path = folder / f"{content_address('pretrained', [identity, starts], CODE)}.safetensors"
    make_once(path, lambda path, progress: save_model(path, pretrain(case, tasks, progress)))
    return load_model(path)[0]


def adapt(
    case: Case, tasks: Tasks, name: str, pretrained: ConvCNP | None, starts: bool, progress: Path | None = None
) -> tuple[ConvCNP, Training]:
    """Return a network adapted to four in five of the stations shown and chosen on the others, and how it went."""
    shown = torch.as_tensor(case.stations.shown)
    n_chosen = max(1, int(CHOSEN_ON * len(shown)))
    stations = shown[n_chosen:], shown[:n_chosen]
    hours = torch.arange(len(case.network.times))[case.network.learnt]
    hours = tasks.stations.reporting_hours(hours, stations[0])
    architecture = dataclasses.replace(case.settings.architecture, corrects=starts)
    given = {"architecture": architecture, "hours": (hours, hours), "stations": stations, "progress": progress}
    return adapt_to(tasks.stations, name, pretrained, case.settings, **given)


def network_prediction(case: Case, tasks: Tasks, model: ConvCNP) -> Predicted:
    """Return what a network predicts from all stations shown."""
    hours = np.arange(len(case.network.times))[case.network.judged]
    return predict_stations(
        model,
        tasks.stations,
        tasks.standardisation,
        context=case.stations.shown,
        targets=case.stations.held_out,
        hours=hours,
    )


def compare(
    case: Case,
    progress: Callable[[str], Path | None],
    folder: Path | None = None,
    say: Callable[[str], None] = print,
) -> pd.DataFrame:
    """Return a row a method: scores, and by how much its errors are larger than the learned covariance's.

    Columns `mae`, `rmse`, `bias`, `crps`, `nll`, `coverage`, `n` as of `score_gaussian`; `mae_gap` and `nll_gap` are
    the method's score less that of `REFERENCE`, paired, with 95 % intervals by a bootstrap over stations and days.

    Args:
        case: the split of a network.
        progress: gives the file by which a killed training is taken up again.
        folder: where pre-trained networks are shared; None trains them here.
        say: is told of each method when it begins.
    """
    found: dict[str, Predicted] = {}
    epochs: dict[str, int] = {}
    for name, method in classical(case).items():
        say(name)
        found[name] = method()
    for starts in (False, True):
        tasks, suffix = network_tasks(case, starts), FROM_KRIGING if starts else ""
        pretrained = None
        if tasks.fields is not None:
            say("pre-training" + suffix)
            pretrained = shared_pretraining(case, tasks, starts, folder)
        for name in (*ADAPTATIONS, FROZEN):
            if find_adaptation(name).pretrained and pretrained is None:
                continue
            full = name + suffix
            say(full)
            model, training = adapt(case, tasks, name, pretrained, starts, progress(_file(full)))
            found[full], epochs[full] = network_prediction(case, tasks, model), training.best_epoch
    return _table(case, found, epochs)


def _file(name: str) -> str:
    return name.replace(" ", "_") + ".pt"


def _table(case: Case, found: dict[str, Predicted], epochs: dict[str, int]) -> pd.DataFrame:
    readings, days = case.readings, case.network.times[case.network.judged].astype("datetime64[D]")
    # Hours in which no station shown reports are nobody's.
    heard = np.isfinite(case.network.values[case.network.judged][:, case.stations.shown]).any(axis=1)
    readings = np.where(heard[:, None], readings, np.nan)
    points = {
        name: {"mae": np.abs(readings - mean), "nll": negative_log_density(mean, std, readings)}
        for name, (mean, std) in found.items()
    }
    settings, rows = case.settings, []
    for name, (mean, std) in found.items():
        differences = {score: own - points[REFERENCE][score] for score, own in points[name].items()}
        gaps = gap_columns(differences, days, settings.split_seed)
        names = {"source": settings.source, "n_stations": settings.n_stations, "split_seed": settings.split_seed}
        scores = score_gaussian(mean, std, readings)._asdict()
        rows.append({"method": name, **names, "seed": settings.seed, **scores, **gaps, "best_epoch": epochs.get(name)})
    return pd.DataFrame(rows).astype({"best_epoch": "Int64"})
