"""What the page for teachers says of all others, from their own cards, exercises and notes for instructors.

The page holds marks such as `<!-- minutes of every page -->`; `fill_in` puts MyST in their places when Sphinx reads it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
import yaml
from page_checks import toc_parts

from sparseobs.errors import InputError

PAGE = "book/teach"
TIMETABLES = Path("book/timetables.yaml")
MARK = re.compile(r"^<!-- (?P<what>[a-z -]+?)(?:: (?P<which>[a-z-]+))? -->$", re.MULTILINE)
TIME = re.compile(
    r"\*\*Time\*\*\s+(\d+)\s+minutes\s+to\s+read,\s+(.+?)\s+to\s+run\b.*?(\d+)\s+minutes\s+for\s+the\s+exercises",
    re.DOTALL,
)
NEEDED = re.compile(r"\*\*You need\*\*(.*?)\n\n", re.DOTALL)
LINK = re.compile(r"\{doc\}`(?:[^`<]*<)?/notebooks/(\w+)>?`")
EXERCISE = re.compile(  # how a page asks one; all that reads exercises reads them by this
    r"^:{3,}\{admonition\} (?P<title>Exercise (?P<number>\d+) · (?P<kind>\w+) · (?P<minutes>\d+) minutes?\b.*)\n"
    r"(?:^:name: (?P<name>\S+)$)?",
    re.MULTILINE,
)
NOTE = re.compile(
    r"^(:{3,})\{admonition\} For instructors\n(?:^:[^\n]*\n)*(?P<text>.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL
)
MISCONCEPTION = re.compile(r"Common\s+misconceptions?:\s+(.*)", re.DOTALL)
LEFT_OVER = "Questions, and what took longer"


@dataclass(frozen=True)
class Lesson:
    """What a page says of itself to its teacher.

    Args:
        name: of its notebook.
        reading, exercising: minutes, of its card.
        run: how long it runs at `lesson` size, in the card's words.
        exercises: minutes of each exercise by its number.
        needs: names of the pages that its card says one needs.
        misconception: what its note warns of, in MyST; empty if it warns of nothing.
    """

    name: str
    reading: int
    run: str
    exercising: int
    exercises: dict[int, int]
    needs: list[str]
    misconception: str

    @property
    def link(self) -> str:
        """Its title, linked, as MyST."""
        return f"{{doc}}`/notebooks/{self.name}`"

    def minutes(self, exercises: list[int] | None) -> int:
        """Return the minutes of reading it with some of its exercises, all of them if None.

        Raises:
            InputError: it has no exercise of that number.
        """
        if exercises is None:
            return self.reading + self.exercising
        if missing := set(exercises) - set(self.exercises):
            raise InputError(
                f"exercises of {self.name}", exercises, f"some of {list(self.exercises)}", f"without {missing}"
            )
        return self.reading + sum(self.exercises[number] for number in exercises)


def read_lesson(path: Path) -> Lesson | None:
    """Return what a notebook tells its teacher; None if its card has no minutes, as on pages that only show tables."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    time, needed, note = TIME.search(text), NEEDED.search(text), NOTE.search(text)
    if not time:
        return None
    warned = MISCONCEPTION.search(note["text"]) if note else None
    return Lesson(
        name=path.stem,
        reading=int(time[1]),
        run=" ".join(time[2].split()),
        exercising=int(time[3]),
        exercises={int(found["number"]): int(found["minutes"]) for found in EXERCISE.finditer(text)},
        needs=LINK.findall(needed[1]) if needed else [],
        misconception=" ".join(warned[1].split()) if warned else "",
    )


def parts(root: Path) -> dict[str, list[Lesson]]:
    """Return the lessons of each part of the book, by the part's caption, in its order."""
    found = {}
    for caption, pages in toc_parts(root).items():
        paths = (root / f"{page}.ipynb" for page in pages)
        if lessons := [lesson for path in paths if path.is_file() and (lesson := read_lesson(path))]:
            found[caption] = lessons
    return found


@dataclass(frozen=True)
class Day:
    """A day of a timetable: rows of the minute at which something begins, how many it takes, and what it is."""

    rows: list[tuple[int, int, str]]
    end: int
    pages: list[str]

    @property
    def left_over(self) -> int:
        """Minutes between what is planned and the end of the day; below zero where too much is planned."""
        return self.end - sum(self.rows[-1][:2])


