"""What a notebook's parameters are called and what they may be, read from its cell tagged `parameters`."""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from sparseobs.errors import nearest
from sparseobs.grid.identity import Scalar
from sparseobs.grid.plan_file import Source

KINDS = {
    "int": "a whole number (int)",
    "float": "a number (float)",
    "str": "a text (str)",
    "bool": "true or false",
    "NoneType": "null",
}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a notebook.

    Args:
        kinds: names of the types that it may have; empty if the notebook does not tell.
        default: its value in the notebook, as Python.
    """

    kinds: frozenset[str]
    default: str

    @property
    def set_by_machine(self) -> bool:
        """Whether its default is read from the environment."""
        return "environ" in self.default or "getenv" in self.default

    def fit(self, value: Scalar) -> Scalar:
        """Return `value` as this parameter takes it: a whole number becomes a float where a float is wanted.

        Raises:
            TypeError: the parameter cannot have such a value; the message says what it may be.
        """
        kind = type(value).__name__
        if kind == "int" and "float" in self.kinds and "int" not in self.kinds:
            return float(value)
        if kind not in (self.kinds or KINDS):
            words = [KINDS[each] for each in KINDS if each in self.kinds]
            raise TypeError(" or ".join(words) or "one number, text, true, false or null")
        return value


def notebook_parameters(notebook: Path, source: Source) -> dict[str, Parameter]:
    """Return a notebook's parameters by name: what its tagged cell assigns, as papermill would set it anew.

    Args:
        notebook: a Jupyter notebook.
        source: the grid file that names it.

    Raises:
        InputError: there is no such notebook, it is broken, or it has no parameters.
    """
    place, given = ("notebook",), source.data["notebook"]
    if not notebook.is_file() or notebook.suffix != ".ipynb":
        beside = sorted(path.name for path in notebook.parent.glob("*.ipynb"))
        hint = f"{nearest(notebook.name, beside)} in the same folder" if beside else "notebooks/NAME.ipynb"
        raise source.fault(place, given, "an .ipynb file, its path relative to the project", hint)
    try:
        found = assigned(tagged_code(notebook))
    except (ValueError, KeyError, TypeError, SyntaxError) as error:
        expected = f"a Python notebook whose parameters can be read ({type(error).__name__}: {error})"
        raise source.fault(place, given, expected, "opening it in JupyterLab") from error
    if not found:
        expected = "a notebook with a cell tagged `parameters`, one `name = value` a line"
        raise source.fault(place, given, expected, "adding the tag to the cell that sets them")
    return found


def tagged_code(notebook: Path) -> str:
    """Return the Python code of a notebook's first cell tagged `parameters`; empty if it has none."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    if (language := content["metadata"]["kernelspec"].get("language")) != "python":
        raise ValueError(f"its kernel's language is {language}")
    tagged = (cell["source"] for cell in content["cells"] if "parameters" in cell["metadata"].get("tags", []))
    return TransformerManager().transform_cell("".join(next(tagged, "")))


def assigned(code: str) -> dict[str, Parameter]:
    """Return the variables that a cell's code assigns; what is annotated counts before the value."""
    found = {}
    for node in ast.parse(code, type_comments=True).body:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
            continue
        annotated = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else node.type_comment
        kinds = _kinds(annotated) if annotated else _kind_of(node.value)
        for target in [node.target] if isinstance(node, ast.AnnAssign) else node.targets:
            if isinstance(target, ast.Name):
                found[target.id] = Parameter(frozenset(kinds), ast.unparse(node.value))
    return found


def _kinds(annotation: str) -> set[str]:
    words = {"NoneType" if word in ("None", "Optional") else word for word in re.findall(r"\w+", annotation)}
    return words & KINDS.keys()


def _kind_of(value: ast.expr) -> set[str]:
    """Return the name of a literal's type; nothing for any other expression, nor for None, which tells no type."""
    try:
        kind = type(ast.literal_eval(value)).__name__
    except ValueError:
        return set()
    return {kind} & KINDS.keys() - {"NoneType"}
