"""Minutes, timetables and misconceptions are the pages' own, and timetables add up."""

from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import yaml
from book_extension import fill_in_teaching
from sphinx.errors import ExtensionError
from teaching import MARK, PAGE, TIMETABLES, days, fill_in, misconceptions_of, parts, read_lesson

from sparseobs.errors import InputError

ROOT = Path(__file__).parents[2]
PLANS = yaml.safe_load((ROOT / TIMETABLES).read_text())
LESSONS = {lesson.name: lesson for lessons in parts(ROOT).values() for lesson in lessons}
KNOWN = {"kalman": {"one_number"}, "newcomers": set()}  # what a class need not be told
LONGEST = 110  # minutes without a break
CARD = """# A page
:::{{admonition}} On this page
**You need** {needs} and a covariance.

**Time** {read} minutes to read, about a minute to run at
`lesson` size, {exercise} minutes for the exercises.
:::
"""
REST = """
:::{admonition} Exercise 1 · Predict · 5 minutes · no code
Guess.
:::
:::{admonition} Exercise 2 · Write · 15 minutes
Write.
:::
:::{admonition} For instructors
:class: dropdown
35 minutes. Common misconception: that a small error
is luck. Ask.
:::
"""


def write_page(root: Path, name: str, read: int, exercise: int, needs: str = "nothing") -> None:
    cells = [CARD.format(read=read, exercise=exercise, needs=needs), REST]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(cell) for cell in cells])
    (root / "notebooks").mkdir(exist_ok=True)
    nbformat.write(notebook, root / "notebooks" / f"{name}.ipynb")


@pytest.fixture
def book(tmp_path):
    write_page(tmp_path, "one", 15, 20)
    write_page(tmp_path, "two", 25, 20, "{doc}`/notebooks/one`, {doc}`the first </notebooks/three>`")
    chapters = "[{file: book/words}, {file: notebooks/one}, {file: notebooks/two}]"
    (tmp_path / "_toc.yml").write_text(
        f"format: jb-book\nroot: book/intro\nparts:\n- caption: Filters\n  chapters: {chapters}\n"
    )
    (tmp_path / "book").mkdir()
    rows = "[{say: Hello, minutes: 10}, {page: one}, {say: Break, minutes: 15}, {page: two, exercises: [2]}]"
    plan = f"half:\n  title: Half\n  before: [two]\n  days: [{{start: '9:00', end: '11:00', rows: {rows}}}]\n"
    (tmp_path / TIMETABLES).write_text(plan)
    return tmp_path


def test_a_page_is_read_as_its_reader_would(book):
    lesson = read_lesson(book / "notebooks" / "two.ipynb")
    assert (lesson.reading, lesson.exercising, lesson.run) == (25, 20, "about a minute")
    assert lesson.exercises == {1: 5, 2: 15} and lesson.needs == ["one", "three"]
    assert lesson.misconception == "that a small error is luck. Ask."
    assert [lesson.minutes(chosen) for chosen in (None, [], [2], [1, 2])] == [45, 25, 40, 45]


def test_a_page_that_only_shows_tables_has_no_minutes(tmp_path):
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Tables")]), tmp_path / "t.ipynb")
    assert read_lesson(tmp_path / "t.ipynb") is None


def test_the_clock_goes_on_with_the_minutes_and_the_rest_is_left_over(book):
    lessons = {lesson.name: lesson for lesson in parts(book)["Filters"]}
    (day,) = days(yaml.safe_load((book / TIMETABLES).read_text())["half"], lessons)
    assert [row[:2] for row in day.rows] == [(540, 10), (550, 35), (585, 15), (600, 40)]
    assert day.left_over == 20 and day.pages == ["one", "two"]
    text = fill_in("<!-- timetable: half -->", book)
    assert "* - 10:00\n  - {doc}`/notebooks/two`, exercise 2\n  - 40" in text
    assert "* - 10:40\n  - Questions, and what took longer, until 11:00\n  - 20" in text
    assert "* - before\n  - {doc}`/notebooks/two`, all exercises\n  - 45" in text


