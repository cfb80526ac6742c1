"""A grid file as plain data that remembers the line of everything in it, so that every complaint names one."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sparseobs.errors import InputError
from sparseobs.files import project_root

Place = tuple[str | int, ...]
STRING, MAPPING, LIST = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq"))
DEEPEST = 12  # levels; a file that refers to itself has no end


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's reading of plain words: 1e-3 is a number; no, on and 2019-03-01 are texts."""

    yaml_implicit_resolvers = {}


READERS = {
    "null": (r"~|null|Null|NULL|", lambda text: None),
    "bool": (r"true|True|TRUE|false|False|FALSE", lambda text: text.lower() == "true"),
    "int": (r"[-+]?[0-9]+", int),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        lambda text: float(re.sub(r"\.([iInN])", r"\1", text)),
    ),
}
for _kind, (_pattern, _read) in READERS.items():
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(f"(?:{_pattern})$"), None)


@dataclass(frozen=True)
class Source:
    """A YAML file.

    Args:
        path: the file.
        data: its content, in dicts, lists and scalars.
        lines: the line, counted from 1, of every place: the keys and positions that lead there.
    """

    path: Path
    data: Any = None
    lines: dict[Place, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file as a reader knows it: below the project where it is there."""
        path, root = self.path.resolve(), project_root().resolve()
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(self.path)

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest thing around it that is in the file."""
        while place not in self.lines:
            place = place[:-1]
        return self.lines[place]

    def fault(self, place: Place, given: object, expected: str, hint: str) -> InputError:
        """Return the error that names the file, the line and the place."""
        where = ".".join(str(step) for step in place if isinstance(step, str)) or "the file"
        return InputError(f"{self.name}, line {self.line(place)}: {where}", given, expected, hint)


def read_source(path: Path) -> Source:
    """Read a YAML file.

    Raises:
        InputError: there is none, or it is no YAML of plain lists, mappings and scalars with each key once.
    """
    source = Source(path, lines={(): 1})
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=CoreLoader)
    except (OSError, UnicodeDecodeError) as error:
        near = ", ".join(sorted(each.name for each in path.parent.glob("*.yaml"))) or "no grid file there"
        raise InputError("grid file", str(path), "a readable YAML file", f"one of {near}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        source.lines[()] = mark.line + 1 if mark else 1
        hint = "spaces instead of tabs, a space after each colon, and a partner for each bracket and quote"
        raise source.fault((), _problem(error), "YAML", hint) from error
    if root is None:
        raise source.fault((), "nothing", "a grid", "title, notebook, axes and sizes; see grids/")
    return Source(path, _plain(root, (), source), source.lines)


def _problem(error: yaml.YAMLError) -> str:
    """Return what is wrong, and the line on which the faulty part began."""
    if getattr(error, "context_mark", None) is None:
        return getattr(error, "problem", None) or str(error)
    return f"{error.problem}, {error.context} from line {error.context_mark.line + 1}"


def _plain(node: yaml.Node, place: Place, source: Source) -> Any:
    """Return a node's content as plain data and note the line of everything in it."""
    source.lines.setdefault(place, node.start_mark.line + 1)
    if len(place) > DEEPEST:
        raise source.fault(place, "an alias of what it lies in", "a file with an end", "writing it out")
    if node.tag == MAPPING:
        return {key: _plain(value, (*place, key), source) for key, value in _entries(node, place, source)}
    if node.tag == LIST:
        return [_plain(item, (*place, position), source) for position, item in enumerate(node.value)]
    if node.tag == STRING:
        return node.value
    pattern, read = READERS.get(node.tag.rpartition(":")[2], ("", None))
    if read is None or not re.fullmatch(pattern, node.value):
        raise source.fault(place, node.tag, "plain lists, mappings, numbers and texts", "removing the tag")
    return read(node.value)


def _entries(node: yaml.MappingNode, place: Place, source: Source) -> list[tuple[str, yaml.Node]]:
    """Return the entries of a mapping, each of whose keys is a text that comes once."""
    entries: dict[str, yaml.Node] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag != STRING:
            source.lines[place] = line
            raise source.fault(place, key.value, "a name before the colon", "quotes, if it is meant as one")
        if key.value in entries:
            first = source.lines[(*place, key.value)]
            source.lines[(*place, key.value)] = line
            hint = f"keeping this one or the one on line {first}"
            raise source.fault((*place, key.value), f"{key.value} twice", "each name once", hint)
        source.lines[(*place, key.value)] = line
        entries[key.value] = value
    return list(entries.items())
