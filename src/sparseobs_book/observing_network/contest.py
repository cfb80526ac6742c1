"""A contest: submissions are files that name a network and a filter, and hold no code."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sparseobs.errors import InputError, nearest
from sparseobs.files import replacing
from sparseobs.scores.intervals import Interval, repeat_interval
from sparseobs_book.observing_network.run import Contest, Filter, ListedSites, filter_of, score

LARGEST_FILE = 200_000  # bytes
KEYS = {"name": "who submits", "sites": "a list of rows of site numbers", "filter": "its name", "settings": "optional"}
NAME = re.compile(r"[^\W_][\w .'-]{0,39}")
COLUMNS = ["rank", "name", "filter", "crps", "crps_low", "crps_high", "rmse", "spread", "lost", "file"]


@dataclass(frozen=True)
class Submission:
    """One participant's network and filter, as read from a file.

    Args:
        name: 1 to 40 letters, digits, spaces and .'-, the first a letter or digit.
        network: where the instruments stand, cycle by cycle.
        filter: its name.
        settings: numbers of the filter that are not the tuned ones.
    """

    name: str
    network: ListedSites
    filter: str
    settings: dict

    def made(self, contest: Contest) -> Filter:
        """Return the filter, for the contest's noise."""
        return filter_of(self.filter, self.settings, contest.obs_error_std)


def checked(given: object) -> Submission:
    """Return a submission given as a dictionary, or raise `InputError` that says what is wrong with it."""
    if not isinstance(given, dict):
        raise InputError("submission", type(given).__name__, "an object with " + ", ".join(KEYS), '{"name": "Ada"}')
    for key in given:
        if key not in KEYS:
            raise InputError("submission", key, "the keys " + ", ".join(KEYS), nearest(key, KEYS))
    for key, meaning in KEYS.items():
        if key not in given and key != "settings":
            raise InputError("submission", f"no {key}", f"{key}: {meaning}", f'"{key}": ...')
    name = given["name"]
    if not isinstance(name, str) or not NAME.fullmatch(name.strip()):
        expected = "1 to 40 letters, digits, spaces and .'-, beginning with a letter or digit"
        raise InputError("name", name, expected, '"name": "Ada"')
    settings = given.get("settings") or {}
    filter_of(given["filter"], settings)  # refuses what cannot be made
    return Submission(name.strip(), ListedSites(given["sites"]), given["filter"], settings)


def write(submission: dict, folder: Path) -> Path:
    """Write a submission, once checked, as a file named after its participant; return its path."""
    name = checked(submission).name
    path = Path(folder) / f"{re.sub(r'[^a-z0-9]+', '_', name.casefold()).strip('_') or 'submission'}.json"
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(submission, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> Submission:
    """Return the submission of a file, or raise `InputError` that says what is wrong with it."""
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise InputError("file", f"{size} bytes", f"at most {LARGEST_FILE}", "fewer rows of sites")
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise InputError("file", "bytes that are no text", "JSON in UTF-8", "the page's own file") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise InputError("file", place, "JSON", "a comma or bracket there, or the page's own file") from None
    except RecursionError:
        raise InputError("file", "lists within lists within lists", "JSON of three levels", "rows of sites") from None
    return checked(given)


class Refusal(NamedTuple):
    """A file that was not scored, and why."""

    file: str
    reason: str


class Leaderboard(NamedTuple):
    """The contest's outcome.

    Attributes:
        table: a row a submission, smallest CRPS first, with the columns of `COLUMNS`; the interval is of 95 % over the
            truths.
        refused: all files that were not scored.
    """

    table: pd.DataFrame
    refused: list[Refusal]


def leaderboard(folder: Path, contest: Contest) -> Leaderboard:
    """Return every submission (`*.json`) of a folder scored on the contest's truths.

    What cannot be scored is refused with a reason and stops nobody else. Of two files with one name the first in
    alphabetical order counts.

    Raises:
        InputError: the folder is missing, or there is no such file in it.
    """
    folder = Path(folder)
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not paths:
        raise InputError(
            "folder", str(folder), "a folder with submissions, *.json", "the folder that they were sent to"
        )
    rows, refused, taken = [], [], {}
    for path in paths:
        try:
            submission = read(path)
            key = submission.name.casefold()
            if key in taken:
                given = f"{submission.name!r}, which {taken[key]} has too"
                raise InputError("name", given, "a name of one's own", "another name")
            taken[key] = path.name
            rows.append(_row(submission, contest) | {"file": path.name})
        except InputError as error:
            refused.append(Refusal(path.name, str(error)))
        except Exception as error:  # one run that fails must not cost the others theirs
            refused.append(Refusal(path.name, f"the run stopped with {type(error).__name__}: {error}"))
    table = pd.DataFrame(rows, columns=COLUMNS[1:]).sort_values(["crps", "name"], ignore_index=True)
    table.insert(0, "rank", range(1, len(table) + 1))
    return Leaderboard(table, refused)


def _row(submission: Submission, contest: Contest) -> dict:
    table = score(contest, submission.network, submission.made(contest))
    interval = repeat_interval(table["crps"])
    return {
        "name": submission.name,
        "filter": submission.filter,
        **_of(interval),
        "rmse": table["rmse"].mean(),
        "spread": table["spread"].mean(),
        "lost": int(table["lost"].sum()),
    }


def _of(interval: Interval) -> dict[str, float]:
    return {"crps": interval.mean, "crps_low": interval.low, "crps_high": interval.high}


def said(board: Leaderboard, contest: Contest) -> str:
    """Return the leaderboard as text: the table, and below it who was refused and why."""
    lines = []
    if len(board.table):
        shown = board.table.assign(
            crps=[f"{row.crps:.3f} [{row.crps_low:.3f}, {row.crps_high:.3f}]" for row in board.table.itertuples()]
        ).drop(columns=["crps_low", "crps_high"])
        lines.append(shown.to_string(index=False, float_format="{:.3f}".format))
        over = f"{contest.n_truths} truths of {contest.n_cycles} cycles"
        lines.append(f"CRPS with its 95 % interval over {over}; smaller is better.")
    else:
        lines.append("No submission could be scored.")
    lines += [f"Refused: {file}: {reason}" for file, reason in board.refused]
    return "\n".join(lines)
