"""Filters on Lorenz-96: run from given members, and scored truth by truth."""

from collections.abc import Callable

import pandas as pd
from torch import Tensor

from sparseobs.dynamics.catalogue import CLIMATES, named_system
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.amens import AmEnS
from sparseobs.filtering.cycle import FilterState
from sparseobs.filtering.fixed_lag import FixedLagSettings, first_fixed_lag_state
from sparseobs.filtering.fixed_lag_runs import fixed_lag
from sparseobs.filtering.letkf import LETKFSettings, letkf
from sparseobs.filtering.methods import method_of
from sparseobs.filtering.run import Analysis, FilterRun, follow, learned
from sparseobs.observing.twin_experiment import Observations, TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import ensemble_crps, spatial_rmse, spread_skill_ratio
from sparseobs.scores.lost import lost_truths

SYSTEM = named_system("lorenz96")
CLIMATOLOGY = CLIMATES["lorenz96"].standard_deviation[0]  # the error of the climate's mean


def run_filter(
    filter_: AmEnF | AmEnS | LETKFSettings | FixedLagSettings,
    observations: Observations,
    ensemble: Tensor,
    seed: int,
    change: Callable[[Analysis], Analysis] = lambda analysis: analysis,
) -> FilterRun:
    """Return the run of a learned filter, LETKF or the fixed-lag smoother, every member kept.

    Args:
        filter_: a network, or settings.
        observations: what is assimilated.
        ensemble: (truth, member, variable, site), float64, one cycle before the first observation.
        seed: of dropout or rotations.
        change: makes another analysis of the filter's.
    """
    if isinstance(filter_, LETKFSettings):
        first = FilterState(ensemble, ensemble[:, :, :0])
        analysis = letkf(filter_, observations, torch_stream(seed, "rotations"))
    elif isinstance(filter_, FixedLagSettings):
        first = first_fixed_lag_state(ensemble.float())  # as the network that starts from it
        analysis = fixed_lag(filter_, SYSTEM, observations, torch_stream(seed, "rotations"))
    else:
        first = method_of(filter_).first_state(filter_, ensemble.float())
        analysis = learned(filter_, SYSTEM, observations, torch_stream(seed, "dropout"))
    return follow(SYSTEM, first, observations.n_cycles, change(analysis))


def scores(run: FilterRun, experiment: TwinExperiment, burn_in: int) -> pd.DataFrame:
    """Return a run's scores, a row a truth, means over the cycles after the burn-in; NaN where it diverged.

    Returns:
        Columns truth; rmse of the mean, spread, crps, all in state units; spread_skill, 1 where the spread is honest;
        lost, whether the filter lost that truth.
    """
    after = slice(burn_in, None)
    truth, spread, members = experiment.truth[after], run.spread[after].double(), run.members[after]
    error = spatial_rmse(run.mean[after].double(), truth)
    columns = {
        "rmse": error.mean(0),
        "spread": spread.mean(0),
        "spread_skill": spread_skill_ratio(spread, error, members.shape[2]),
        "crps": ensemble_crps(members, truth.to(members)).mean(0),
        "lost": lost_truths(error, CLIMATOLOGY),
    }
    return pd.DataFrame({"truth": range(len(error[0]))} | {name: each.numpy() for name, each in columns.items()})
