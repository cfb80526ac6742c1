"""pyproject.toml says what is needed, constraints.txt which versions, environment.yml hands both to conda."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINS = {
    canonicalize_name(name): pinned
    for name, pinned in re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
}
EXTRAS = PROJECT["optional-dependencies"]
NEEDED = [Requirement(text) for text in sum(EXTRAS.values(), PROJECT["dependencies"])]


def test_constraints_hold_nothing_but_exact_pins():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.strip()]
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) == len(PINS) > 100, "each name once, as name==version"
    assert not [line for line in pins if "+" in line], "no local version: a GPU build must satisfy the pin too"


@pytest.mark.parametrize("requirement", NEEDED, ids=lambda requirement: requirement.name)
def test_what_the_project_needs_is_pinned_within_its_bounds(requirement):
    pinned = PINS.get(canonicalize_name(requirement.name))
    assert pinned, f"add {requirement.name} to constraints.txt"
    assert requirement.specifier.contains(pinned, prereleases=True), f"{requirement} and its pin {pinned} disagree"


@pytest.mark.parametrize("requirement", NEEDED, ids=lambda requirement: requirement.name)
def test_a_users_own_environment_may_have_other_versions(requirement):
    assert {each.operator for each in requirement.specifier} <= {">=", "<"}, "exact versions stand in constraints.txt"


def test_versions_that_must_not_drift():
    assert PINS["torch"] == "2.13.0"  # any other lets pip fetch gigabytes of GPU libraries
    assert Version(PINS["jupyter-book"]) < Version("2")  # 2.x ignores _config.yml and _toc.yml


def test_installed_packages_are_the_pinned_ones():
    wrong = {}
    for name, pinned in PINS.items():
        try:
            installed = Version(version(name))
        except PackageNotFoundError:
            continue  # needed on another platform or Python only
        if installed.public != Version(pinned).public:
            wrong[name] = f"{installed} installed, {pinned} pinned"
    assert not wrong


def test_conda_gets_the_same_versions():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = {Requirement(text).name: Requirement(text) for text in environment["dependencies"] if isinstance(text, str)}
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert environment["name"] == PROJECT["name"]
    assert pip == ["--constraint constraints.txt", f"--editable .[{','.join(sorted(EXTRAS))}]"]
    assert set(conda) == {"python", "pip", "make"}, "everything else comes from constraints.txt"
    ours = SpecifierSet(PROJECT["requires-python"])
    assert all(minor in ours for minor in ("3.11", "3.12", "3.13") if conda["python"].specifier.contains(minor)), (
        "conda may choose a Python that pyproject.toml refuses"
    )


def test_makefile_installs_from_the_pins():
    script = (ROOT / "book" / "install.sh").read_text()
    assert f"packages='-c constraints.txt -e .[{','.join(sorted(EXTRAS))}]'" in script
