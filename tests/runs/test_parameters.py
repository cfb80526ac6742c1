"""A notebook's parameters, read from syntax; what papermill injects is held against them."""

import pytest

from sparseobs.errors import InputError
from sparseobs.runs.parameters import INJECTED, assigned, refuse_unknown

CELL = """import os
preset = os.environ.get("PRESET", "lesson")  # try preset=smoke
noise: float | None = 1.0
where = "region=north"  # which part
name: "str | None" = None
rate = 0.5  # try rate=0.1 first
n_held_out = None  # whole number
many = (
    3  # a value over lines
)
"""


def cells(line: str) -> list[str]:
    return ["", "import sparseobs", CELL, f"{INJECTED}{line}\n"]


def test_unions_and_equal_signs_in_defaults_and_comments_are_read():
    found = {name: sorted(parameter.kinds) for name, parameter in assigned(CELL).items()}
    assert found == {
        "preset": [],
        "noise": ["NoneType", "float"],
        "where": ["str"],
        "name": ["NoneType", "str"],
        "rate": ["float"],
        "n_held_out": [],
        "many": ["int"],
    }


@pytest.mark.parametrize(
    "line, says",
    [
        ("n_heldout = 3", "parameter: given 'n_heldout'; expected one of preset, noise.*Try n_held_out"),
        ("Rate = 0.1", "given 'Rate'.*Try rate"),
        ('rate = "fast"', r"rate: given 'fast'; expected a number \(float\). Try -p rate 0.5"),
        ("many = 3.0", "many: given 3.0; expected a whole number"),
        ("many = True", "many: given True"),
        ("many = float('nan')", "many: given nan"),
        ("where = 3", r"where: given 3; expected a text \(str\)"),
    ],
)
def test_what_no_parameter_takes_is_refused(line, says):
    with pytest.raises(InputError, match=says):
        refuse_unknown(cells(line))


@pytest.mark.parametrize("line", ["n_held_out = 3", "noise = 2", "rate = 1", "where = 'region=south'", "name = None"])
def test_what_a_parameter_takes_passes(line):
    refuse_unknown(cells(line))


def test_cells_of_a_readers_own_are_left_alone():
    refuse_unknown(["", CELL, "n_heldout = 3"])
    refuse_unknown(["", "x = 1", f"{INJECTED}y = 2\n"])
    refuse_unknown([f"{INJECTED}y = 2\n"])
    refuse_unknown()
