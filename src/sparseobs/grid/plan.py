"""From a grid file to a checked, expanded grid; whatever is wrong is said before anything runs."""

import re
from pathlib import Path
from typing import Any

from sparseobs.errors import InputError, nearest
from sparseobs.files import project_root, sha256
from sparseobs.grid.identity import cell_identity, code_digest
from sparseobs.grid.model import Cell, Grid
from sparseobs.grid.plan_axes import Axis, Reader, Settings, product, remaining, require_once
from sparseobs.grid.plan_file import GridSection, Source, check_schema, read_source
from sparseobs.grid.plan_parameters import notebook_parameters

NAME = re.compile(r"(?!dictionary$)[A-Za-z][A-Za-z0-9_-]*")  # of the table in results/ as well


def load_grid(path: Path, size: str) -> Grid:
    """Return the grid that a file describes, at one of its sizes (see `load_sizes`).

    Args:
        path: a YAML file, such as grids/lorenz96.yaml.
        size: smoke, lesson, study or paper, as far as the file has it.

    Raises:
        InputError: something is wrong with the file or with what it names; the line is told.
    """
    return load_sizes(path, size)[size]


def load_sizes(path: Path, size: str | None = None) -> dict[str, Grid]:
    """Return the grid that a file describes, by size. Every size is checked, whichever is asked for.

    Args:
        path: a YAML file, such as grids/lorenz96.yaml.
        size: one that the file must have; None asks for none.

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
    axes, cells = {}, {}
    for name in file.sizes:
        axes[name], cells[name] = expand(reader, file, name)
    common = axes[size or next(iter(file.sizes))]  # the parameters are the same at every size
    places = [("exclude", position) for position in range(len(file.exclude))]
    exclusions = [reader.exclusion(*each, common) for each in zip(places, file.exclude, strict=True)]
    inputs, code = input_hashes(source, file.inputs), code_digest(notebook)
    return {
        name: Grid(
            name=path.stem,
            title=file.title,
            path=path,
            size=name,
            notebook=notebook,
            axes=tuple(each for axis in axes[name] for each in axis.names),
            cells=tuple(Cell(cell_identity(code, each, inputs), each) for each in left),
            resources=file.resources.model_copy(update=file.sizes[name].resources.model_dump(exclude_unset=True)),
            cost=file.sizes[name].cost,
            inputs=inputs,
            code=code,
        )
        for name, left in remaining(cells, exclusions, source).items()
    }


def expand(reader: Reader, file: GridSection, size: str) -> tuple[list[Axis], list[Settings]]:
    """Return the axes of one size and the parameters of the cells that they span, before exclusions.

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
    require_once([*places.items(), *((name, axis.place) for axis in axes.values() for name in axis.names)], source)
    axes |= own_axes(reader, axes, size, section.axes)
    cells = [common | each for each in product(axes.values(), source)]
    for name, parameter in reader.known.items():
        if parameter.set_by_machine and name not in cells[0]:
            expected = f"{name}, which the notebook else takes from the environment of whoever runs it"
            raise source.fault(("sizes", size), f"no {name}", expected, f"setting {name} in its parameters")
    return list(axes.values()), cells


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
