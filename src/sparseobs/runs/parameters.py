"""What a notebook's parameters are called and what they may be, read from the syntax of the cell that sets them.

papermill reads the same cell by line patterns, warns of a name that it does not find there and goes on with the
default. A page therefore looks for itself at what papermill put below its parameters.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sparseobs.errors import InputError, nearest

KINDS = {
    "int": "a whole number (int)",
    "float": "a number (float)",
    "str": "a text (str)",
    "bool": "true or false",
    "NoneType": "null",
}
INJECTED = "# Parameters\n"  # how papermill begins the cell that it puts below the tagged one


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

    def fit(self, value: object) -> object:
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


def refuse_unknown(cells: Sequence[str] | None = None) -> None:
    """Raise `InputError` if papermill set what is no parameter of this page, or to a value of another type.

    Args:
        cells: code of the cells run so far; None asks the kernel, and outside of one nothing is refused.
    """
    cells = _history() if cells is None else cells
    below = [number for number, code in enumerate(cells) if number and code.startswith(INJECTED)]
    known = assigned(cells[below[0] - 1]) if below else {}
    if "preset" not in known:  # no page's parameters: somebody's own cell that begins like papermill's
        return
    for name, given in assigned(cells[below[0]]).items():
        if name not in known:
            raise InputError("parameter", name, "one of " + ", ".join(known), nearest(name, known))
        try:
            known[name].fit(_value(given.default))
        except TypeError as error:
            hint = f"-p {name} {known[name].default}, the page's own"
            raise InputError(name, _value(given.default), str(error), hint) from error


def _history() -> list[str]:
    """Return the code of the cells that this kernel has run; none outside of a kernel."""
    try:
        from IPython import get_ipython
    except ModuleNotFoundError:
        return []
    shell = get_ipython()
    return list(shell.user_ns.get("In", [])) if shell else []


def _value(code: str) -> object:
    """Return the value that papermill wrote: a literal, or `float('nan')` and the like."""
    try:
        return ast.literal_eval(code)
    except ValueError:
        return float("nan")


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
