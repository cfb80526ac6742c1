"""Tuning an LETKF: a grid of settings over several first states, narrowed down on ever longer runs."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError
from sparseobs.filtering.letkf import LETKFSettings, letkf_cycles
from sparseobs.observing.twin_experiment import TwinExperiment
from sparseobs.scores.ensemble import spatial_rmse

# The grid of the AmEnF's authors [mccabe2021, table 2]. Of their twelve radii, 0.1 and 0.2 see a site's own
# observation only, as 0.4 nearly does, and on a ring of forty sites 40 and 70 differ little from 20.
INFLATIONS = (1.0, 1.01, 1.02, 1.04, 1.07, 1.1, 1.2, 1.4, 1.7, 2.0)
RADII = (0.7, 1.0, 2.0, 4.0, 7.0, 10.0, 20.0)


class Rung(NamedTuple):
    """One round of successive halving.

    Attributes:
        n_cycles: cycles scored.
        kept: settings that go on, best first; in the last round, settings run at a time.
    """

    n_cycles: int
    kept: int


def letkf_grid() -> list[LETKFSettings]:
    """Return every setting of the grid."""
    return [LETKFSettings(*values) for values in product(INFLATIONS, RADII, (False, True))]


def letkf_errors(
    settings: Sequence[LETKFSettings],
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
        settings: one filter each.
        system: the model.
        experiment: truth and observations of all trajectories.
        ensemble: (trajectory, member, variable, site), one cycle before the first observation.
        burn_in: cycles not scored.
        generator: draws the rotations.
        schedule: step and steps between observations; the system's own by default.

    Returns:
        NaN where a run diverged, be it before its scores began.
    """
    n_cycles = experiment.observations.n_cycles
    if not 0 <= burn_in < n_cycles:
        raise InputError("burn_in", burn_in, f"fewer than the {n_cycles} cycles", "a longer run")
    total = ensemble.new_zeros(len(settings), ensemble.shape[0])
    cycles = letkf_cycles(settings, system, experiment.observations, ensemble, generator=generator, schedule=schedule)
    for cycle, analyses in enumerate(cycles):
        if cycle >= burn_in:
            total += spatial_rmse(analyses.mean, experiment.truth[cycle].expand_as(analyses.mean))
    return total / (n_cycles - burn_in)


def ranked(settings: Sequence[LETKFSettings], errors: Tensor) -> pd.DataFrame:
    """Return one row a setting, best first: fewest diverged runs, then the lowest mean RMSE of the others.

    Args:
        settings: one filter each.
        errors: (setting, trajectory), NaN where diverged.

    Returns:
        Columns inflation, radius, rotation, rmse, n_diverged, n_runs; rmse is NaN where every run diverged.
    """
    rows = [
        {"inflation": one.inflation, "radius": one.radius, "rotation": one.rotation}
        | {"rmse": row.nanmean().item(), "n_diverged": int(row.isnan().sum()), "n_runs": len(row)}
        for one, row in zip(settings, errors, strict=True)
    ]
    return pd.DataFrame(rows).sort_values(["n_diverged", "rmse"], kind="stable", ignore_index=True)


def successive_halving(
    settings: Sequence[LETKFSettings],
    rungs: Sequence[Rung],
    errors_of: Callable[[Sequence[LETKFSettings], int], Tensor],
) -> pd.DataFrame:
    """Return every setting with the scores of the longest round it took part in, best first.

    Args:
        settings: all of them run in the first round, the best of each round in the next.
        rungs: the rounds. The last one goes on down the list until one of its settings has not diverged.
        errors_of: given settings and a number of scored cycles, returns `letkf_errors`.

    Returns:
        Columns of `ranked`, and n_cycles.
    """
    going, finished = list(settings), []
    for rung in rungs[:-1]:
        table = ranked(going, errors_of(going, rung.n_cycles)).assign(n_cycles=rung.n_cycles)
        finished.append(table[rung.kept :])
        going = settings_of(table[: rung.kept])
    last, final = rungs[-1], pd.DataFrame()
    while going and not (len(final) and final["n_diverged"].min() == 0):
        now, going = going[: last.kept], going[last.kept :]
        final = pd.concat([final, ranked(now, errors_of(now, last.n_cycles))])
    finished.append(final.assign(n_cycles=last.n_cycles))
    if going:  # not needed: their scores are those of the round before
        finished.append(table[: rungs[-2].kept].tail(len(going)))
    order = {"n_cycles": False, "n_diverged": True, "rmse": True}
    return pd.concat(finished).sort_values(list(order), ascending=list(order.values()), ignore_index=True)


def settings_of(table: pd.DataFrame) -> list[LETKFSettings]:
    """Return the settings in the rows of a table made here."""
    columns = table[["inflation", "radius", "rotation"]].itertuples(index=False)
    return [LETKFSettings(float(inflation), float(radius), bool(rotation)) for inflation, radius, rotation in columns]
