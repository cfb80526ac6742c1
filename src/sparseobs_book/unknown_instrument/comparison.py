"""What an unknown instrument is worth: filters without it, with it, and with its weights known or regressed."""

import math
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from sparseobs.errors import InputError
from sparseobs.filtering.amenf import AmEnF, draw
from sparseobs.filtering.cycle import FilterState, first_state
from sparseobs.filtering.ienks import square_root_analysis
from sparseobs.filtering.run import FilterRun, follow, learned
from sparseobs.filtering.unknown_instrument import InstrumentNetwork, analyse_channels
from sparseobs.observing.twin_experiment import TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import spatial_rmse
from sparseobs_book.trained_filters.experiments import TEST_STREAM, VALIDATION_STREAM, climate_ensemble
from sparseobs_book.trained_filters.lorenz96 import SYSTEM
from sparseobs_book.unknown_instrument.run import Recording, TrainedPair, UnknownInstrument, recorded, training_record

ALONE, BOTH = "AmEnF", "AmEnF + instrument"
ENKF, ENKF_KNOWN, ENKF_REGRESSED = "EnKF", "EnKF, weights known", "EnKF, weights regressed"
MEMBERS = 50  # of the EnKF, which has no localization: more than the forty sites
INFLATIONS = (1.02, 1.06, 1.15, 1.3)
NOISE_FACTORS = (1.0, 0.5, 0.25, 0.1)
CALIBRATION_STREAMS, CALIBRATION_CYCLES, SETTLING = 8, 500, 100  # part of what the networks are trained on


class Calibration(NamedTuple):
    """What an EnKF is told of the instrument: channels = weights (channel, site) state + offset, and their noise."""

    weights: Tensor
    offset: Tensor
    error_std: float


class Tuned(NamedTuple):
    """An EnKF that can be run: its inflation, and what it is told of the instrument."""

    inflation: float
    told: Calibration | None


def run_amenf(
    settings: UnknownInstrument, recording: Recording, stream: int, known: AmEnF, unknown: InstrumentNetwork | None
) -> FilterRun:
    """Run an AmEnF over known observations and, by its own network if there is one, the channels between."""
    n_cycles, batch = recording.truth.shape[:2]
    ensemble = climate_ensemble(SYSTEM, (batch, settings.ensemble_size), stream + settings.seed).float()
    mask, generator = recording.observations.mask, torch_stream(stream + settings.seed, "dropout")
    analyse = learned(known, SYSTEM, recording.observations, generator)

    def analysis(state: FilterState, cycle: int) -> FilterState:
        if mask[cycle].any():
            return analyse(state, cycle)
        draws = draw(known.config, 1, ensemble.shape[:2], ensemble, generator).cycle(0)
        channels = recording.channels[cycle].float()
        return state if unknown is None else analyse_channels(unknown, SYSTEM, state, channels, draws)

    return follow(SYSTEM, first_state(known, ensemble), n_cycles, analysis)


def run_enkf(settings: UnknownInstrument, recording: Recording, stream: int, tuned: Tuned) -> FilterRun:
    """Run a square-root EnKF in float64 over known observations and, if it is told of the instrument, its channels."""
    n_cycles, batch = recording.truth.shape[:2]
    ensemble = climate_ensemble(SYSTEM, (batch, MEMBERS), stream + settings.seed)
    observations = recording.observations

    def analysis(state: FilterState, cycle: int) -> FilterState:
        members, mask = state.forecast.flatten(-2), observations.mask[cycle]
        if mask.any():
            seen = observations.values[cycle].flatten(-2)[:, mask]
            updated = square_root_analysis(members, members[..., mask], seen, settings.obs_error_std)
        elif (told := tuned.told) is not None:
            expected = members @ told.weights.mT + told.offset
            updated = square_root_analysis(members, expected, recording.channels[cycle], told.error_std)
        else:
            return state
        mean = updated.mean(1, keepdim=True)
        inflated = mean + tuned.inflation * (updated - mean)
        return state._replace(forecast=inflated.unflatten(-1, state.forecast.shape[2:]))

    return follow(SYSTEM, FilterState(ensemble, ensemble[:, :, :0]), n_cycles, analysis)


