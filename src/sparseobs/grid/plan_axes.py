"""From the axes of a grid file to the parameters of its cells: lists, ranges, zips and what is left out."""

import math
import re
from collections.abc import Iterable
from typing import Any

from sparseobs.errors import nearest
from sparseobs.grid.identity import Scalar
from sparseobs.grid.plan_file import Place, Source
from sparseobs.runs.parameters import Parameter

RANGE = re.compile(r"(\d+)\.\.(\d+)")
MOST = 100_000  # cells of a grid, or values of an axis
Settings = dict[str, Scalar]
Axes = dict[str, list[Settings]]  # by their names in the file: what each step sets, several parameters for a zip


class Reader:
    """Reads parameters and their values from a file, for one notebook.

    Args:
        source: the grid file.
        known: the notebook's parameters.
    """

    def __init__(self, source: Source, known: dict[str, Parameter]):
        self.source, self.known = source, known

    def axis(self, place: Place, given: Any) -> list[Settings]:
        """Return the steps of an axis; a mapping is a zip.

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
        return steps

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
        self.require_known(place, name)
        if isinstance(given, float) and not math.isfinite(given):
            raise self.source.fault(place, given, "a finite number", "null, if the notebook knows what it means")
        try:
            return self.known[name].fit(given)
        except TypeError as error:
            hint = f"a value such as the notebook's own, {name} = {self.known[name].default}"
            raise self.source.fault(place, given, str(error), hint) from error

    def parameters(self, place: Place, given: dict[str, Any]) -> Settings:
        """Return parameters that are the same in every cell."""
        return {name: self.value((*place, name), name, value) for name, value in given.items()}

    def require_known(self, place: Place, name: str) -> None:
        """Raise `InputError` unless the notebook has a parameter of that name."""
        if name not in self.known:
            expected = "a parameter of the notebook: " + ", ".join(self.known)
            raise self.source.fault(place, name, expected, nearest(name, self.known))

    def exclusion(self, place: Place, given: dict[str, Any], axes: Axes) -> dict[str, list[Scalar]]:
        """Return what one entry of `exclude` leaves out: the cells where every parameter has one of these values.

        Raises:
            InputError: it names no parameter of an axis, or no value, or a value of a wrong type.
        """
        names = [name for steps in axes.values() for name in steps[0]]
        if not given:
            raise self.source.fault(place, given, "parameters and their values", f"{names[0]}: ...")
        values = {}
        for name, value in given.items():
            if name not in names:
                hint = " or ".join(axes[name][0]) if name in axes else nearest(name, names)
                raise self.source.fault((*place, name), name, "a parameter of an axis: " + ", ".join(names), hint)
            several = isinstance(value, list) or (isinstance(value, str) and RANGE.fullmatch(value))
            values[name] = self.values((*place, name), name, value if several else [value])
        return values

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


def remaining(
    cells: dict[str, list[Settings]], exclusions: list[dict[str, list[Scalar]]], source: Source
) -> dict[str, list[Settings]]:
    """Return the cells of each size that no exclusion leaves out.

    Raises:
        InputError: an exclusion matches no cell at any size, or a size has no cell left.
    """

    def excluded(cell: Settings, exclusion: dict[str, list[Scalar]]) -> bool:
        return all(cell[name] in values for name, values in exclusion.items())

    for position, exclusion in enumerate(exclusions):
        if not any(excluded(cell, exclusion) for each in cells.values() for cell in each):
            expected = "values that a cell has at some size"
            raise source.fault(("exclude", position), exclusion, expected, "removing it")
    left = {}
    for size, each in cells.items():
        left[size] = [cell for cell in each if not any(excluded(cell, exclusion) for exclusion in exclusions)]
        if not left[size]:
            given = f"all {len(each)} cells of size {size} excluded"
            raise source.fault(("exclude",), given, "at least one cell left", "fewer exclusions")
    return left
