"""Imports run one way: what a part of the library, a page or a notebook may know is written here once."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
FILES = sorted([*SOURCE.rglob("sparseobs/**/*.py"), *SOURCE.rglob("sparseobs_book/**/*.py")])
PAGES = sorted((ROOT / "notebooks").rglob("*.py"))
# Below everything; "" is the package itself, for its version.
BASE = {"", "errors", "files", "memory", "code_files", "checkpoints", "randomness", "outlines", "outlines_extract"}
MAY_IMPORT = {
    "dynamics": set(),
    "scores": set(),
    "stations": set(),
    "observing": {"dynamics"},
    "interpolation": {"stations", "scores"},
    "filtering": {"dynamics", "observing", "scores"},
    "neural_process": {"stations", "scores"},
    "kriging_start": {"interpolation", "neural_process", "stations"},  # the bridge between the two
    # What is kept of any run; it knows no science but the interval of a repeat.
    "runs": {"scores"},
    # Arrays and tables only: a band computes its interval, a map is told its box.
    "figures": {"scores", "stations.regions"},
    # Runs any notebook, so it knows no experiment: only what its parameters are, where a cell's table comes
    # from and where tables go.
    "grid": {"runs.cell", "runs.parameters", "runs.provenance", "runs.results"},
    "cli": set(),
    "__main__": {"cli"},
} | {part: set() for part in BASE}
DRAWING = {"matplotlib", "cartopy"}
SHARED = {"trained_filters", "temperature", "laboratory", "checking"}  # what several pages run
EVERY_PAGE = "reproduced"  # reads what the others' tables say


def imported_names(tree: ast.AST, package: str) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names |= {f"{base}.{alias.name}" for alias in node.names}
    return names


def part_of(path: Path) -> str:
    inside = path.relative_to(SOURCE / "sparseobs").with_suffix("").parts
    return "" if inside == ("__init__",) else inside[0]


def breaches(part: str, names: set[str]) -> list[str]:
    """Name what a part of the library imports and must not."""
    found = []
    for name in sorted(names):
        steps = name.split(".")
        if steps[0] in DRAWING and part != "figures":
            found.append(f"{part} imports {name}: only figures draws")
        if steps[0] == "sparseobs_book":
            found.append(f"{part} imports {name}: the library knows no page")
        if steps[0] == "sparseobs":
            below = steps[1] if len(steps) > 1 and steps[1] in MAY_IMPORT else ""
            allowed = MAY_IMPORT[part] | BASE | {part}
            if below not in allowed and ".".join(steps[1:3]) not in allowed:
                found.append(f"{part} imports {name}")
    return found


def page_breaches(page: str, names: set[str], draws: bool) -> list[str]:
    """Name what the code of a page imports and must not: another page's, or a drawing library where it computes."""
    found = []
    for name in sorted(names):
        steps = name.split(".")
        if steps[0] in DRAWING and not draws:
            found.append(f"{page} imports {name}: only figures.py draws")
        if steps[0] == "sparseobs_book" and page != EVERY_PAGE and steps[1] not in SHARED | {page}:
            found.append(f"{page} imports {name}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_imports_point_down(path):
    package = ".".join(path.relative_to(SOURCE).parent.parts)
    names = imported_names(ast.parse(path.read_text()), package)
    if package.split(".")[0] == "sparseobs_book":
        page = path.relative_to(SOURCE / "sparseobs_book").with_suffix("").parts[0]
        assert page_breaches(page, names, draws=path.name == "figures.py") == []
        if page in SHARED:
            assert page_breaches("", names - {name for name in names if name.split(".")[1:2] == [page]}, True) == []
    else:
        part = part_of(path)
        assert part in MAY_IMPORT, f"say in {Path(__file__).name} what the new part {part!r} may import"
        assert breaches(part, names) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_page_runs_its_own_folder(path):
    """An experiment's notebook, the cell of a grid, stands on what its page stands on."""
    names = imported_names(ast.parse(path.read_text()), "")
    folder = {"open_questions_world": "open_questions"}.get(path.stem, path.stem)
    folder = EVERY_PAGE if folder.startswith("results") else folder
    assert page_breaches(folder, names, draws=True) == []


def test_base_modules_know_nothing_above_them():
    for part in BASE - {""}:
        names = imported_names(ast.parse((SOURCE / "sparseobs" / f"{part}.py").read_text()), "sparseobs")
        above = {name for name in names if name.startswith("sparseobs.") and name.split(".")[1] not in BASE}
        assert not above, part


@pytest.mark.parametrize(
    "part, code",
    [
        ("filtering", "from sparseobs.neural_process import unet"),
        ("neural_process", "import sparseobs.filtering.amenf"),
        ("dynamics", "from ..observing import operators"),
        ("scores", "from sparseobs import runs"),
        ("runs", "import matplotlib.pyplot"),
        ("runs", "from sparseobs.filtering.letkf import run_letkf"),
        ("stations", "def late():\n    import cartopy"),
        ("figures", "from sparseobs.runs.results import read_result"),
        ("figures", "from sparseobs.stations.sources import load"),
        ("grid", "from sparseobs_book.trained_filters import recipes"),
        ("cli", "from sparseobs_book.chaos.command import chaos"),
        ("runs", "from sparseobs.grid.plan import load_grid"),
    ],
)
def test_each_kind_of_breach_is_seen(part, code):
    assert breaches(part, imported_names(ast.parse(code), f"sparseobs.{part}"))


@pytest.mark.parametrize(
    "page, code",
    [
        ("chaos", "from sparseobs_book.ensembles.run import run"),
        ("chaos", "from sparseobs_book import objectives"),
        ("chaos", "import matplotlib.pyplot"),
        ("temperature", "from sparseobs_book.real_data.summary import by_hour"),
    ],
)
def test_each_kind_of_breach_of_a_page_is_seen(page, code):
    assert page_breaches(page, imported_names(ast.parse(code), "sparseobs_book"), draws=False)
