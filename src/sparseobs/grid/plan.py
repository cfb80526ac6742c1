"""From a grid file to a checked, expanded grid; whatever is wrong is said before anything runs."""

import itertools
import math
import re
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from sparseobs.errors import InputError, nearest
from sparseobs.files import project_root, sha256
from sparseobs.grid.identity import cell_identity, code_digest
from sparseobs.grid.model import Cell, Grid
from sparseobs.grid.plan_axes import MOST, Axes, Reader, Settings, remaining, require_once
from sparseobs.grid.plan_file import GridSection, Source, check_schema, read_source
from sparseobs.grid.plan_parameters import notebook_parameters

NAME = re.compile(r"(?!dictionary$)[A-Za-z][A-Za-z0-9_-]*")  # of the table in results/ as well


def load_grid(path: Path, size: str) -> Grid:
    """Return the grid that a file describes, at one of its sizes (see `load_sizes`).

    Args:
        path: a YAML file.
        size: one of those that the file names.
    """
    return load_sizes(path, size)[size]


def load_sizes(path: Path, size: str | None = None) -> dict[str, Grid]:
    """Return the grid that a file describes, by size. Every size is checked, whichever is asked for.

    Args:
        path: a YAML file, such as grids/lorenz96.yaml.
        size: smoke, lesson, study or paper: one that the file must have; None asks for none.

    Raises:
        InputError: something is wrong with the file or with what it names; the line is told.
    """
    source = read_source(path)
    if not NAME.fullmatch(path.stem):
        raise InputError("grid file", path.name, "letters, digits, - and _, and not dictionary", "my_grid.yaml")
    file = check_schema(source)
    if size is not None and size not in file.sizes:
        raise source.fault(("sizes",), size, "one of " + ", ".join(file.sizes), f"--size {next(iter(file.sizes))}")
    notebook = project_root() / file.notebook
    reader = Reader(source, notebook_parameters(notebook, source))
    axes = {name: reader.axis(("axes", name), given) for name, given in file.axes.items()}
    cells = {name: expand(reader, file, name, axes) for name in file.sizes}
    exclusions = [reader.exclusion(("exclude", position), each, axes) for position, each in enumerate(file.exclude)]
    inputs, code = input_hashes(source, file.inputs), code_digest(notebook)
    return {
        name: Grid(
            name=path.stem,
            title=file.title,
            path=path,
            size=name,
            notebook=notebook,
            axes=tuple(each for steps in axes.values() for each in steps[0]),
            cells=tuple(Cell(cell_identity(code, each, inputs), each) for each in left),
            resources=file.resources.model_copy(update=file.sizes[name].resources.model_dump(exclude_unset=True)),
            cost=file.sizes[name].cost,
            inputs=inputs,
            code=code,
        )
        for name, left in remaining(cells, exclusions, source).items()
    }


def expand(reader: Reader, file: GridSection, size: str, axes: Axes) -> list[Settings]:
    """Return the parameters of the cells that the axes span at one size, before exclusions.

    Raises:
        InputError: a parameter or an axis of the size is wrong, a parameter is set twice, or one that the notebook
            would else read from the environment is not, or there are too many cells.
    """
    section, source = file.sizes[size], reader.source
    common = reader.parameters(("parameters",), file.parameters)
    common |= reader.parameters(("sizes", size, "parameters"), section.parameters)
    places = {name: ("parameters", name) for name in file.parameters}
    places |= {name: ("sizes", size, "parameters", name) for name in section.parameters}
    on_axes = [(name, ("axes", axis)) for axis, each in axes.items() for name in each[0]]
    require_once([*places.items(), *on_axes], source)
    steps = (axes | own_axes(reader, size, section.axes, axes)).values()
    if (count := math.prod(map(len, steps))) > MOST:
        raise source.fault(("axes",), f"{count} cells", f"at most {MOST}", "several grids")
    cells = [reduce(or_, each, common) for each in itertools.product(*steps)]  # the last axis changes fastest
    for name, parameter in reader.known.items():
        if parameter.set_by_machine and name not in cells[0]:
            expected = f"{name}, which the notebook else takes from the environment of whoever runs it"
            raise source.fault(("sizes", size), f"no {name}", expected, f"setting {name} in its parameters")
    return cells


def own_axes(reader: Reader, size: str, given: dict[str, Any], common: Axes) -> Axes:
    """Return the axes that a size puts in the place of the common ones.

    Raises:
        InputError: one is no axis of the grid, or has other parameters than that axis.
    """
    own = {}
    for name, values in given.items():
        place = ("sizes", size, "axes", name)
        if name not in common:
            zipped = [axis for axis, steps in common.items() if name in steps[0]]
            expected = "an axis of the grid: " + ", ".join(common)
            raise reader.source.fault(place, name, expected, (zipped or [nearest(name, common)])[0])
        own[name] = reader.axis(place, values)
        if own[name][0].keys() != common[name][0].keys():
            expected = "the parameters that this axis has in axes: " + ", ".join(common[name][0])
            raise reader.source.fault(place, ", ".join(own[name][0]), expected, "the same parameters")
    return own


def input_hashes(source: Source, patterns: list[str]) -> dict[str, str]:
    """Return the SHA-256 of every file that the patterns match, by its path below the project.

    Raises:
        InputError: a pattern leads out of the project or matches no file.
    """
    root, found = project_root(), {}
    for position, pattern in enumerate(patterns):
        place = ("inputs", position)
        if not pattern or Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            raise source.fault(place, pattern, "a path below the project", "a link there to files that lie elsewhere")
        files = [path for path in root.glob(pattern) if path.is_file()]
        if not files:
            raise source.fault(place, pattern, "a pattern that matches a file", "making or fetching the files first")
        found |= {path.relative_to(root).as_posix(): sha256(path) for path in files}
    return dict(sorted(found.items()))
