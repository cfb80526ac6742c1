"""Whether the numbers computed on a page bear out what its prose says of them.

A page's cell tagged `claims` ends with lines of `sparseobs.runs.claims`. They speak of the numbers as the page gives
them, so they are read after a build at the pages' own preset, and not after one at smoke size.
"""

from collections.abc import Iterator

from nbformat import NotebookNode

from sparseobs.runs.claims import HOLDS

TAG = "claims"


def false_claims(page: str, executed: NotebookNode) -> Iterator[str]:
    """Yield each claim of a page that its outputs do not bear out, and each cell of claims that told none."""
    for cell in executed.cells:
        if TAG in cell.metadata.get("tags", []):
            lines = "".join(output.get("text", "") for output in cell.outputs).splitlines()
            if not lines:
                yield f"{page}: a cell tagged {TAG} told no claim. Try say_which_hold in it."
            for line in lines:
                if not line.startswith(f"{HOLDS}\t"):
                    yield f"{page}: {line.expandtabs(2)}. Try mending the sentence, or the cell that it speaks of."
