"""A run is stopped by Ctrl-C, by a batch system's SIGTERM or by a closed terminal: all three the same way, in order.

As a module that dask's workers load at their start, it leaves Ctrl-C to the run, which then ends them.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from distributed import Worker


@contextmanager
def stopped_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise KeyboardInterrupt in the main thread, as SIGINT does."""
    names = (signal.SIGTERM, signal.SIGHUP)
    before = {name: signal.signal(name, signal.default_int_handler) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def dask_setup(worker: Worker) -> None:
    """Ignore SIGINT in a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
