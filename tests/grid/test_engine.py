"""A grid on a real cluster: each cell once, whatever fails, whoever else is at it, and wherever the workers are."""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack

import dask
import pytest
from distributed import Client
from filelock import FileLock

from sparseobs.errors import InputError
from sparseobs.grid.clusters import open_client
from sparseobs.grid.engine import SchedulerLost, Started, forget_failures, run_grid
from sparseobs.grid.folder import DONE, FAILED, INTERRUPTED, LOST
from sparseobs.grid.run import stopped_like_ctrl_c
from sparseobs.grid.state import cell_states
from sparseobs.grid.worker import Outcome

from .bench import COUNTED, HANG, KEEP, let_go, make_bench, marked, project_bench, start_run, until

FAIL_SEED_1 = "if seed == 1:\n    raise ValueError('no rain')"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Two workers on this machine, for all tests that break none."""
    grid = make_bench(tmp_path_factory.mktemp("cluster"), n_seeds=2).grid
    with open_client(grid, workers=2) as client:
        yield client


def ignore(event) -> None:
    """Report to nobody."""


def starts(events) -> list[str]:
    """Which cells were taken up, as often as they were."""
    return [event.identity for event in events if isinstance(event, Started)]


def test_failing_cell_keeps_no_other_back(tmp_path, client):
    bench = make_bench(tmp_path, COUNTED, FAIL_SEED_1, KEEP, n_seeds=3)
    events = []
    outcomes = run_grid(bench.grid, bench.folder, client, events.append)
    assert [outcome.identity for outcome in outcomes] == [cell.identity for cell in bench.grid.cells]
    assert [outcome.status for outcome in outcomes] == [DONE, FAILED, DONE]
    assert {event.identity for event in events if isinstance(event, Started)} == {
        cell.identity for cell in bench.grid.cells
    }
    assert sorted(outcomes, key=str) == sorted((event for event in events if isinstance(event, Outcome)), key=str)
    record = bench.record(2)
    assert record["command"] == "python -m sparseobs grid run bench.yaml --size smoke"
    assert record["notebook"] == "cell.ipynb" and {"commit", "clean", "inputs", "code", "versions"} <= set(record)

    again = run_grid(bench.grid, bench.folder, client, ignore)
    assert [outcome.status for outcome in again] == [DONE, FAILED, DONE]
    assert not any(outcome.executed for outcome in again)
    assert bench.executions() == ["1 0", "1 1", "1 2"]

    assert forget_failures(bench.grid, bench.folder) == 1
    assert [outcome.executed for outcome in run_grid(bench.grid, bench.folder, client, ignore)] == [False, True, False]
    assert bench.executions() == ["1 0", "1 1", "1 1", "1 2"]


def test_two_runs_on_one_folder_execute_each_cell_once(tmp_path, client):
    bench = make_bench(tmp_path, COUNTED, KEEP, n_seeds=3)
    answers = {}

    def run(name: str, address: str) -> None:
        with Client(address, set_as_default=False) as own:
            answers[name] = run_grid(bench.grid, bench.folder, own, ignore)

    threads = [threading.Thread(target=run, args=(name, client.scheduler.address)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.status for outcomes in answers.values() for outcome in outcomes] == [DONE] * 6
    assert sum(outcome.executed for outcomes in answers.values() for outcome in outcomes) == 3
    assert bench.executions() == ["1 0", "1 1", "1 2"]


def test_cell_that_another_run_has_was_not_lost(tmp_path, client):
    """It is handed out twice: to find that it is taken, and to wait for it."""
    bench = make_bench(tmp_path, COUNTED, KEEP)
    bench.cell(0).root.mkdir(parents=True)
    events, lock = [], FileLock(bench.cell(0).lock, thread_local=False)
    with lock.acquire():
        thread = threading.Thread(target=run_grid, args=(bench.grid, bench.folder, client, events.append))
        thread.start()
        until(lambda: len(starts(events)) == 2)
    thread.join()
    assert [event.times for event in events if isinstance(event, Started)] == [1, 1]
    assert bench.executions() == ["1 0"]


def test_lost_cell_is_tried_again_and_then_reported(tmp_path, client):
    full = "if seed == 1:\n    open('/dev/full', 'w').write('x' * 10_000)"
    bench = make_bench(tmp_path, COUNTED, full, KEEP, n_seeds=2)
    events = []
    outcomes = run_grid(bench.grid, bench.folder, client, events.append)
    assert [outcome.status for outcome in outcomes] == [DONE, LOST]
    assert "No space left" in outcomes[1].message
    starts = [
        event.times for event in events if event.identity == bench.grid.cells[1].identity and isinstance(event, Started)
    ]
    assert starts == [1, 2, 3]
    assert (bench.cell(0).result / "result.csv").read_text() == "value\n1.0\n"


def test_folder_that_cannot_be_written_is_refused(tmp_path, client):
    bench = make_bench(tmp_path, COUNTED, KEEP)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="folder: given .* a folder to write in"):
        run_grid(bench.grid, tmp_path / "file", client, ignore)


def test_grid_that_needs_a_graphics_processor_is_refused_without_one(tmp_path, client):
    bench = make_bench(tmp_path, COUNTED, KEEP, gpu="required")
    with pytest.raises(InputError, match="resources, gpu: given 'required'"):
        run_grid(bench.grid, bench.folder, client, ignore)
    assert bench.executions() == []


def dask_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", f"distributed.cli.{arguments[0]}", *arguments[1:]]


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler and two workers, processes of their own on loopback; yields the address and the processes."""
    file = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    with ExitStack() as stack:

        def start(*arguments: str) -> subprocess.Popen:
            process = stack.enter_context(subprocess.Popen(dask_command(*arguments), **quiet))
            stack.callback(process.kill)
            return process

        started = ["--scheduler-file", str(file)]
        where = ["--host", "127.0.0.1"]
        first = start("dask_scheduler", *where, "--port", "0", "--dashboard-address", "127.0.0.1:0", *started)
        until(lambda: file.exists() and file.read_text().endswith("}"))
        for _ in range(2):
            start("dask_worker", *where, "--no-dashboard", "--no-nanny", "--nthreads", "1", *started)
        yield json.loads(file.read_text())["address"], first


