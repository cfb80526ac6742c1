"""Every method where a network has to learn height by itself, judged at ordinary and at VALUE stations apart."""

import dataclasses
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.interpolation.learned_kriging import Fit, LearnedKriging, fit_learned_kriging
from sparseobs.interpolation.methods import FITS, tune
from sparseobs.neural_process.adaptation import ADAPTATIONS
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.training import Training
from sparseobs.randomness import numpy_stream
from sparseobs.scores.gaussian import negative_log_density, score_gaussian
from sparseobs.stations.places import apart, families
from sparseobs.stations.regions import Region
from sparseobs.stations.splits import (
    PAPER_CYCLE,
    VALIDATION_SHARE,
    StationSplit,
    cycle_numbers,
    judged_and_others,
    nested_hours,
    split_hash,
    split_hours,
)
from sparseobs.stations.temperature import TemperatureData, cell_heights
from sparseobs_book.heights.settings import HeightSettings
from sparseobs_book.temperature.exam import JUDGED, exam_table, worst_ratio
from sparseobs_book.temperature.experiment import Experiment, adapt, assemble
from sparseobs_book.temperature.scores import Predict, gap_columns, held_out, network_predict
from sparseobs_book.temperature.station_adaptation import LEARNED, REFERENCE, Place, origin, with_terrain

# Edge of the Alps, Black Forest, Swabian Jura and the Rhine valley.
SOUTHWEST = Region("south-west of the twin", 47.2, 50.6, 7.0, 12.5)
# They know every station's height and the terrain about it, whatever the networks are given: the yardstick.
CLASSICAL = ("lapse rate + IDW", "kriging + elevation drift", LEARNED)
METHODS = (*CLASSICAL, *ADAPTATIONS)
PLACES = ("ordinary", "VALUE")


def part_of(data: TemperatureData, region: Region) -> TemperatureData:
    """Return the stations and reanalysis cells within a region; the elevation stays whole, for the margin's sake.

    Raises:
        InputError: no station there.
    """
    stations = data.stations
    inside = region.contains(stations["latitude"].values, stations["longitude"].values)
    if not inside.any():
        raise InputError("region", str(region), f"stations of {data.region} in it", "a larger region")
    box = {"latitude": slice(region.south, region.north), "longitude": slice(region.west, region.east)}
    part = {"stations": stations.isel(station=inside), "reanalysis": data.reanalysis.sel(box)}
    return dataclasses.replace(data, region=region, **part)


def split_places(stations: xr.Dataset, *, n_ordinary: int, seed: int) -> StationSplit:
    """Hold out the stations at VALUE's places and `n_ordinary` others; of the rest four in five train.

    Stations of one place or identifier (`families`) are in no two parts.

    Args:
        stations: the network.
        n_ordinary: stations that are held out besides VALUE's.
        seed: of the draw.

    Raises:
        InputError: fewer than five stations left to learn from and to choose on.
    """
    family, (value, others) = families(stations), judged_and_others(stations)
    order = numpy_stream(seed, "ordinary stations held out").permutation(others)
    ordinary = order[:n_ordinary]
    rest = apart(family, order[n_ordinary:], ordinary)
    n_validation = int(VALIDATION_SHARE * len(rest))
    if n_validation < 1:
        most = max(len(others) - 5, 1)
        raise InputError("n_ordinary", n_ordinary, f"at most {most} of {len(others)}", f"n_ordinary={most}")
    validation = rest[:n_validation]
    train = apart(family, rest[n_validation:], validation)
    return StationSplit(np.sort(train), np.sort(validation), np.union1d(value, ordinary))


def prepare(settings: HeightSettings, twin: TemperatureData, region: Region = SOUTHWEST) -> Experiment:
    """Return the experiment on a part of the twin.

    Args:
        settings: of one cell.
        twin: the whole twin, see `full_twin`.
        region: of the part.
    """
    data, page = with_terrain(part_of(twin, region)), settings.experiment
    times = data.stations["time"].values
    reanalysis_hours = split_hours(data.reanalysis["time"].values, PAPER_CYCLE)
    sizes = {"n_validation": page.n_validation_hours, "n_test": page.n_test_hours}
    return assemble(
        page,
        data,
        Standardisation.of(data.reanalysis.values[reanalysis_hours.train], cell_heights(data), page.lapse_rate),
        stations=split_places(data.stations, n_ordinary=settings.n_ordinary, seed=settings.seed),
        hours=nested_hours(times, n_times=settings.n_times, **sizes, seed=settings.seed),
        reanalysis_hours=reanalysis_hours,
    )


