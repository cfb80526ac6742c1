import json

import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.files import project_root
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import (
    about_result,
    duration,
    read_dictionary,
    read_result,
    result_size,
    stored_names,
    write_result,
)

TABLE = pd.DataFrame({"method": ["LETKF", "AmEnF"], "rmse": [0.78912345, 0.9], "seed": [0, 1]})


@pytest.fixture
def record():
    return run_record("python -m sparseobs score", {"seed": 3, "n_members": 10}, 12.34, {"era5": "ab" * 32})


def test_a_table_comes_back_with_its_record(tmp_path, record):
    write_result("filters", TABLE, record, tmp_path)
    table, stored = read_result("filters", tmp_path)
    pd.testing.assert_frame_equal(table, TABLE, rtol=1e-5)
    assert {key: stored[key] for key in record} == json.loads(json.dumps(record))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["filters.csv", "filters.json"]


def test_writing_again_replaces_both(tmp_path, record):
    write_result("filters", TABLE, record, tmp_path)
    write_result("filters", TABLE.head(1), record, tmp_path)
    assert len(read_result("filters", tmp_path).table) == 1


def test_a_record_that_cannot_be_written_leaves_no_half_file(tmp_path, record):
    with pytest.raises(TypeError):
        write_result("filters", TABLE, record | {"parameters": {"module": object()}}, tmp_path)
    assert not list(tmp_path.glob(".*"))
    with pytest.raises(InputError):
        read_result("filters", tmp_path)