def test_scheduler_elsewhere_gives_the_same_table_and_its_loss_is_told(tmp_path, client, scheduler):
    address, process = scheduler
    bench = make_bench(tmp_path / "a", COUNTED, KEEP, n_seeds=2)
    with open_client(bench.grid, address) as own:
        assert {outcome.status for outcome in run_grid(bench.grid, bench.folder, own, ignore)} == {DONE}
    assert bench.tables() == ["value\n1.0\n", f"value\n{1 + 1 / 7}\n"]

    hanging = make_bench(tmp_path / "b", COUNTED, HANG, KEEP)
    with open_client(hanging.grid, address) as own:
        threading.Thread(target=lambda: (until(lambda: "hangs" in hanging.executions()), process.kill())).start()
        with pytest.raises(SchedulerLost, match="1 cell to do. What is finished is kept"):
            run_grid(hanging.grid, hanging.folder, own, ignore)
    until(lambda: not marked(hanging.folder))
    let_go(hanging)
    assert [outcome.status for outcome in run_grid(hanging.grid, hanging.folder, client, ignore)] == [DONE]


def test_address_where_nobody_answers(tmp_path):
    patience = dask.config.set({"distributed.comm.timeouts.connect": 1})
    with patience, pytest.raises(InputError, match="cluster: given 'tcp://127.0.0.1:9'.*dask scheduler"):
        with open_client(make_bench(tmp_path).grid, "tcp://127.0.0.1:9"):
            pass


def test_ctrl_c_ends_the_cells_and_the_next_run_goes_on(tmp_path, monkeypatch, client):
    """SIGINT reaches the whole process group, as from a terminal."""
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    bench = project_bench(tmp_path, COUNTED, HANG, KEEP, n_seeds=2)
    with start_run(bench, start_new_session=True, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: bench.executions().count("hangs") == 2)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=300) == 130
        assert process.stderr.read() == ""
    assert marked(bench.folder) == []
    until(lambda: {state.status for state in cell_states(bench.grid, bench.folder)} == {INTERRUPTED}, seconds=30)
    let_go(bench)
    assert [outcome.status for outcome in run_grid(bench.grid, bench.folder, client, ignore)] == [DONE, DONE]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_other_ways_to_be_stopped_are_like_ctrl_c(sent):
    before = signal.getsignal(sent)
    with pytest.raises(KeyboardInterrupt), stopped_like_ctrl_c():
        signal.raise_signal(sent)
    assert signal.getsignal(sent) is before
