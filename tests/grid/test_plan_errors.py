"""Whatever is wrong with a grid file is said before anything runs: the line, what was given, what to try."""

import re

import pytest

from sparseobs.errors import InputError
from sparseobs.grid.plan import load_grid

from .small_project import GRID, write_grid, write_project

AXES = GRID[GRID.index("axes:") : GRID.index("exclude")]
SIZES = GRID[GRID.index("sizes:") :]
EXCLUSION = "{noise: 2.5, members: [5, 10], seed: 1..2}"
SMOKE = "    parameters: {preset: smoke}"
# What is wrong: a part of the grid file, what takes its place, the line to name, and what to say of it.
FAULTS = {
    "unknown key": ("title:", "tilte:", 1, "tilte: given 'tilte'; expected one of title, .* Try title"),
    "missing key": ("title: Filters by noise and seed\n", "", 1, "expected the key title"),
    "empty title": ("Filters by noise and seed", '""', 1, "title: given ''; expected a text"),
    "unknown key of a size": ("    axes: {seed: [0]}", "    axis: {seed: [0]}", 17, "axis: .* Try axes"),
    "unknown key of the resources": ("threads: 2", "cores: 2", 13, "cores: .*expected one of threads, gpu"),
    "unknown key of a cost": ("{seconds: 8,", "{second: 8,", 18, "Try seconds"),
    "a size without a cost": ("    cost: {seconds: 8, measured_on: one core}\n", "", 15, "expected the key cost"),
    "no sizes": (SIZES, "sizes: {}", 14, "sizes: given {}; expected at least one entry"),
    "unknown size": ("  smoke:", "  tiny:", 15, "tiny: .*expected one of smoke, lesson, study, paper"),
    "no threads": ("threads: 2", "threads: 0", 13, "threads: given 0; expected greater than or equal to 1"),
    "half a thread": ("threads: 2", "threads: 1.5", 13, "threads: given 1.5; expected a whole number"),
    "unknown gpu": ("gpu: no", "gpu: maybe", 13, "gpu: given 'maybe'; expected one of no, optional, required"),
    "endless minutes": ("minutes: 600", "minutes: .inf", 21, "minutes: given inf; expected a finite number"),
    "a cost in words": ("seconds: 8", "seconds: few", 18, "seconds: given 'few'; expected a number"),
    "axes in a list": (AXES, "axes: [1]\n", 5, "axes: given .1.; expected a mapping"),
    "no axes": (AXES, "axes: {}\n", 5, "axes: given {}"),
    # Names
    "unknown axis": ("  seed: 0..2", "  sede: 0..2", 10, "sede: .*a parameter of the notebook: .* Try seed"),
    "unknown parameter": ("stride: 4", "strid: 4", 4, "parameters.strid: given 'strid'; .* Try stride"),
    "unknown parameter of a size": (SMOKE, "    parameters: {preest: smoke}", 16, "Try preset"),
    "unknown parameter of a zip": ("    members:", "    member:", 8, "axes.tuning.member: .* Try members"),
    "a size with an unknown axis": (
        "axes: {seed: [0]}",
        "axes: {sead: [0]}",
        17,
        "sead: .*an axis of the grid: .* seed",
    ),
    "a size with part of a zip": ("axes: {seed: [0]}", "axes: {members: [5]}", 17, "members: .* Try tuning"),
    "a size with half of a zip": ("{seed: [0]}", "{tuning: {members: [5]}}", 17, "expected .*: members, inflation"),
    "an exclusion of no axis": ("seed: 1..2}", "sed: 1}", 12, "exclude.sed: .*a parameter of an axis: .* Try seed"),
    "an exclusion of a common parameter": ("seed: 1..2}", "stride: 4}", 12, "expected a parameter of an axis"),
    "an exclusion by a zip's name": ("{noise: 2.5, members", "{tuning: 5, members", 12, "Try members or inflation"),
    "no preset": (
        SMOKE,
        "    parameters: {}",
        15,
        "sizes.smoke: given 'no preset'; .* Try setting preset in its parameters",
    ),
    # Types
    "text for a number in a long list": ("[1, 2.5]", "\n    - 1\n    - high", 8, "noise: given 'high'"),
    "text for a number": ("noise: [1, 2.5]", "noise: [1, high]", 6, "noise: given 'high'; expected a number"),
    "fraction for a whole number": ("seed: 0..2", "seed: [0.5]", 10, "given 0.5; expected a whole number"),
    "truth value for a whole number": ("seed: 0..2", "seed: [true]", 10, "given True; expected a whole number"),
    "truth value for a number": ("[1, 2.5]", "[1, true]", 6, "given True; expected a number"),
    "null for a number": ("[1, 2.5]", "[1, null]", 6, "given None; expected a number"),
    "number for a text": ("stride: 4", "name: 4", 4, "given 4; expected a text"),
    "number for an annotated text": (SMOKE, "    parameters: {preset: 1}", 16, "given 1; expected a text"),
    "whole number for a truth value": ("stride: 4", "tuned: 1", 4, "given 1; expected true or false"),
    "text for an optional number": ("stride: 4", "limit: x", 4, "expected a number .* or null"),
    "text for a commented number": ("stride: 4", "radius: x", 4, "given 'x'; expected a number"),
    "list for a parameter": ("stride: 4", "steps: [1, 2]", 4, "expected one number, text, true, false or null"),
    "wrong type in a zip": ("members: [5, 10]", "members: [5, ten]", 8, "axes.tuning.members: given 'ten'"),
    "wrong type in a size": ("axes: {seed: [0]}", "axes: {seed: [a]}", 17, "sizes.smoke.axes.seed: given 'a'"),
    "wrong type in an exclusion": ("noise: 2.5,", "noise: big,", 12, "exclude.noise: given 'big'"),
    "not a number": ("[1, 2.5]", "[1, .nan]", 6, "given nan; expected a finite number"),
    "infinite": ("stride: 4", "noise: -.inf", 4, "given -inf; expected a finite number"),
    # Products
    "an empty axis": ("[1, 2.5]", "[]", 6, r"noise: given \[\]; expected at least one value"),
    "an axis of one value": ("[1, 2.5]", "2.5", 6, r"expected a list of values .* Try \[2.5\]"),
    "an empty axis at a size": ("{seed: [0]}", "{seed: []}", 17, "expected at least one value"),
    "an empty range": ("seed: 0..2", "seed: 2..0", 10, r"given '2..0'; .* Try 0\.\.2"),
    "an endless range": ("seed: 0..2", "seed: 0..999999999", 10, "expected 1 to 100000 values"),
    "too many cells": ("seed: 0..2", "seed: 0..59999", 5, "given '240000 cells'"),
    "an empty zip": ("    members: [5, 10]\n    inflation: [1.2, 1.07]", "    {}", 7, "that change together"),
    "an empty column of a zip": ("members: [5, 10]", "members: []", 8, "expected at least one value"),
    "a zip of unequal lengths": ("[1.2, 1.07]", "[1.2]", 7, "tuning: given 'members 2, inflation 1'"),
    "a value twice": ("[1, 2.5]", "[1, 2.5, 1.0]", 6, "given 'noise 1.0 twice'"),
    "a step of a zip twice": (
        "members: [5, 10]\n    inflation: [1.2, 1.07]",
        "members: [5, 5]\n    inflation: [1, 1.0]",
        7,
        "members 5, inflation 1.0 twice",
    ),
    "a parameter on two axes": (
        "    members: [5, 10]",
        "    seed: [5, 10]",
        10,
        r"seed here and in axes.tuning \(line 7\)",
    ),
    "a parameter on an axis and common": ("stride: 4", "seed: 4", 10, r"seed here and in parameters.seed \(line 4\)"),
    "a parameter on an axis and of a size": (
        SMOKE,
        "    parameters: {preset: smoke, seed: 1}",
        16,
        r"axes.seed \(line 10\)",
    ),
    # Exclusions
    "an exclusion of nothing": ("seed: 1..2}", "seed: 7}", 12, "expected values that a cell has at some size"),
    "an empty exclusion": (EXCLUSION, "{}", 12, "expected parameters and their values"),
    "an exclusion without values": ("seed: 1..2}", "seed: []}", 12, "expected at least one value"),
    "an exclusion of everything": (EXCLUSION, "{noise: 1}\n  - {noise: 2.5}", 11, "all 4 cells of size smoke"),
    "nothing left of one size": ("seed: 1..2}", "seed: 1..2}\n  - {seed: 0}", 11, "all 4 cells of size smoke"),
    # Files
    "no notebook": (
        "filters.ipynb",
        "filter.ipynb",
        2,
        "expected an .ipynb file, .* Try filters.ipynb in the same folder",
    ),
    "a script for a notebook": ("filters.ipynb", "filters.py", 2, "an .ipynb file"),
    "an input that matches no file": ("data/*.csv", "data/*.nc", 3, "a pattern that matches a file"),
    "an input that is a folder": ("data/*.csv", "data", 3, "a pattern that matches a file"),
    "an input elsewhere": ("data/*.csv", "/etc/hosts", 3, "a path below the project"),
    "an input above": ("data/*.csv", "../x.csv", 3, "a path below the project"),
    # YAML
    "a syntax error": ("axes:\n", "axes: {\n", 7, "flow mapping from line 5"),
    "a tab": ("  noise:", "\tnoise:", 6, "spaces instead of tabs"),
    "a key twice": (
        "  seed: 0..2",
        "  noise: [3]",
        10,
        r'duplicate key "noise" with value "\[3\]" \(original value: "\[1, 2.5\]"\)',
    ),
    "a number for a key": ("  seed: 0..2", "  3: [3]", 10, "a name before the colon"),
    "a tag": (
        "seed: 0..2",
        "seed: !!python/name:os.system",
        10,
        "the tag .*python/name:os.system.* expected YAML of plain",
    ),
    "itself": ("seed: 0..2", "seed: &a [*a]", 10, "what it lies in, which has no end"),
    "two documents": ("resources:", "---\nresources:", 13, "another document"),
    "nothing": (GRID, "", 1, "expected a grid"),
    "a list": (GRID, "- a\n- b\n", 1, "expected a mapping"),
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    write_project(tmp_path)
    return tmp_path


@pytest.mark.parametrize("old, new, line, message", FAULTS.values(), ids=FAULTS)
def test_a_fault_names_its_line(project, old, new, line, message):
    path = write_grid(project, (old, new))
    with pytest.raises(InputError) as error:
        load_grid(path, "paper")
    assert str(error.value).startswith(f"grids/filters.yaml, line {line}: ")
    assert re.search(message, str(error.value))
