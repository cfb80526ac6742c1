"""Workers as SLURM jobs, by dask-jobqueue. Queue, account and the like come from the user's dask configuration."""

import math

import dask
from dask_jobqueue import SLURMCluster

from sparseobs.errors import InputError
from sparseobs.grid.folder import default_folder
from sparseobs.grid.model import Grid

MARGIN_MINUTES = 10  # for a worker to start and to finish


def slurm_cluster(grid: Grid, workers: int | None) -> SLURMCluster:
    """Return a cluster that keeps `workers` SLURM jobs in the queue, each running one cell at a time.

    Raises:
        InputError: `workers` is not said.
    """
    if workers is None:
        raise InputError("workers", None, "how many SLURM jobs may run at a time", "workers=8")
    workers = min(workers, len(grid.cells))
    cluster = SLURMCluster(**job_options(grid, workers))
    cluster.adapt(minimum=workers, maximum=workers)  # a job that ends before its cells do is replaced
    return cluster


def job_options(grid: Grid, workers: int) -> dict:
    """Return what a job asks for: a cell's threads, memory and graphics processor, and time for its share of cells."""
    resources = grid.resources
    options = {
        "cores": 1,  # cells at a time
        "processes": 1,
        "job_cpu": resources.threads,
        "memory": f"{resources.memory_gb}GB",
        "walltime": _clock(_walltime_minutes(grid, workers)),
    }
    configured = dask.config.get("jobqueue.slurm", {})
    if not configured.get("log-directory"):
        options["log_directory"] = str(default_folder(grid.name) / "slurm")
    if resources.gpu == "required":
        directives = configured.get("job-extra-directives") or []
        if not any("gres" in line or "gpus" in line for line in directives):
            directives = [*directives, "--gres=gpu:1"]
        options |= {"job_extra_directives": directives, "worker_extra_args": ["--resources", "GPU=1"]}
    return options


def _walltime_minutes(grid: Grid, workers: int) -> int:
    """Return time for a job's share of the cells at their expected cost and half as much again, or for the longest."""
    share = math.ceil(len(grid.cells) / workers) * grid.cost.seconds / 60
    return math.ceil(max(1.5 * share, grid.resources.minutes)) + MARGIN_MINUTES


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"
