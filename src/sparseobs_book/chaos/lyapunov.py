"""Lyapunov spectra of the three systems, each measured several times over; the table is stored."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import pandas as pd
import torch

from sparseobs.dynamics.catalogue import named_system
from sparseobs.dynamics.lyapunov import kaplan_yorke_dimension, lyapunov_spectrum
from sparseobs.files import SOURCE, sha256
from sparseobs.randomness import torch_stream
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import write_result
from sparseobs.scores.intervals import Interval, repeat_interval

CODE = ("sparseobs/dynamics/lyapunov.py", "sparseobs/dynamics/tangent.py", "sparseobs_book/chaos/lyapunov.py")


# Of each system: how many exponents, from the largest, enough that they sum to less than zero; independent
# trajectories of a repeat; time units averaged over, of each; time units before that.
MEASURED = {
    "lorenz96": (40, 8, 40.0, 10.0),
    "kuramoto_sivashinsky": (36, 4, 400.0, 100.0),
    "vissio_lucarini": (72, 4, 40.0, 10.0),
}


@dataclass(frozen=True)
class Repeats:
    """How often every spectrum is measured, from other states and other first tangents each time, and how long.

    Args:
        n_repeats: repeats of each system.
        length: factor on the time units of `MEASURED`.
        seed: of the first repeat.
    """

    n_repeats: int = 5
    length: float = 1.0
    seed: int = 0


PRESETS = {"smoke": Repeats(2, 0.01), "lesson": Repeats(), "paper": Repeats(10, 10.0)}


def measure(system: str, seed: int, length: float = 1.0) -> list[float]:
    """Return one repeat's exponents, largest first, over `length` times the time units of `MEASURED`."""
    n_exponents, n_trajectories, duration, settling = MEASURED[system]
    spectrum = lyapunov_spectrum(
        named_system(system),
        torch_stream(seed, f"Lyapunov exponents of {system}"),
        n_exponents=n_exponents,
        n_trajectories=n_trajectories,
        duration=duration * length,
        settling=settling * length,
    )
    return spectrum.exponents.sort(descending=True).values.tolist()


def store(how: Repeats, command: str, name: str, report: Callable[[str], None]) -> None:
    """Measure every spectrum and store the table; `report` is called with a line a repeat.

    The table's columns are system, repeat, number (from 1, largest first) and exponent.
    """
    start, rows = time.perf_counter(), []
    for system in MEASURED:
        for repeat in range(how.n_repeats):
            exponents = measure(system, how.seed + repeat, how.length)
            rows += [(system, repeat, number, value) for number, value in enumerate(exponents, start=1)]
            report(f"{system}, repeat {repeat}: leading exponent {exponents[0]:.3f}")
    inputs = {module: sha256(SOURCE / module) for module in CODE}
    parameters = asdict(how) | {"measured": {system: list(numbers) for system, numbers in MEASURED.items()}}
    table = pd.DataFrame(rows, columns=["system", "repeat", "number", "exponent"])
    write_result(name, table, run_record(command, parameters, time.perf_counter() - start, inputs))


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row a system: leading exponent, doubling time, exponents above zero and dimension, over the repeats.

    Args:
        table: of `store`, two repeats of a system or more.

    Returns:
        Indexed by system; intervals of the mean over repeats are texts. An exponent counts as positive if its
        interval lies above zero, so the zeros that belong to the direction of motion and to shifts do not.
    """
    rows = {}
    for system, part in table.groupby("system", sort=False):
        spectra = part.pivot(index="repeat", columns="number", values="exponent").to_numpy()
        dimensions = [kaplan_yorke_dimension(torch.tensor(one)) for one in spectra]
        rows[system] = {
            "leading exponent": str(repeat_interval(spectra[:, 0])),
            "doubling time": str(repeat_interval(math.log(2) / spectra[:, 0])),
            "positive": sum(interval.low > 0 for interval in exponent_intervals(part)),
            "Kaplan-Yorke dimension": str(repeat_interval(dimensions)),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("system")


def exponent_intervals(table: pd.DataFrame) -> list[Interval]:
    """Return the interval of each exponent of one system over its repeats, largest first."""
    return [repeat_interval(values) for _, values in table.groupby("number")["exponent"]]
