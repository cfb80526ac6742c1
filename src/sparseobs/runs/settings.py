"""From a preset's name and a page's parameters to one checked, printable set of numbers."""

import dataclasses
from collections.abc import Mapping
from typing import TypeVar

from sparseobs.errors import InputError, require_choice
from sparseobs.runs.parameters import refuse_unknown

Settings = TypeVar("Settings")


def resolve(presets: Mapping[str, Settings], preset: str, **overrides: object) -> Settings:
    """Return the preset's settings with every override that is not None put in its place.

    Args:
        presets: settings (frozen dataclasses that validate themselves) by name: smoke, lesson, paper.
        preset: the name.
        overrides: single numbers that a page's parameters cell or papermill changes.

    Raises:
        InputError: no such preset or number, one that the settings refuse, or a parameter that the page does not have.
    """
    refuse_unknown()
    settings = presets[require_choice("preset", preset, presets)]
    known = {field.name for field in dataclasses.fields(settings)}
    given = {name: value for name, value in overrides.items() if value is not None}
    for name in given:
        if name not in known:
            raise InputError("parameter", name, "one of " + ", ".join(sorted(known)), "a name from that list")
    return dataclasses.replace(settings, **given)


def describe(settings: object) -> str:
    """Return the effective settings, one aligned `name  value` line each.

    Args:
        settings: a dataclass.
    """
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    width = max(map(len, values))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in values.items())
