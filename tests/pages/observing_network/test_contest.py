"""A contest of files: good ones are ranked, bad ones are named with the reason, and neither costs the other."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from sparseobs.cli import main, offered
from sparseobs.errors import InputError
from sparseobs_book.observing_network import contest
from sparseobs_book.observing_network.command import network
from sparseobs_book.observing_network.run import Contest

FIXED = {"name": "Ada", "sites": [list(range(0, 40, 4))], "filter": "LETKF"}
MOVING = {"name": "Ben", "sites": [list(range(first, 40, 4)) for first in range(4)], "filter": "LETKF"}
SMALL = Contest(n_truths=2, n_cycles=4, burn_in=2)


def put(folder, name, submission):
    text = submission if isinstance(submission, str) else json.dumps(submission)
    (folder / name).write_text(text)


def run(folder, *options):
    return CliRunner().invoke(network, ["leaderboard", str(folder), "--size", "smoke", *options])


def test_the_command_ranks_names_and_refuses(tmp_path):
    put(tmp_path, "a.json", FIXED)
    put(tmp_path, "b.json", MOVING | {"settings": {"inflation": 1.1}})
    put(tmp_path, "c.json", FIXED | {"name": "Cleo", "sites": [list(range(11))]})
    put(tmp_path, "d.json", FIXED | {"name": " ADA "})
    put(tmp_path, "e.json", '{"name": "Emil", "sites": [[0,')
    (tmp_path / "f.json").write_bytes(b"\xff\xfe\x00")
    put(tmp_path, "notes.txt", "no submission")
    done = run(tmp_path, "--seed", "7", "--csv", str(tmp_path / "board.csv"))
    assert done.exit_code == 0, done.output
    board = pd.read_csv(tmp_path / "board.csv")
    assert sorted(board["name"]) == ["Ada", "Ben"] and board["rank"].tolist() == [1, 2]
    assert board["crps"].is_monotonic_increasing and list(board) == contest.COLUMNS
    assert ((board["crps_low"] < board["crps"]) & (board["crps"] < board["crps_high"])).all()
    for said in (
        "c.json: row 0 of sites: given '11 sites'",
        "d.json: name: given \"'ADA', which a.json has too\"",
        "e.json: file: given 'line 1",
        "f.json: file: given 'bytes that are no text'",
    ):
        assert f"Refused: {said}" in done.output
    assert "notes.txt" not in done.output and done.output.count("Refused") == 4


def test_one_number_one_table_another_number_another(tmp_path):
    put(tmp_path, "a.json", FIXED)
    first, again, other = (run(tmp_path, "--seed", seed).output for seed in ("3", "3", "4"))
    assert first == again != other


def test_nobodys_score_depends_on_who_else_submits(tmp_path):
    put(tmp_path, "b.json", MOVING)
    alone = contest.leaderboard(tmp_path, SMALL).table.set_index("name")
    put(tmp_path, "a.json", FIXED)
    put(tmp_path, "z.json", "[]")
    both = contest.leaderboard(tmp_path, SMALL).table.set_index("name")
    scores = ["crps", "rmse", "spread"]
    assert both.loc["Ben", scores].tolist() == alone.loc["Ben", scores].tolist()


def test_a_run_that_fails_is_told_and_stops_nobody(tmp_path, monkeypatch):
    put(tmp_path, "a.json", FIXED)
    put(tmp_path, "b.json", MOVING)
    whole = contest.score

    def failing(settings, sites, filter_):
        if len(sites.rows) == 1:
            raise RuntimeError("the eigenvalues did not converge")
        return whole(settings, sites, filter_)

    monkeypatch.setattr(contest, "score", failing)
    board = contest.leaderboard(tmp_path, SMALL)
    assert board.table["name"].tolist() == ["Ben"]
    assert board.refused == [("a.json", "the run stopped with RuntimeError: the eigenvalues did not converge")]


def test_if_all_are_refused_the_table_is_empty_and_says_so(tmp_path):
    put(tmp_path, "a.json", {})
    done = run(tmp_path, "--csv", str(tmp_path / "board.csv"))
    assert done.exit_code == 0 and "No submission could be scored." in done.output and "no name" in done.output
    assert list(pd.read_csv(tmp_path / "board.csv")) == contest.COLUMNS


@pytest.mark.parametrize("folder", ["missing", "."])
def test_a_folder_without_submissions_is_refused(folder, tmp_path):
    with pytest.raises(InputError, match="a folder with submissions"):
        contest.leaderboard(tmp_path / folder, SMALL)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, "name: given ''"),
        ({"name": "a\nb"}, "1 to 40 letters"),
        ({"name": "<b>me</b>"}, "1 to 40 letters"),
        ({"name": "x" * 41}, "1 to 40 letters"),
        ({"name": 7}, "name: given 7"),
        ({"code": "import os"}, "submission: given 'code'"),
        ({"settings": {"radius": -1}}, "radius: given -1"),
        ({"settings": "fast"}, "names and numbers"),
        ({"filter": ["LETKF"]}, "filter: given ['LETKF']"),
        ({"sites": None}, "sites: given None"),
    ],
)
def test_what_is_wrong_with_a_submission_is_said(change, told):
    with pytest.raises(InputError) as error:
        contest.checked(FIXED | change)
    assert told in str(error.value)


@pytest.mark.parametrize("key", ["name", "sites", "filter"])
def test_a_missing_key_is_named(key):
    with pytest.raises(InputError, match=f"no {key}"):
        contest.checked({name: value for name, value in FIXED.items() if name != key})


@pytest.mark.parametrize(("text", "told"), [("[" * 100_000, "lists within lists"), (" " * 200_001, "200001 bytes")])
def test_monstrous_files_are_refused(text, told, tmp_path):
    put(tmp_path, "a.json", text)
    with pytest.raises(InputError, match=told):
        contest.read(tmp_path / "a.json")


def test_what_is_written_is_read_back(tmp_path):
    path = contest.write(MOVING | {"name": "Team Åse 2", "settings": {"radius": 5}}, tmp_path)
    found = contest.read(path)
    assert (found.name, found.filter, found.settings) == ("Team Åse 2", "LETKF", {"radius": 5})
    assert [list(row) for row in found.network.rows] == MOVING["sites"]
    with pytest.raises(InputError, match="at most 10"):
        contest.write(FIXED | {"sites": [list(range(12))]}, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_the_command_is_offered_and_tells_a_wrong_csv_folder(tmp_path):
    if "network" not in offered():
        pytest.skip("installed before this command was added")
    put(tmp_path, "a.json", FIXED)
    arguments = ["network", "leaderboard", str(tmp_path), "--size", "smoke", "--csv", str(tmp_path / "no" / "b.csv")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2 and "a file in a folder that exists" in done.output
