"""The book's own grids run over every parameter that their notebooks have, and refuse each one that cannot be right."""

import io
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sparseobs.errors import InputError
from sparseobs.grid.plan import load_sizes
from sparseobs.grid.plan_file import read_source
from sparseobs.grid.plan_parameters import notebook_parameters

ROOT = Path(__file__).parents[2]
GRIDS = sorted(path.stem for path in (ROOT / "grids").glob("*.yaml"))
# Two values of each kind, and one that is of no kind but a text's.
TWO = {"bool": [False, True], "float": [1.5, 2.5], "int": [7, 8], "str": ["one", "another"]}


def own(name: str) -> dict:
    return YAML(typ="safe", pure=True).load((ROOT / "grids" / f"{name}.yaml").read_text("utf-8"))


def parameters(name: str) -> dict:
    """Return the notebook's parameters by name, but for the preset, which a size sets."""
    source = read_source(ROOT / "grids" / f"{name}.yaml")
    known = notebook_parameters(ROOT / source.data["notebook"], source)
    return {name: parameter for name, parameter in known.items() if name != "preset"}


def steps(parameter) -> list:
    kind = next(kind for kind in TWO if kind in parameter.kinds)
    return [None, TWO[kind][0]] if "NoneType" in parameter.kinds else TWO[kind]


def over(grid: dict, axes: dict) -> str:
    """Return a grid file of these axes only, with the preset, resources and costs of the grid."""
    sizes = {name: {"parameters": {"preset": name}, "cost": size["cost"]} for name, size in grid["sizes"].items()}
    kept = {key: grid[key] for key in ("title", "notebook", "inputs", "resources") if key in grid}
    text = io.StringIO()
    YAML(typ="safe", pure=True).dump(kept | {"axes": axes, "sizes": sizes}, text)
    return text.getvalue()


@pytest.fixture(autouse=True)
def root(monkeypatch):
    monkeypatch.setenv("SPARSEOBS_ROOT", str(ROOT))


@pytest.mark.parametrize("name", GRIDS)
def test_a_grid_runs_over_every_parameter_of_its_notebook(tmp_path, name):
    """All of them change together in two steps, which are two cells that are told apart."""
    wanted = {parameter: steps(each) for parameter, each in parameters(name).items()}
    path = tmp_path / "every_parameter.yaml"
    path.write_text(over(own(name), {"all": wanted}), "utf-8")
    for grid in load_sizes(path).values():
        assert set(grid.axes) == set(wanted) and len({cell.identity for cell in grid.cells}) == 2
        for step, cell in enumerate(grid.cells):
            given = {name: cell.parameters[name] for name in wanted}
            assert given == {name: values[step] for name, values in wanted.items()}


@pytest.mark.parametrize("name", GRIDS)
def test_a_parameter_that_is_misspelt_or_of_another_type_is_refused_with_its_line(tmp_path, name):
    """A number out of range is refused by the cell itself, which the pages' tests of parameters show."""
    path, grid = tmp_path / "wrong.yaml", own(name)
    for parameter, each in parameters(name).items():
        wrong = {f"{parameter[:-1]}_{parameter[-1]}": (steps(each), f"Try {parameter}.")}
        wrong[parameter] = ([3, 4] if "str" in each.kinds else ["three", "four"], "a value such as the notebook's own")
        for written, (values, hint) in wrong.items():
            path.write_text(over(grid, {written: values}), "utf-8")
            with pytest.raises(InputError, match=r"wrong.yaml, line \d+") as caught:
                load_sizes(path)
            assert parameter in str(caught.value) and hint in str(caught.value)
