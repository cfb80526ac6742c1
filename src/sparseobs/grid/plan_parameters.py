"""What a notebook's parameters are called and what they may be, read from its cell tagged `parameters`."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import papermill
from papermill.exceptions import PapermillException

from sparseobs.errors import nearest
from sparseobs.grid.model import Scalar
from sparseobs.grid.plan_source import Source

KINDS = {"int": int, "float": float, "str": str, "bool": bool, "None": type(None)}
WORDS = {
    "int": "a whole number (int)",
    "float": "a number (float)",
    "str": "a text (str)",
    "bool": "true or false",
    "None": "null",
}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a notebook.

    Args:
        name: of the variable.
        kinds: names of the types that it may have; empty if the notebook does not tell.
        default: its value in the notebook, as Python.
    """

    name: str
    kinds: frozenset[str]
    default: str

    @property
    def set_by_machine(self) -> bool:
        """Whether its default is read from the environment."""
        return "environ" in self.default or "getenv" in self.default

    @property
    def expected(self) -> str:
        """What it may be, in words."""
        return (
            " or ".join(WORDS[kind] for kind in KINDS if kind in self.kinds) or "one number, text, true, false or null"
        )

    def fit(self, value: Scalar) -> Scalar:
        """Return `value` as this parameter takes it: a whole number becomes a float where a float is wanted.

        Raises:
            TypeError: the parameter cannot have such a value.
        """
        kind = next((name for name, kind in KINDS.items() if type(value) is kind), None)
        if kind == "int" and "float" in self.kinds and "int" not in self.kinds:
            return float(value)
        if kind is None or (self.kinds and kind not in self.kinds):
            raise TypeError(self.expected)
        return value


def notebook_parameters(notebook: Path, source: Source) -> dict[str, Parameter]:
    """Return a notebook's parameters by name, as papermill reads them.

    Args:
        notebook: a Jupyter notebook.
        source: the grid file that names it.

    Raises:
        InputError: there is no such notebook, it is broken, or papermill finds no parameters in it.
    """
    place = ("notebook",)
    if not notebook.is_file() or notebook.suffix != ".ipynb":
        beside = sorted(path.name for path in notebook.parent.glob("*.ipynb"))
        hint = f"{nearest(notebook.name, beside)} in the same folder" if beside else "notebooks/NAME.ipynb"
        raise source.fault(place, source.data["notebook"], "an .ipynb file, its path relative to the project", hint)
    try:
        found = papermill.inspect_notebook(str(notebook))
    except (PapermillException, ValueError, KeyError, AttributeError) as error:
        expected = f"a Python notebook that papermill can read (it says: {error})"
        raise source.fault(place, source.data["notebook"], expected, "opening it in JupyterLab") from error
    if not found:
        expected = "a notebook with a cell tagged `parameters`, one `name = value` a line"
        raise source.fault(place, source.data["notebook"], expected, "adding the tag to the cell that sets them")
    return {name: _parameter(name, each["inferred_type_name"], each["default"]) for name, each in found.items()}


def _parameter(name: str, annotation: str, default: str) -> Parameter:
    """Return a parameter from what papermill read of it; its own annotation counts before its default."""
    kinds = {word for word in re.findall(r"\w+", annotation) if word in KINDS}
    if "Optional" in annotation:
        kinds.add("None")
    if annotation == "None":  # papermill's word for no annotation; a default of None does not tell the type either
        kinds = _kind_of(default) - {"None"}
    return Parameter(name, frozenset(kinds), default)


def _kind_of(default: str) -> set[str]:
    """Return the name of the type of a literal; nothing for any other expression."""
    try:
        value = ast.literal_eval(default)
    except (ValueError, SyntaxError):
        return set()
    return {name for name, kind in KINDS.items() if type(value) is kind}
