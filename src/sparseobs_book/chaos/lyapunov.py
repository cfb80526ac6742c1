"""Lyapunov spectra of the three systems, each measured several times over; the table is stored."""

import json
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
from sparseobs.runs.results import Result, read_result, write_result
from sparseobs.scores.intervals import Interval, repeat_interval

RESULT = "lyapunov"
CODE = ("sparseobs/dynamics/lyapunov.py", "sparseobs/dynamics/tangent.py", "sparseobs_book/chaos/lyapunov.py")


@dataclass(frozen=True)
class Measurement:
    """How one system's spectrum is measured.

    Args:
        system: its name.
        n_exponents: from the largest; enough that they sum to less than zero.
        n_trajectories: independent trajectories of a repeat.
        duration: time units averaged over, of each.
        settling: time units before that.
    """

    system: str
    n_exponents: int
    n_trajectories: int = 8
    duration: float = 40.0
    settling: float = 10.0


@dataclass(frozen=True)
class Spectra:
    """What the stored table holds: every measurement, repeated from other states and other first tangents."""

    measurements: tuple[Measurement, ...]
    n_repeats: int = 5
    seed: int = 0


def _spectra(n_repeats: int, scale: float) -> Spectra:
    """Return the three systems' measurements, each `scale` times as long as on the stored table."""
    return Spectra(
        (
            Measurement("lorenz96", 40, 8, 40.0 * scale, 10.0 * scale),
            Measurement("kuramoto_sivashinsky", 36, 4, 400.0 * scale, 100.0 * scale),
            Measurement("vissio_lucarini", 72, 4, 40.0 * scale, 10.0 * scale),
        ),
        n_repeats,
    )


PRESETS = {"smoke": _spectra(2, 0.01), "lesson": _spectra(5, 1.0), "paper": _spectra(10, 10.0)}


def measure(one: Measurement, repeat: int, seed: int) -> pd.DataFrame:
    """Return one repeat's exponents: columns system, repeat, number (from 1, largest first), exponent."""
    spectrum = lyapunov_spectrum(
        named_system(one.system),
        torch_stream(seed + repeat, f"Lyapunov exponents of {one.system}"),
        n_exponents=one.n_exponents,
        n_trajectories=one.n_trajectories,
        duration=one.duration,
        settling=one.settling,
    )
    exponents = spectrum.exponents.sort(descending=True).values.tolist()
    rows = {"number": range(1, len(exponents) + 1), "exponent": exponents}
    return pd.DataFrame({"system": one.system, "repeat": repeat} | rows)


def store(spectra: Spectra, command: str, name: str = RESULT, report: Callable[[str], None] = print) -> Result:
    """Measure every spectrum and store the table; `report` is called with a line a repeat."""
    start, parts = time.perf_counter(), []
    for one in spectra.measurements:
        for repeat in range(spectra.n_repeats):
            parts.append(measure(one, repeat, spectra.seed))
            report(f"{one.system}, repeat {repeat}: leading exponent {parts[-1]['exponent'].max():.3f}")
    parameters = json.loads(json.dumps(asdict(spectra)))
    inputs = {module: sha256(SOURCE / module) for module in CODE}
    seconds = time.perf_counter() - start
    write_result(name, pd.concat(parts), run_record(command, parameters, seconds, inputs))
    return read_result(name)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row a system: leading exponent, doubling time, exponents above zero and dimension, over the repeats.

    Args:
        table: of `measure`, two repeats of a system or more.

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
