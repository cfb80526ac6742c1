"""Where a benchmark's numbers go when a page is to show them."""

import sys
from pathlib import Path

import pandas as pd

from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import write_result


def store(name: str, table: pd.DataFrame, parameters: dict, seconds: float) -> None:
    """Write a table under `results/`, with the command that is running as its own."""
    command = " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])
    write_result(name, table, {"size": "study", **run_record(command, parameters, seconds)})
