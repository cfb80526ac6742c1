"""From the axes of a grid file to the parameters of its cells: products, zips and what is left out."""

import itertools
import math
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from sparseobs.errors import nearest
from sparseobs.grid.identity import Scalar
from sparseobs.grid.plan_file import Place, Source
from sparseobs.grid.plan_parameters import Parameter

RANGE = re.compile(r"(\d+)\.\.(\d+)")
MOST = 100_000  # cells of a grid, or values of an axis
Settings = dict[str, Scalar]


class Axis(NamedTuple):
    """An axis: what its parameters are at each of its steps.

    Args:
        names: its parameters; several for a zip.
        steps: their values, at least one step.
        place: where the file says so.
    """

    names: tuple[str, ...]
    steps: list[Settings]
    place: Place


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


class Reader:
    """Reads parameters and their values from a file, for one notebook.

    Args:
        source: the grid file.
        known: the notebook's parameters.
    """

    def __init__(self, source: Source, known: dict[str, Parameter]):
        self.source, self.known = source, known

    def axis(self, place: Place, given: Any) -> Axis:
        """Return an axis; a mapping is a zip.

        Raises:
            InputError: an unknown parameter, a wrong type, no or repeated values, or a zip of unequal lengths.
        """
        if isinstance(given, dict):
            columns = {name: self.values((*place, name), name, column) for name, column in given.items()}
        else:
            columns = {str(place[-1]): self.values(place, str(place[-1]), given)}
        if not columns:
            raise self.source.fault(place, given, "parameters that change together", "a list of values")
        if len(set(map(len, columns.values()))) > 1:
            lengths = ", ".join(f"{name} {len(column)}" for name, column in columns.items())
            raise self.source.fault(place, lengths, "as many values of each parameter", "one axis each")
        steps = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        self._refuse_repeats(place, steps)
        return Axis(tuple(columns), steps, place)

    def values(self, place: Place, name: str, given: Any) -> list[Scalar]:
        """Return the values of one parameter on an axis: a list, or a range of whole numbers such as 0..9."""
        self.require_known(place, name)
        if isinstance(given, str) and (span := RANGE.fullmatch(given)):
            first, last = map(int, span.groups())
            if not first <= last < first + MOST:
                expected = f"1 to {MOST} values, both ends included"
                raise self.source.fault(place, given, expected, f"{last}..{first}" if last < first else "0..9")
            given = range(first, last + 1)
        if not isinstance(given, (list, range)):
            raise self.source.fault(place, given, "a list of values or a range such as 0..9", f"[{given}]")
        if not given:
            raise self.source.fault(place, given, "at least one value", "some, or removing it")
        return [self.value((*place, position), name, value) for position, value in enumerate(given)]

    def value(self, place: Place, name: str, given: Any) -> Scalar:
        """Return one value as the notebook's parameter takes it."""
        if isinstance(given, float) and not math.isfinite(given):
            raise self.source.fault(place, given, "a finite number", "null, if the notebook knows what it means")
        try:
            return self.known[name].fit(given)
        except TypeError as error:
            hint = f"a value such as the notebook's own, {name} = {self.known[name].default}"
            raise self.source.fault(place, given, str(error), hint) from error

    def parameters(self, place: Place, given: dict[str, Any]) -> Settings:
        """Return parameters that are the same in every cell."""
        for name in given:
            self.require_known((*place, name), name)
        return {name: self.value((*place, name), name, value) for name, value in given.items()}

    def require_known(self, place: Place, name: str) -> None:
        """Raise `InputError` unless the notebook has a parameter of that name."""
        if name not in self.known:
            expected = "a parameter of the notebook: " + ", ".join(self.known)
            raise self.source.fault(place, name, expected, nearest(name, self.known))

    def exclusion(self, place: Place, given: dict[str, Any], axes: list[Axis]) -> Exclusion:
        """Return what one entry of `exclude` leaves out.

        Raises:
            InputError: it names no parameter of an axis, or no value, or a value of a wrong type.
        """
        names = [name for axis in axes for name in axis.names]
        if not given:
            raise self.source.fault(place, given, "parameters and their values", f"{names[0]}: ...")
        values = {}
        for name, value in given.items():
            if name not in names:
                inside = next((axis.names for axis in axes if axis.place[-1] == name), [nearest(name, names)])
                expected = "a parameter of an axis: " + ", ".join(names)
                raise self.source.fault((*place, name), name, expected, " or ".join(inside))
            several = isinstance(value, list) or (isinstance(value, str) and RANGE.fullmatch(value))
            values[name] = self.values((*place, name), name, value if several else [value])
        return Exclusion(place, values)

    def _refuse_repeats(self, place: Place, steps: list[Settings]) -> None:
        seen = set()
        for position, step in enumerate(steps):
            marked = tuple((type(value), value) for value in step.values())
            if marked in seen:
                given = ", ".join(f"{name} {value!r}" for name, value in step.items())
                hint = "another value, or removing it"
                raise self.source.fault((*place, position), f"{given} twice", "each value once", hint)
            seen.add(marked)


def require_once(named: Iterable[tuple[str, Place]], source: Source) -> None:
    """Raise `InputError` if a parameter is named at two places."""
    owner: dict[str, Place] = {}
    for name, place in named:
        if name in owner:
            first, second = sorted((owner[name], place), key=source.line)
            other = ".".join(str(step) for step in first)
            given = f"{name} here and in {other} (line {source.line(first)})"
            raise source.fault(second, given, "each parameter in one place", "removing one of them")
        owner[name] = place


def product(axes: Iterable[Axis], source: Source) -> list[Settings]:
    """Return what the axes make of every cell, the last axis changing fastest.

    Raises:
        InputError: there are too many cells.
    """
    steps = [axis.steps for axis in axes]
    if (count := math.prod(map(len, steps))) > MOST:
        raise source.fault(("axes",), f"{count} cells", f"at most {MOST}", "several grids")
    return [{name: value for step in each for name, value in step.items()} for each in itertools.product(*steps)]


def remaining(
    cells: dict[str, list[Settings]], exclusions: list[Exclusion], source: Source
) -> dict[str, list[Settings]]:
    """Return the cells of each size that no exclusion leaves out.

    Raises:
        InputError: an exclusion matches no cell at any size, or a size has no cell left.
    """
    for exclusion in exclusions:
        if not any(exclusion.matches(cell) for each in cells.values() for cell in each):
            raise source.fault(exclusion.place, exclusion.values, "values that a cell has at some size", "removing it")
    left = {}
    for size, each in cells.items():
        left[size] = [cell for cell in each if not any(exclusion.matches(cell) for exclusion in exclusions)]
        if not left[size]:
            given = f"all {len(each)} cells of size {size} excluded"
            raise source.fault(("exclude",), given, "at least one cell left", "fewer exclusions")
    return left
