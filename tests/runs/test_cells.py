import pytest

from sparseobs.runs.cells import cell_folder, stored_row


def test_a_row_is_made_once(tmp_path):
    made = []

    def make():
        made.append(1)
        return {"rmse": 0.5}

    path = tmp_path / "a" / "row.json"
    assert stored_row(path, make) == stored_row(path, make) == {"rmse": 0.5}
    assert len(made) == 1


def test_a_row_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError):
        stored_row(tmp_path / "row.json", lambda: {"rmse": 1 / 0})
    assert list(tmp_path.iterdir()) == []


def test_folder_changes_with_settings_and_code(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folders = {
        cell_folder("x", identity, code)
        for identity in ({"seed": 0}, {"seed": 1})
        for code in (["sparseobs/errors.py"], ["sparseobs/files.py"], ["sparseobs/errors.py", "sparseobs/files.py"])
    }
    assert len(folders) == 6
    assert cell_folder("x", {"seed": 0}, ["sparseobs/errors.py"]) in folders
    assert all(folder.is_relative_to(tmp_path) for folder in folders)
