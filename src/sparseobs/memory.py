"""Memory that one step of a computation frees is kept for the next, instead of being fetched from the system anew."""

import ctypes
import os

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # parameters of glibc's `mallopt`
MOST = 2**31 - 1  # bytes; the largest that fits
OWN = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")  # the user's own wishes


def keep_freed_memory() -> bool:
    """Ask the C library to keep what is freed, and return whether it will.

    A training step frees hundreds of tensors and asks for the same sizes again. By default glibc hands large ones back
    to the system, which then maps and clears every page of the next: on a virtual machine this can take more time than
    the arithmetic. A process never holds more than its own peak for it, but holds that until it ends. Nothing is done
    where the user has set one of `OWN`, nor with another C library.
    """
    if any(name in os.environ for name in OWN):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return False
    return all(mallopt(name, MOST) for name in (TRIM_THRESHOLD, MMAP_THRESHOLD))
