"""Cells that a grid file leaves out."""

from typing import Any, NamedTuple

from sparseobs.errors import nearest
from sparseobs.grid.model import Scalar
from sparseobs.grid.plan_axes import RANGE, Axis, Reader, Settings
from sparseobs.grid.plan_source import Place, Source

Cells = dict[str, list[Settings]]  # by size


class Exclusion(NamedTuple):
    """Cells to leave out: those where every parameter has one of these values.

    Args:
        place: where the file says so.
        values: accepted values by parameter.
    """

    place: Place
    values: dict[str, list[Scalar]]

    def matches(self, cell: Settings) -> bool:
        """Return whether a cell is left out."""
        return all(cell[name] in values for name, values in self.values.items())


def read_exclusions(reader: Reader, given: list[dict[str, Any]], axes: list[Axis]) -> list[Exclusion]:
    """Return the file's exclusions.

    Raises:
        InputError: one names no parameter of an axis, or no value, or a value of a wrong type.
    """
    names = [name for axis in axes for name in axis.names]
    exclusions = []
    for position, entry in enumerate(given):
        place = ("exclude", position)
        if not entry:
            raise reader.source.fault(place, entry, "parameters and their values", f"{names[0]}: ...")
        for name in entry:
            if name not in names:
                inside = next((axis.names for axis in axes if axis.place[-1] == name), [nearest(name, names)])
                expected = "a parameter of an axis: " + ", ".join(names)
                raise reader.source.fault((*place, name), name, expected, " or ".join(inside))
        values = {name: reader.values((*place, name), name, _listed(value)) for name, value in entry.items()}
        exclusions.append(Exclusion(place, values))
    return exclusions


def _listed(value: Any) -> Any:
    """Return a single value as a list of one."""
    several = isinstance(value, list) or (isinstance(value, str) and RANGE.fullmatch(value))
    return value if several else [value]


def remaining(cells: Cells, exclusions: list[Exclusion], source: Source) -> Cells:
    """Return the cells of each size that no exclusion leaves out.

    Raises:
        InputError: an exclusion matches no cell at any size, or a size has no cell left.
    """
    for exclusion in exclusions:
        if not any(exclusion.matches(cell) for each in cells.values() for cell in each):
            raise source.fault(exclusion.place, exclusion.values, "values that a cell has at some size", "removing it")
    left = {
        size: [cell for cell in each if not any(exclusion.matches(cell) for exclusion in exclusions)]
        for size, each in cells.items()
    }
    for size, each in left.items():
        if not each:
            given = f"all {len(cells[size])} cells of size {size} excluded"
            raise source.fault(("exclude",), given, "at least one cell left", "fewer exclusions")
    return left
