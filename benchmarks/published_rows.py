"""Published scores of classical filters through our bridge: our model, our observations, DAPPER's methods.

    python benchmarks/published_rows.py                 # a quarter of an hour on one core
    python benchmarks/published_rows.py --only KS       # some rows, for a look; nothing is stored

The first six stand in DAPPER's own settings files, to two digits, for everything observed with noise 1; as there, truth
and members start within 0.03 of each other, on Lorenz-96 near the state that is 1 at one site and 0 elsewhere. That
matters for the EnKF, which has no localization: from some states of the attractor it loses the truth, with DAPPER's
own experiment as with ours. The last two are the AmEnF's authors', from their search for LETKF's
settings on Lorenz-96, every fourth site observed; their members start within the noise of the truth. The score is the
time mean of the spatial RMSE of the analysis, after a fifth of the run. Finished runs are kept, so that an
interrupted call takes up where it stopped; `results/published_rows.csv` is written after each row.
"""

import json
import time
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path

import click
import pandas as pd
import torch
from platformdirs import user_cache_path
from storing import store

from sparseobs.dynamics.climate import attractor_states
from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.dynamics.kuramoto_sivashinsky import KuramotoSivashinsky
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.files import replacing
from sparseobs.filtering.dapper_bridge import load_dapper, run_dapper
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import simulate
from sparseobs.randomness import torch_stream
from sparseobs.runs.shared import content_address, make_once
from sparseobs.scores.ensemble import spatial_rmse, time_mean
from sparseobs.scores.intervals import repeat_interval

RESULT = "published_rows"
MODULES = ("climate", "integrate", "kuramoto_sivashinsky", "lorenz96")
CODE = (
    *(f"sparseobs/dynamics/{name}.py" for name in MODULES),
    "sparseobs/observing/patterns.py",
    "sparseobs/observing/twin_experiment.py",
    "sparseobs/filtering/dapper_bridge.py",
)
# mikemccabe210/amortizedassimilation, commit 5a3f5f8, experiments/dapper_experiments/dappper_cv_results_L96: the best
# line's settings, and the score averaged over the seeds.
AUTHORS = "mccabe2021, search in the history of the authors' repository"


@dataclass(frozen=True)
class Row:
    """One published score and how to get it.

    Args:
        source: where it stands.
        method: DAPPER's.
        score: as published.
        tolerance: how near ours should come.
        system: the model.
        schedule: step and steps between observations.
        stride: every how many sites is one observed; the pattern rotates.
        first_spread: standard deviation of the first members about the truth.
        first_site: whether the truth, too, starts so near to the state that is 1 at the first site and 0 elsewhere;
            otherwise anywhere on the attractor.
    """

    source: str
    method: object
    score: float
    tolerance: float = 0.02
    system: System = Lorenz96()
    schedule: Schedule = Schedule(step=0.05, steps_per_cycle=1)
    stride: int = 1
    first_spread: float = 0.001**0.5
    first_site: bool = False


def published() -> dict[str, Row]:
    """Return what is to be reproduced, by name."""
    load_dapper()
    from dapper.da_methods.ensemble import LETKF, EnKF

    def kuramoto(members: int, radius: float, inflation: float, score: float) -> Row:
        system = KuramotoSivashinsky()
        method = LETKF(N=members, loc_rad=radius / 1.82, infl=inflation, rot=True)
        return Row("dapper/mods/KS/bocquet2019.py", method, score, system=system, schedule=system.schedule)

    def partial(method: object, score: float) -> Row:
        return Row(AUTHORS, method, score, 0.06, schedule=Lorenz96.schedule, stride=4, first_spread=1.0)

    def lorenz(name: str, method: object, score: float) -> Row:
        return Row(f"dapper/mods/Lorenz96/{name}.py", method, score, first_site=True)

    return {
        "Lorenz-96, LETKF N=7": lorenz("sakov2008", LETKF(N=7, rot=True, infl=1.04, loc_rad=4), 0.22),
        "Lorenz-96, EnKF N=24": lorenz("sakov2008", EnKF("Sqrt", N=24, infl=1.013, rot=True), 0.18),
        "Lorenz-96, LETKF N=10": lorenz("hoteit2015", LETKF(N=10, rot=True, infl=1.04, loc_rad=6), 0.20),
        "KS, LETKF N=4": kuramoto(4, 15, 1.11, 0.18),
        "KS, LETKF N=6": kuramoto(6, 25, 1.06, 0.14),
        "KS, LETKF N=16": kuramoto(16, 51, 1.02, 0.11),
        "Lorenz-96, every fourth site, LETKF N=10": partial(LETKF(N=10, infl=1.07, loc_rad=4), 0.79),
        "Lorenz-96, every fourth site, LETKF N=20": partial(LETKF(N=20, infl=1.04, loc_rad=4, rot=True), 0.71),
    }


