"""Pages of the API from the docstrings: every name at the top of a sub-package, module by module."""

import inspect
import re
import typing
from importlib import import_module
from pathlib import Path

from sphinx.application import Sphinx

from sparseobs.exports import read_exports

MARK = re.compile(r"^<!-- everything at the top of (sparseobs\.\w+) -->$", re.MULTILINE)
CLASS = """.. autoclass:: {name}
   :members:
"""
FUNCTION = """.. autofunction:: {name}
"""
CITATION = re.compile(r"\[([a-z]+\d{4})(?:, ([^\]]+))?\]")
LITERAL = re.compile(r"(?<![`:\w])`([^`\n]+)`(?![`_])")


def reference(package: str) -> str:
    """Return MyST that documents all that a sub-package offers, a section a module."""
    stub = Path(import_module(package).__file__).with_suffix(".pyi")
    modules: dict[str, list[str]] = {}
    for name, module in read_exports(stub).items():
        modules.setdefault(module, []).append(name)
    parts = []
    for module, names in modules.items():
        entries = "\n".join(_entry(package, name) for name in names)
        first = inspect.getdoc(import_module(module)).splitlines()[0]
        title = module.rsplit(".", 1)[-1]
        parts.append(f"## `{title}`\n\n```{{eval-rst}}\n{marked_up(first)}\n\n{entries}```\n")
    return "\n".join(parts)


def _entry(package: str, name: str) -> str:
    thing = getattr(import_module(package), name)
    return (CLASS if inspect.isclass(thing) else FUNCTION).format(name=f"{package}.{name}")


def fill_page(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the reference where a page has its mark."""
    if match := MARK.search(source[0]):
        stub = Path(import_module(match[1]).__file__).with_suffix(".pyi")
        app.env.note_dependency(str(stub))
        source[0] = source[0].replace(match[0], reference(match[1]))


def marked_up(line: str) -> str:
    """Return a line of a docstring in reStructuredText: code between single backticks, works cited by their keys."""
    line = LITERAL.sub(r"``\1``", line)
    return CITATION.sub(lambda match: f":cite:t:`{match[1]}`" + (f", {match[2]}" if match[2] else ""), line)


def mark_up(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Mark up a docstring; a colon in a property's first line would make a type of what stands before it."""
    lines[:] = [marked_up(line) for line in lines]
    if what in ("property", "attribute") and lines:
        lines[0] = lines[0].replace(": ", " – ")


def skip_fields(app: Sphinx, what: str, name: str, thing: object, skip: bool, options: object) -> bool | None:
    """Leave out the fields of named tuples: the class's docstring describes them."""
    return True if type(thing).__name__ == "_tuplegetter" else None


def short_types(app: Sphinx, thing: object, bound_method: bool) -> None:
    """Let `ArrayLike` be shown by its name and not by the union that it stands for."""
    function = thing.__init__ if inspect.isclass(thing) else thing
    hints = getattr(function, "__annotations__", {})
    for name, hint in hints.items():
        if typing.get_origin(hint) is typing.Union and "_array_like" in repr(hint):
            hints[name] = "ArrayLike"