def learned_covariance(experiment: Experiment, steps: int) -> LearnedKriging:
    """Return kriging by a covariance learned from the experiment's stations and hours, held-out ones apart."""
    fit = partial(fit_learned_kriging, fit=Fit(steps=steps, seed=experiment.settings.seed))
    return tune(fit, experiment.data, experiment.stations, experiment.hours)


def classical(experiment: Experiment, method: str, steps: int) -> Predict:
    """Return the predictions of a method of `CLASSICAL`, fitted to the stations and hours that networks learn from.

    Args:
        experiment: held-out stations and test hours are not read.
        method: of `CLASSICAL`.
        steps: of the learned covariance.
    """
    if method == LEARNED:
        fitted = learned_covariance(experiment, steps)
    else:
        fitted = tune(FITS[method], experiment.data, experiment.stations, experiment.hours)
    return partial(fitted.predict, experiment.data)


def compare(
    experiment: Experiment,
    pretrained: tuple[ConvCNP, Training],
    *,
    steps: int,
    progress: Place,
) -> tuple[pd.DataFrame, dict[str, Training]]:
    """Return a row a method and kind of place, and how each adaptation went.

    A row has `method`, `places` (of `PLACES`), the scores of `score_gaussian` (degC; `nll`: nats of a density per
    degC), and by how much `Sim2Real` is ahead there: `mae_gap` and `nll_gap` are its score less the method's, with
    95 % intervals by a bootstrap over stations and blocks of days, paired. `best_epoch`, `pretrained_weights` and
    `split` say where it comes from, see `origin`; `exam`, how many times kriging's error the pre-training errs at
    worst, see `worst_ratio`.

    Args:
        experiment: of `prepare`.
        pretrained: where the adaptations start from.
        steps: of the learned covariance.
        progress: see `runs.cell.progress_path`.
    """
    found, come_from, trainings = {}, {}, {}
    split = {"split": split_hash(experiment.data, experiment.stations, experiment.hours)}
    for method in METHODS:
        if method in CLASSICAL:
            predict, come_from[method] = classical(experiment, method, steps), split
        else:
            file = progress(f"{method.replace(' ', '_')}.pt")
            model, trainings[method] = adapt(experiment, method, pretrained[0], file)
            predict = network_predict(experiment, model)
            come_from[method] = origin(experiment, method, pretrained[0], trainings[method])
        found[method] = held_out(experiment, predict)
    kinds = kinds_of(experiment)
    rows = [
        {"method": method, "places": kind, **scores_at(experiment, found, method, kinds == kind), **come_from[method]}
        for kind in PLACES
        for method in METHODS
    ]
    table = pd.DataFrame(rows).astype({"best_epoch": "Int64"})
    ratio = worst_ratio(exam_table(experiment, pretrained[0], JUDGED))
    return table.assign(exam=table["pretrained_weights"].notna().map({True: ratio, False: np.nan})), trainings


def kinds_of(experiment: Experiment) -> np.ndarray:
    """Return which of `PLACES` each held-out station (station,) is at."""
    value = judged_and_others(experiment.data.stations)[0]
    return np.where(np.isin(experiment.stations.held_out, value), "VALUE", "ordinary")


def scores_at(experiment: Experiment, found: dict[str, tuple], method: str, where: np.ndarray) -> dict[str, float]:
    """Return a method's scores and its gaps to `REFERENCE` at some of the held-out stations.

    Args:
        experiment: of `prepare`.
        found: by method, what `held_out` returned.
        method: whose scores.
        where: (station,), which of the held-out stations.
    """
    mean, std, readings = (part[:, where] for part in found[method])
    own = _of_points(mean, std, readings)
    reference = _of_points(*(part[:, where] for part in found[REFERENCE]))
    blocks = cycle_numbers(experiment.data.stations["time"].values)[experiment.hours.test]
    differences = {score: reference[score] - own[score] for score in own}
    return {
        **score_gaussian(mean, std, readings)._asdict(),
        **gap_columns(differences, blocks, experiment.settings.seed),
    }


def _of_points(mean: np.ndarray, std: np.ndarray, readings: np.ndarray) -> dict[str, np.ndarray]:
    return {"mae": np.abs(readings - mean), "nll": negative_log_density(mean, std, readings)}
