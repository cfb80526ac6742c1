"""The records say what is still good, and in which order to run the rest."""

import json
from pathlib import Path

import nbformat
import page_records
import pytest
from execute_pages import Executed
from page_checks import toc_pages
from page_records import LONG, PageRecords


@pytest.fixture
def records(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    for name in ("a", "b", "c"):
        code = nbformat.v4.new_code_cell(f"'{name}'")
        nbformat.write(nbformat.v4.new_notebook(cells=[code]), tmp_path / "notebooks" / f"{name}.ipynb")
    pages = "".join(f"- file: notebooks/{name}\n" for name in ("b", "c"))
    (tmp_path / "_toc.yml").write_text(f"format: jb-book\nroot: notebooks/a\nchapters:\n{pages}")
    monkeypatch.setattr(page_records, "page_digests", lambda paths, root: {path: path.stem for path in paths})
    return lambda: PageRecords(tmp_path, tmp_path)


def executed(records: PageRecords, number: int, seconds: float, failure: str = "") -> Executed:
    path = records.notebooks[number]
    return Executed(path, nbformat.read(path, as_version=4), seconds, failure)


def names(paths: list[Path]) -> list[str]:
    return [path.stem for path in paths]


def test_pages_that_ran_are_kept_and_failed_ones_run_again(records):
    first = records()
    assert names(first.forget_stale()) == ["a", "b", "c"]
    first.keep(executed(first, 0, 3.0))
    first.keep(executed(first, 1, 1.0, failure="ValueError"))
    assert [first.is_fresh(path) for path in first.notebooks] == [True, False, False]
    assert names(records().forget_stale()) == ["c", "b"]  # b is known to be short


def test_the_longest_page_is_begun_first_and_its_seconds_stand_in_the_record(records):
    first = records()
    for number, seconds in enumerate([2.04, 90.0, 30.0]):
        first.keep(executed(first, number, seconds))
    assert json.loads(first.path.read_text())["notebooks/a"]["seconds"] == 2.0
    again = records()
    again.digests = dict.fromkeys(again.digests, "changed")
    assert names(again.forget_stale()) == ["b", "c", "a"]


def test_pages_said_to_be_long_are_pages():
    assert set(LONG) <= set(toc_pages(Path(__file__).parents[2]))