def first_states(row: Row, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the truth `(1, variable, site)` one cycle before the first, and members `(1, member, variable, site)`."""
    stream = torch_stream(seed, "first ensemble")
    shape = (1, row.method.N + 1, row.system.n_variables, row.system.n_sites)
    near = row.first_spread * torch.randn(shape, generator=stream, dtype=torch.float64)
    if not row.first_site:
        truth = attractor_states(row.system, 1, torch_stream(seed, "truth"))
        return truth, truth[:, None] + near[:, 1:]
    near[..., 0] += 1
    return near[:, 0], near[:, 1:]


def run(row: Row, cycles: int, seed: int) -> dict:
    """Return the RMSE over one run, NaN where it diverged, and the processor seconds it took."""
    begin = time.process_time()
    start, ensemble = first_states(row, seed)
    world = {"schedule": row.schedule, "obs_error_std": 1.0, "seed": seed, "start": start}
    experiment = simulate(row.system, EveryKth(row.stride), n_cycles=cycles, batch=1, **world)
    estimate = run_dapper(row.method, row.system, experiment, ensemble, seed=seed + 1, schedule=row.schedule)
    error = time_mean(spatial_rmse(estimate.mean, experiment.truth), cycles // 5).item()
    return {"rmse": error, "seconds": time.process_time() - begin}


def stored_run(path: Path, row: Row, cycles: int, seed: int) -> dict:
    """Return the run stored at `path`, made and stored first if it is not there."""

    def make(path: Path, progress: Path) -> None:
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(run(row, cycles, seed)))

    return json.loads(make_once(path, make).read_text())


def repeat(name: str, row: Row, cycles: int, repeats: int) -> dict:
    """Return a line of the table: the published score and ours over several seeds, which decide truth and noise."""
    cycles = cycles if isinstance(row.system, Lorenz96) else cycles // 2
    folder = user_cache_path("sparseobs") / content_address(RESULT, [repr(row), cycles], CODE)
    runs = [stored_run(folder / f"{seed}.json", row, cycles, seed) for seed in range(repeats)]
    whole = [one["rmse"] for one in runs if isfinite(one["rmse"])]
    low, high = repeat_interval(whole)[1:3] if len(whole) > 1 else (nan, nan)
    ours = {"rmse": sum(whole) / len(whole) if whole else nan, "low": low, "high": high}
    counts = {"repeats": repeats, "diverged": repeats - len(whole), "cycles": cycles}
    seconds = sum(one["seconds"] for one in runs)
    said = {"row": name, "source": row.source, "published": row.score, "tolerance": row.tolerance}
    return said | ours | counts | {"seconds": seconds}


@click.command()
@click.option("--cycles", default=1000, show_default=True, help="of each run on Lorenz-96; half of it on KS")
@click.option("--repeats", default=4, show_default=True)
@click.option("--only", default="", help="rows whose name or source has this in it; the table is not stored")
def main(cycles: int, repeats: int, only: str) -> None:
    """Print each published score beside ours, and store the whole table."""
    torch.set_num_threads(1)
    lines = []
    for name, row in published().items():
        if only in name + row.source:
            lines.append(repeat(name, row, cycles, repeats))
            print(
                "{row:40} published {published:.2f}   ours {rmse:.3f} [{low:.3f}, {high:.3f}]   "
                "{diverged} of {repeats} runs of {cycles} cycles diverged".format(**lines[-1]),
                flush=True,
            )
            if not only:
                seconds = sum(line["seconds"] for line in lines)
                store(RESULT, pd.DataFrame(lines), {"cycles": cycles, "repeats": repeats}, seconds)


if __name__ == "__main__":
    main()