def test_a_table_never_takes_the_place_of_the_dictionary(tmp_path, record):
    with pytest.raises(InputError, match="the data dictionary's"):
        write_result("dictionary", TABLE, record, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_table_edited_by_hand_is_refused(tmp_path, record):
    path = write_result("filters", TABLE, record, tmp_path)
    path.write_text(path.read_text().replace("0.9", "0.7"))
    with pytest.raises(InputError, match="the table its record describes"):
        read_result("filters", tmp_path)


def test_an_unknown_name_lists_the_known_ones(tmp_path, record):
    write_result("filters", TABLE, record, tmp_path)
    with pytest.raises(InputError, match="result: given 'filter'; expected one of filters"):
        read_result("filter", tmp_path)
    with pytest.raises(InputError, match="none yet"):
        read_result("filters", tmp_path / "empty")


def test_a_page_says_what_a_table_is(tmp_path, record):
    made = {
        "size": "paper",
        "cells": [{}] * 22,
        "cells_missing": 2,
        "date": "2026-11-21",
        "device": "cpu (1 thread)",
        "device_seconds": 5040.0,
    }
    write_result("filters", TABLE, record | made | {"commit": "c0ffee" * 7, "clean": True}, tmp_path)
    text = about_result("filters", tmp_path)
    assert text._repr_markdown_() == str(text)
    for fact in ("`filters`", "**paper**", "2 rows from 22 of 24 cells", "2026-11-21", "cpu (1 thread)", "84 minutes"):
        assert fact in text
    assert "`c0ffeec0ff`" in text and "uncommitted" not in text
    assert "```bash\npython -m sparseobs score\n```" in text
    assert "(../results/filters.csv)" in text and "(../results/filters.json)" in text


def test_a_page_says_that_a_table_was_made_from_changed_sources(tmp_path, record):
    devices = ["cpu (1 thread)", "cuda (NVIDIA H200)"]
    write_result("filters", TABLE, record | {"clean": False, "device": devices}, tmp_path)
    text = about_result("filters", tmp_path)
    assert "with uncommitted changes" in text and "cpu (1 thread) and cuda (NVIDIA H200)" in text


@pytest.mark.parametrize(
    "command, size",
    [
        ("python -m sparseobs grid run grids/a.yaml --size lesson", "lesson"),
        ("python -m sparseobs lorenz96 evaluate --preset=paper --noise-seeds 8", "paper"),
        ("python -m sparseobs score", "unknown"),
    ],
)
def test_a_record_without_a_size_has_it_in_its_command(command, size):
    assert result_size({"command": command}) == size
    assert result_size({"command": command, "size": "smoke"}) == "smoke"


@pytest.mark.parametrize(
    "seconds, text",
    [(0.2, "0 seconds"), (119, "119 seconds"), (2544.6, "42 minutes"), (7200, "2 hours"), (3e5, "3 days")],
)
def test_durations_are_told_in_a_unit_that_fits(seconds, text):
    assert duration(seconds) == text


def dictionary_problems(name: str, table: pd.DataFrame, dictionary: pd.DataFrame) -> list[str]:
    """Return what the data dictionary gets wrong about a table, one line each."""
    entries = dictionary[dictionary["table"] == name]
    listed, there = list(entries["column"]), list(table.columns)
    problems = [f"{name}.{column} is not in the dictionary" for column in there if column not in listed]
    problems += [f"{name}.{column} is in the dictionary alone" for column in listed if column not in there]
    problems += [f"{name}.{column} is in the dictionary twice" for column in set(listed) if listed.count(column) > 1]
    for entry in entries[entries["column"].isin(there)].itertuples():
        if not is_of_type(table[entry.column], entry.type):
            problems.append(f"{name}.{entry.column} is no {entry.type}")
        if not entry.meaning or (entry.type in ("integer", "number")) != bool(entry.unit):
            problems.append(f"{name}.{entry.column} needs a meaning, and a unit if it is a number")
    return problems


def is_of_type(column: pd.Series, kind: str) -> bool:
    values, is_number = column.dropna(), pd.api.types.is_numeric_dtype(column)
    if pd.api.types.is_bool_dtype(column) or kind == "truth value":
        return pd.api.types.is_bool_dtype(column) and kind == "truth value"
    of_kind = {"integer": is_number and (values % 1 == 0).all(), "number": is_number, "text": not is_number}
    return bool(of_kind.get(kind, False))


DICTIONARY = [
    ["filters", "method", "text", "", "Filter"],
    ["filters", "rmse", "number", "K", "Error"],
    ["filters", "seed", "integer", "1", "Of the noise"],
]
COLUMNS = ["table", "column", "type", "unit", "meaning"]


@pytest.mark.parametrize(
    "entries, problem",
    [
        (DICTIONARY, None),
        (DICTIONARY[1:], "filters.method is not in the dictionary"),
        ([*DICTIONARY, ["filters", "mae", "number", "K", "Error"]], "filters.mae is in the dictionary alone"),
        ([*DICTIONARY, DICTIONARY[0]], "filters.method is in the dictionary twice"),
        ([["filters", "method", "number", "K", "Filter"], *DICTIONARY[1:]], "filters.method is no number"),
        ([*DICTIONARY[:1], ["filters", "rmse", "integer", "K", "Error"], DICTIONARY[2]], "filters.rmse is no integer"),
        ([*DICTIONARY[:2], ["filters", "seed", "truth value", "", "Seed"]], "filters.seed is no truth value"),
        ([*DICTIONARY[:2], ["filters", "seed", "integer", "", "Seed"]], "filters.seed needs a meaning, and a unit"),
        ([*DICTIONARY[:2], ["filters", "seed", "integer", "1", ""]], "filters.seed needs a meaning"),
    ],
)
def test_the_dictionary_and_a_table_are_held_to_each_other(entries, problem):
    found = dictionary_problems("filters", TABLE, pd.DataFrame(entries, columns=COLUMNS))
    assert (found == []) if problem is None else (len(found) == 1 and found[0].startswith(problem))


def test_every_column_of_every_stored_table_is_in_the_dictionary():
    dictionary = read_dictionary()
    assert list(dictionary.columns) == COLUMNS
    assert set(dictionary["table"]) == set(stored_names()), "tables and dictionary name each other"
    assert [
        problem for name in stored_names() for problem in dictionary_problems(name, read_result(name).table, dictionary)
    ] == []


@pytest.mark.parametrize("name", stored_names())
def test_committed_results_are_whole_and_small(name):
    table, record = read_result(name)
    assert len(table) and not table.columns.duplicated().any()
    assert record["command"] and record["parameters"]
    assert len(record["commit"]) >= 40, "made from a commit that can be found again"
    assert result_size(record) in ("smoke", "lesson", "study", "paper")
    assert name in about_result(name)
    assert (project_root() / "results" / f"{name}.csv").stat().st_size < 256_000