def best_of(settings: UnknownInstrument, candidates: list[Tuned]) -> Tuned:
    """Return the candidate with the lowest error on two truths that are neither training's nor test's."""
    burn_in, scored = min(100, settings.burn_in), min(100, settings.n_cycles)
    validation = recorded(settings, n_cycles=burn_in + scored, batch=2, stream=VALIDATION_STREAM)

    def error(candidate: Tuned) -> float:
        run = run_enkf(settings, validation, VALIDATION_STREAM, candidate)
        rmse = spatial_rmse(run.mean, validation.truth)[burn_in:].mean().item()
        return math.inf if math.isnan(rmse) else rmse

    return min(candidates, key=error)


def tuned_enkfs(settings: UnknownInstrument) -> dict[str, Tuned]:
    """Return the three EnKFs, tuned; the regressed one has the known one's inflation, and its own noise."""
    alone, known = (
        best_of(settings, [Tuned(inflation, told) for inflation in INFLATIONS]) for told in (None, exact(settings))
    )
    fit = regressed(settings, alone)
    scaled = [Tuned(known.inflation, fit._replace(error_std=factor * fit.error_std)) for factor in NOISE_FACTORS]
    return {ENKF: alone, ENKF_KNOWN: known, ENKF_REGRESSED: best_of(settings, scaled)}


def exact(settings: UnknownInstrument) -> Calibration:
    """Return the instrument as it is, which only who built it knows."""
    weights = settings.instrument.weights(SYSTEM.n_sites)
    return Calibration(weights, weights.new_zeros(len(weights)), settings.channel_error_std)


def regressed(settings: UnknownInstrument, alone: Tuned) -> Calibration:
    """Return what least squares make of the channels, against the forecasts of an EnKF on known observations alone.

    The noise is what the fit leaves: its own, and the error of the forecasts.

    Raises:
        InputError: that EnKF diverged.
    """
    record = training_record(settings)
    n_cycles = min(CALIBRATION_CYCLES, settings.n_recorded_cycles)
    some = (slice(n_cycles), slice(CALIBRATION_STREAMS))
    part = TwinExperiment(record.truth, record.observations).part(*some)
    run = run_enkf(settings, Recording(part.truth, part.observations, record.channels[some]), 0, alone)
    if not run.mean.isfinite().all():
        raise InputError("inflation", alone.inflation, "an EnKF that does not diverge", "inflation=1.06")
    cycles = slice(min(SETTLING, n_cycles // 2) // 2 * 2 + 1, None, 2)
    states, channels = run.mean[cycles].flatten(-2).flatten(0, 1), record.channels[some][cycles].flatten(0, 1)
    with_one = torch.cat([states, torch.ones_like(states[:, :1])], 1)
    fit = torch.linalg.lstsq(with_one, channels).solution
    error_std = (channels - with_one @ fit).square().mean().sqrt().item()
    return Calibration(fit[:-1].mT, fit[-1], max(error_std, 1e-3))


def run_all(settings: UnknownInstrument, trained: TrainedPair) -> tuple[dict[str, FilterRun], Recording]:
    """Return every method's run on the test truths, and what they saw."""
    n_cycles = settings.burn_in + settings.n_cycles
    test = recorded(settings, n_cycles=n_cycles, batch=settings.n_truths, stream=TEST_STREAM)
    runs = {
        ALONE: run_amenf(settings, test, TEST_STREAM, trained.alone, None),
        BOTH: run_amenf(settings, test, TEST_STREAM, trained.both.known, trained.both.unknown),
    }
    for method, tuned in tuned_enkfs(settings).items():
        runs[method] = run_enkf(settings, test, TEST_STREAM, tuned)
    return runs, test


def score(settings: UnknownInstrument, runs: dict[str, FilterRun], test: Recording) -> pd.DataFrame:
    """Return one row a method, means over truths and scored cycles.

    Returns:
        Columns method; rmse_known, analysis RMSE at the times of known observations; rmse_between, the same at the
        times between; spread at known ones; diverged, on any truth.
    """
    rows = []
    scored = torch.arange(len(test.truth)) >= settings.burn_in
    known = test.observations.mask.any(1) & scored
    for method, run in runs.items():
        error = spatial_rmse(run.mean.double(), test.truth)
        means = (each.mean().item() for each in (error[known], error[scored & ~known], run.spread[known]))
        rows.append((method, *means, bool(error.isnan().any())))
    return pd.DataFrame(rows, columns=["method", "rmse_known", "rmse_between", "spread", "diverged"])