def test_minutes_are_added_up_from_the_beginning_of_the_part(book):
    text = fill_in("Before.\n\n<!-- minutes of every page -->\n\nAfter.", book)
    rows = [row.split("\n  - ") for row in text.split("* - ")[2:]]
    assert [row[1:4] for row in rows] == [["15", "20", "about a minute"], ["25", "20", "about a minute"]]
    assert [[cell.split()[0] for cell in row[4:6]] for row in rows] == [["35", "35"], ["45", "80"]]
    assert text.startswith("Before.") and text.endswith("After.")


@pytest.mark.parametrize(
    "old, new, told",
    [
        ("page: one", "page: gone", "given 'gone'; expected a page"),
        ("[2]", "[2, 7]", r"expected some of \[1, 2\]"),
        ("11:00", "10:00", "40 minutes too many"),
        ("half:", "day:", "timetable: given 'half'; expected one of day"),
    ],
)
def test_a_timetable_that_does_not_fit_its_pages_stops_the_build(book, old, new, told):
    path = book / TIMETABLES
    path.write_text(path.read_text().replace(old, new))
    app = SimpleNamespace(srcdir=book, env=SimpleNamespace(note_dependency=lambda path: None))
    with pytest.raises(ExtensionError, match=told):
        fill_in_teaching(app, PAGE, ["<!-- timetable: half -->"])


def test_an_unknown_mark_is_named(book):
    with pytest.raises(InputError, match="mark: given 'minuets'"):
        fill_in("<!-- minuets -->", book)


def test_the_page_rests_on_every_lesson_and_on_nothing_else(book):
    seen = []
    app = SimpleNamespace(srcdir=book, env=SimpleNamespace(note_dependency=seen.append))
    other = ["<!-- misconceptions -->"]
    fill_in_teaching(app, "book/intro", other)
    assert other == ["<!-- misconceptions -->"] and not seen
    source = ["<!-- misconceptions -->"]
    fill_in_teaching(app, PAGE, source)
    assert source[0].startswith("{doc}`/notebooks/one`\n: That a small error is luck. Ask.")
    assert {Path(path).name for path in seen} == {"_toc.yml", "timetables.yaml", "one.ipynb", "two.ipynb"}


def test_the_page_asks_for_every_timetable_once():
    asked = [(mark["what"], mark["which"]) for mark in MARK.finditer((ROOT / f"{PAGE}.md").read_text())]
    assert [which for what, which in asked if what == "timetable"] == list(PLANS)
    assert {"minutes of every page", "misconceptions"} <= {what for what, _ in asked}


def test_every_lesson_with_minutes_warns_of_a_misconception():
    assert len(LESSONS) > 20
    assert [name for name, lesson in LESSONS.items() if not lesson.misconception] == []
    assert misconceptions_of(ROOT).count("\n: ") == len(LESSONS)


def test_an_exercise_has_its_minutes_in_its_title():
    for name, lesson in LESSONS.items():
        assert list(lesson.exercises) == list(range(1, len(lesson.exercises) + 1)), name


@pytest.mark.parametrize("name", PLANS)
def test_a_timetable_of_the_book_adds_up(name):
    """It ends in time with some to spare, has breaks, and what a page needs comes before it."""
    seen = KNOWN[name.split("-")[-1]] | set(PLANS[name].get("before", []))
    for day in days(PLANS[name], LESSONS):
        assert 10 <= day.left_over <= 90, f"{day.left_over} minutes are left over: change exercises in {TIMETABLES}"
        stretch = 0
        for _, minutes, what in day.rows:
            stretch = 0 if what in ("Break", "Lunch") else stretch + minutes
            assert stretch <= LONGEST, f"{stretch} minutes without a break, with {what}"
        for page in day.pages:
            assert set(LESSONS[page].needs) <= seen, f"{page} needs {set(LESSONS[page].needs) - seen}"
            seen = seen | {page}
