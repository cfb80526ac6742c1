"""Tests and notebooks alike run at smoke size, one thread a worker, whatever the user's own settings."""

import os

import nbformat
import pytest

# Set before numpy or torch is imported, and inherited by the kernels that run the notebooks.
os.environ |= {"SPARSEOBS_PRESET": "smoke", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Keep the outputs of a notebook that nbval has run: the smoke book shows them and runs no page again."""
    notebook = getattr(item.parent, "nb", None)
    if notebook is None:
        return
    item.cell.outputs, item.cell.execution_count = getattr(item, "test_outputs", []), item.cell_num + 1
    if all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code"):
        path = item.config.rootpath / "_build" / "smoke" / "executed" / item.path.relative_to(item.config.rootpath)
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
