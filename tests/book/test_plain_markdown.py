"""A learner in JupyterLab reads words, not directives: hints are folded, figures have numbers and captions."""

from pathlib import Path

import nbformat
import pytest
from editions import for_learners, lessons
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from plain_markdown import as_markdown, for_jupyter

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "myst, plain",
    [
        ("(chaos)=\n# Chaos", "# Chaos"),
        ("see {doc}`/notebooks/page` and {doc}`this <book/x>`", "see [A page](page.ipynb) and *this*"),
        ("{cite:p}`bishop2001,hunt2007`; {cite:t}`scholz2023`", "(Bishop 2001; Hunt 2007); Scholz (2023)"),
        ("in {numref}`fig-two`, {numref}`fig-elsewhere`", "in figure 2, the figure"),
        ("{ref}`Exercise 3 <there>`", "Exercise 3"),
        (":::{admonition} Hint\n:class: dropdown\nAsk.\n:::", "<details><summary>Hint</summary>\n\nAsk.\n\n</details>"),
        (":::{admonition} Exercise 1 · Run\n:name: exercise-a\nRun.\n:::\nEnd", "**Exercise 1 · Run**\n\nRun.\nEnd"),
        ("::::{admonition} A\n:::{admonition} B\nx\n:::\ny\n::::", "**A**\n\n**B**\n\nx\ny"),
        ("$x_{k}$ and `{a}` stay", "$x_{k}$ and `{a}` stay"),
    ],
)
def test_what_jupyterlab_does_not_know_becomes_words(tmp_path, myst, plain):
    (tmp_path / "notebooks").mkdir()
    nbformat.write(new_notebook(cells=[new_markdown_cell("# A page")]), tmp_path / "notebooks" / "page.ipynb")
    assert as_markdown(myst, {"fig-one": 1, "fig-two": 2}, tmp_path) == plain


def test_figures_are_numbered_in_their_order_and_have_their_captions_below(tmp_path):
    cells = [new_markdown_cell("{numref}`fig-b` after {numref}`fig-a`"), new_code_cell("1"), new_code_cell("2")]
    for cell, name in zip(cells[1:], "ab", strict=True):
        cell.metadata["mystnb"] = {"figure": {"name": f"fig-{name}", "caption": f"Of {name}."}}
    sources = [cell.source for cell in for_jupyter(new_notebook(cells=cells), tmp_path).cells]
    assert sources == ["figure 2 after figure 1", "1", "**Figure 1.** Of a.", "2", "**Figure 2.** Of b."]
    assert [cell.source for cell in cells[1:]] == ["1", "2"], "the page itself is left alone"


def test_no_lesson_shows_a_learner_a_directive_or_a_role():
    for path in lessons(ROOT):
        if not path.stem.startswith("results_"):
            cells = for_learners(nbformat.read(path, as_version=4), ROOT).cells
            text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
            assert not [mark for mark in (":::", "{doc}", "{numref}", "{cite", "{ref}") if mark in text], path.stem
