import os
import stat
import tomllib
from importlib.metadata import PackagePath
from pathlib import Path
from types import SimpleNamespace

import pytest

import sparseobs.files
from sparseobs.errors import InputError
from sparseobs.files import project_root, replacing, results_folder, sha256
from sparseobs.runs.results import read_dictionary, stored_names


def test_replacing_makes_folders_and_leaves_only_the_new_file(tmp_path):
    path = tmp_path / "new" / "table.csv"
    with replacing(path) as temporary:
        temporary.write_text("one")
        assert not path.exists()
    assert path.read_text() == "one"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_is_as_readable_as_any_other(tmp_path):
    path, plain = tmp_path / "table.csv", tmp_path / "plain"
    with replacing(path) as temporary:
        temporary.touch()
    plain.touch()
    assert stat.S_IMODE(os.stat(path).st_mode) == stat.S_IMODE(os.stat(plain).st_mode)


def test_sha256_of_known_bytes(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1.
    assert sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_project_root_is_the_checkout_or_the_folder_named(tmp_path, monkeypatch):
    monkeypatch.delenv("SPARSEOBS_ROOT", raising=False)
    assert (project_root() / "pyproject.toml").is_file()
    (tmp_path / "results").mkdir()
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    assert project_root() == tmp_path


@pytest.fixture
def without_clone(tmp_path, monkeypatch):
    """The package as a wheel leaves it: no results/ two folders up."""
    monkeypatch.delenv("SPARSEOBS_ROOT", raising=False)
    monkeypatch.setattr(sparseobs.files, "PACKAGE", tmp_path / "lib" / "site-packages" / "sparseobs")
    return tmp_path


def test_a_wheel_finds_the_tables_that_it_brought(without_clone, monkeypatch):
    stored = without_clone / "share" / "sparseobs" / "results"
    stored.mkdir(parents=True)
    (stored / "dictionary.csv").write_text("table,column,type,unit,meaning\n")
    listed = PackagePath("../../share/sparseobs/results/dictionary.csv")
    listed.dist = SimpleNamespace(locate_file=lambda path: without_clone / "lib" / "site-packages" / path)
    (without_clone / "lib" / "site-packages").mkdir(parents=True)
    monkeypatch.setattr(sparseobs.files, "files", lambda name: [PackagePath("sparseobs/files.py"), listed])
    assert results_folder() == stored
    assert stored_names() == [] and read_dictionary().empty


def test_a_wheel_without_tables_says_what_to_do(without_clone, monkeypatch):
    monkeypatch.setattr(sparseobs.files, "files", lambda name: [])
    for what in (results_folder, project_root):
        with pytest.raises(InputError, match="installed without its clone.*Try export SPARSEOBS_ROOT=FOLDER"):
            what()


def test_the_wheel_brings_every_table():
    root = Path(__file__).parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text())
    (patterns,) = project["tool"]["setuptools"]["data-files"].values()
    brought = {path for pattern in patterns for path in root.glob(pattern)}
    assert brought == set((root / "results").iterdir())


def test_a_folder_that_is_no_checkout_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    with pytest.raises(InputError, match="a checkout of the book"):
        project_root()
