"""Execute pages side by side: a Jupyter kernel each, one thread each, in an empty folder each.

One thread a page (unless OMP_NUM_THREADS says otherwise) keeps its numbers the same whichever pages run beside it; an
empty folder shows that it needs nothing but the package and leaves nothing behind.
"""

import os
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient

ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass
class Executed:
    """A page with its outputs, up to the cell that failed if one did, and what is wrong with it."""

    path: Path
    notebook: nbformat.NotebookNode
    seconds: float
    failure: str


class Executor:
    """Runs pages, `workers` at a time; `cell_timeout` is in seconds, `log` takes what kernels say about themselves."""

    def __init__(self, workers: int, cell_timeout: float, log: Path):
        self.workers, self._cell_timeout, self._log = workers, cell_timeout, log
        self._clients: list[NotebookClient] = []

    def execute(self, pages: list[Path]) -> Iterator[Executed]:
        """Yield each page as it ends; they are begun in the order given. Closed early, end every kernel."""
        pool = ThreadPoolExecutor(self.workers)
        waiting = {pool.submit(self._execute, page) for page in pages}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(future.done() for future in waiting):
                self._kill_kernels()
                wait(waiting, timeout=0.2)

    def _execute(self, page: Path) -> Executed:
        started, notebook, failure = time.monotonic(), nbformat.read(page, as_version=4), ""
        with TemporaryDirectory() as folder, self._log.open("a") as log:
            where = {"metadata": {"path": folder}}
            # Times among the cells' metadata would make another notebook of it for Jupyter's cache.
            client = NotebookClient(notebook, timeout=self._cell_timeout, resources=where, record_timing=False)
            self._clients.append(client)
            try:
                client.execute(env=ONE_THREAD | os.environ, stdout=log, stderr=log)
                if left := sorted(path.name for path in Path(folder).iterdir()):
                    failure = f"it left {', '.join(left)} in the folder that it ran in; write to a temporary folder"
            except Exception as error:  # a cell raised or took too long, a kernel died: the page's failure, no other's
                failure = f"{type(error).__name__}: {error}"
            finally:
                self._clients.remove(client)
        return Executed(page, notebook, time.monotonic() - started, failure)

    def _kill_kernels(self) -> None:
        for client in list(self._clients):
            if client.km is not None and client.km.has_kernel:
                client.km.provisioner.process.kill()
