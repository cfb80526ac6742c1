"""DAPPER's published scores through our bridge: our model, our observations, their methods.

    python benchmarks/published_rows.py                 # about half an hour on one core
    python benchmarks/published_rows.py --cycles 1000   # shorter, for a look

The scores stand in DAPPER's own settings files (`dapper/mods/Lorenz96/sakov2008.py`, `hoteit2015.py` and
`dapper/mods/KS/bocquet2019.py`), to two digits, for everything observed with noise 1. As there, truth and members start
within 0.03 of each other. The score is the time mean of the spatial RMSE of the analysis, after a fifth of the run.
"""

from dataclasses import replace

import click
import torch

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.dynamics.kuramoto_sivashinsky import KuramotoSivashinsky
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.filtering.dapper_bridge import load_dapper, run_dapper
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import TwinExperiment, simulate
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import spatial_rmse, time_mean

FIRST_SPREAD = 0.001**0.5
EVERY_STEP = Schedule(step=0.05, steps_per_cycle=1)
LORENZ, KURAMOTO = Lorenz96(), KuramotoSivashinsky()


def published() -> dict[str, tuple]:
    """Return system, schedule, method and published score by name."""
    load_dapper()
    from dapper.da_methods.ensemble import LETKF, EnKF

    def kuramoto(score: float, members: int, radius: float, inflation: float) -> tuple:
        method = LETKF(N=members, loc_rad=radius / 1.82, infl=inflation, rot=True)
        return KURAMOTO, KURAMOTO.schedule, method, score

    return {
        "sakov2008 LETKF N=7": (LORENZ, EVERY_STEP, LETKF(N=7, rot=True, infl=1.04, loc_rad=4), 0.22),
        "sakov2008 EnKF Sqrt N=24": (LORENZ, EVERY_STEP, EnKF("Sqrt", N=24, infl=1.013, rot=True), 0.18),
        "hoteit2015 LETKF N=10": (LORENZ, EVERY_STEP, LETKF(N=10, rot=True, infl=1.04, loc_rad=6), 0.20),
        "bocquet2019 LETKF N=4": kuramoto(0.18, 4, 15, 1.11),
        "bocquet2019 LETKF N=6": kuramoto(0.14, 6, 25, 1.06),
        "bocquet2019 LETKF N=16": kuramoto(0.11, 16, 51, 1.02),
    }


def first_of_truth(experiment: TwinExperiment, members: int, seed: int) -> tuple[TwinExperiment, torch.Tensor]:
    """Return the experiment from its second cycle on, and an ensemble close to the truth one cycle before."""
    start, seen = experiment.truth[0], experiment.observations
    stream = torch_stream(seed, "first ensemble")
    shape = (start.shape[0], members, *start.shape[1:])
    ensemble = start[:, None] + FIRST_SPREAD * torch.randn(shape, generator=stream, dtype=start.dtype)
    return TwinExperiment(experiment.truth[1:], replace(seen, values=seen.values[1:], mask=seen.mask[1:])), ensemble


def score(system: System, schedule: Schedule, method: object, cycles: int, seed: int) -> float:
    """Return the method's RMSE over one run; NaN where it diverged."""
    whole = simulate(system, EveryKth(1), n_cycles=cycles + 1, batch=1, obs_error_std=1.0, seed=seed, schedule=schedule)
    experiment, ensemble = first_of_truth(whole, method.N, seed)
    run = run_dapper(method, system, experiment, ensemble, seed=seed + 1, schedule=schedule)
    return time_mean(spatial_rmse(run.mean, experiment.truth), cycles // 5).item()


@click.command()
@click.option("--cycles", default=5000, show_default=True, help="of each run on Lorenz-96; two fifths of it on KS")
@click.option("--seeds", default=2, show_default=True)
@click.option("--only", default="", help="rows whose name has this in it")
def main(cycles: int, seeds: int, only: str) -> None:
    """Print each published score beside ours, run by run."""
    torch.set_num_threads(1)
    for name, (system, schedule, method, expected) in published().items():
        if only not in name:
            continue
        length = cycles if system is LORENZ else 2 * cycles // 5
        ours = [score(system, schedule, method, length, seed) for seed in range(seeds)]
        runs = ", ".join(f"{value:.3f}" for value in ours)
        print(f"{name:26} published {expected:.2f}   ours {runs}   ({length} cycles each)", flush=True)


if __name__ == "__main__":
    main()
