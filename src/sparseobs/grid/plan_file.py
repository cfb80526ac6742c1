"""A grid file: what it says and on which line, and whether it may say so."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor, SafeConstructor
from ruamel.yaml.resolver import VersionedResolver

from sparseobs.errors import InputError, nearest
from sparseobs.files import project_root
from sparseobs.grid.model import Cost, Resources, Section

Place = tuple[str | int, ...]
TAG = "tag:yaml.org,2002:"
# The core schema of YAML 1.2: 1e-3 is a number; no, 1_000 and 2019-03-01 are texts.
WORDS = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+",
    "float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
}
# What pydantic calls wrong, in the words of a grid file.
EXPECTED = {
    "dict_type": "a mapping, {name: value}",
    "model_type": "a mapping, {name: value}",
    "list_type": "a list, [a, b]",
    "string_type": "a text",
    "string_too_short": "a text",
    "too_short": "at least one entry",
    "int_type": "a whole number",
    "float_type": "a number",
    "invalid_key": "a name before the colon",
}


class CoreResolver(VersionedResolver):
    """Tells numbers from texts by the core schema alone."""

    versioned_resolver = {None: [(TAG + kind, re.compile(f"(?:{words})$")) for kind, words in WORDS.items()]}


class PlainConstructor(RoundTripConstructor):
    """Makes lists and mappings that know their lines, of Python's own scalars."""

    construct_scalar = SafeConstructor.construct_scalar

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """Return what a node says, unless it would have no end."""
        if node in self.recursive_objects:
            raise ConstructorError(None, None, "an alias of what it lies in, which has no end", node.start_mark)
        return super().construct_object(node, deep)


for _kind in (*WORDS, "str"):
    PlainConstructor.add_constructor(TAG + _kind, getattr(SafeConstructor, f"construct_yaml_{_kind}"))
PlainConstructor.add_constructor(None, SafeConstructor.construct_undefined)  # any other tag


class SizeSection(Section):
    """What one size replaces, and what a cell costs at it."""

    parameters: dict[str, Any] = {}
    axes: dict[str, Any] = {}
    resources: Resources = Resources()
    cost: Cost


class GridSection(Section):
    """The whole file."""

    title: str = Field(min_length=1)
    notebook: str = Field(min_length=1)
    inputs: list[str] = []
    parameters: dict[str, Any] = {}
    axes: dict[str, Any] = Field(min_length=1)
    exclude: list[dict[str, Any]] = []
    resources: Resources = Resources()
    sizes: dict[Literal["smoke", "lesson", "study", "paper"], SizeSection] = Field(min_length=1)


@dataclass(frozen=True)
class Source:
    """A YAML file.

    Args:
        path: the file.
        data: its content, in lists and mappings that know the lines of what they hold, and scalars.
        first: the line, counted from 1, to name for the file as a whole.
    """

    path: Path
    data: Any = None
    first: int = 1

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest thing around it that is in the file."""
        line, around = self.first, self.data
        for step in place:
            lines = around.lc.data if isinstance(around, (dict, list)) else None
            if not lines or step not in lines:
                break
            line, around = lines[step][0] + 1, around[step]
        return line

    def fault(self, place: Place, given: object, expected: str, hint: str) -> InputError:
        """Return the error that names the file, the line and the place."""
        path, root = self.path.resolve(), project_root().resolve()
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(self.path)
        where = ".".join(str(step) for step in place if isinstance(step, str)) or "the file"
        return InputError(f"{name}, line {self.line(place)}: {where}", given, expected, hint)


def read_source(path: Path) -> Source:
    """Read a YAML file.

    Raises:
        InputError: there is none, or it is no YAML of plain lists, mappings and scalars with each key once.
    """
    reader = YAML()
    reader.Resolver, reader.Constructor = CoreResolver, PlainConstructor
    try:
        data = reader.load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        near = ", ".join(sorted(each.name for each in path.parent.glob("*.yaml"))) or "no grid file there"
        raise InputError("grid file", str(path), "a readable YAML file", f"one of {near}") from error
    except (YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        hint = "spaces instead of tabs, a space after each colon, no tags, and a partner for each bracket and quote"
        source = Source(path, first=mark.line + 1 if mark else 1)
        raise source.fault((), _problem(error), "YAML of plain lists, mappings, numbers and texts", hint) from error
    if data is None:
        raise Source(path).fault((), "nothing", "a grid", "title, notebook, axes and sizes; see grids/")
    return Source(path, data)


def _problem(error: Exception) -> str:
    """Return what is wrong, and the line on which the faulty part began."""
    if getattr(error, "context_mark", None) is None:
        return getattr(error, "problem", None) or str(error)
    return f"{error.problem}, {error.context} from line {error.context_mark.line + 1}"


def check_schema(source: Source) -> GridSection:
    """Return the file's sections.

    Raises:
        InputError: a key is unknown or missing, or a value is of the wrong kind; the first of the file is named.
    """
    try:
        return GridSection.model_validate(source.data)
    except ValidationError as error:
        # A misspelled key is unknown and leaves another one missing: the unknown one says more.
        faults = error.errors(include_url=False)
        first = min(faults, key=lambda fault: (fault["type"] == "missing", source.line(fault["loc"])))
        raise _explained(source, first) from error


def _explained(source: Source, error: dict) -> InputError:
    """Return what pydantic found wrong as an error that says what to try."""
    place, given = tuple(step for step in error["loc"] if step != "[key]"), error["input"]
    if error["type"] == "extra_forbidden":
        section = {"resources": Resources, "cost": Cost}.get(place[-2] if place[1:] else "")
        known = list((section or (SizeSection if place[0] == "sizes" else GridSection)).model_fields)
        return source.fault(place, place[-1], "one of " + ", ".join(known), nearest(str(place[-1]), known))
    if error["type"] == "missing":
        return source.fault(place, f"no {place[-1]}", f"the key {place[-1]}", f"adding `{place[-1]}:`")
    if error["type"] == "literal_error":
        choices = re.findall("'(.+?)'", error["ctx"]["expected"])
        return source.fault(place, given, "one of " + ", ".join(choices), nearest(str(given), choices))
    kind = "invalid_key" if "[key]" in error["loc"] else error["type"]
    expected = EXPECTED.get(kind, error["msg"].removeprefix("Input should be "))
    return source.fault(place, given, expected, "the form of the files in grids/")
