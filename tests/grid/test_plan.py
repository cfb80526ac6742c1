"""A grid file becomes the cells that its axes span, in order, each parameter of the type that the notebook wants."""

import itertools
import json

import pytest

from sparseobs.errors import InputError
from sparseobs.files import sha256
from sparseobs.grid.model import Cost, Resources
from sparseobs.grid.plan import load_grid
from sparseobs.grid.plan_file import read_source
from sparseobs.grid.plan_parameters import notebook_parameters

from .small_project import PARAMETERS, write_grid, write_notebook, write_project


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    write_project(tmp_path)
    return tmp_path


def varied(grid) -> list[tuple]:
    return [tuple(cell.parameters[name] for name in grid.axes) for cell in grid.cells]


def test_cells_are_the_product_of_the_axes_the_last_changing_fastest(project):
    grid = load_grid(write_grid(project), "paper")
    product = itertools.product([1.0, 2.5], [(5, 1.2), (10, 1.07)], [0, 1, 2])
    expected = [(noise, *tuning, seed) for noise, tuning, seed in product if noise == 1.0 or seed == 0]
    assert grid.axes == ("noise", "members", "inflation", "seed")
    assert varied(grid) == expected


def test_a_size_replaces_axes_parameters_and_resources(project):
    path = write_grid(project)
    smoke, paper = load_grid(path, "smoke"), load_grid(path, "paper")
    assert varied(smoke) == [cell for cell in varied(paper) if cell[-1] == 0]
    assert {cell.parameters["stride"] for cell in smoke.cells} == {4}
    assert {cell.parameters["stride"] for cell in paper.cells} == {8}
    assert (smoke.resources, paper.resources) == (Resources(threads=2), Resources(threads=2, minutes=600.0))
    assert (smoke.cost, paper.cost) == (
        Cost(seconds=8.0, measured_on="one core"),
        Cost(seconds=3600.0, measured_on="an estimate"),
    )


def test_what_the_file_says_of_itself(project):
    path = write_grid(project)
    grid = load_grid(path, "smoke")
    assert (grid.name, grid.title, grid.path, grid.size) == ("filters", "Filters by noise and seed", path, "smoke")
    assert grid.notebook == project / "notebooks" / "filters.ipynb"
    assert grid.inputs == {"data/truth.csv": sha256(project / "data" / "truth.csv")}


def test_whole_numbers_become_floats_where_the_notebook_has_floats(project):
    grid = load_grid(write_grid(project, ("stride: 4", "stride: 4, limit: 3, radius: 2, steps: 5")), "smoke")
    given = grid.cells[0].parameters
    assert {name: (type(given[name]), given[name]) for name in ("noise", "seed", "limit", "radius", "steps")} == {
        "noise": (float, 1.0),
        "seed": (int, 0),
        "limit": (float, 3.0),
        "radius": (float, 2.0),
        "steps": (int, 5),
    }


@pytest.mark.parametrize(
    "written, read",
    [("1e-3", 0.001), ("1.", 1.0), ("-2", -2.0), ("+1e5", 100000.0), ("007", 7.0), ("3.0", 3.0)],
)
def test_numbers_are_read_as_they_look(project, written, read):
    grid = load_grid(write_grid(project, ("[1, 2.5]", f"[2.5, {written}]")), "smoke")
    assert grid.cells[-1].parameters["noise"] == read


@pytest.mark.parametrize("word", ["no", "on", "2019-03-01", "1:30", "'3'", "1_000"])
def test_words_that_older_yaml_takes_for_something_else_are_texts(project, word):
    grid = load_grid(write_grid(project, ("stride: 4", f"name: {word}")), "smoke")
    assert grid.cells[0].parameters["name"] == word.strip("'")


def test_a_parameter_without_a_type_takes_any_scalar(project):
    for given, value in [("2", 2), ("2.5", 2.5), ("text", "text"), ("true", True), ("null", None)]:
        grid = load_grid(write_grid(project, ("stride: 4", f"steps: {given}, where: {given}")), "smoke")
        assert grid.cells[0].parameters["steps"] == grid.cells[0].parameters["where"] == value


def test_what_differs_in_type_alone_is_no_repetition(project):
    grid = load_grid(write_grid(project, ("  noise:", "  steps: [1, 1.0, true]\n  noise:")), "smoke")
    assert {repr(cell.parameters["steps"]) for cell in grid.cells} == {"1", "1.0", "True"}


def test_a_whole_number_stays_one_where_both_kinds_are_wanted(project):
    write_notebook(project / "notebooks" / "filters.ipynb", parameters=f"{PARAMETERS}both: Union[int, float] = 1\n")
    grid = load_grid(write_grid(project, ("stride: 4", "both: 2")), "smoke")
    assert type(grid.cells[0].parameters["both"]) is int


def test_every_size_is_checked_whichever_is_asked_for(project):
    path = write_grid(project, ("preset: paper, stride: 8", "preset: paper, stride: x"))
    with pytest.raises(InputError, match="line 20: sizes.paper.parameters.stride"):
        load_grid(path, "smoke")


def test_an_unknown_size_lists_the_known_ones(project):
    with pytest.raises(InputError, match=r"filters.yaml, line 14: sizes: given 'lesson'; expected one of smoke, paper"):
        load_grid(write_grid(project), "lesson")


