"""From a grid file to a checked, expanded grid; whatever is wrong is said before anything runs."""

import re
from pathlib import Path
from typing import Any, NamedTuple

from sparseobs.errors import InputError, nearest
from sparseobs.files import project_root, sha256
from sparseobs.grid.identity import cell_identity, code_digest
from sparseobs.grid.model import Cell, Cost, Grid, Resources
from sparseobs.grid.plan_axes import Axis, Reader, Settings, product, require_once
from sparseobs.grid.plan_exclusions import read_exclusions, remaining
from sparseobs.grid.plan_parameters import notebook_parameters
from sparseobs.grid.plan_schema import GridSection, check_schema
from sparseobs.grid.plan_source import Source, read_source

NAME = re.compile(r"(?!dictionary$)[A-Za-z][A-Za-z0-9_-]*")  # of the table in results/ as well


class Expansion(NamedTuple):
    """A grid at one size, before exclusions.

    Args:
        axes: in the order of the file.
        cells: the parameters of each cell.
    """

    axes: list[Axis]
    cells: list[Settings]


def load_grid(path: Path, size: str) -> Grid:
    """Return the grid that a file describes, at one of its sizes. Every size is checked, whichever is asked for.

    Args:
        path: a YAML file, such as grids/lorenz96.yaml.
        size: smoke, lesson, study or paper, as far as the file has it.

    Raises:
        InputError: something is wrong with the file or with what it names; the line is told.
    """
    source = read_source(path)
    if not NAME.fullmatch(path.stem):
        raise InputError("grid file", path.name, "letters, digits, - and _, and not dictionary", "my_grid.yaml")
    file = check_schema(source)
    if size not in file.sizes:
        raise source.fault(("sizes",), size, "one of " + ", ".join(file.sizes), f"--size {next(iter(file.sizes))}")
    notebook = project_root() / file.notebook
    reader = Reader(source, notebook_parameters(notebook, source))
    expansions = {name: expand(reader, file, name) for name in file.sizes}
    axes = expansions[size].axes
    exclusions = read_exclusions(reader, file.exclude, axes)
    cells = remaining({name: each.cells for name, each in expansions.items()}, exclusions, source)[size]
    inputs, code = input_hashes(source, file.inputs), code_digest(notebook)
    own = file.sizes[size].resources.model_dump(exclude_unset=True)
    return Grid(
        name=path.stem,
        title=file.title,
        path=path,
        size=size,
        notebook=notebook,
        axes=tuple(name for axis in axes for name in axis.names),
        cells=tuple(Cell(cell_identity(code, each, inputs), each) for each in cells),
        resources=Resources(**file.resources.model_dump() | own),
        cost=Cost(**file.sizes[size].cost.model_dump()),
        inputs=inputs,
        code=code,
    )


def expand(reader: Reader, file: GridSection, size: str) -> Expansion:
    """Return the axes of one size and the cells that they span.

    Raises:
        InputError: an axis or a parameter is wrong, or set twice, or one that the notebook would else read from the
            environment is not set.
    """
    section, source = file.sizes[size], reader.source
    common = reader.parameters(("parameters",), file.parameters)
    common |= reader.parameters(("sizes", size, "parameters"), section.parameters)
    places = {name: ("parameters", name) for name in file.parameters}
    places |= {name: ("sizes", size, "parameters", name) for name in section.parameters}
    axes = {name: reader.axis(("axes", name), given) for name, given in file.axes.items()}
    require_once(list(axes.values()), places, source)
    axes |= own_axes(reader, axes, size, section.axes)
    cells = [common | each for each in product(list(axes.values()), source)]
    for name, parameter in reader.known.items():
        if parameter.set_by_machine and name not in cells[0]:
            expected = f"{name}, which the notebook else takes from the environment of whoever runs it"
            raise source.fault(("sizes", size), f"no {name}", expected, f"setting {name} in its parameters")
    return Expansion(list(axes.values()), cells)


def own_axes(reader: Reader, common: dict[str, Axis], size: str, given: dict[str, Any]) -> dict[str, Axis]:
    """Return the axes that a size puts in the place of the common ones.

    Raises:
        InputError: one is no axis of the grid, or has other parameters than that axis.
    """
    own = {}
    for name, values in given.items():
        place = ("sizes", size, "axes", name)
        if name not in common:
            zipped = [axis for axis in common if name in common[axis].names]
            expected = "an axis of the grid: " + ", ".join(common)
            raise reader.source.fault(place, name, expected, (zipped or [nearest(name, common)])[0])
        own[name] = reader.axis(place, values)
        if set(own[name].names) != set(common[name].names):
            expected = "the parameters that this axis has in axes: " + ", ".join(common[name].names)
            raise reader.source.fault(place, ", ".join(own[name].names), expected, "the same parameters")
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
