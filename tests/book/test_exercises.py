"""Every exercise asks, hints, answers back and is solved: starters are told "Not yet", solutions "Right"."""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from teaching import EXERCISE

ROOT = Path(__file__).parents[2]
EXECUTED = ROOT / "_build" / "smoke" / "executed" / "notebooks"
LESSONS = sorted(path for path in (ROOT / "notebooks").glob("*.ipynb") if not path.stem.startswith("results_"))
TYPES = {"Predict", "Run", "Modify", "Derive", "Write"}


class Exercise(NamedTuple):
    number: int
    kind: str
    asked: str
    starters: list
    solutions: list


def exercises_of(path: Path) -> list[Exercise]:
    """Return the exercises of a notebook: where each is asked, and the code cells up to the next Markdown that asks."""
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        titles = EXERCISE.finditer(cell.source) if cell.cell_type == "markdown" else []
        found += [Exercise(int(title["number"]), title["kind"], cell.source, [], []) for title in titles]
        for tag, name in (("exercise", "starters"), ("solution", "solutions")):
            if cell.cell_type == "code" and tag in cell.metadata.get("tags", []):
                getattr(found[-1], name).append(cell)
    return found


def printed(cell) -> list[str]:
    return "".join(output.get("text", "") for output in cell.outputs).splitlines()


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_an_exercise_has_a_type_a_hint_a_starter_that_is_checked_and_a_solution(path):
    exercises = exercises_of(path)
    assert len(exercises) >= 2
    assert [exercise.number for exercise in exercises] == list(range(1, len(exercises) + 1))
    for exercise in exercises:
        assert exercise.kind in TYPES, exercise.number
        assert ":::{admonition} Hint" in exercise.asked, exercise.number
        assert exercise.starters and exercise.solutions, exercise.number
        assert any("YOUR TURN" in cell.source and "check(" in cell.source for cell in exercise.starters)
        assert all("hide-cell" in cell.metadata["tags"] for cell in exercise.solutions)
        assert exercise.solutions[0].source.startswith("# "), "a solution answers in words first"
        assert "check(" in exercise.solutions[-1].source, exercise.number


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_starters_are_told_not_yet_and_solutions_right(path):
    executed = EXECUTED / path.name
    assert executed.is_file(), "the notebooks were not executed: run make test"
    for exercise in exercises_of(executed):
        asked = [line for cell in exercise.starters for line in printed(cell)]
        solved = [line for cell in exercise.solutions for line in printed(cell)]
        assert any(line.startswith("Not yet.") for line in asked), exercise.number
        assert not any(line.startswith("Right.") for line in asked), exercise.number
        assert any(line.startswith("Right.") for line in solved), exercise.number
        assert not any(line.startswith("Not yet.") for line in solved), exercise.number


def test_the_book_asks_to_write_and_to_derive():
    kinds = Counter(exercise.kind for path in LESSONS for exercise in exercises_of(path))
    assert kinds.total() >= 60
    assert kinds["Write"] >= 12
    assert kinds["Derive"] >= 8


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_card_promises_the_minutes_of_its_exercises(path):
    text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown")
    (promised,) = re.findall(r"(\d+) minutes for\s+the\s+exercises(?! and)", text) or [None]
    minutes = sum(int(title["minutes"]) for title in EXERCISE.finditer(text))
    assert promised is None or int(promised) == minutes
