"""The API's pages hold every name that a sub-package offers, with its docstring in the book's own markup."""

import importlib
import inspect
import re
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from api_pages import MARK, fill_page, mark_up, marked_up, reference, skip_fields
from page_checks import toc_pages

from sparseobs.files import project_root

STUBS = sorted((project_root() / "src" / "sparseobs").glob("*/__init__.pyi"))
PACKAGES = [f"sparseobs.{stub.parent.name}" for stub in STUBS]


class Pair(NamedTuple):
    """Two numbers."""

    first: int


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_is_on_the_sub_packages_page(package):
    page, seen = f"book/api/{package.rsplit('.', 1)[1]}", []
    assert page in toc_pages(project_root())
    source = [(project_root() / f"{page}.md").read_text()]
    assert MARK.findall(source[0]) == [package]
    fill_page(SimpleNamespace(env=SimpleNamespace(note_dependency=seen.append)), page, source)
    documented = re.findall(r"^\.\. auto(class|function):: (\S+)$", source[0], re.MULTILINE)
    module = importlib.import_module(package)
    wanted = {
        f"{package}.{name}": "class" if inspect.isclass(getattr(module, name)) else "function"
        for name in module.__all__
    }
    assert {name: kind for kind, name in documented} == wanted
    assert seen, "a change of the list makes the page anew"


def test_a_page_without_the_mark_stays():
    source = ["# A page\n"]
    fill_page(SimpleNamespace(), "book/intro", source)
    assert source == ["# A page\n"]


def test_a_modules_names_stand_under_its_heading():
    text = reference("sparseobs.scores")
    waves = text.split("## `waves`")[1].split("## `")[0]
    assert "sparseobs.scores.wave_transfer" in waves and "sparseobs.scores.pit" not in waves


@pytest.mark.parametrize(
    "written, shown",
    [
        ("the rate of `step`, not ``this``", "the rate of ``step``, not ``this``"),
        ("as in [hunt2007]", "as in :cite:t:`hunt2007`"),
        ("after [mccabe2021, section 3.1].", "after :cite:t:`mccabe2021`, section 3.1."),
        ("an axis [0, 1] and a_[2]", "an axis [0, 1] and a_[2]"),
        (":math:`x` stays", ":math:`x` stays"),
    ],
)
def test_docstrings_are_marked_up(written, shown):
    assert marked_up(written) == shown


def test_works_cited_in_docstrings_are_in_the_bibliography():
    known = set(re.findall(r"^@\w+\{(\w+),", (project_root() / "book" / "references.bib").read_text(), re.MULTILINE))
    for package in PACKAGES:
        module = importlib.import_module(package)
        texts = [marked_up(inspect.getdoc(getattr(module, name))) for name in module.__all__]
        assert set(re.findall(r":cite:t:`(\w+)`", "\n".join(texts))) <= known, package


def test_a_property_keeps_its_colon_from_becoming_a_type_and_fields_of_tuples_are_left_out():
    lines = ["Inputs: three of `a`."]
    mark_up(None, "property", "name", None, None, lines)
    assert lines == ["Inputs – three of ``a``."]
    assert skip_fields(None, "class", "first", Pair.first, False, None) is True
    assert skip_fields(None, "class", "count", Pair.count, False, None) is None
