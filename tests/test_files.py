import os
import stat

import pytest

from sparseobs.errors import InputError
from sparseobs.files import project_root, replacing, sha256


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


def test_a_folder_that_is_no_checkout_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    with pytest.raises(InputError, match="a checkout of the book"):
        project_root()
