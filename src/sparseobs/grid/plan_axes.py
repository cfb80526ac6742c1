"""From the axes of a grid file to the parameters of its cells: products and zips."""

import itertools
import math
import re
from typing import Any, NamedTuple

from sparseobs.errors import nearest
from sparseobs.grid.model import Scalar
from sparseobs.grid.plan_parameters import Parameter
from sparseobs.grid.plan_source import Place, Source

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
        if not isinstance(given, dict):
            name = str(place[-1])
            axis = Axis((name,), [{name: value} for value in self.values(place, name, given)], place)
        elif given:
            columns = {name: self.values((*place, name), name, column) for name, column in given.items()}
            if len(set(map(len, columns.values()))) > 1:
                lengths = ", ".join(f"{name} {len(column)}" for name, column in columns.items())
                raise self.source.fault(place, lengths, "as many values of each parameter", "one axis each")
            rows = zip(*columns.values(), strict=True)
            axis = Axis(tuple(columns), [dict(zip(columns, row, strict=True)) for row in rows], place)
        else:
            raise self.source.fault(place, given, "parameters that change together", "a list of values")
        self._refuse_repeats(axis)
        return axis

    def values(self, place: Place, name: str, given: Any) -> list[Scalar]:
        """Return the values of one parameter on an axis: a list, or a range of whole numbers such as 0..9."""
        self.require_known(place, name)
        span = RANGE.fullmatch(given) if isinstance(given, str) else None
        if span:
            first, last = map(int, span.groups())
            if not first <= last < first + MOST:
                expected = f"1 to {MOST} values, both ends included"
                raise self.source.fault(place, given, expected, f"{last}..{first}" if last < first else "0..9")
            given = list(range(first, last + 1))
        if not isinstance(given, list):
            raise self.source.fault(place, given, "a list of values or a range such as 0..9", f"[{given}]")
        if not given:
            raise self.source.fault(place, given, "at least one value", "some, or removing it")
        where = (lambda _: place) if span else (lambda position: (*place, position))
        return [self.value(where(position), name, value) for position, value in enumerate(given)]

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

    def _refuse_repeats(self, axis: Axis) -> None:
        seen = set()
        for position, step in enumerate(axis.steps):
            marked = tuple((type(value), value) for value in step.values())
            if marked in seen:
                given = ", ".join(f"{name} {value!r}" for name, value in step.items())
                place = (*axis.place, position)
                raise self.source.fault(place, f"{given} twice", "each value once", "another value, or removing it")
            seen.add(marked)


def require_once(axes: list[Axis], common: dict[str, Place], source: Source) -> None:
    """Raise `InputError` if a parameter is on two axes, or on one and among those at `common` places."""
    owner = dict(common)
    for axis in axes:
        for name in axis.names:
            if name in owner:
                first, second = sorted((owner[name], axis.place), key=source.line)
                other = ".".join(str(step) for step in first)
                given = f"{name} here and in {other} (line {source.line(first)})"
                raise source.fault(second, given, "each parameter in one place", "removing one of them")
            owner[name] = axis.place


def product(axes: list[Axis], source: Source) -> list[Settings]:
    """Return what the axes make of every cell, the last axis changing fastest.

    Raises:
        InputError: there are too many cells.
    """
    count = math.prod(len(axis.steps) for axis in axes)
    if count > MOST:
        raise source.fault(("axes",), f"{count} cells", f"at most {MOST}", "several grids")
    steps = itertools.product(*(axis.steps for axis in axes))
    return [{name: value for step in each for name, value in step.items()} for each in steps]
