"""What adapting can win on the twin at most: errors of kriging that knows what a network may have learned, no network.

A pupil knows the covariance of the view's fields and nothing else: no error of a thermometer, one fixed lapse rate. It
stands for a network whose pre-training left nothing to learn. Two pupils differ in how smooth they take the fields to
be between the cells, which no cell can tell. The one of `LearnedKriging` (exponential, rough) lets an error of a
thermometer spread less far than the smooth one (Matern of smoothness 1). Then what stations teach is given piece by
piece: the nugget; all numbers of the covariance; the lapse rate of the hour.
"""

import dataclasses
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sparseobs.errors import InputError, require_choice
from sparseobs.interpolation.kriging import Kriging, fit_kriging
from sparseobs.interpolation.lapse_rate import fit_lapse_rate_idw
from sparseobs.interpolation.learned_covariance import number_names
from sparseobs.interpolation.learned_kriging import Fit, LearnedKriging, fit_learned_kriging
from sparseobs.interpolation.tuning import Sample, StationInterpolation, residuals, station_folds, tuning_sample
from sparseobs.interpolation.variogram import fit_variogram
from sparseobs.randomness import numpy_stream
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import write_result
from sparseobs.runs.settings import resolve
from sparseobs.scores.gaussian import negative_log_density, score_gaussian
from sparseobs.stations.geography import Points
from sparseobs.stations.splits import PAPER_CYCLE, StationSplit, split_hours
from sparseobs.stations.temperature import TemperatureData, cell_heights, measured
from sparseobs.stations.twin_network import with_errors
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs_book.temperature.experiment import splits
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.station_adaptation import TWINS

NAME = "headroom"
PUPIL, SMOOTH = "perfect pupil", "perfect pupil, smooth"
NUGGET, SMOOTH_NUGGET = "pupil with nugget", "pupil with nugget, smooth"
REALIST, HOURLY = "realist", "realist with the hour's lapse rate"
IDW, DRIFT = "lapse rate + IDW", "kriging + elevation drift"
FLOOR = "thermometers alone"
METHODS = (PUPIL, SMOOTH, NUGGET, SMOOTH_NUGGET, REALIST, HOURLY, IDW, DRIFT, FLOOR)
SCORES = ("mae", "rmse", "bias", "crps", "nll", "coverage")

NO_NUGGET = 1e-6  # K^2
NUGGETS = tuple(np.geomspace(0.05, 3.2, 10))  # K^2, tried
MOST_CELLS = 400  # of the view, that a pupil learns from
VIEW_HOURS = 2000
MOST_FITTED = 200  # stations that numbers are fitted to; all that are shown are interpolated from
MOST_TUNED = 100  # the same of kriging and the nugget, whose cross-validations cost more
TUNED_HOURS = 24


@dataclass(frozen=True)
class Study:
    """What the stored table holds.

    Args:
        preset: of the twin and of the grid `adaptation`.
        n_stations: shown; numbers of the grid's splits.
        n_times: hours to learn from.
        n_seeds: splits, and draws of the fits.
        n_hours: test hours judged, at most, evenly spread.
    """

    preset: str
    n_stations: tuple[int, ...]
    n_times: int
    n_seeds: int
    n_hours: int


STUDIES = {"smoke": Study("smoke", (5, 20), 80, 1, 12), "lesson": Study("lesson", (20, 100, 500), 400, 3, 100)}


