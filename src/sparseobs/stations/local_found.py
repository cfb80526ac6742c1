"""What a user's table is where it is not what the schema asks for, and what to write into local.yaml for it."""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sparseobs.errors import InputError, nearest
from sparseobs.stations.containers import ARCHIVES, kind_of, unpacked

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas"}
LOOKED_AT = 200  # lines from the top
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
DATE = re.compile(r"\d[-./:]\d")
COMMA = re.compile(r"[+-]?\d+,\d+")
YAML_DOCUMENTED = "book/data_and_licences.md says more"


@contextmanager
def table_file(path: Path) -> Iterator[Path]:
    """Yield the file of a table; an archive with one file in it, under whatever name, is opened.

    Raises:
        InputError: a damaged archive, one of several files, or a workbook.
    """
    if kind_of(path) not in ARCHIVES:
        yield path
        return
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if any(name.startswith("xl/") for name in archive.namelist()):
                given = f"{path} (an Excel workbook)"
                raise InputError("local table", given, "a CSV or Parquet file", "saving the sheet as CSV UTF-8")
    with unpacked(path) as files:
        if len(files) != 1:
            given = f"{path} (an archive of {', '.join(file.name for file in files)})"
            raise InputError("local table", given, "one table", "unpacking it")
        yield files[0]


def refusal(path: Path, content: bytes, names: list[str], problem: str = "") -> InputError:
    """Return what to say of a text that does not have the schema's columns.

    Args:
        path: of the file.
        content: of the table.
        names: the columns that the schema wants.
        problem: what reading it came to.
    """
    start = content.lstrip()[:1]
    if start in (b"<", b"{", b"["):
        kind = "a web page or XML" if start == b"<" else "JSON"
        return InputError("local table", f"{path} ({kind})", "a CSV or Parquet file", "downloading the table itself")
    encoding = encoding_of(content)
    lines = content.decode(encoding, errors="replace").splitlines()[:LOOKED_AT]
    separator = separator_of(lines)
    skip = header_of(lines, separator)
    header = [name.strip().lstrip("#").strip() for name in lines[skip].split(separator)] if lines else []
    rows = [line.split(separator) for line in lines[skip + 1 :] if line.strip("# \t\r")]
    decimal = "," if separator != "," and any(COMMA.fullmatch(cell.strip()) for row in rows for cell in row) else "."
    facts, told = [], []
    for differs, fact, key in (
        (encoding != "utf-8-sig", f"text in {encoding}, not UTF-8", f"encoding: {encoding}"),
        (skip > 0, f"{skip} {'line' if skip == 1 else 'lines'} before the names of the columns", f"skip: {skip}"),
        (separator != ",", f"fields between {SEPARATORS[separator]}", f"separator: {separator!r}"),
        (decimal != ".", "decimal commas", "decimal: ','"),
    ):
        if differs:
            facts.append(fact)
            told.append(key)
    facts.append(f"columns {', '.join(name or '(none)' for name in header) or 'none'}")
    facts += [problem] if problem and not told else []
    if _wide(header, rows):
        expected = f"one row a reading, with the columns {', '.join(names)}"
        facts.append("a column a station, it seems")
        return InputError("local table", f"{path} ({'; '.join(facts)})", expected, "pandas.melt, which makes them rows")
    lacking = [name for name in names if name not in header]
    told += [f"columns: {{{', '.join(f'{name}: ITS NAME IN THE FILE' for name in lacking)}}}"] if lacking else []
    close = f"renaming {nearest(lacking[0], header)!r}, or " if len(lacking) == 1 and not told[1:] and header else ""
    table = "readings" if "temperature" in names else "stations"
    hint = f"{close}local.yaml beside it, with {table}: {{{', '.join(told)}}}; {YAML_DOCUMENTED}"
    expected = f"the columns {', '.join(names)} with commas between them, in UTF-8"
    return InputError("local table", f"{path} ({'; '.join(facts)})", expected, hint)


def encoding_of(content: bytes) -> str:
    """Return the encoding of a text by its first bytes, or by whether it is UTF-8."""
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def separator_of(lines: list[str]) -> str:
    """Return the separator that most lines have most of; a comma if none does."""
    votes = Counter()
    for line in lines:
        counts = {separator: line.count(separator) for separator in SEPARATORS}
        best = max(counts, key=lambda separator: counts[separator])
        # Of decimal commas there may be as many as of semicolons.
        best = next((one for one in (";", "\t", "|") if counts[one] and counts[one] * 2 >= counts[best]), best)
        votes[best] += counts[best] > 0
    return max(votes, key=lambda separator: votes[separator]) if votes else ","


def header_of(lines: list[str], separator: str) -> int:
    """Return the index of the line above those with the fields of the last line, which are the readings."""
    filled = [index for index, line in enumerate(lines) if line.strip("# \t\r")]
    if not filled:
        return 0
    fields = lines[filled[-1]].count(separator)
    first = filled[-1]
    for index in reversed(filled):
        if lines[index].count(separator) != fields:
            break
        first = index
        cells = (cell.strip() for cell in lines[index].replace(",", separator).split(separator))
        if not any(NUMBER.fullmatch(cell) or DATE.search(cell) for cell in cells):
            break
    return first


def _wide(header: list[str], rows: list[list[str]]) -> bool:
    """Return whether a table seems to have a time in its first column and a station in each other one."""
    body = [row[1:] for row in rows if len(row) == len(header)]
    known = {"station", "temperature"} & {name.casefold() for name in header}
    cells = [cell.strip().replace(",", ".") for row in body for cell in row]
    numbers = sum(bool(NUMBER.fullmatch(cell)) or not cell for cell in cells)
    times = all(re.search(r"\d[-./]\d\d?[-./]\d", row[0]) for row in rows[:20])
    return len(header) > 2 and not known and bool(rows) and times and numbers == len(cells) > 0
