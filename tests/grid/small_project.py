"""A project with one notebook, one input and a grid file, small enough to change a line of and look what happens."""

import textwrap
from pathlib import Path

import nbformat

GRID = """\
title: Filters by noise and seed
notebook: notebooks/filters.ipynb
inputs: [data/*.csv]
parameters: {stride: 4}
axes:
  noise: [1, 2.5]
  tuning:
    members: [5, 10]
    inflation: [1.2, 1.07]
  seed: 0..2
exclude:
  - {noise: 2.5, members: [5, 10], seed: 1..2}
resources: {threads: 2, gpu: no}
sizes:
  smoke:
    parameters: {preset: smoke}
    axes: {seed: [0]}
    cost: {seconds: 8, measured_on: one core}
  paper:
    parameters: {preset: paper, stride: 8}
    resources: {minutes: 600}
    cost: {seconds: 3600, measured_on: an estimate}
"""
PARAMETERS = """\
import os
preset: str = os.environ.get("SPARSEOBS_PRESET", "lesson")
noise = 1.0
stride = 4  # every how many sites
members = 10
inflation = 1.0
seed = 0
name = "LETKF"  # of the filter
tuned = False
steps = None
limit: Optional[float] = None
radius = None  # type: float
where = "a" + "b"
"""


def write_project(root: Path) -> None:
    """Write the project's files below `root`."""
    (root / "results").mkdir()
    (root / "data").mkdir()
    (root / "data" / "truth.csv").write_text("x\n1\n")
    write_notebook(root / "notebooks" / "filters.ipynb", "from sparseobs.dynamics import lorenz96")


def write_notebook(path: Path, *cells: str, parameters: str = PARAMETERS, tag: str = "parameters") -> None:
    """Write a notebook with a heading, a cell of parameters and the cells given."""
    path.parent.mkdir(exist_ok=True)
    code = [nbformat.v4.new_code_cell(parameters, metadata={"tags": [tag]}), *map(nbformat.v4.new_code_cell, cells)]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Filters"), *code])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


def write_grid(root: Path, *changes: tuple[str, str], text: str = GRID) -> Path:
    """Write the grid file with some of its text replaced and return its path."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = root / "grids" / "filters.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(textwrap.dedent(text))
    return path
