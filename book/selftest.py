"""Whether this machine and this Python will do for the book: `python book/selftest.py`, a line for each thing.
It needs nothing but Python to begin with, so that it can say what else is missing.
"""

import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)
MEMORY, DISK = 2.0, 2.0  # GB: what the largest page needs, and what the built book and its cache do
GB = 1e9
SHOWN = 4  # packages that are named in one line
BARE = re.compile(r"python[\d.]*(?:\.exe)?")  # Jupyter puts its own Python in the place of such a name
SECONDS = 2.0  # that a network is trained
NO_PACKAGE = "try make selftest, which makes the book's environment, or pip install -e . in the book's folder"


class Unfit(Exception):
    """What is wrong, and what to try."""


class Note(Exception):
    """What may be otherwise than in the book, without keeping anything from running."""


def python() -> str:
    """Look at this Python's version."""
    if sys.version_info[:2] < OLDEST:
        raise Unfit(f"{platform.python_version()}; 3.11 or newer is needed. Try make PYTHON=/path/to/python3.12")
    return f"{platform.python_version()} in {sys.prefix}"


def packages() -> str:
    """Compare the installed packages with the pins of constraints.txt."""
    pins = re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    same, others = 0, []
    for name, pinned in pins:
        try:
            installed = version(name).split("+")[0]  # a build for a processor is the same version
        except PackageNotFoundError:
            continue  # of an extra, or of another platform
        same += installed == pinned
        others += [] if installed == pinned else [f"{name} {installed} ({pinned})"]
    if not same and not others:
        raise Unfit(f"none of {len(pins)} is installed; {NO_PACKAGE}")
    if others:
        more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        raise Note(f"{', '.join(others[:SHOWN])}{more}: not the book's version (in brackets), digits may differ")
    return f"{same} installed, each in the book's version"


def memory() -> str:
    """Look at the free memory."""
    try:
        from psutil import virtual_memory
    except ModuleNotFoundError:
        raise Note("unknown without psutil") from None
    return _enough(virtual_memory().available / GB, MEMORY, "close other programs")


def disk() -> str:
    """Look at the free space of the disk that holds the book."""
    return _enough(shutil.disk_usage(ROOT).free / GB, DISK, "make clean, or another disk")


def _enough(free: float, needed: float, hint: str) -> str:
    if free < needed:
        raise Unfit(f"{free:.1f} GB free; {needed:.0f} GB are needed. Try {hint}")
    return f"{free:.1f} GB free"


def cores() -> str:
    """Count the cores that this process may use."""
    number = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if number < 2:
        raise Note("1; pages take up to twice as long as their cards say")
    return str(number)


def kernel() -> str:
    """Look whether notebooks would run in this environment."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ModuleNotFoundError:
        raise Unfit(f"there is no Jupyter; {NO_PACKAGE}") from None
    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        raise Unfit("Jupyter has no kernel python3. Try python -m ipykernel install --sys-prefix") from None
    folder = Path(sys.executable if BARE.fullmatch(program) else program).parent
    if folder.resolve() != Path(sys.executable).parent.resolve():
        raise Unfit(f"Jupyter's python3 is {program}, not this one. Try python -m ipykernel install --sys-prefix")
    return "Jupyter's python3 is this environment"


def a_filter() -> str:
    """Run a tuned filter on Lorenz-96 and look at its error."""
    from sparseobs.dynamics.climate import attractor_states, climatological_ensemble
    from sparseobs.dynamics.lorenz96 import Lorenz96
    from sparseobs.filtering.letkf import LETKFSettings, run_letkf
    from sparseobs.observing.patterns import EveryKth
    from sparseobs.observing.twin_experiment import simulate
    from sparseobs.randomness import torch_stream
    from sparseobs.scores.ensemble import spatial_rmse, time_mean

    system, started = Lorenz96(), time.perf_counter()
    world = simulate(system, EveryKth(2), n_cycles=120, batch=1, obs_error_std=1.0, seed=0)
    states = attractor_states(system, 50, torch_stream(0, "climate"))
    members = climatological_ensemble(states, (1, 10), torch_stream(0, "members"))
    rotations = torch_stream(0, "rotations")
    run = run_letkf(LETKFSettings(1.1, 4.0), system, world.observations, members, generator=rotations)
    error = time_mean(spatial_rmse(run.mean, world.truth), burn_in=60).item()
    if not error < 1:
        raise Unfit(f"an error of {error:.2f}, not below 1; {NO_PACKAGE}")
    return f"120 cycles in {time.perf_counter() - started:.1f} s, error {error:.2f}, below the noise of 1"


def a_network() -> str:
    """Train a small ConvCNP for two seconds and look whether its loss falls."""
    import torch

    from sparseobs.neural_process.laboratory import GaussianProcess, draw_tasks
    from sparseobs.neural_process.one_dimension import LineConfig, LineConvCNP
    from sparseobs.neural_process.training import batch_loss
    from sparseobs.randomness import torch_stream

    model = LineConvCNP(LineConfig(channels=(16, 16, 16), kernel=3, points_per_unit=16.0))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    tasks, losses = draw_tasks(GaussianProcess(0.5), 16, torch_stream(0, "self-test")), []
    started = time.perf_counter()
    while time.perf_counter() - started < SECONDS or len(losses) < 10:
        loss = batch_loss(model, tasks)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if not losses[-1] < losses[0]:
        raise Unfit(f"the loss went from {losses[0]:.2f} to {losses[-1]:.2f}; {NO_PACKAGE}")
    per_step = (time.perf_counter() - started) / len(losses)
    return f"{1e3 * per_step:.0f} ms a training step, the loss falls from {losses[0]:.2f} to {losses[-1]:.2f}"


LOOKS = {
    "Python": python,
    "packages": packages,
    "memory": memory,
    "disk": disk,
    "cores": cores,
    "kernel": kernel,
    "filter": a_filter,
    "network": a_network,
}


def main(looks: dict[str, Callable[[], str]] = LOOKS) -> int:
    """Look at everything; return 0 if nothing keeps the book from running here."""
    failed = []
    for name, look in looks.items():
        try:
            kind, text = "ok", look()
        except Note as note:
            kind, text = "note", str(note)
        except Unfit as unfit:
            kind, text = "FAIL", str(unfit)
        except ModuleNotFoundError as error:
            kind, text = "FAIL", f"there is no {error.name}; {NO_PACKAGE}"
        except Exception as error:  # whatever a broken installation raises is a line as well
            kind, text = "FAIL", f"{type(error).__name__}: {error}; {NO_PACKAGE}"
        failed += [name] * (kind == "FAIL")
        print(f"{kind:<5} {name:<9} {text}", flush=True)
    print(f"This machine will not do yet: {', '.join(failed)}." if failed else "This machine will do.")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
