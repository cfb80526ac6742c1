import ast
from pathlib import Path

import pytest

from sparseobs.figures.style import FULL_WIDTH

SMALLEST = 10  # points: at 5.2 inches 9 pixels on a phone
SIZES = {"fontsize", "labelsize", "size", "title_fontsize", "legend_fontsize"}
ROOT = Path(__file__).resolve().parents[2] / "src"
MODULES = sorted([*ROOT.glob("sparseobs/figures/*.py"), *ROOT.glob("sparseobs_book/**/figures*.py")])


def settings_of(tree):
    """Every name set to a value, by keyword or in a dictionary of keywords, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            yield node.arg, node.value
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            yield from (
                (key.value, value)
                for key, value in pairs
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            )


def too_small(source):
    """Return the lines of a module that set type below ten points, or by a name that means so."""
    found = []
    for name, value in settings_of(ast.parse(source)):
        if name.split(".")[-1] in SIZES and isinstance(value, ast.Constant):
            small = "small" in value.value if isinstance(value.value, str) else value.value < SMALLEST
            found += [value.lineno] if small else []
    return sorted(found)


def too_wide(source):
    """Return the lines that make a figure wider than the page."""
    found = []
    for name, value in settings_of(ast.parse(source)):
        if name.split(".")[-1] == "figsize" and isinstance(value, ast.Tuple):
            width = value.elts[0]
            found += [width.lineno] if isinstance(width, ast.Constant) and width.value > FULL_WIDTH else []
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_type_can_be_read_on_a_phone(path):
    source = path.read_text(encoding="utf-8")
    assert {"type below ten points": too_small(source), "wider than the page": too_wide(source)} == {
        "type below ten points": [],
        "wider than the page": [],
    }


def test_small_type_is_found_however_it_is_set():
    source = """
ax.text(0, 0, "a", fontsize=9)
ax.tick_params(labelsize="x-small")
lines.xlabel_style = {"size": 8}
mpl.rcParams.update({"font.size": 9.5})
ax.legend(fontsize=10)
"""
    assert too_small(source) == [2, 3, 4, 5]
    assert too_wide("plt.subplots(figsize=(FULL_WIDTH, 2))\nplt.figure(figsize=(7.0, 2))") == [2]
