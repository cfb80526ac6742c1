"""Of a large table of readings the lines of the days wanted, found by their bytes: the others are never parsed."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sparseobs.stations.local_layout import Layout
from sparseobs.stations.period import Period

LARGE = 2**24  # bytes; a smaller table is read and judged line by line
BLOCK = 2**25  # bytes held at a time
ISO = "%Y-%m-%d"
DAYS_OF_MONTH = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
DIGITS = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2}


@dataclass(frozen=True)
class Lines:
    """Part of a table's text.

    Attributes:
        content: the lines up to the names of the columns, and those that were kept.
        rows: (row,) of those, counted from 0 in the whole table; None if it is all there.
        passed: how many lines were not kept.
    """

    content: bytes
    rows: np.ndarray | None = None
    passed: int = 0


def lines_of(path: Path, columns: list[str], layout: Layout, days: Period) -> Lines | None:
    """Return the lines whose time is of these days, a day more at either end, or is not told by their bytes.

    None where the layout does not say where a line's date is: the table has to be read whole.

    Args:
        path: of a text, not an archive.
        columns: what the file may call the column of times.
        layout: of the file.
        days: wanted.
    """
    date = date_places(layout.time_format or ISO)
    if date is None or len(layout.separator) != 1 or not "0-;".encode(layout.encoding).endswith(b"0-;"):
        return None
    with path.open("rb") as file:
        head = [file.readline() for _ in range(layout.skip + 1)]
        names = next(csv.reader([head[-1].decode(layout.encoding, "replace")], delimiter=layout.separator), [])
        names = [name.strip().lstrip("#").strip() for name in names]
        field = next((names.index(name) for name in columns if name in names), None)
        if field is None:
            return None
        kept, rows, seen = [], [], 0
        while block := file.read(BLOCK):
            block += file.readline()
            edges = np.append(0, np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n")) + 1)
            edges = edges if edges[-1] == len(block) else np.append(edges, len(block))
            wanted = np.flatnonzero(~_of_other_days(block, edges, field, len(names), layout.separator, date, days))
            kept += [block[edges[line] : edges[line + 1]] for line in wanted]
            rows.append(seen + wanted)
            seen += edges.size - 1
    rows = np.concatenate(rows) if rows else np.zeros(0, int)
    return Lines(b"".join([*head, *kept]), rows, seen - rows.size)


def date_places(time_format: str) -> tuple[dict[int, str], list[int]] | None:
    """Return which characters are not digits, by place, and the places of year, month and day, as digits in that order.

    Only the characters up to the date's end are named. None where they do not stand at one place in every time.

    Args:
        time_format: as `datetime.strptime` has it.
    """
    marks, places, at = {}, {}, 0
    for part in re.findall(r"%.|.", time_format):
        if part[0] != "%":
            marks[at], at = part, at + 1
            continue
        if part not in DIGITS:
            return None
        places[part] = list(range(at, at + DIGITS[part]))
        at += DIGITS[part]
        if {"%Y", "%m", "%d"} <= set(places):
            return marks, [*places["%Y"], *places["%m"], *places["%d"]]
    return None


def _of_other_days(
    block: bytes, edges: np.ndarray, field: int, n_fields: int, separator: str, date: tuple, days: Period
) -> np.ndarray:
    """Return of each line whether its field has a date that is another day's; a line that is unlike the rest has none.

    Args:
        block: whole lines.
        edges: (line + 1,) where they begin, and the end of the last.
        field: which one has the time.
        n_fields: of every line.
        separator: between them.
        date: as of `date_places`.
        days: wanted.
    """
    marks, places = date
    length = max([*marks, *places]) + 1
    characters = np.frombuffer(block, np.uint8)
    quotes = np.flatnonzero(characters == ord('"')) if b'"' in block else np.zeros(0, int)
    if (np.diff(quotes.searchsorted(edges)) % 2).any():
        return np.zeros(edges.size - 1, bool)  # a field goes over several lines
    separators = np.flatnonzero(characters == ord(separator))
    first = separators.searchsorted(edges)
    alike = np.diff(first) == n_fields - 1
    start = edges[:-1].copy()
    if field:
        start[alike] = separators[first[:-1][alike] + field - 1] + 1
    alike &= start + 1 + length <= edges[1:]
    start[alike] += np.isin(characters[start[alike]], [ord('"'), ord(" ")])
    texts = np.lib.stride_tricks.sliding_window_view(characters, length)[start[alike]]
    digits = texts[:, places] - ord("0")
    told = (digits < 10).all(axis=1)
    for place, mark in marks.items():
        told &= texts[:, place] == ord(mark)
    number = np.zeros(int(told.sum()), np.int32)
    for digit in digits[told].T:
        number = 10 * number + digit
    month, day = number // 100 % 100, number % 100
    first_day, stop_day = (int(f"{day:%Y%m%d}") for day in (days.widened.start, days.widened.stop))
    is_date = (day >= 1) & (day <= DAYS_OF_MONTH[np.where(month <= 12, month, 0)])
    told[told] = is_date & ((number < first_day) | (number >= stop_day))
    alike[alike] = told
    return alike
