"""A cell keeps its identity as long as nothing that decides its numbers changes, and loses it otherwise."""

import hashlib
import json

import pytest

import sparseobs
from sparseobs.grid.identity import cell_identity, code_digest
from sparseobs.grid.plan import load_grid

from .small_project import GRID, write_grid, write_notebook, write_project


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    write_project(tmp_path)
    return tmp_path


def identities(project, *changes, size="smoke") -> list[str]:
    return [cell.identity for cell in load_grid(write_grid(project, *changes), size).cells]


def test_each_cell_has_its_own(project):
    known = identities(project, size="paper")
    assert len(set(known)) == len(known) == 8
    assert all(len(each) == 16 and int(each, 16) >= 0 for each in known)


@pytest.mark.parametrize(
    "change",
    [
        ("Filters by noise and seed", "Another title"),
        ("threads: 2, gpu: no", "threads: 1, memory_gb: 8, gpu: optional"),
        ("seconds: 8", "seconds: 9"),
        ("[1, 2.5]", "[1.0, 2.5]"),
        ("[1, 2.5]", "[ 1e0,\n          2.50 ]  # a comment"),
        ("parameters: {preset: smoke}", 'parameters:\n      "preset": "smoke"'),
        ("  - {noise: 2.5, members: [5, 10], seed: 1..2}", "  - {noise: 2.5, seed: [2, 1]}"),
        ("data/*.csv", "data/t*"),
    ],
)
def test_words_layout_and_resources_do_not_count(project, change):
    assert identities(project, change) == identities(project)


def test_the_order_of_keys_does_not_count(project):
    sections = GRID.split("\n")
    top = {line.partition(":")[0]: number for number, line in enumerate(sections) if line and line[0] not in " -"}
    cuts = [*top.values(), len(sections)]
    blocks = ["\n".join(sections[start:end]) for start, end in zip(cuts, cuts[1:], strict=False)]
    before = identities(project, size="paper")
    path = write_grid(project, text="\n".join(reversed(blocks)))
    assert [cell.identity for cell in load_grid(path, "paper").cells] == before
    tuning = "    members: [5, 10]\n    inflation: [1.2, 1.07]"
    assert identities(project, (tuning, "\n".join(reversed(tuning.split("\n")))), size="paper") == before


def test_a_cell_that_two_sizes_or_two_grids_share_is_one(project):
    same = ("preset: paper, stride: 8", "preset: smoke")
    smoke, paper = identities(project, same), identities(project, same, size="paper")
    assert set(smoke) < set(paper)
    other = write_grid(project).rename(project / "grids" / "other.yaml")
    assert [cell.identity for cell in load_grid(other, "smoke").cells] == smoke


@pytest.mark.parametrize("change", [("[1, 2.5]", "[1.5, 2.5]"), ("stride: 4", "stride: 5"), ("stride: 4", "steps: 4")])
def test_parameters_count(project, change):
    assert identities(project)[0] != identities(project, change)[0]


def test_the_value_counts_not_only_its_spelling():
    values = [1, 1.0, True, "1", None, "None", 0.1 + 0.2, 0.3]
    assert len({cell_identity("code", {"x": value}, {}) for value in values}) == len(values)


def test_prose_outputs_and_metadata_of_the_notebook_do_not_count(project):
    before = identities(project)
    path = project / "notebooks" / "filters.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] = ["# Another heading"]
    notebook["cells"][-1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["1"]}]
    notebook["cells"][-1]["metadata"] = {"tags": ["hide-input"]}
    notebook["cells"].append({"cell_type": "markdown", "id": "end", "metadata": {}, "source": ["The end."]})
    path.write_text(json.dumps(notebook, indent=4))
    assert identities(project) == before


def test_the_notebooks_code_counts(project):
    before = identities(project)
    write_notebook(project / "notebooks" / "filters.ipynb", "from sparseobs.dynamics import lorenz96", "x = 1")
    assert not set(identities(project)) & set(before)


def test_the_content_of_inputs_counts(project):
    before = identities(project)
    (project / "data" / "truth.csv").write_text("x\n2\n")
    changed = identities(project)
    (project / "data" / "noise.csv").write_text("x\n2\n")
    assert len({before[0], changed[0], identities(project)[0]}) == 3


def test_the_packages_version_counts(project, monkeypatch):
    before = identities(project)
    monkeypatch.setattr(sparseobs, "__version__", "99.0")
    assert not set(identities(project)) & set(before)


@pytest.fixture
def package(tmp_path):
    files = {
        "__init__.py": "",
        "filter.py": "from sparseobs.tools import solve\nSTATIONS = 'stations.csv'\n",
        "tools.py": "def solve(): ...\n",
        "unused.py": "",
        "stations.csv": "a\n",
        "outlines.json": "{}",
        "weights.safetensors": "w",
    }
    (tmp_path / "sparseobs").mkdir()
    for name, text in files.items():
        (tmp_path / "sparseobs" / name).write_text(text)
    return tmp_path / "sparseobs"


@pytest.mark.parametrize(
    "changed, counts",
    [
        ("__init__.py", True),
        ("filter.py", True),
        ("tools.py", True),
        ("stations.csv", True),
        ("unused.py", False),
        ("outlines.json", False),
        ("weights.safetensors", False),
    ],
)
def test_the_modules_that_it_rests_on_count_and_no_others(package, changed, counts):
    notebook = package.parent / "a.ipynb"
    write_notebook(notebook, "import sparseobs.filter")
    before = code_digest(notebook, package.parent)
    (package / changed).write_text("changed = 1\n")
    assert (code_digest(notebook, package.parent) != before) == counts


@pytest.mark.parametrize(
    "code", ["import importlib\nimportlib.import_module(name)", "!python -m sparseobs train", "no Python"]
)
@pytest.mark.parametrize("changed", ["unused.py", "outlines.json"])
def test_a_notebook_that_hides_its_imports_rests_on_the_whole_package(package, code, changed):
    notebook = package.parent / "a.ipynb"
    write_notebook(notebook, code)
    before = code_digest(notebook, package.parent)
    (package / changed).write_text("changed = 1\n")
    assert code_digest(notebook, package.parent) != before


def test_it_is_the_same_on_every_machine_and_in_every_year():
    """Finished cells are found by it: whoever changes how it is made has everyone compute everything again."""
    parameters = '{"name":"LETKF","noise":2.5,"seed":1,"steps":null}'
    text = f'["{sparseobs.__version__}","c0de",{parameters},{{"data/a.csv":"ab"}}]'
    known = cell_identity("c0de", {"seed": 1, "noise": 2.5, "name": "LETKF", "steps": None}, {"data/a.csv": "ab"})
    assert known == hashlib.sha256(text.encode()).hexdigest()[:16]
