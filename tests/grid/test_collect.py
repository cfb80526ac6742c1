"""A grid's table: every cell once, in order, as it was kept; nothing missing, mixed or overwritten unnoticed."""

import json

import pandas as pd
import pytest
from filelock import FileLock

from sparseobs.errors import InputError
from sparseobs.files import sha256
from sparseobs.grid.collect import collect, joined
from sparseobs.grid.folder import CellFolder, begin
from sparseobs.grid.outdated import outdated, remove
from sparseobs.grid.plan import load_grid, load_sizes
from sparseobs.runs.results import read_result

from .finished import finish
from .small_project import write_grid, write_notebook, write_project


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    write_project(tmp_path)
    return tmp_path


@pytest.fixture
def grid(root):
    return load_grid(write_grid(root), "smoke")


def table_of(cell, **columns):
    """Two rows whose numbers tell the cell."""
    error = cell.parameters["noise"] + cell.parameters["members"] / 3000
    rows = pd.DataFrame({"method": ["LETKF", "AmEnF"], "rmse": [error, error + 100]})
    return rows.assign(**columns)


@pytest.fixture
def finish_all(root, monkeypatch):
    """Finishes every cell of a grid, backwards, as cells end in no order."""

    def finish_all(grid, folder=root / "cells", but=0, **columns):
        for cell in reversed(grid.cells[but:]):
            finish(grid, cell, folder, table_of(cell, **columns), monkeypatch)
        return folder

    return finish_all


def test_the_table_has_axes_first_and_the_order_of_the_grid(grid, finish_all):
    path = collect(grid, finish_all(grid, seed=0))
    table, _ = read_result("filters")
    assert list(table) == ["noise", "members", "inflation", "seed", "method", "rmse"]
    assert len(table) == 2 * len(grid.cells)
    assert list(table["members"][::2]) == [cell.parameters["members"] for cell in grid.cells]
    assert list(table["inflation"][::2]) == [cell.parameters["inflation"] for cell in grid.cells]
    assert list(table["method"]) == ["LETKF", "AmEnF"] * len(grid.cells)
    expected = [float(f"{error:.6g}") for cell in grid.cells for error in table_of(cell)["rmse"]]
    assert list(table["rmse"]) == expected, "six digits"
    assert path.read_text() == collect(grid, path.parents[1] / "cells").read_text()


def test_the_record_says_how_the_table_came_about(root, grid, finish_all):
    collect(grid, finish_all(grid))
    _, record = read_result("filters")
    assert record["command"] == "python -m sparseobs grid run grids/filters.yaml --size smoke --collect"
    assert record["grid"]["sha256"] == sha256(root / "grids/filters.yaml")
    assert (record["size"], record["notebook"], record["cells_missing"]) == ("smoke", "notebooks/filters.ipynb", 0)
    assert record["inputs"] == {"data/truth.csv": sha256(root / "data/truth.csv")}
    assert record["parameters"]["noise"] == [1.0, 2.5] and record["parameters"]["preset"] == "smoke"
    assert record["clean"] is True and record["commit"] == "c0ffee" * 6
    assert [cell["identity"] for cell in record["cells"]] == [cell.identity for cell in grid.cells]
    for cell, planned in zip(record["cells"], grid.cells, strict=True):
        assert cell["parameters"].items() <= planned.parameters.items()
        assert record["parameters"] | cell["parameters"] == planned.parameters, "what it takes to run it again"
        kept = root / "cells" / "cells" / planned.identity / "result" / "result.csv"
        assert cell["result_sha256"] == sha256(kept) and cell["rows"] == 2
    for name in ("wall_seconds", "device_seconds"):
        assert record[name] == pytest.approx(sum(cell[name] for cell in record["cells"]), abs=0.1)
    assert record["peak_memory_mb"] == max(cell["peak_memory_mb"] for cell in record["cells"])
    assert record["date"] == max(cell["ended"] for cell in record["cells"])[:10]


def test_a_mixture_of_devices_versions_and_trees_is_told(root, grid, finish_all, monkeypatch):
    finish_all(grid, but=1)
    monkeypatch.setattr("sparseobs.runs.provenance.versions", lambda: {"numpy": "1.0"})
    finish(grid, grid.cells[0], root / "cells", table_of(grid.cells[0]), monkeypatch, clean=False)
    collect(grid, root / "cells")
    _, record = read_result("filters")
    assert record["clean"] is False
    assert "1.0" in record["versions"]["numpy"] and len(record["versions"]["numpy"]) == 2


