"""What a script needs is at the top of its sub-package, costs nothing until it is used, and says what it takes."""

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from setuptools import Distribution

import sparseobs
from sparseobs.exports import read_exports

ROOT = Path(__file__).parents[1]
STUBS = sorted((ROOT / "src" / "sparseobs").glob("*/__init__.pyi"))
PACKAGES = [f"sparseobs.{stub.parent.name}" for stub in STUBS]
NAMES = [f"{package}.{name}" for package, stub in zip(PACKAGES, STUBS, strict=True) for name in read_exports(stub)]
SLOW_OR_OPTIONAL = {
    "torch",
    "xarray",
    "pandas",
    "numpy",
    "gridpp",
    "titanlib",
    "ruamel",
    "dask",
    "gstools",
    "papermill",
}


def parameters(thing) -> list[str]:
    left_out = {"args", "kwargs"} if inspect.isclass(thing) else set()
    return [name for name in inspect.signature(thing).parameters if name not in left_out]


def described(thing) -> str:
    """Return the docstrings of a function, or of a class and those that it inherits from."""
    classes = thing.__mro__ if inspect.isclass(thing) else [thing]
    return "\n".join(inspect.cleandoc(each.__doc__) for each in classes if each is not object and each.__doc__)


def test_what_the_lessons_of_a_script_need_is_there():
    wanted = {
        "filtering": {"run_letkf", "LETKFSettings", "Trainer", "TrainingConfig", "AmEnF", "AmEnS", "assimilate"},
        "neural_process": {"ConvCNP", "ConvCNPConfig", "train", "predict_map"},
        "interpolation": {"fit_kriging", "fit_learned_kriging"},
        "stations": {"load", "TemperatureData", "network", "split_stations"},
        "dynamics": {"System", "Schedule", "Lorenz96"},
        "observing": {"Observations", "simulate", "EveryKth"},
        "scores": {"score_gaussian", "ensemble_crps", "spatial_rmse"},
        "runs": {"write_result", "read_result"},
        "grid": {"load_grid"},
    }
    missing = {
        package: names - set(importlib.import_module(f"sparseobs.{package}").__all__)
        for package, names in wanted.items()
    }
    assert {package: names for package, names in missing.items() if names} == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_importable_and_says_what_it_takes(name):
    package, _, short = name.rpartition(".")
    thing = getattr(importlib.import_module(package), short)
    text = described(thing)
    assert text, "no docstring"
    told = {match for match in re.findall(r"^\s+\*{0,2}(\w+)(?: \([^)]*\))?:", text, re.MULTILINE)}
    assert [parameter for parameter in parameters(thing) if parameter not in told] == []


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: stub.parent.name)
def test_a_list_names_its_own_sub_package_and_no_module_by_a_names_name(stub):
    origin = read_exports(stub)
    home = f"sparseobs.{stub.parent.name}."
    assert [module for module in origin.values() if not module.startswith(home)] == []
    modules = {path.stem for path in stub.parent.glob("*.py")}
    assert modules & set(origin) == set(), "importing the module would put it in the name's place"
    text = stub.read_text()
    again = re.findall(r"^from \S+ import (\w+) as (\w+)$", text, re.MULTILINE)
    assert len(again) == len(text.splitlines()) and all(name == as_name for name, as_name in again)


def test_importing_a_sub_package_loads_nothing_that_is_slow_or_optional():
    loaded = "{name.split('.')[0] for name in sys.modules}"
    code = f"import sys, {', '.join(PACKAGES)}; print(*{SLOW_OR_OPTIONAL!r} & {loaded})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_name_that_is_not_offered_is_an_attribute_error_and_others_are_listed():
    from sparseobs import scores

    with pytest.raises(AttributeError, match="sparseobs.scores.*'no_such_score'"):
        getattr(scores, "no_such_score")  # noqa: B009
    with pytest.raises(ImportError, match="no_such_score"):
        from sparseobs.scores import no_such_score  # noqa: F401
    assert {"score_gaussian", "ensemble_crps"} <= set(dir(scores))


def test_an_installation_has_the_lists_and_the_mark_for_type_checkers(monkeypatch):
    monkeypatch.chdir(ROOT)
    distribution = Distribution()
    distribution.parse_config_files(["pyproject.toml"])
    distribution.script_name = "setup.py"
    command = distribution.get_command_obj("build_py")
    command.ensure_finalized()
    shipped = {f"{package}/{name}" for package, _, _, names in command.data_files for name in names}
    assert {f"{package}/__init__.pyi" for package in PACKAGES} | {"sparseobs/py.typed"} <= shipped
    assert (Path(sparseobs.__file__).parent / "py.typed").is_file()
