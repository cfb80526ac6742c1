"""Tuning classical filters: a grid of settings over several first states, narrowed down on ever longer runs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields, replace
from itertools import product
from typing import Any, NamedTuple

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError
from sparseobs.filtering.ensemble_runs import Analyses
from sparseobs.filtering.fixed_lag import FixedLagSettings
from sparseobs.filtering.fixed_lag_runs import fixed_lag_cycles
from sparseobs.filtering.ienks import TransformSettings, enkf_cycles, ienks_cycles
from sparseobs.filtering.letkf import LETKFSettings, letkf_cycles
from sparseobs.filtering.var4d import BACKGROUNDS, VariationalSettings, var4d_cycles
from sparseobs.observing.twin_experiment import TwinExperiment
from sparseobs.scores.ensemble import spatial_rmse

# The grid of the AmEnF's authors [mccabe2021, table 2]. Of their twelve radii, 0.1 and 0.2 see a site's own
# observation only, as 0.4 nearly does, and on a ring of forty sites 40 and 70 differ little from 20.
INFLATIONS = (1.0, 1.01, 1.02, 1.04, 1.07, 1.1, 1.2, 1.4, 1.7, 2.0)
RADII = (0.7, 1.0, 2.0, 4.0, 7.0, 10.0, 20.0)
# Of the fixed-lag smoother, whose shift is that of Lorenz-96's wave groups, or none.
LAGS = (1, 2, 3, 5, 7)
SMOOTHER_RADII = (1.7, 2.5, 4.0, 5.5, 8.0, 12.0, 18.0)
SHIFTS = (0.0, 0.6)
SMOOTHER_INFLATIONS = (1.0, 1.02, 1.05, 1.1, 1.2)
REDUCTIONS = (0.5, 0.65)
# Factors on the background's covariance. The authors' winners that are known lie between 0.1 and 3, for the identity.
SCALES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 1.5, 2.5, 4.0)

Settings = Any  # a dataclass: LETKFSettings, TransformSettings, ...
Cycles = Callable[..., Iterator[Analyses]]


class Tunable(NamedTuple):
    """A filter that can be tuned.

    Attributes:
        settings: the dataclass that holds what it needs tuned.
        cycles: runs many settings on many trajectories at once, such as `letkf_cycles`.
        grid: every setting that is tried.
        neighbours: given a setting, returns those close by that a coarse grid leaves out; None for a grid that is fine.
    """

    settings: type
    cycles: Cycles
    grid: tuple[Settings, ...]
    neighbours: Callable[[Settings], list[Settings]] | None = None


def smoothers_near(chosen: FixedLagSettings) -> list[FixedLagSettings]:
    """Return smoothers that differ from `chosen` in one number, or in the two that make up for each other."""
    excess, reduction = chosen.inflation - 1, chosen.reduction
    more, less = round(1 + max(0.01, 1.6 * excess), 3), round(1 + excess / 1.6, 3)
    higher, lower = min(1.0, round(reduction + 0.15, 2)), max(0.5, round(reduction - 0.15, 2))
    changes = [
        *({"radius": round(factor * chosen.radius, 2)} for factor in (0.8, 1.25)),
        *({"shift": round(chosen.shift + change, 2)} for change in (-0.3, 0.3) if chosen.lag),
        *({"lag": lag} for lag in (chosen.lag - 1, chosen.lag + 1) if lag >= 0),
        *({"inflation": inflation} for inflation in (less, more)),
        *({"reduction": share} for share in (lower, higher)),
        {"inflation": more, "reduction": higher},
        {"inflation": less, "reduction": lower},
    ]
    near = (replace(chosen, **change) for change in changes)
    return [one for one in dict.fromkeys(near) if one != chosen]


_TRANSFORMS = tuple(TransformSettings(*values) for values in product(INFLATIONS, (False, True)))
_SMOOTHERS = (
    *(FixedLagSettings(0, r, 0.0, *rest) for r, *rest in product(SMOOTHER_RADII, SMOOTHER_INFLATIONS, REDUCTIONS)),
    *(FixedLagSettings(*v) for v in product(LAGS, SMOOTHER_RADII, SHIFTS, SMOOTHER_INFLATIONS, REDUCTIONS)),
)
METHODS = {
    "LETKF": Tunable(
        LETKFSettings,
        letkf_cycles,
        tuple(LETKFSettings(*values) for values in product(INFLATIONS, RADII, (False, True))),
    ),
    "iEnKS": Tunable(TransformSettings, ienks_cycles, _TRANSFORMS),
    "EnKF": Tunable(TransformSettings, enkf_cycles, _TRANSFORMS),
    "fixed-lag smoother": Tunable(FixedLagSettings, fixed_lag_cycles, _SMOOTHERS, smoothers_near),
    "4D-Var": Tunable(
        VariationalSettings,
        var4d_cycles,
        tuple(VariationalSettings(*values) for values in product(BACKGROUNDS, SCALES)),
    ),
}


class Rung(NamedTuple):
    """One round of successive halving.

    Attributes:
        n_cycles: cycles scored.
        kept: settings that go on, best first; in the last round, settings run at a time.
        n_trajectories: truths, each with its own noise and first ensemble.
    """

    n_cycles: int
    kept: int
    n_trajectories: int = 5


def analysis_errors(
    cycles: Cycles,
    settings: Sequence[Settings],
    system: System,
    experiment: TwinExperiment,
    ensemble: Tensor,
    *,
    burn_in: int,
    generator: torch.Generator,
    schedule: Schedule | None = None,
) -> Tensor:
    """Return each run's analysis RMSE averaged over the cycles after `burn_in`, (setting, trajectory).

    Args:
        cycles: the filter, such as `letkf_cycles`.
        settings: one filter each.
        system: the model.
        experiment: truth and observations of all trajectories.
        ensemble: (trajectory, member, variable, site), one cycle before the first observation.
        burn_in: cycles not scored.
        generator: draws the rotations.
        schedule: step and steps between observations; the system's own if None.

    Returns:
        NaN where a run diverged, be it before its scores began.
    """
    n_cycles = experiment.observations.n_cycles
    if not 0 <= burn_in < n_cycles:
        raise InputError("burn_in", burn_in, f"fewer than the {n_cycles} cycles", "a longer run")
    total = ensemble.new_zeros(len(settings), ensemble.shape[0])
    runs = cycles(settings, system, experiment.observations, ensemble, generator=generator, schedule=schedule)
    for cycle, analyses in enumerate(runs):
        if cycle >= burn_in:
            total += spatial_rmse(analyses.mean, experiment.truth[cycle].expand_as(analyses.mean))
    return total / (n_cycles - burn_in)


def ranked(settings: Sequence[Settings], errors: Tensor) -> pd.DataFrame:
    """Return one row a setting, best first: fewest diverged runs, then the lowest mean RMSE of the others.

    Args:
        settings: one filter each, all of a kind.
        errors: (setting, trajectory), NaN where diverged.

    Returns:
        A column for each field of the settings; rmse, NaN where every run diverged; n_diverged, n_runs.
    """
    rows = [
        asdict(one) | {"rmse": row.nanmean().item(), "n_diverged": int(row.isnan().sum()), "n_runs": len(row)}
        for one, row in zip(settings, errors, strict=True)
    ]
    return pd.DataFrame(rows).sort_values(["n_diverged", "rmse"], kind="stable", ignore_index=True)


def successive_halving(
    settings: Sequence[Settings],
    rungs: Sequence[Rung],
    errors_of: Callable[[Sequence[Settings], Rung], Tensor],
) -> pd.DataFrame:
    """Return every setting with the scores of the longest round it took part in, best first.

    Args:
        settings: all of them run in the first round, the best of each round in the next.
        rungs: the rounds. The last one goes on down the list until one of its settings has not diverged.
        errors_of: given settings and a round, returns `analysis_errors`.

    Returns:
        Columns of `ranked`, and n_cycles.
    """
    kind, going, finished = type(settings[0]), list(settings), []
    for rung in rungs[:-1]:
        table = ranked(going, errors_of(going, rung)).assign(n_cycles=rung.n_cycles)
        finished.append(table[rung.kept :])
        going = settings_of(table[: rung.kept], kind)
    last, final = rungs[-1], pd.DataFrame()
    while going and not (len(final) and final["n_diverged"].min() == 0):
        now, going = going[: last.kept], going[last.kept :]
        final = pd.concat([final, ranked(now, errors_of(now, last))])
    finished.append(final.assign(n_cycles=last.n_cycles))
    if going:  # not needed: their scores are those of the round before
        finished.append(table[: rungs[-2].kept].tail(len(going)))
    return _best_first(pd.concat(finished))


def refined(
    table: pd.DataFrame,
    kind: type,
    neighbours: Callable[[Settings], list[Settings]],
    rung: Rung,
    errors_of: Callable[[Sequence[Settings], Rung], Tensor],
) -> pd.DataFrame:
    """Return a table of `successive_halving` with the neighbours of its choice, and theirs, until none is better.

    Args:
        table: best first.
        kind: of the settings.
        neighbours: as of `Tunable`.
        rung: the round that they run in, the last one of the table.
        errors_of: given settings and a round, returns `analysis_errors`.
    """
    tried, best = set(settings_of(table[table["n_cycles"] == rung.n_cycles], kind)), None
    while (choice := chosen(table, kind)) != best:
        best, near = choice, [one for one in neighbours(choice) if one not in tried]
        tried |= set(near)
        if near:
            table = pd.concat([table, ranked(near, errors_of(near, rung)).assign(n_cycles=rung.n_cycles)])
    return _best_first(table)


def _best_first(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of scores, the longest rounds first and in each the fewest diverged runs, then the lowest RMSE."""
    order = {"n_cycles": False, "n_diverged": True, "rmse": True}
    return table.sort_values(list(order), ascending=list(order.values()), ignore_index=True)


def settings_of(table: pd.DataFrame, kind: type = LETKFSettings) -> list[Settings]:
    """Return the settings in the rows of a table made here, of one kind; what was not tried keeps its default."""
    tried = {field.name: field.type for field in fields(kind) if field.name in table}
    rows = table[list(tried)].to_dict("records")
    return [kind(**{name: of(row[name]) for name, of in tried.items()}) for row in rows]


def chosen(table: pd.DataFrame, kind: type = LETKFSettings) -> Settings:
    """Return the choice among a case's rows: of the longest round the fewest diverged runs, then the lowest RMSE."""
    longest = table[table["n_cycles"] == table["n_cycles"].max()]
    return settings_of(longest.sort_values(["n_diverged", "rmse"])[:1], kind)[0]