def test_missing_cells_are_refused_or_told(grid, finish_all):
    folder = finish_all(grid, but=1)
    with pytest.raises(InputError, match=r"3 of 4 cells done, 1 waiting.*--partial"):
        collect(grid, folder)
    collect(grid, folder, partial=True)
    table, record = read_result("filters")
    assert len(table) == 6 and record["cells_missing"] == 1
    assert record["command"].endswith("grid collect grids/filters.yaml --size smoke --partial")


def test_no_table_of_no_cell(root, grid):
    with pytest.raises(InputError, match="0 of 4 cells done"):
        collect(grid, root / "cells", partial=True)
    assert list((root / "results").iterdir()) == []


def test_a_fuller_table_is_not_overwritten(root, grid, finish_all):
    folder = finish_all(grid)
    paper = load_grid(grid.path, "paper")
    finish_all(paper)
    collect(paper, folder)
    with pytest.raises(InputError, match=r"table of size smoke.*filters.csv \(paper.*--name filters_smoke"):
        collect(grid, folder)
    assert read_result("filters").record["size"] == "paper"
    collect(grid, folder, name="filters_smoke")
    assert read_result("filters_smoke").record["command"].endswith("--size smoke --name filters_smoke")
    (CellFolder.of(folder, paper.cells[0].identity).result / "record.json").unlink()
    with pytest.raises(InputError, match="cells missing"):
        collect(paper, folder, partial=True)


def test_a_column_named_as_an_axis_must_agree_with_it(grid, finish_all):
    with pytest.raises(InputError, match=r"column seed.*\['7'\] where the parameter is 0"):
        collect(grid, finish_all(grid, seed=7))


def test_a_result_that_was_changed_is_refused(grid, finish_all):
    folder = finish_all(grid)
    path = CellFolder.of(folder, grid.cells[1].identity).result / "result.csv"
    path.write_text(path.read_text().replace("LETKF", "best"))
    with pytest.raises(InputError, match=grid.cells[1].identity):
        collect(grid, folder)


def test_columns_that_some_cells_lack_are_gaps():
    tables = [pd.DataFrame({"a": ["1"], "b": ["x"]}), pd.DataFrame({"a": ["2.5"], "c": ["True"]})]
    table = joined(tables)
    assert list(table) == ["a", "b", "c"] and list(table["a"]) == [1.0, 2.5]
    assert table["b"].isna().tolist() == [False, True] and table["c"].isna().tolist() == [True, False]


def test_cells_of_older_code_are_counted_and_never_mixed_in(root, grid, finish_all):
    folder = finish_all(grid)
    write_notebook(root / "notebooks" / "filters.ipynb", "from sparseobs.dynamics import lorenz96, climate")
    newer = load_grid(grid.path, "smoke")
    with pytest.raises(InputError, match="0 of 4 cells done"):
        collect(newer, folder)
    found = outdated(list(load_sizes(grid.path).values()), folder)
    assert [path.name for path in found.older] == sorted(cell.identity for cell in grid.cells)
    assert found.unfinished == []
    with FileLock(CellFolder(found.older[0]).lock):
        assert remove(found.older) == 3, "one is in use"
    assert outdated(list(load_sizes(grid.path).values()), folder).older == found.older[:1]


def test_cells_of_todays_code_are_never_outdated(root, grid, finish_all):
    """Neither those of another size nor those that the grid file named yesterday."""
    folder = finish_all(grid)
    finish_all(load_grid(grid.path, "paper"))
    begin(CellFolder.of(folder, "f" * 16), {})
    write_grid(
        root, ("noise: [1, 2.5]", "noise: [1]"), ("exclude:\n  - {noise: 2.5, members: [5, 10], seed: 1..2}", "")
    )
    found = outdated(list(load_sizes(grid.path).values()), folder)
    assert found.older == [] and [path.name for path in found.unfinished] == ["f" * 16]


def test_the_record_is_plain_json(root, grid, finish_all):
    path = collect(grid, finish_all(grid))
    assert json.loads(path.with_suffix(".json").read_text())["sha256"] == sha256(path)
