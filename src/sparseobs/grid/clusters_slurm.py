"""Workers as SLURM jobs, by dask-jobqueue. Queue, account and the like come from the user's dask configuration."""

import math
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import dask
from dask_jobqueue import SLURMCluster
from dask_jobqueue.slurm import SLURMJob
from distributed.core import Status
from tornado.ioloop import PeriodicCallback

from sparseobs.errors import InputError
from sparseobs.files import replacing
from sparseobs.grid.clusters import GPU
from sparseobs.grid.folder import default_folder
from sparseobs.grid.model import Grid
from sparseobs.grid.wording import amount

MARGIN_MINUTES = 10  # for a worker to start and to finish
REPLACE_SECONDS = 5
LOOK_SECONDS = 20  # between looks at the queue as long as no job has become a worker


class Job(SLURMJob):
    """A job whose script stays beside its logs: a refusal names it, and an sbatch may answer before it has read it."""

    @property
    def script(self) -> Path:
        """Where it is."""
        return Path(self.log_directory) / f"{self.name}.sh"

    @contextmanager
    def job_file(self) -> Iterator[str]:
        """Write the script and give its place to sbatch."""
        with replacing(self.script) as temporary:
            temporary.write_text(self.job_script(), encoding="utf-8")
        yield str(self.script)


def slurm_cluster(grid: Grid, workers: int | None, say: Callable[[str], None]) -> SLURMCluster:
    """Return a cluster that keeps `workers` SLURM jobs in the queue, each running one cell at a time.

    Args:
        grid: says what a cell needs and how many there are.
        workers: jobs at a time.
        say: told if the first jobs all end before one has become a worker.

    Raises:
        InputError: `workers` is not said, or SLURM refuses the jobs.
    """
    if workers is None:
        raise InputError("workers", None, "how many SLURM jobs may run at a time", "workers=8")
    if shutil.which("sbatch") is None:
        raise InputError("cluster", "slurm", "sbatch on the PATH", "a login node")
    workers = min(workers, len(grid.cells))
    cluster = SLURMCluster(n_workers=0, job_cls=Job, **job_options(grid, workers))
    try:
        cluster.scale(workers)
        cluster.sync(_submitted, cluster)
    except RuntimeError as error:
        script = next(iter(cluster.workers.values())).script
        cluster.close()
        raise _refused(error, script) from error
    # A job that ended before its cells did is replaced.
    replace = PeriodicCallback(lambda: cluster.scale(workers), 1000 * REPLACE_SECONDS)
    look = PeriodicCallback(lambda: _look(cluster, look, say), 1000 * LOOK_SECONDS)
    cluster.periodic_callbacks |= {"replace": replace, "look": look}
    for callback in (replace, look):
        cluster.loop.add_callback(callback.start)
    return cluster


def _refused(error: RuntimeError, script: Path) -> InputError:
    """Return the error that shows all of what sbatch said, and what to change."""
    reason = "; ".join(str(error).rpartition("stderr:\n")[2].split("\n")).strip("; ")
    hint = "jobqueue.slurm (queue, account) in dask's configuration"
    if "mem-per-cpu" in reason.replace("_", "-").lower():
        by_cpu = """job-directives-skip: ["--mem"], job-extra-directives: ["--mem-per-cpu=2G"]"""
        hint = f"{by_cpu} below jobqueue.slurm in dask's configuration"
    return InputError("cluster", f"slurm ({reason})", f"jobs that sbatch accepts; this one was {script}", hint)


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


async def _look(cluster: SLURMCluster, callback: PeriodicCallback, say: Callable[[str], None]) -> None:
    """Say once if all jobs have left the queue and none has become a worker, which dask would wait for without end."""
    if cluster.scheduler_info["workers"]:
        callback.stop()
        return
    jobs = {job.job_id: job for job in cluster.workers.values()}
    logs = ", ".join({str(job.log_directory) for job in jobs.values()})
    try:
        queued = await cluster.job_cls._call(["squeue", "-h", "-u", str(os.getuid()), "-o", "%A"])
    except OSError as error:  # no squeue at this site: the logs alone can tell
        callback.stop()
        waited = f"no worker has come up in {LOOK_SECONDS} s"
        say(f"{waited}, and squeue does not tell why ({error.strerror}); what the SLURM jobs say is in {logs}")
        return
    except RuntimeError:  # SLURM does not say at the moment
        return
    if jobs.keys() & set(queued.split()) or cluster.scheduler_info["workers"]:
        return
    callback.stop()
    say(f"{amount(len(jobs), 'SLURM job')} ended before a worker came up; what they said is in {logs}")


def job_options(grid: Grid, workers: int) -> dict:
    """Return what a job asks for: a cell's threads, memory and graphics processor, and time for its share of cells.

    The time is that of a job's share of the cells at their expected cost and half as much again, or of the longest.
    """
    resources = grid.resources
    share = math.ceil(len(grid.cells) / workers) * grid.cost.seconds / 60
    minutes = math.ceil(max(1.5 * share, resources.minutes)) + MARGIN_MINUTES
    options = {
        "cores": 1,  # cells at a time
        "processes": 1,
        "job_cpu": resources.threads,
        "memory": f"{resources.memory_gb}GB",
        "walltime": f"{minutes // 60:02d}:{minutes % 60:02d}:00",
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
