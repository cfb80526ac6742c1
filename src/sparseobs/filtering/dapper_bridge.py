"""Any DAPPER method on our trajectories, our observations and our first ensembles [raanes2018]."""

import contextlib
import functools
import io
import os
import tempfile
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from sparseobs.dynamics.integrate import System
from sparseobs.errors import InputError, require_number
from sparseobs.filtering.run import FilterRun
from sparseobs.observing.twin_experiment import Observations, Schedule, TwinExperiment


@functools.cache
def load_dapper() -> ModuleType:
    """Import DAPPER without its banner, its plots and its folder in the user's home."""
    before = Path.cwd()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(io.StringIO()),
        warnings.catch_warnings(action="ignore"),  # it leaves its configuration file open
    ):
        (Path(folder) / "dpr_config.yaml").write_text("data_root: $cwd\nliveplotting: no\n")
        os.chdir(folder)
        try:
            import dapper
            import dapper.da_methods
            import dapper.mods
            import dapper.tools.localization
            import dapper.tools.progressbar
        finally:
            os.chdir(before)
    dapper.tools.progressbar.disable_progbar = True
    return dapper


def run_dapper(
    method: object,
    system: System,
    experiment: TwinExperiment,
    ensemble: Tensor,
    *,
    seed: int,
    schedule: Schedule = Schedule(),
) -> FilterRun:
    """Run a DAPPER method over every trajectory of a twin experiment.

    Args:
        method: an instance from `dapper.da_methods`, such as `LETKF(N=10, loc_rad=4, infl=1.07)`.
        system: the model, here a single variable on a ring.
        experiment: truth (used by DAPPER's statistics only) and observations.
        ensemble: (batch, member, 1, site), one cycle before the first observation.
        seed: DAPPER's random state, for rotations and perturbed observations; at least 1.
        schedule: step and steps between observations.

    Returns:
        The run; a trajectory on which the method diverged (non-finite states) is NaN from there on.
    """
    require_number("seed", seed, least=1, whole=True)
    members = getattr(method, "N", ensemble.shape[1])
    if members > ensemble.shape[1]:
        raise InputError("N", members, f"at most the {ensemble.shape[1]} members given", f"N={ensemble.shape[1]}")
    dapper = load_dapper()
    truth = experiment.truth
    mean = torch.full_like(truth, torch.nan)
    spread = truth.new_full(truth.shape[:2], torch.nan)
    for index in range(truth.shape[1]):
        dapper.set_seed(seed + index)
        model = hidden_markov_model(system, experiment.observations, ensemble[index], schedule)
        states, observed = _as_dapper(experiment, index)
        with warnings.catch_warnings(action="ignore"):  # of a diverging run; NaN says so here
            method.assimilate(model, states, observed, fail_gently="silent")
        mean[:, index, 0] = torch.as_tensor(np.asarray(method.stats.mu.a))
        deviation = np.asarray(method.stats.spread.a)
        spread[:, index] = torch.as_tensor(np.sqrt((deviation**2).mean(-1)))
    return FilterRun(mean, spread)


def hidden_markov_model(system: System, observations: Observations, ensemble: Tensor, schedule: Schedule) -> object:
    """Return DAPPER's description of the experiment: one DAPPER step is one of our cycles.

    Args:
        system: the model.
        observations: gives the pattern and the noise.
        ensemble: (member, 1, site), from which every method takes its first members.
        schedule: step and steps between observations.
    """
    dapper = load_dapper()
    mods, randvars = dapper.mods, dapper.mods.RV
    members = ensemble[:, 0].double().numpy()

    def forecast(states: np.ndarray, time: float, length: float) -> np.ndarray:
        return schedule.forecast(system, torch.from_numpy(states).unsqueeze(-2)).squeeze(-2).numpy()

    return mods.HiddenMarkovModel(
        {"M": system.n_sites, "model": forecast, "noise": 0},
        {"time_dependent": functools.cache(lambda cycle: _operator(observations, cycle % observations.n_cycles))},
        mods.Chronology(1.0, dko=1, Ko=observations.n_cycles - 1, BurnIn=0),
        randvars(M=system.n_sites, func=lambda count: members[:count].copy()),
    )


def _operator(observations: Observations, cycle: int) -> object:
    """Return DAPPER's observation operator of one cycle, with its localizer."""
    dapper = load_dapper()
    seen = observations.mask[cycle].nonzero()[:, 0].numpy()
    n_sites = observations.mask.shape[1]
    operator = dapper.mods.partial_Id_Obs(n_sites, seen)
    operator["noise"] = observations.error_std**2
    operator["localizer"] = dapper.tools.localization.nd_Id_localization((n_sites,), (1,), seen)
    return dapper.mods.Operator(**operator)


def _as_dapper(experiment: TwinExperiment, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Return truth (cycle + 1, site) and a list of observation vectors, as DAPPER wants them."""
    truth = experiment.truth[:, index, 0].double().numpy()
    values = experiment.observations.values[:, index, 0].double().numpy()
    mask = experiment.observations.mask.numpy()
    observed = np.empty(len(truth), dtype=object)
    for cycle, (row, seen) in enumerate(zip(values, mask, strict=True)):
        observed[cycle] = row[seen]
    return np.concatenate([truth[:1], truth]), observed
