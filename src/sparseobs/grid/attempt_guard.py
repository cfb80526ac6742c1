"""What watches a running attempt: its time limit, its heartbeat, and whether the worker that wants it still lives."""

import os
import select
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

from sparseobs.grid.folder import HEARTBEAT_SECONDS

MARK = "SPARSEOBS_CELL"  # in the environment of all that an attempt starts, whatever session or parent it ends up with


def end_marked(root: Path) -> None:
    """Kill every process of this machine and user that an attempt of the cell at `root` started."""
    while marked := [process for process in psutil.process_iter() if _belongs(process, root)]:
        for process in marked:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(marked, timeout=5)


def _belongs(process: psutil.Process, root: Path) -> bool:
    try:
        mark = process.environ().get(MARK)
        return mark is not None and root in Path(mark).parents and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):  # gone meanwhile, or another user's
        return False


class Guard(threading.Thread):
    """A thread that ends what the attempt started when its time is up, and all of it when its worker is gone.

    Args:
        root: the cell's folder.
        attempt: the attempt's folder.
        limit_seconds: after this its notebook is stopped, and `timed_out` set.
        lifeline: file descriptor that reaches its end when the worker is gone.
    """

    def __init__(self, root: Path, attempt: Path, *, limit_seconds: float, lifeline: int):
        super().__init__(daemon=True)
        self.root, self.heartbeat, self.lifeline = root, attempt / "heartbeat", lifeline
        self.deadline = time.monotonic() + limit_seconds
        self.timed_out = False
        self._finished, self._finish = os.pipe()

    def __enter__(self) -> "Guard":
        signal.signal(signal.SIGTERM, lambda *_: end_all(self.root))
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.write(self._finish, b".")
        self.join()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def run(self) -> None:
        """Watch until the attempt has finished."""
        while True:
            left = max(0.0, self.deadline - time.monotonic())
            wait = HEARTBEAT_SECONDS if self.timed_out else min(HEARTBEAT_SECONDS, left)
            ready, _, _ = select.select([self._finished, self.lifeline], [], [], wait)
            if self._finished in ready:
                return
            if self.lifeline in ready:
                end_all(self.root)
            if time.monotonic() >= self.deadline:
                self.timed_out = True
                end_marked(self.root)
            with suppress(OSError):  # a file system that is away for a moment must not end the watch
                os.utime(self.heartbeat)


def end_all(root: Path) -> None:
    """End all that the attempt started, and this process at once: nobody wants the cell's result any more."""
    end_marked(root)
    os._exit(128 + signal.SIGTERM)
