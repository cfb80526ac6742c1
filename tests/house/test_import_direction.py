"""Imports run one way: what a part of the package may know is written here once."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
FILES = sorted(SOURCE.rglob("sparseobs/**/*.py"))
# Below everything; "" is the package itself, for its version.
BASE = {"", "errors", "files", "memory", "code_files", "checkpoints", "randomness", "outlines", "outlines_extract"}
SCIENCE = {"dynamics", "observing", "scores", "stations", "interpolation", "filtering", "neural_process"}
MAY_IMPORT = {
    "dynamics": set(),
    "scores": set(),
    "stations": set(),
    "observing": {"dynamics"},
    "interpolation": {"stations", "scores"},
    "filtering": {"dynamics", "observing", "scores"},
    "neural_process": {"stations", "scores"},
    "runs": SCIENCE,
    # Arrays and tables only: a band computes its interval, a map is told its box.
    "figures": {"scores", "stations.regions"},
    # Runs any notebook, so it knows no experiment: only where a cell's table comes from and where tables go.
    "grid": {"runs.cell", "runs.provenance", "runs.results"},
    "cli": SCIENCE | {"runs", "grid"},
    "__main__": {"cli"},
} | {part: set() for part in BASE}
DRAWING = {"matplotlib", "cartopy"}


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
    found = []
    for name in sorted(names):
        steps = name.split(".")
        if steps[0] in DRAWING and part != "figures":
            found.append(f"{part} imports {name}: only figures draws")
        if steps[0] == "sparseobs":
            below = steps[1] if len(steps) > 1 and steps[1] in MAY_IMPORT else ""
            allowed = MAY_IMPORT[part] | BASE | {part}
            if below not in allowed and ".".join(steps[1:3]) not in allowed:
                found.append(f"{part} imports {name}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_imports_point_down(path):
    part = part_of(path)
    assert part in MAY_IMPORT, f"say in {Path(__file__).name} what the new part {part!r} may import"
    package = ".".join(path.relative_to(SOURCE).parent.parts)
    assert breaches(part, imported_names(ast.parse(path.read_text()), package)) == []


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
        ("stations", "def late():\n    import cartopy"),
        ("figures", "from sparseobs.runs.results import read_result"),
        ("figures", "from sparseobs.stations.sources import load"),
        ("grid", "from sparseobs.runs.lorenz96 import SYSTEM"),
        ("runs", "from sparseobs.grid.plan import load_grid"),
    ],
)
def test_each_kind_of_breach_is_seen(part, code):
    assert breaches(part, imported_names(ast.parse(code), f"sparseobs.{part}"))