def days(timetable: dict, lessons: dict[str, Lesson]) -> Iterator[Day]:
    """Yield the days of one of the timetables.

    Raises:
        InputError: it has a page that the book does not have, or an exercise that the page does not have.
    """
    for day in timetable["days"]:
        now, rows, pages = _minute(day["start"]), [], []
        for row in day["rows"]:
            minutes, what = _planned(row, lessons)
            rows.append((now, minutes, what))
            pages += [row["page"]] if "page" in row else []
            now += minutes
        yield Day(rows, _minute(day["end"]), pages)


def _planned(row: dict, lessons: dict[str, Lesson]) -> tuple[int, str]:
    """Return the minutes of a timetable's row, and what they are for."""
    if "page" not in row:
        return row["minutes"], row["say"]
    if row["page"] not in lessons:
        raise InputError(str(TIMETABLES), row["page"], "a page with minutes on its card", "a name from _toc.yml")
    lesson, chosen = lessons[row["page"]], row.get("exercises")
    if chosen is None:
        return lesson.minutes(chosen), f"{lesson.link}, all exercises"
    *first, last = map(str, chosen)
    words = f"exercises {', '.join(first)} and {last}" if first else f"exercise {last}"
    return lesson.minutes(chosen), f"{lesson.link}, {words}"


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def _table(title: str, header: list[str], rows: list[list[object]]) -> str:
    """Return a MyST table; `title` becomes its caption."""
    lines = ["* - " + "\n  - ".join(map(str, row)) for row in [header, *rows]]
    return "\n".join([f"```{{list-table}} {title}", ":header-rows: 1", "", *lines, "```", ""])


def timetable_of(root: Path, which: str) -> str:
    """Return one of the timetables as MyST.

    Raises:
        InputError: there is no such timetable, or it plans more than its day has.
    """
    timetables = yaml.safe_load((root / TIMETABLES).read_text(encoding="utf-8"))
    if which not in timetables:
        raise InputError("timetable", which, f"one of {', '.join(timetables)}", f"its name in {TIMETABLES}")
    lessons = {lesson.name: lesson for part in parts(root).values() for lesson in part}
    planned = list(days(timetables[which], lessons))
    before = [lessons[name] for name in timetables[which].get("before", [])]
    tables = []
    for number, day in enumerate(planned, 1):
        if day.left_over < 0:
            raise InputError(which, f"{-day.left_over} minutes too many", "a day that ends in time", "fewer exercises")
        rows = [["before", f"{one.link}, all exercises", one.minutes(None)] for one in before if number == 1]
        rows += [[_clock(start), what, minutes] for start, minutes, what in day.rows]
        rows.append([_clock(day.end - day.left_over), f"{LEFT_OVER}, until {_clock(day.end)}", day.left_over])
        title = timetables[which]["title"] + (f": day {number}" if len(planned) > 1 else "")
        tables.append(_table(title, ["Clock", "What", "Minutes"], rows))
    return "\n".join(tables)


def minutes_of(root: Path) -> str:
    """Return the minutes of every page, and from the beginning of its part, as MyST."""
    tables = []
    for caption, lessons in parts(root).items():
        rows, total = [], 0
        for one in lessons:
            total += one.minutes(None)
            rows.append([one.link, one.reading, one.exercising, one.run, one.minutes(None), total])
        header = ["Page", "Read", "Exercises", "Run (beside it)", "Page", "Up to here"]
        tables.append(_table(f"{caption}: minutes", header, rows))
    return "\n".join(tables)


def misconceptions_of(root: Path) -> str:
    """Return what the pages' notes for instructors warn of, as MyST."""
    warned = (one for lessons in parts(root).values() for one in lessons if one.misconception)
    return "\n".join(f"{one.link}\n: {one.misconception[0].upper()}{one.misconception[1:]}\n" for one in warned)


def fill_in(text: str, root: Path) -> str:
    """Return the page for teachers with what its marks ask for in their places.

    Raises:
        InputError: a mark asks for what nobody makes, or a timetable does not fit the pages.
    """
    made = {
        "minutes of every page": lambda _: minutes_of(root),
        "misconceptions": lambda _: misconceptions_of(root),
        "timetable": partial(timetable_of, root),
    }

    def put(mark: re.Match) -> str:
        if mark["what"] not in made:
            raise InputError("mark", mark["what"], f"one of {', '.join(made)}", f"mend it in {PAGE}.md")
        return made[mark["what"]](mark["which"])

    return MARK.sub(put, text)
