"""What makes a cell the same cell: everything that decides its numbers, and nothing else.

Counted: the code of the notebook (not its prose, outputs or metadata), the package's version, the modules that the
notebook imports directly or not and the data shipped with them, the parameters, and the content of the inputs.

Not counted: the grid's name, title, size, cost and resources, so that sizes and grids share their cells; and the
versions of Python, torch and the other libraries. A pin moved for the book's sake, or a laptop's CPU wheels beside a
cluster's CUDA wheels, must neither throw weeks of finished cells away nor split one grid in two. The record of each
cell names the versions that it ran with, where a mixture shows.
"""

import hashlib
import json
from pathlib import Path

import sparseobs
from sparseobs.code_files import CannotTellError, digest, imported_files, notebook_code, package_files, quoted_texts
from sparseobs.files import SOURCE

Scalar = str | int | float | bool | None

DIGITS = 16  # hexadecimal; two of a billion cells agree by chance once in forty grids
# Shipped with the modules that read them. Checkpoints are made by runs: a grid that reads one lists it as an input.
SHIPPED = (".csv", ".json", ".geojson", ".npz")


def code_digest(notebook: Path, source: Path = SOURCE) -> str:
    """Return the SHA-256 of a notebook's code and of the package's modules and shipped data that it rests on.

    Args:
        notebook: a Jupyter notebook. Where its text does not tell what it imports, everything counts.
        source: the folder of the packages.
    """
    text = notebook_code(notebook)
    files = package_files(source)
    modules = {path for path in files if path.suffix == ".py"}
    shipped = {path for path in files if path.suffix in SHIPPED}
    try:
        modules = imported_files(text, source)
        quoted = quoted_texts([text, *(path.read_text(encoding="utf-8") for path in modules)])
        shipped = {path for path in shipped if path.stem in quoted}
    except (CannotTellError, SyntaxError):
        pass
    return digest(modules | shipped, source, common=text)


def cell_identity(code: str, parameters: dict[str, Scalar], inputs: dict[str, str]) -> str:
    """Return the identity of a cell, 16 hexadecimal digits.

    Args:
        code: from `code_digest`.
        parameters: handed to the notebook, each of the type that the notebook wants; 1 and 1.0 differ.
        inputs: SHA-256 by path of the files that decide the result.
    """
    everything = [sparseobs.__version__, code, parameters, inputs]
    canonical = json.dumps(everything, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:DIGITS]
