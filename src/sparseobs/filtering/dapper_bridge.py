"""Any DAPPER method on our trajectories, our observations and our first ensembles [raanes2024]."""

import contextlib
import functools
import io
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.dynamics.tangent import cycle_jacobian
from sparseobs.errors import InputError, require_number
from sparseobs.filtering.ensemble_runs import fitting_ensemble
from sparseobs.filtering.run import FilterRun
from sparseobs.observing.twin_experiment import Observations, TwinExperiment


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
    schedule: Schedule | None = None,
) -> FilterRun:
    """Run a DAPPER method over every trajectory of a twin experiment.

    Args:
        method: an instance from `dapper.da_methods`, such as `LETKF(N=10, loc_rad=4, infl=1.07)`; 4D-Var and the
            extended Kalman filter are given our model's Jacobian.
        system: the model.
        experiment: truth (used by DAPPER's statistics only) and observations.
        ensemble: (batch, member, variable, site), one cycle before the first observation; two members or more, but
            for methods without an ensemble.
        seed: DAPPER's random state, for rotations and perturbed observations; at least 1.
        schedule: step and steps between observations; the system's own by default.

    Returns:
        The run; a trajectory on which the method diverged (non-finite states) is NaN from there on. 4D-Var's spread
        is NaN: DAPPER cannot compute it where not everything is observed.
    """
    require_number("seed", seed, least=1, whole=True)
    ensemble = fitting_ensemble(ensemble, experiment.observations, least=1)
    members = ensemble.shape[1]
    if hasattr(method, "N") and not 2 <= method.N <= members:  # one member has no covariance: all would be NaN
        raise InputError("N", method.N, f"2 to the {members} members given", f"N={max(members, 2)}")
    _check(experiment)
    dapper, schedule = load_dapper(), schedule or system.schedule
    truth = experiment.truth
    mean = torch.full_like(truth, torch.nan)
    spread = truth.new_full(truth.shape[:2], torch.nan)
    for index, observations in enumerate(experiment.observations.trajectories()):
        dapper.set_seed(seed + index)
        model = hidden_markov_model(system, observations, ensemble[index], schedule)
        states, observed = _as_dapper(truth[:, index], observations)
        # Warnings are of a diverging run; NaN says so here.
        with warnings.catch_warnings(action="ignore"), _statistics_of(method):
            method.assimilate(model, states, observed, fail_gently="silent")
        mean[:, index] = torch.as_tensor(np.asarray(method.stats.mu.a)).unflatten(-1, truth.shape[2:])
        deviation = np.asarray(method.stats.spread.a)
        spread[:, index] = torch.as_tensor(np.sqrt((deviation**2).mean(-1)))
    return FilterRun(mean, spread)


def hidden_markov_model(system: System, observations: Observations, ensemble: Tensor, schedule: Schedule) -> object:
    """Return DAPPER's description of the experiment: one DAPPER step is one of our cycles.

    DAPPER's states are ours with (variable, site) flattened: all sites of the first variable come first.

    Args:
        system: the model.
        observations: gives the pattern and the noise.
        ensemble: (member, variable, site), from which every method takes its first members, or their mean.
        schedule: step and steps between observations.
    """
    dapper = load_dapper()
    mods, randvars = dapper.mods, dapper.mods.RV
    shape = ensemble.shape[1:]
    members = ensemble.flatten(-2).double().numpy()

    def forecast(states: np.ndarray, time: float, length: float) -> np.ndarray:
        return schedule.forecast(system, torch.from_numpy(states).unflatten(-1, shape)).flatten(-2).numpy()

    def linearised(state: np.ndarray, time: float, length: float) -> np.ndarray:
        return cycle_jacobian(system, schedule, torch.from_numpy(state).unflatten(-1, shape)).numpy()

    return mods.HiddenMarkovModel(
        {"M": members.shape[1], "model": forecast, "linear": linearised, "noise": 0},
        {"time_dependent": functools.cache(lambda cycle: _operator(observations, cycle % observations.n_cycles))},
        mods.Chronology(1.0, dko=1, Ko=observations.n_cycles - 1, BurnIn=0),
        randvars(M=members.shape[1], func=lambda count: members[:count].copy(), mu=members.mean(0)),
    )


@contextlib.contextmanager
def _statistics_of(method: object) -> Iterator[None]:
    """Keep DAPPER 1.7.1 from mistaking 4D-Var's observed covariance for the state's, which stops it at once."""
    computed = load_dapper().rc.comps
    before = computed["error_only"]
    computed["error_only"] = before or type(method).__name__ == "Var4D"
    try:
        yield
    finally:
        computed["error_only"] = before


def _check(experiment: TwinExperiment) -> None:
    blind = ~experiment.observations.mask.any(-1)
    if blind.any():
        cycle = f"nothing observed at cycle {int(blind.nonzero()[0, 0])}"
        raise InputError("observations", cycle, "at least one site in each cycle, for DAPPER", "a longer cycle")


def _operator(observations: Observations, cycle: int) -> object:
    """Return DAPPER's observation operator of one cycle, with its localizer."""
    dapper = load_dapper()
    n_variables, n_sites = observations.values.shape[2:]
    seen = observations.mask[cycle].nonzero()[:, 0].numpy()
    offsets = n_sites * np.arange(n_variables)[:, None]
    operator = dapper.mods.partial_Id_Obs(n_variables * n_sites, (offsets + seen).ravel())
    operator["noise"] = np.repeat(np.square(observations.error_stds), len(seen))
    operator["localizer"] = _localizer(np.tile(seen, n_variables), n_sites, n_variables)
    pick = operator["model"]
    # DAPPER 1.7.1's 4D-Var asks this cycle's operator once more for the cycle's operator.
    operator["model"] = lambda states: made if np.ndim(states) == 0 else pick(states)
    made = dapper.mods.Operator(**operator)
    return made


def _localizer(observed_sites: np.ndarray, n_sites: int, n_variables: int) -> object:
    """Return DAPPER's localizer on a ring where the variables of a site share its place and its analysis."""
    tools = load_dapper().tools.localization
    sites = np.arange(n_sites)
    state_sites = np.tile(sites, n_variables)
    apart = tools.pairwise_distances(observed_sites[:, None], state_sites[:, None], (n_sites,))
    together = list((sites + n_sites * np.arange(n_variables)[:, None]).T)
    return tools.localization_setup(lambda: apart, together)


def _as_dapper(truth: Tensor, observations: Observations) -> tuple[np.ndarray, np.ndarray]:
    """Return one truth (cycle + 1, state) and a list of its observation vectors, as DAPPER wants them."""
    truth = truth.flatten(-2).double().numpy()
    values = observations.values[:, 0].double().numpy()
    mask = observations.mask.numpy()
    observed = np.empty(len(truth), dtype=object)
    for cycle, (row, seen) in enumerate(zip(values, mask, strict=True)):
        observed[cycle] = row[:, seen].ravel()
    return np.concatenate([truth[:1], truth]), observed
