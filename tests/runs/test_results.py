import json

import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.files import project_root
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import read_result, write_result

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


@pytest.mark.parametrize("path", sorted((project_root() / "results").glob("*.csv")), ids=lambda path: path.stem)
def test_committed_results_are_whole_and_small(path):
    table, record = read_result(path.stem)
    assert len(table) and not table.columns.duplicated().any()
    assert record["command"] and record["parameters"]
    assert len(record["commit"]) >= 40, "made from a commit that can be found again"
    assert path.stat().st_size < 200_000
