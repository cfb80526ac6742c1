"""Workers as SLURM jobs, by dask-jobqueue. Queue, account and the like come from the user's dask configuration."""

import math
import shutil
from importlib.util import find_spec

import dask
from dask_jobqueue import SLURMCluster
from dask_jobqueue.slurm import SLURMJob
from distributed.core import Status
from tornado.ioloop import PeriodicCallback

from sparseobs.errors import InputError
from sparseobs.grid.engine_jobs import GPU
from sparseobs.grid.folder import default_folder
from sparseobs.grid.model import Grid

MARGIN_MINUTES = 10  # for a worker to start and to finish
REPLACE_SECONDS = 5


def slurm_cluster(grid: Grid, workers: int | None) -> SLURMCluster:
    """Return a cluster that keeps `workers` SLURM jobs in the queue, each running one cell at a time.

    Raises:
        InputError: `workers` is not said, or SLURM refuses the jobs.
    """
    if workers is None:
        raise InputError("workers", None, "how many SLURM jobs may run at a time", "workers=8")
    if shutil.which(SLURMJob.submit_command) is None:
        raise InputError("cluster", "slurm", f"{SLURMJob.submit_command} on the PATH", "a login node")
    workers = min(workers, len(grid.cells))
    cluster = SLURMCluster(n_workers=0, **job_options(grid, workers))
    try:
        cluster.scale(workers)
        cluster.sync(_submitted, cluster)
    except RuntimeError as error:
        cluster.close()
        reason = str(error).strip().splitlines()[-1]
        hint = "jobqueue.slurm (queue, account) in dask's configuration"
        raise InputError("cluster", f"slurm ({reason})", "jobs that sbatch accepts", hint) from error
    # A job that ended before its cells did is replaced.
    cluster.periodic_callbacks["replace"] = PeriodicCallback(lambda: cluster.scale(workers), 1000 * REPLACE_SECONDS)
    cluster.loop.add_callback(cluster.periodic_callbacks["replace"].start)
    return cluster


async def _submitted(cluster: SLURMCluster) -> None:
    """Wait until the jobs are in the queue, where they may stay for long."""
    await cluster
    try:
        for job in cluster.workers.values():
            await job  # dask does not tell that sbatch refused it; asked again, it does
    except RuntimeError:
        for job in cluster.workers.values():
            if job.job_id is None:
                job.status = Status.failed  # else dask waits for it when the cluster is closed
        raise


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
    if not configured.get("scheduler-options"):
        dashboard = find_spec("bokeh") is not None
        options["scheduler_options"] = {"dashboard": dashboard, "dashboard_address": ":0"}
    if resources.gpu == "required":
        directives = configured.get("job-extra-directives") or []
        if not any("gres" in line or "gpus" in line for line in directives):
            directives = [*directives, "--gres=gpu:1"]
        options |= {"job_extra_directives": directives, "worker_extra_args": ["--resources", f"{GPU}=1"]}
    return options


def _walltime_minutes(grid: Grid, workers: int) -> int:
    """Return time for a job's share of the cells at their expected cost and half as much again, or for the longest."""
    share = math.ceil(len(grid.cells) / workers) * grid.cost.seconds / 60
    return math.ceil(max(1.5 * share, grid.resources.minutes)) + MARGIN_MINUTES


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"
