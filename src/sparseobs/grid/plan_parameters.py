"""The parameters of the notebook that a grid file names, read from its cell tagged `parameters`."""

import json
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from sparseobs.errors import nearest
from sparseobs.grid.plan_file import Source
from sparseobs.runs.parameters import Parameter, assigned


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
