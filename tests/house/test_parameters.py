"""Every parameter of every page: misspelt, of another type or out of range, it stops the page before any computing.

Cells run in this process up to the one that checks; a kernel's history of cells is put in its place.
"""

import re
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest

from sparseobs import randomness
from sparseobs.errors import InputError, require_number
from sparseobs.runs import parameters

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
# The experiments are what the grids run: a cell that cannot be right ends at once, before it computes.
PAGES = sorted(str(path.relative_to(NOTEBOOKS).with_suffix("")) for path in NOTEBOOKS.rglob("*.ipynb"))
CHECKED_WITHIN = 3  # code cells below the parameters: imports, a world of the page's own, the check
SPAN = re.compile(r"(?:-?\d[\d.e+-]*) to (?:\d+, or )?(-?\d[\d.e+-]*\d)")


class Page:
    """A page's code, run up to its parameters."""

    def __init__(self, name: str):
        cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
        cells = [cell for cell in cells if cell.cell_type == "code"]
        tagged = next(number for number, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", []))
        self.before = [cell.source for cell in cells[: tagged + 1]]
        self.after = [cell.source for cell in cells[tagged + 1 : tagged + 1 + CHECKED_WITHIN]]
        self.parameters = parameters.assigned(cells[tagged].source)
        self.said = {name: self._comment(cells[tagged].source, name) for name in self.parameters}
        self.names = {"__name__": "__main__"}
        self._run(self.before, self.names)

    def run(self, injected: str, monkeypatch) -> None:
        """Run what papermill injected and the cells below, as far as they get without a random number."""
        with monkeypatch.context() as patch:
            patch.setattr(parameters, "_history", lambda: [*self.before, injected])
            patch.setattr(randomness, "stream_seed", computing)
            self._run([injected, *self.after], dict(self.names))

    def wrong(self) -> dict[str, str]:
        """Return lines that papermill would write, by what is wrong with them."""
        lines = {}
        for name, parameter in self.parameters.items():
            lines[f"{name} misspelt"] = f"{name[:-2]}{name[-1]} = 3"
            if "preset" == name or "str" in parameter.kinds:
                lines |= {f"{name} type": f"{name} = 3", f"{name} range": f'{name} = "no such one"'}
                continue
            lines[f"{name} type"] = f'{name} = "three"'
            if "bool" not in parameter.kinds:
                lines[f"{name} true"] = f"{name} = True"
            lines |= {f"{name} range": f"{name} = {-(10**9)}", f"{name} nan": f"{name} = float('nan')"}
            if span := SPAN.search(self.said[name]):
                lines[f"{name} above"] = f"{name} = {_beyond(span[1])}"
            if "whole number" in self.said[name]:
                lines[f"{name} fraction"] = f"{name} = 7.5"
        return lines

    @staticmethod
    def _run(cells, names):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for cell in cells:
                exec(compile(cell, "a cell", "exec"), names)
        plt.close("all")

    @staticmethod
    def _comment(code: str, name: str) -> str:
        return re.search(rf"^{name}(?:: [^=]+)? = (.*(?:\n\s.*)*)", code, re.MULTILINE)[1]


def _beyond(number: str) -> str:
    return repr(type(eval(number))(eval(number) * 2 + 1))


def computing(seed, *_):
    require_number("seed", seed, least=0, whole=True)
    raise AssertionError("something was drawn at random before the parameters were checked")


@pytest.mark.parametrize("name", PAGES)
def test_whatever_is_wrong_stops_the_page_before_it_computes(name, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    page, passed = Page(name), {}
    for what, line in page.wrong().items():
        try:
            page.run(parameters.INJECTED + line + "\n", monkeypatch)
        except InputError as error:
            told = str(error)
            if "misspelt" in what and f"Try {what.split()[0]}." not in told:
                passed[what] = told
        except Exception as error:
            passed[what] = repr(error)
        else:
            passed[what] = "no word"
    assert not passed
