"""What a grid is: a notebook, axes of parameters, and the cells that they span."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sparseobs.grid.identity import Scalar


class Section(BaseModel):
    """A mapping in a grid file with exactly these keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Resources(Section):
    """What one cell needs.

    Args:
        threads: CPU threads; every numerical library is held to it.
        gpu: whether a cell wants a graphics processor: `no`, `optional` or `required`.
        memory_gb: gigabytes, asked of a cluster's scheduler.
        minutes: a cell that takes longer is stopped and counts as failed.
    """

    threads: int = Field(1, ge=1, le=1024)
    gpu: Literal["no", "optional", "required"] = "no"
    memory_gb: float = Field(2.0, gt=0, allow_inf_nan=False)
    minutes: float = Field(60.0, gt=0, allow_inf_nan=False)


class Cost(Section):
    """What one cell is expected to take.

    Args:
        seconds: wall time of a cell.
        measured_on: the machine that showed it, or `estimate` and from what.
    """

    seconds: float = Field(gt=0, allow_inf_nan=False)
    measured_on: str = Field(min_length=1)


@dataclass(frozen=True)
class Cell:
    """One execution of the grid's notebook.

    Args:
        identity: 16 hexadecimal digits of the hash of all that decides the result: the notebook's code, these
            parameters, the package's version and the code it imports, and the inputs.
        parameters: every parameter handed to the notebook, axes and common ones.
    """

    identity: str
    parameters: dict[str, Scalar]


@dataclass(frozen=True)
class Grid:
    """A grid at one size, checked and expanded.

    Args:
        name: of the grid file, and of the table in `results/`.
        title: one line for people.
        path: the grid file.
        size: smoke, lesson or paper.
        notebook: what a cell executes.
        axes: names of the parameters that vary, in the order of the file.
        cells: all of them, in the order of the axes, the last changing fastest.
        resources: of one cell.
        cost: expected, of one cell.
        inputs: SHA-256 by path (relative to the project) of every file whose content decides the results.
        code: SHA-256 of the notebook's code and of the package's modules that it imports.
    """

    name: str
    title: str
    path: Path
    size: str
    notebook: Path
    axes: tuple[str, ...]
    cells: tuple[Cell, ...]
    resources: Resources
    cost: Cost
    inputs: dict[str, str]
    code: str
