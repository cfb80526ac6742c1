"""Whether the numbers computed on the pages bear out what the prose says of them.

A page's cell tagged `claims` ends with lines of `sparseobs.runs.claims`. They are about the numbers as the page gives
them, so they are read after a build at a page's own preset, and not after one at smoke size.
"""

from collections.abc import Iterator
from pathlib import Path

import nbformat
from jupyter_cache import get_cache

from sparseobs.runs.claims import HOLDS

TAG = "claims"


def false_claims(notebooks: list[Path], cache: Path) -> Iterator[str]:
    """Yield each claim of a page that its executed cells do not bear out, and each claims cell that says nothing.

    Args:
        notebooks: of pages, whose outputs are in the cache.
        cache: Jupyter's cache.
    """
    store = get_cache(cache)
    for path in notebooks:
        record = store.match_cache_notebook(nbformat.read(path, nbformat.NO_CONVERT))
        for cell in store.get_cache_bundle(record.pk).nb.cells:
            if TAG in cell.metadata.get("tags", []):
                lines = "".join(output.get("text", "") for output in cell.outputs).splitlines()
                if not lines:
                    yield f"{path.stem}: a cell tagged {TAG} told no claim. Try say_which_hold in it."
                for line in lines:
                    if not line.startswith(f"{HOLDS}\t"):
                        yield f"{path.stem}: the text says {line!r}. Try mending the sentence, or the cell it is about."
