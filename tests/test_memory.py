"""Counted in a process of its own, for what one test asks of the C library stays asked."""

import os
import platform
import subprocess
import sys

import pytest

from sparseobs.memory import MMAP_THRESHOLD, OWN

FAULTS = """
import resource
import {module}

def faults(times, size=40_000_000):
    begin = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        b"x" * size
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - begin

faults(2)
print(faults(20))
"""


def page_faults(module, **environment):
    kept = {name: value for name, value in os.environ.items() if name not in OWN}
    command = [sys.executable, "-c", FAULTS.format(module=module)]
    done = subprocess.run(command, env=kept | environment, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is asked to keep memory")
def test_pages_of_what_was_freed_are_there_for_what_comes_next():
    usual = page_faults("json")
    assert usual > 20 * 500  # or there is nothing to mend; kernels map up to 64 kB of 40 MB at a fault
    assert page_faults("sparseobs") < usual / 20
    assert page_faults("sparseobs", MALLOC_TRIM_THRESHOLD_="131072") > usual / 2  # the user's own wish


def test_another_library_is_left_alone(monkeypatch):
    from sparseobs import memory

    for name in OWN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert memory.keep_freed_memory() is False
    asked = []

    class Library:
        def mallopt(self, name, value):
            asked.append(name)
            return name != MMAP_THRESHOLD

    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: Library())
    assert memory.keep_freed_memory() is False and MMAP_THRESHOLD in asked
