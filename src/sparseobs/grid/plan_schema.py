"""What a grid file may say, as pydantic checks it; what its names and values mean is checked in `plan_axes`."""

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sparseobs.errors import InputError, nearest
from sparseobs.grid.model import Resources
from sparseobs.grid.plan_source import Place, Source

SizeName = Literal["smoke", "lesson", "study", "paper"]
Text = Field(min_length=1)
Positive = {"gt": 0, "allow_inf_nan": False}


# What pydantic calls wrong, in the words of a grid file.
WORDS = {
    "dict_type": "a mapping, {name: value}",
    "model_type": "a mapping, {name: value}",
    "list_type": "a list, [a, b]",
    "string_type": "a text",
    "string_too_short": "a text",
    "too_short": "at least one entry",
    "int_type": "a whole number",
    "float_type": "a number",
}


class Section(BaseModel):
    """A mapping of the file with exactly these keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ResourcesSection(Section):
    """What one cell needs."""

    threads: int = Field(Resources.threads, ge=1, le=1024)
    gpu: Literal["no", "optional", "required"] = Resources.gpu
    memory_gb: float = Field(Resources.memory_gb, **Positive)
    minutes: float = Field(Resources.minutes, **Positive)


class CostSection(Section):
    """What one cell is expected to take."""

    seconds: float = Field(**Positive)
    measured_on: str = Text


class SizeSection(Section):
    """What one size replaces, and what a cell costs at it."""

    parameters: dict[str, Any] = {}
    axes: dict[str, Any] = {}
    resources: ResourcesSection = ResourcesSection()
    cost: CostSection


class GridSection(Section):
    """The whole file."""

    title: str = Text
    notebook: str = Text
    inputs: list[str] = []
    parameters: dict[str, Any] = {}
    axes: dict[str, Any] = Field(min_length=1)
    exclude: list[dict[str, Any]] = []
    resources: ResourcesSection = ResourcesSection()
    sizes: dict[SizeName, SizeSection] = Field(min_length=1)


def check_schema(source: Source) -> GridSection:
    """Return the file's sections.

    Raises:
        InputError: a key is unknown or missing, or a value is of the wrong kind; the first of the file is named.
    """
    try:
        return GridSection.model_validate(source.data)
    except ValidationError as error:
        faults = [(_place(source, each["loc"]), each) for each in error.errors(include_url=False)]
        # A misspelled key is unknown and leaves another one missing: the unknown one says more.
        place, first = min(faults, key=lambda fault: (fault[1]["type"] == "missing", source.line(fault[0])))
        raise _explained(source, place, first) from error


def _place(source: Source, loc: tuple) -> Place:
    """Return the part of pydantic's location that is in the file; it adds marks of its own."""
    return tuple(step for step in loc if step != "[key]")


def _explained(source: Source, place: Place, error: dict) -> InputError:
    """Return what pydantic found wrong at a place as an error that says what to try."""
    given, known = error["input"], list(_section_at(place[:-1]).model_fields)
    if error["type"] == "extra_forbidden":
        return source.fault(place, place[-1], "one of " + ", ".join(known), nearest(str(place[-1]), known))
    if error["type"] == "missing":
        return source.fault(place, f"no {place[-1]}", f"the key {place[-1]}", f"adding `{place[-1]}:`")
    if error["type"] == "literal_error":
        choices = re.findall("'(.+?)'", error["ctx"]["expected"])
        return source.fault(place, given, "one of " + ", ".join(choices), nearest(str(given), choices))
    expected = WORDS.get(error["type"], error["msg"].removeprefix("Input should be "))
    return source.fault(place, given, expected, "the form of the files in grids/")


def _section_at(place: Place) -> type[Section]:
    """Return what the file may say at a place."""
    by_name = {"resources": ResourcesSection, "cost": CostSection}
    if place and place[-1] in by_name:
        return by_name[place[-1]]
    return SizeSection if place[:1] == ("sizes",) else GridSection
