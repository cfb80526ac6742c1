"""The page on a grid: every cell, whatever became of it; links that lead to files; nothing from the network."""

import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from sparseobs.grid.folder import FAILED, CellFolder, begin, write_failure
from sparseobs.grid.plan import load_grid
from sparseobs.grid.report import write_report

from .finished import finish
from .small_project import write_grid, write_project

ADDRESS = re.compile(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""")


@pytest.fixture
def report(tmp_path, monkeypatch):
    """The report of four cells: two done, one failed, one running."""
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    write_project(tmp_path)
    grid, folder = load_grid(write_grid(tmp_path), "smoke"), tmp_path / "cells"
    for cell in grid.cells[:2]:
        finish(grid, cell, folder, pd.DataFrame({"rmse": [1.0]}), monkeypatch)
    failed, running = (begin(CellFolder.of(folder, cell.identity), cell.parameters)[0] for cell in grid.cells[2:])
    output = nbformat.v4.new_output("display_data", {"text/html": '<script src="https://far.example/a.js"></script>hi'})
    cells = [nbformat.v4.new_markdown_cell("# A <b>try</b>"), nbformat.v4.new_code_cell("f(x)", outputs=[output])]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), failed / "notebook.ipynb")
    (failed / "log.txt").write_text("epoch 1\n")
    write_failure(failed, status=FAILED, error="cell In [3]: ValueError: <rain>", traceback="at <line> 1")
    (running / "notebook.ipynb").write_text("{half")
    return write_report(grid, folder)


def test_every_cell_has_its_line_and_every_failure_its_traceback(report):
    page = BeautifulSoup(report.read_text(), "html.parser")
    states = [cell.get_text(strip=True) for cell in page.select("td[data-name=state]")]
    assert states == ["done", "done", "failed", "running"]
    assert "2 of 4 cells done" in page.get_text() and "1 failed" in page.get_text()
    (details,) = page.select("details")
    assert "ValueError: <rain>" in details.summary.get_text() and details.pre.get_text() == "at <line> 1"
    noises = [cell.get_text() for cell in page.select("td[data-name=noise]")]
    assert noises == ["1.0", "1.0", "2.5", "2.5"]


def test_links_lead_to_files_and_the_folder_can_be_moved(report, tmp_path):
    moved = report.parent.rename(tmp_path / "elsewhere")
    page = moved / report.name
    links = {link["href"] for link in BeautifulSoup(page.read_text(), "html.parser").select("a")}
    assert len([link for link in links if link.startswith("notebooks/")]) == 3, "not that of the running cell"
    assert all((page.parent / link).is_file() for link in links)
    back = BeautifulSoup((moved / "notebooks").glob("*.html").__next__().read_text(), "html.parser").a["href"]
    assert (moved / "notebooks" / back).resolve() == page.resolve()


def test_nothing_is_asked_of_the_network(report):
    pages = [report, *(report.parent / "notebooks").glob("*.html")]
    assert len(pages) == 4
    assert [page.name for page in pages if ADDRESS.search(page.read_text())] == []
    assert any("hi" in page.read_text() for page in pages)


def test_pages_fit_a_phone_and_name_their_language(report):
    for path in (report, next(Path(report.parent / "notebooks").glob("*.html"))):
        page = BeautifulSoup(path.read_text(), "html.parser")
        assert page.html["lang"] == "en" and page.title.get_text()
        assert "width=device-width" in page.find("meta", {"name": "viewport"})["content"]
