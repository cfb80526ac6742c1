"""The build re-executes a page exactly when something it may depend on has changed."""

import json

import pytest
from page_sources import built_digest, page_digests, sources_digest

FILES = {
    "src/sparseobs/__init__.py": "",
    "src/sparseobs/errors.py": "",
    "src/sparseobs/filtering/__init__.py": '"""Filters."""\n',
    "src/sparseobs/filtering/letkf.py": "from sparseobs.errors import InputError\n",
    "src/sparseobs/filtering/amenf.py": "from . import letkf\nfrom ..files import WEIGHTS\n",
    "src/sparseobs/files.py": 'WEIGHTS = "ring.safetensors"\n',
    "src/sparseobs/maps.py": 'def late():\n    """Reads europe."""\n    import sparseobs.coast\n',
    "src/sparseobs/coast.py": 'FILE = "coast_50m.json"\n',
    "src/sparseobs/dynamic.py": "import importlib\nimportlib.import_module('sparseobs.' + 'coast')\n",
    "src/sparseobs/checkpoints/ring.safetensors": "weights",
    "src/sparseobs/coast_50m.json": "{}",
    "results/filters.csv": "a,b",
    "results/filters.json": "{}",
    "results/unnamed.csv": "a,b",
    "constraints.txt": "torch==2.13.0\n",
    "pyproject.toml": '[project]\ndependencies = ["torch"]\n[tool.ruff]\nline-length = 110\n',
}
PAGES = {
    "filter": ["from sparseobs.filtering import amenf", "read_result('filters')"],
    "map": ["%matplotlib inline\nimport sparseobs.maps as maps"],
    "plain": ["import math"],
}


@pytest.fixture
def checkout(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for name, cells in PAGES.items():
        write_page(tmp_path / f"{name}.ipynb", cells)
    return tmp_path


def write_page(path, sources):
    cells = [{"cell_type": "code", "source": [source]} for source in sources]
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "# T"}, *cells]}))


def digests(checkout) -> dict[str, str]:
    paths = [checkout / f"{name}.ipynb" for name in PAGES]
    return {path.stem: digest for path, digest in page_digests(paths, checkout).items()}


@pytest.mark.parametrize(
    "changed, expected",
    [
        ("src/sparseobs/filtering/amenf.py", {"filter"}),
        ("src/sparseobs/filtering/letkf.py", {"filter"}),
        ("src/sparseobs/filtering/__init__.py", {"filter"}),
        ("src/sparseobs/errors.py", {"filter"}),
        ("src/sparseobs/maps.py", {"map"}),
        ("src/sparseobs/coast.py", {"map"}),
        ("src/sparseobs/__init__.py", {"filter", "map"}),
        ("src/sparseobs/dynamic.py", set()),
        ("src/sparseobs/checkpoints/ring.safetensors", {"filter"}),
        ("src/sparseobs/coast_50m.json", {"map"}),
        ("results/filters.csv", {"filter"}),
        ("results/filters.json", {"filter"}),
        ("results/unnamed.csv", {"filter", "map", "plain"}),
        ("constraints.txt", {"filter", "map", "plain"}),
    ],
)
def test_a_change_touches_the_pages_that_may_depend_on_it_and_only_these(checkout, changed, expected):
    before = digests(checkout)
    (checkout / changed).write_text(FILES[changed] + "\n# changed\n")
    after = digests(checkout)
    assert {name for name in PAGES if before[name] != after[name]} == expected


@pytest.mark.parametrize(
    "cell",
    [
        "import importlib\nimportlib.import_module(name)",
        "from sparseobs.filtering import *",
        "!python -m sparseobs train",
        "import subprocess\nsubprocess.run(['python', '-m', 'sparseobs'])",
        "from sparseobs import dynamic",
        "this is no Python",
    ],
)
def test_a_page_that_hides_what_it_runs_depends_on_everything(checkout, cell):
    write_page(checkout / "plain.ipynb", [cell])
    before = digests(checkout)
    (checkout / "src/sparseobs/coast.py").write_text("FILE = 1\n")
    middle = digests(checkout)
    (checkout / "results/filters.csv").write_text("b")
    assert len({before["plain"], middle["plain"], digests(checkout)["plain"]}) == 3


def test_pins_count_and_other_project_settings_do_not(checkout):
    before = digests(checkout)
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text().replace("110", "100"))
    assert digests(checkout) == before
    project.write_text(project.read_text().replace('"torch"', '"torch", "numpy"'))
    assert not set(digests(checkout).values()) & set(before.values())


def test_the_preset_in_the_environment_counts(checkout, monkeypatch):
    before = digests(checkout)
    monkeypatch.setenv("SPARSEOBS_PRESET", "paper")
    assert not set(digests(checkout).values()) & set(before.values())


def test_words_and_layout_of_a_page_do_not_count(checkout):
    before = digests(checkout)
    page = checkout / "filter.ipynb"
    page.write_text(page.read_text().replace("# T", "# Another title"))
    (checkout / "results/README.md").write_text("how these were made")
    (checkout / "results/dictionary.csv").write_text("what the columns mean")
    (checkout / "src/sparseobs/__pycache__").mkdir()
    (checkout / "src/sparseobs/__pycache__/x.pyc").write_text("x")
    assert digests(checkout) == before


@pytest.mark.parametrize("changed", ["_config.yml", "book/intro.md", "filter.ipynb", "results/filters.csv"])
def test_a_change_of_anything_that_the_book_is_built_from_is_noticed(checkout, changed):
    before = sources_digest(checkout)
    path = checkout / changed
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "\n")
    assert sources_digest(checkout) != before


@pytest.mark.parametrize("changed", ["_build/html/a.html", ".venv/x.py", "tests/test_x.py", "src/__pycache__/a.pyc"])
def test_what_no_page_rests_on_is_not(checkout, changed):
    before = sources_digest(checkout)
    (checkout / changed).parent.mkdir(parents=True)
    (checkout / changed).write_text("x")
    assert sources_digest(checkout) == before


def test_a_built_page_that_is_changed_or_gone_is_noticed(tmp_path):
    (tmp_path / "a.html").write_text("a")
    (tmp_path / "b.html").write_text("b")
    digests = [built_digest(tmp_path)]
    (tmp_path / "a.html").write_text("c")
    digests.append(built_digest(tmp_path))
    (tmp_path / "b.html").unlink()
    assert len({*digests, built_digest(tmp_path)}) == 3
