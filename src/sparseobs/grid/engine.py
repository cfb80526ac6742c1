"""Running a grid's cells on dask: what is finished is skipped, the rest is handed out, nothing is done twice.

Scheduling, retries and restarts of workers are dask's; a cell's lock and folder (see `folder`) hold whatever dask does.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from distributed import Client

from sparseobs.grid.attempt import settled
from sparseobs.grid.attempt_files import forget_failure
from sparseobs.grid.attempt_job import DONE, Job, Outcome
from sparseobs.grid.engine_hand import Hand, SchedulerLost, Started
from sparseobs.grid.engine_jobs import make_jobs
from sparseobs.grid.folder import CellFolder
from sparseobs.grid.model import Grid

__all__ = ["Outcome", "SchedulerLost", "Started", "forget_failures", "run_grid"]


def run_grid(
    grid: Grid, folder: Path, client: Client, report: Callable[[Started | Outcome], None]
) -> tuple[Outcome, ...]:
    """Execute every cell of `grid` that has no result in `folder` and has not failed there.

    Args:
        grid: checked and expanded.
        folder: of the grid; made if it is not there; every worker must see it under the same path.
        client: of a dask cluster (see `clusters.open_client`).
        report: called in this thread: for each cell that starts, and once for each that is settled.

    Returns:
        one outcome a cell, in the grid's order.

    Raises:
        InputError: the folder cannot be used, or the cluster lacks what a cell needs.
        SchedulerLost: the cluster went away; finished cells are kept and the same call goes on.
        KeyboardInterrupt: the user's; cells under way have been ended, and the same call goes on.
    """
    outcomes: dict[str, Outcome] = {}

    def settle(outcome: Outcome) -> None:
        outcomes[outcome.identity] = outcome
        report(outcome)

    jobs = make_jobs(grid, folder, client)
    waiting = [job for job in jobs if not _settle_known(job, settle)]
    with Hand(client) as hand:
        for event in hand.follow(waiting):
            settle(event) if isinstance(event, Outcome) else report(event)
    return tuple(outcomes[cell.identity] for cell in grid.cells)


def _settle_known(job: Job, settle: Callable[[Outcome], None]) -> bool:
    """Settle a cell that is not to be executed; return whether it was one."""
    cell = CellFolder(Path(job.root))
    known = settled(cell, job.identity)
    if known is None:
        return False
    if known.status == DONE:  # its run may have been killed before it could do this
        shutil.rmtree(cell.progress, ignore_errors=True)
    settle(known)
    return True


def forget_failures(grid: Grid, folder: Path) -> int:
    """Let the next run try the grid's failed cells again; return how many there are. Their logs are kept."""
    return sum(forget_failure(CellFolder.of(folder, cell.identity)) for cell in grid.cells)
