"""What the project set out to reach, aim by aim, beside what its stored tables say; a missed aim keeps its row."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sparseobs.runs.results import read_result, stored_names

Judged = tuple[str, str]  # ours, and the verdict

MET, MISSED = "met", "missed"
NOT_RUN = "no stored table yet", "not run here"


class Aim(NamedTuple):
    """One aim: in words, the names of the tables that answer it, and how."""

    aim: str
    tables: tuple[str, ...]
    judge: Callable[..., Judged]


def answer(tables: Collection[str], judge: Callable[..., Judged], folder: Path | None = None) -> Judged:
    """Return what `judge` says of the stored tables of these names, or `NOT_RUN` if one is not there.

    Args:
        tables: names.
        judge: takes the tables in that order.
        folder: of the stored tables; None is the project's.
    """
    if not set(tables) <= set(stored_names(folder)):
        return NOT_RUN
    return judge(*(read_result(name, folder).table for name in tables))


def beside(rows: Collection[NamedTuple], folder: Path | None = None) -> pd.DataFrame:
    """Return a row an aim, or a claim: its own columns, then `ours`, `verdict`, `tables`.

    Args:
        rows: in the order wanted; their last two fields are `tables` and `judge`, as `Aim` has them.
        folder: of the stored tables; None is the project's. What is answered by tables that are not there keeps its
            row.
    """
    found = [(*own, *answer(tables, judge, folder), ", ".join(tables)) for *own, tables, judge in rows]
    return pd.DataFrame(found, columns=[*next(iter(rows))._fields[:-2], "ours", "verdict", "tables"])