def test_a_grid_file_that_is_not_there_names_those_that_are(project):
    path = write_grid(project)
    with pytest.raises(InputError, match=r"grid file: given .*; expected a readable YAML file. Try .*filters.yaml"):
        load_grid(path.with_name("filter.yaml"), "smoke")


@pytest.mark.parametrize("name", ["my grid", "2", "a.b", "dictionary", "-a"])
def test_a_grid_is_named_so_that_its_table_can_be(project, name):
    path = write_grid(project)
    with pytest.raises(InputError, match="letters, digits"):
        load_grid(path.rename(path.with_name(f"{name}.yaml")), "smoke")


def test_a_grid_file_of_bytes_is_refused(project):
    path = write_grid(project)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="a readable YAML file"):
        load_grid(path, "smoke")
    path.write_text("a: \x07")
    with pytest.raises(InputError, match="line 1: .*special characters"):
        load_grid(path, "smoke")


def test_a_notebook_without_parameters_is_refused(project):
    notebook = project / "notebooks" / "filters.ipynb"
    for write in (
        lambda: write_notebook(notebook, tag="other"),
        lambda: write_notebook(notebook, parameters="import os"),
    ):
        write()
        with pytest.raises(InputError, match="line 2: notebook: .*a cell tagged `parameters`"):
            load_grid(write_grid(project), "smoke")


@pytest.mark.parametrize(
    "broken", [lambda text: text[:50], lambda text: "[]", lambda text: text.replace("python", "cobol"), lambda text: ""]
)
def test_a_notebook_that_cannot_be_read_is_refused(project, broken):
    notebook = project / "notebooks" / "filters.ipynb"
    notebook.write_text(broken(notebook.read_text()))
    with pytest.raises(InputError, match="line 2: notebook: given .*; expected a Python notebook"):
        load_grid(write_grid(project), "smoke")


def test_a_notebook_whose_code_is_no_python_depends_on_the_whole_package(project):
    write_notebook(project / "notebooks" / "filters.ipynb", "this is no Python")
    assert len(load_grid(write_grid(project), "smoke").cells) == 4


def test_an_alias_stands_for_what_it_names(project):
    path = write_grid(project, ("seed: 0..2", "seed: &few [0, 1]"), ("axes: {seed: [0]}", "axes: {seed: *few}"))
    assert {cell.parameters["seed"] for cell in load_grid(path, "smoke").cells} == {0, 1}


def test_types_come_from_annotations_comments_and_literals(project):
    known = notebook_parameters(project / "notebooks" / "filters.ipynb", read_source(write_grid(project)))
    kinds = {name: set(parameter.kinds) for name, parameter in known.items()}
    assert kinds == {
        "preset": {"str"},
        "noise": {"float"},
        "stride": {"int"},
        "members": {"int"},
        "inflation": {"float"},
        "seed": {"int"},
        "name": {"str"},
        "tuned": {"bool"},
        "steps": set(),
        "limit": {"float", "NoneType"},
        "radius": {"float"},
        "where": set(),
    }
    assert [name for name, parameter in known.items() if parameter.set_by_machine] == ["preset"]


@pytest.mark.parametrize(
    "line, kinds, default",
    [
        ("x: int | None = 3", {"int", "NoneType"}, "3"),
        ('x: "int | None" = None', {"int", "NoneType"}, "None"),
        ('x = "region=north"', {"str"}, "'region=north'"),
        ("x = 0.5  # try x=0.1", {"float"}, "0.5"),
        ("x: float = -1e-3  # of 1 = all", {"float"}, "-0.001"),
        ("x = (\n    7\n)", {"int"}, "7"),
        ("%matplotlib inline\nx = True; y = 1", {"bool"}, "True"),
        ("x: Path = 'a'", set(), "'a'"),
    ],
)
def test_a_parameter_is_read_as_python_reads_it(project, line, kinds, default):
    write_notebook(project / "notebooks" / "filters.ipynb", parameters=f"{PARAMETERS}{line}\n")
    known = notebook_parameters(project / "notebooks" / "filters.ipynb", read_source(write_grid(project)))
    assert (set(known["x"].kinds), known["x"].default) == (kinds, default)


@pytest.mark.parametrize("default", ['os.getenv("SPARSEOBS_PRESET")', 'os.environ["SPARSEOBS_PRESET"]'])
def test_a_preset_that_the_environment_decides_may_not_be_left_out(project, default):
    parameters = PARAMETERS.replace('os.environ.get("SPARSEOBS_PRESET", "lesson")', default)
    write_notebook(project / "notebooks" / "filters.ipynb", parameters=parameters)
    with pytest.raises(InputError, match="line 15: sizes.smoke: given 'no preset'"):
        load_grid(write_grid(project, ("    parameters: {preset: smoke}\n", "")), "smoke")


def test_a_preset_may_be_left_out_where_the_notebook_itself_says_it(project):
    parameters = PARAMETERS.replace('os.environ.get("SPARSEOBS_PRESET", "lesson")', '"lesson"')
    write_notebook(project / "notebooks" / "filters.ipynb", parameters=parameters)
    grid = load_grid(write_grid(project, ("    parameters: {preset: smoke}\n", "")), "smoke")
    assert "preset" not in grid.cells[0].parameters
    json.dumps(grid.cells[0].parameters)
