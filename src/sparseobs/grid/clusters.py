"""The dask cluster that a grid runs on: this machine, a scheduler that is there already, or SLURM."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec

import dask
from dask.system import CPU_COUNT
from distributed import Client, Nanny, Scheduler, SpecCluster
from distributed.system import MEMORY_LIMIT

from sparseobs.errors import InputError, require_number
from sparseobs.grid.model import Grid, Resources

GPU = "GPU"  # dask's name for the resource
LOOPBACK = "127.0.0.1"
SILENCE = logging.CRITICAL + 1
PRELOAD = "sparseobs.grid.worker"
SETTINGS = {
    # On a preempting queue workers come and go; each time a cell takes up its progress.
    "distributed.scheduler.allowed-failures": 10,
}


@contextmanager
def open_client(
    grid: Grid,
    where: str = "local",
    *,
    workers: int | None = None,
    workers_per_gpu: int = 1,
    say: Callable[[str], None] = print,
) -> Iterator[Client]:
    """Open what the grid runs on, and close it at the end unless it was there before.

    Args:
        grid: says what a cell needs and how many there are.
        where: `local`, `slurm`, or the address of a dask scheduler such as `tcp://node7:8786`.
        workers: cells at a time: by default as many as the machine holds; on SLURM it has to be said.
        workers_per_gpu: cells at a time that share a graphics processor of this machine.
        say: called, perhaps in another thread, with what the user should know of SLURM jobs.

    Raises:
        InputError: no scheduler answers, it has no worker, or what a cell needs is not to be had.
    """
    for name, number in (("workers", workers), ("workers_per_gpu", workers_per_gpu)):
        if number is not None:
            require_number(name, number, least=1, whole=True)
    with dask.config.set(SETTINGS), _silence(), ExitStack() as stack:
        if where == "local":
            cluster = local_cluster(grid, workers=workers, workers_per_gpu=workers_per_gpu)
        elif where == "slurm":
            from sparseobs.grid.clusters_slurm import slurm_cluster

            cluster = slurm_cluster(grid, workers, say)
        else:
            yield stack.enter_context(_connect(where))
            return
        yield stack.enter_context(Client(stack.enter_context(cluster), set_as_default=False))


def local_cluster(grid: Grid, *, workers: int | None = None, workers_per_gpu: int = 1) -> SpecCluster:
    """Return a cluster on this machine: processes of one cell each, or `workers_per_gpu` for each graphics processor.

    Raises:
        InputError: the cells need a graphics processor and there is none.
    """
    gpus = gpu_names() if grid.resources.gpu != "no" else []
    if grid.resources.gpu == "required" and not gpus:
        raise InputError("resources, gpu", "required", "a graphics processor that torch can use", "`gpu: optional`")
    most = min(workers or len(grid.cells), len(grid.cells))
    if not gpus and workers is None:
        most = min(most, machine_holds(grid.resources))
    return nannies(worker_options(gpus, most=most, workers_per_gpu=workers_per_gpu))


def worker_options(gpus: list[str], *, most: int, workers_per_gpu: int) -> list[dict]:
    """Return what distinguishes each worker: nothing, or the graphics processor that it has to itself or shares.

    Args:
        gpus: names as in CUDA_VISIBLE_DEVICES.
        most: workers at the most.
        workers_per_gpu: how many share one.
    """
    shared = gpus * workers_per_gpu  # one on each before a second on any
    return [{"env": {"CUDA_VISIBLE_DEVICES": name}, "resources": {GPU: 1}} for name in shared][:most] or [{}] * most


def nannies(options: list[dict]) -> SpecCluster:
    """Return a scheduler and one watched worker for each of `options`, on loopback, one cell at a time each."""
    common = {"nthreads": 1, "host": LOOPBACK, "memory_limit": 0, "preload": [PRELOAD], "silence_logs": SILENCE}
    dashboard = {"dashboard": find_spec("bokeh") is not None, "dashboard_address": f"{LOOPBACK}:0"}
    return SpecCluster(
        workers={index: {"cls": Nanny, "options": common | own} for index, own in enumerate(options)},
        scheduler={"cls": Scheduler, "options": {"host": LOOPBACK, "port": 0, **dashboard}},
        silence_logs=SILENCE,
    )


def machine_holds(resources: Resources) -> int:
    """Return how many cells this machine's processors and memory can hold at a time, at least one."""
    by_memory = MEMORY_LIMIT / (resources.memory_gb * 1e9)
    return max(1, int(min(CPU_COUNT // resources.threads, by_memory)))


def gpu_names() -> list[str]:
    """Return the graphics processors that torch can use here, as CUDA_VISIBLE_DEVICES names them."""
    import torch

    count = torch.cuda.device_count()
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    names = visible.split(",") if visible else [str(index) for index in range(count)]
    return names[:count]


def uses_gpu(client: Client, wanted: str) -> bool:
    """Return whether cells are to ask for a graphics processor.

    Args:
        client: of the cluster.
        wanted: no, optional or required.

    Raises:
        InputError: one is required and no worker has it.
    """
    if wanted == "no":
        return False
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    found = any(worker["resources"].get(GPU) for worker in workers)
    if wanted == "required" and workers and not found:
        hint = f"`dask worker --resources {GPU}=1` on a machine that has one, or `gpu: optional`"
        raise InputError("resources, gpu", "required", "a worker with a graphics processor", hint)
    return found or wanted == "required"


def _connect(address: str) -> Client:
    patience = dask.config.get("distributed.comm.timeouts.connect")
    try:
        client = Client(address, timeout=patience, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError("cluster", address, "local, slurm or a scheduler's address", "`dask scheduler`") from error
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError as error:
        client.close()
        raise InputError("cluster", address, "a scheduler with a worker", f"`dask worker {address}`") from error
    return client


@contextmanager
def _silence() -> Iterator[None]:
    """Keep dask's own log from the user; what matters of it the run says itself."""
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado.application", "asyncio")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(SILENCE)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