@dataclass(frozen=True)
class FixedLapseRate(StationInterpolation):
    """An interpolation of temperatures reduced to sea level by one rate, as networks see them; it knows no heights.

    Attributes:
        method: interpolates at sea level.
        lapse_rate: K/m.
    """

    method: StationInterpolation
    lapse_rate: float

    def interpolate(self, context: Points, values: np.ndarray, targets: Points) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target), see `StationInterpolation`."""
        places, values, _ = at_sea_level(Sample(context, values), self.lapse_rate)
        mean, std = self.method.interpolate(places, values, _level(targets))
        return mean - self.lapse_rate * targets.height, std


def at_sea_level(sample: Sample, lapse_rate: float) -> Sample:
    """Return the sample with its values (degC) reduced at a rate, K/m, and every place at 0 m."""
    return Sample(_level(sample.places), sample.values + lapse_rate * sample.places.height)


def _level(places: Points) -> Points:
    return Points(places.latitude, places.longitude, np.zeros(len(places)))


def view_sample(data: TemperatureData, lapse_rate: float, seed: int) -> Sample:
    """Return random cells of the reanalysis in hours that a pre-training learns from, reduced to sea level.

    Args:
        data: whose reanalysis is meant.
        lapse_rate: K/m.
        seed: of the draw of the cells.
    """
    field = data.reanalysis.transpose("time", "latitude", "longitude")
    hours = _evenly(split_hours(field["time"].values, PAPER_CYCLE).train, VIEW_HOURS)
    latitude, longitude = np.meshgrid(field["latitude"], field["longitude"], indexing="ij")
    places = Points(latitude.ravel(), longitude.ravel(), cell_heights(data).ravel())
    drawn = numpy_stream(seed, "cells of a pupil").permutation(len(places))[:MOST_CELLS]
    values = field.values[hours].reshape(len(hours), -1)[:, drawn].astype(float)
    return at_sea_level(Sample(places[drawn], values), lapse_rate)


def pupils(view: Sample, seed: int) -> tuple[LearnedKriging, Kriging]:
    """Return kriging by the covariance of simulated fields, rough and smooth, without any nugget.

    Args:
        view: fields at cells, at sea level.
        seed: of the rough one's fit.
    """
    rough = fit_learned_kriging(view, Fit(least=10, seed=seed))
    smooth = Kriging("matern", *fit_variogram("matern", view.places, view.values))
    return with_nugget(rough, NO_NUGGET), with_nugget(smooth, NO_NUGGET)


def with_nugget(method: LearnedKriging | Kriging, nugget: float) -> LearnedKriging | Kriging:
    """Return the method with another nugget, K^2, and all else as it is.

    Raises:
        InputError: a nugget that is not above 0.
    """
    if not nugget > 0:
        raise InputError("nugget", nugget, "a variance above 0, K^2", f"nugget={NO_NUGGET}")
    if isinstance(method, Kriging):
        sill = method.sill * (1 - method.nugget_share) + nugget
        return dataclasses.replace(method, sill=sill, nugget_share=nugget / sill)
    names = number_names(method.covariance.n_features)
    table = [
        (float(np.log(nugget)),) if name == "nugget" else row for name, row in zip(names, method.table, strict=True)
    ]
    return dataclasses.replace(method, table=tuple(table))


def fit_nugget(method: LearnedKriging | Kriging, sample: Sample) -> float:
    """Return that of `NUGGETS`, K^2, which makes readings of stations likeliest that were left out in five folds.

    Args:
        method: whose nugget is wanted.
        sample: of readings.
    """
    folds = station_folds(sample.places, 5)

    def loss(nugget: float) -> float:
        found = residuals(with_nugget(method, nugget), sample, folds)
        return float(negative_log_density(0.0, found.stds, found.errors).mean())

    return min(NUGGETS, key=loss)


def thermometer_errors(settings: TwinSettings, seed: int, n_stations: int) -> np.ndarray:
    """Return reading less truth (hour, station), K, NaN in gaps, of stations that never move: VALUE's, the first ones.

    Args:
        settings: of the twin.
        seed: of the twin.
        n_stations: of its whole network, on which the draws depend.
    """
    return with_errors(settings, seed, np.zeros((24 * settings.days, n_stations)), None)


def fitted(
    sample: Sample, taught: tuple[LearnedKriging, Kriging], lapse_rate: float, seed: int
) -> Iterator[tuple[str, StationInterpolation, float | None]]:
    """Yield every method's name, the method, and the nugget that was fitted to the stations (K^2), if one was.

    Args:
        sample: what the stations shown read, in hours to learn from, at their heights.
        taught: `pupils`.
        lapse_rate: K/m, fixed.
        seed: of fits, and of which stations are fitted to.
    """
    drawn = numpy_stream(seed, "stations fitted to").permutation(len(sample.places))
    most, fewer = (_part(sample, np.sort(drawn[:size])) for size in (MOST_FITTED, MOST_TUNED))
    fewer = fewer._replace(values=fewer.values[_evenly(np.arange(len(fewer.values)), TUNED_HOURS)])
    level, low, fit = at_sea_level(most, lapse_rate), at_sea_level(fewer, lapse_rate), Fit(seed=seed)
    rough, smooth = taught
    yield PUPIL, FixedLapseRate(rough, lapse_rate), None
    yield SMOOTH, FixedLapseRate(smooth, lapse_rate), None
    nuggets = [fit_nugget(pupil, low) for pupil in taught]
    start, mended = (with_nugget(pupil, nugget) for pupil, nugget in zip(taught, nuggets, strict=True))
    yield NUGGET, FixedLapseRate(start, lapse_rate), nuggets[0]
    yield SMOOTH_NUGGET, FixedLapseRate(mended, lapse_rate), nuggets[1]
    realist = fit_learned_kriging(level, fit, start)
    yield REALIST, FixedLapseRate(realist, lapse_rate), realist.numbers()["nugget"]
    hourly = fit_learned_kriging(most, fit, start)
    yield HOURLY, hourly, hourly.numbers()["nugget"]
    yield IDW, fit_lapse_rate_idw(most), None
    yield DRIFT, fit_kriging(fewer, "drift"), None


def _part(sample: Sample, places: np.ndarray) -> Sample:
    return Sample(sample.places[places], sample.values[:, places])


def _evenly(hours: np.ndarray, most: int) -> np.ndarray:
    """Return at most so many of the hours, evenly spaced."""
    return hours[:: -(-len(hours) // most)]


def compare(data: TemperatureData, study: Study, say: Callable[[str], None] = print) -> pd.DataFrame:
    """Return a row a seed, number of stations and method of `METHODS`: the scores, `n`, and `nugget` (K^2).

    Stations and hours are those of the grid `adaptation`; all stations shown are interpolated from, and the held-out
    ones judged at test hours.

    Args:
        data: the twin at the size of the study's preset.
        study: what is wanted.
        say: is told of each seed and number of stations when it is done.
    """
    rows = []
    for seed in range(study.n_seeds):
        taught = None
        for n_stations in study.n_stations:
            drawn = {"n_stations": n_stations, "n_times": study.n_times, "seed": seed, "split_seed": seed}
            settings = resolve(grid_presets(), study.preset, **drawn)
            taught = taught or pupils(view_sample(data, settings.lapse_rate, seed), seed)
            parts = splits(settings, data)
            stations, hours = parts["stations"], parts["hours"]
            judged = _evenly(hours.test, study.n_hours)
            cell = {"seed": seed, "n_stations": n_stations}
            methods = fitted(tuning_sample(data, stations, hours), taught, settings.lapse_rate, seed)
            for name, method, nugget in methods:
                scores = _scores(data, method, stations, judged)
                rows.append({**cell, "method": name, **scores, "nugget": nugget})
            rows.append(
                {**cell, "method": FLOOR, **_floor(data, TWINS[study.preset], settings.data_seed, stations, judged)}
            )
            say(f"seed {seed}, {n_stations} stations: done")
    return pd.DataFrame(rows)


def _scores(data: TemperatureData, method: StationInterpolation, stations: StationSplit, hours: np.ndarray) -> dict:
    """Return the scores at the held-out stations, in hours in which any station shown reports."""
    shown = np.sort(np.concatenate([stations.train, stations.validation]))
    readings = measured(data.stations).values[hours].astype(float)
    heard = np.isfinite(readings[:, shown]).any(axis=1, keepdims=True)
    mean, std = method.predict(data, shown, stations.held_out, hours)
    return score_gaussian(mean, std, np.where(heard, readings[:, stations.held_out], np.nan))._asdict()


def _floor(data: TemperatureData, settings: TwinSettings, seed: int, stations: StationSplit, hours: np.ndarray) -> dict:
    """Return the scores of a prediction that knows the truth at each station, and how widely thermometers err."""
    readings = measured(data.stations).values[hours][:, stations.held_out].astype(float)
    errors = thermometer_errors(settings, seed, data.stations.sizes["station"])[hours][:, stations.held_out]
    std = np.sqrt(settings.siting**2 + settings.turbulence**2 + settings.obs_error_std**2)
    return score_gaussian(readings - errors, np.full_like(errors, std), readings)._asdict()


def summary(table: pd.DataFrame, score: str = "mae") -> pd.DataFrame:
    """Return the means over seeds: a row a method, in the order of `METHODS`, a column a number of stations.

    Args:
        table: of `compare`.
        score: of `SCORES`.

    Raises:
        InputError: no such score.
    """
    require_choice("score", score, SCORES)
    return table.pivot_table(index="method", columns="n_stations", values=score).reindex(list(METHODS))


def store(data: TemperatureData, size: str, say: Callable[[str], None] = print) -> None:
    """Compare at a size of `STUDIES` and write results/headroom.csv.

    Args:
        data: the twin at that size.
        size: smoke or lesson.
        say: see `compare`.
    """
    study, begin = STUDIES[require_choice("size", size, STUDIES)], time.perf_counter()
    table = compare(data, study, say)
    command = f"python -m sparseobs twin headroom --size {size}"
    record = run_record(command, dataclasses.asdict(study), time.perf_counter() - begin)
    write_result(NAME, table, {"size": size, **record})
