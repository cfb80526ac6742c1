"""One attempt at one cell: what it leaves when it ends well, fails, is stopped or is killed."""

import json
import resource
import signal
from dataclasses import replace

import pandas as pd
import psutil
import pytest
from filelock import FileLock

from sparseobs.grid.folder import DONE, FAILED, INTERRUPTED, KEPT_ATTEMPTS, LOST, TIMED_OUT, begin, forget_failure
from sparseobs.grid.state import cell_state
from sparseobs.grid.worker import ELSEWHERE, Outcome, attempt_cell

from .bench import COUNTED, HANG, KEEP, attempt_command, job_of, let_go, make_bench, marked, until


def run(job) -> Outcome:
    return attempt_cell(job, "test")


def hanging(folder, **resources):
    """A bench whose cell has said that it hangs, and the attempt's process."""
    bench = make_bench(folder, COUNTED, HANG, KEEP, **resources)
    process = attempt_command(job_of(bench))
    until(lambda: "hangs" in bench.executions())
    assert len(marked(bench.folder)) == 2
    return bench, process


def test_done_cell_is_whole_and_not_executed_again(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_PRESET", "paper")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    told = "import os\ntable = table.assign(**{name: os.environ.get(name, 'none') for name in names.split()})"
    names = "names = 'OMP_NUM_THREADS OPENBLAS_NUM_THREADS SPARSEOBS_PRESET CUDA_VISIBLE_DEVICES'"
    scratch = "Path('scratch.txt').write_text('where a notebook may write')\nprint('told')"
    bench = make_bench(tmp_path, COUNTED, names, told, scratch, KEEP)
    job = job_of(bench, threads=3)
    assert run(job).status == DONE
    cell = bench.cell(0)
    kept = sorted(path.name for path in cell.result.iterdir())
    assert kept == ["log.txt", "notebook.ipynb", "parameters.json", "record.json", "result.csv", "scratch.txt"]
    assert not cell.progress.exists() and list(cell.attempts.iterdir()) == []
    row = pd.read_csv(cell.result / "result.csv", keep_default_na=False).iloc[0]
    assert (row["OMP_NUM_THREADS"], row["OPENBLAS_NUM_THREADS"]) == (3, 3)
    assert (row["SPARSEOBS_PRESET"], row["CUDA_VISIBLE_DEVICES"]) == ("none", "")
    assert "told" in (cell.result / "log.txt").read_text()
    record = bench.record(0)
    assert record["parameters"] == job.parameters and record["grid"] == "bench" and record["attempt"] == 1
    assert 0 < record["device_seconds"] < record["wall_seconds"] + 1 and 30 < record["peak_memory_mb"] < 2000
    assert run(job) == Outcome(job.identity, DONE, executed=False)
    assert bench.executions() == ["1 0"]


def test_failing_notebook_is_explained_and_left_alone_until_asked(tmp_path):
    bench = make_bench(tmp_path, COUNTED, "raise ValueError('no rain')")
    outcome = run(job_of(bench))
    assert (outcome.status, outcome.message) == (FAILED, "cell In [4]: ValueError: no rain")
    (failure,) = bench.failures(0)
    assert failure["status"] == FAILED and "raise ValueError" in failure["traceback"]
    assert "\x1b" not in failure["traceback"]
    again = run(job_of(bench))
    assert (again.status, again.message, again.executed) == (FAILED, outcome.message, False)
    assert bench.executions() == ["1 0"]
    assert forget_failure(bench.cell(0)) and not forget_failure(bench.cell(0))
    assert run(job_of(bench)).executed
    assert [failure["status"] for failure in bench.failures(0)] == ["retried", FAILED]


def test_notebook_that_keeps_nothing_is_told_what_to_do(tmp_path):
    outcome = run(job_of(make_bench(tmp_path, COUNTED)))
    assert outcome.status == FAILED and "keep(table)" in outcome.message


@pytest.mark.parametrize(
    "cell", ["open('/dev/full', 'w').write('x' * 10_000)", "Path('big').write_bytes(bytes(10**7))"]
)
def test_full_disk_is_not_the_notebooks_fault(tmp_path, cell):
    """A device that is full, and a limit on a file's size that the kernel inherits."""
    bench = make_bench(tmp_path, COUNTED, cell, KEEP)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5 * 10**6, hard))
    try:
        outcome = run(job_of(bench))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert outcome.status == LOST and ("No space left" in outcome.message or "File too large" in outcome.message)
    assert not bench.cell(0).done


def test_no_room_for_the_executed_notebook(tmp_path):
    bench = make_bench(tmp_path, COUNTED, KEEP)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (900, hard))
    try:
        outcome = run(job_of(bench))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert outcome.status == LOST and "File too large" in outcome.message
    assert run(job_of(bench)).status == DONE, "with room again"


def test_time_limit_ends_the_kernel_and_its_children(tmp_path):
    bench = make_bench(tmp_path, COUNTED, HANG, KEEP, minutes=4 / 60)
    outcome = run(job_of(bench))
    assert (outcome.status, outcome.message) == (TIMED_OUT, "stopped after 4 s, its limit")
    assert marked(bench.folder) == []
    assert [failure["status"] for failure in bench.failures(0)] == [TIMED_OUT]


@pytest.mark.parametrize("how", ["stdin closes", "SIGTERM"])
def test_attempt_that_nobody_wants_ends_with_all_it_started(tmp_path, how):
    bench, process = hanging(tmp_path)
    with process:
        process.stdin.close() if how == "stdin closes" else process.terminate()
        assert process.wait(timeout=300) == 128 + signal.SIGTERM
    assert marked(bench.folder) == []
    assert cell_state(bench.grid.cells[0], bench.folder).status == INTERRUPTED, "and nobody is told that it runs"


def test_killed_kernel_is_lost_and_the_next_attempt_succeeds(tmp_path):
    bench, process = hanging(tmp_path)
    kernel = process_kernel(process)
    kernel.kill()
    outcome = Outcome.from_line(process.stdout.read())
    assert outcome.status == LOST and "Kernel died" in outcome.message
    process.communicate()
    assert process.returncode == 0 and marked(bench.folder) == []
    let_go(bench)
    assert run(job_of(bench)).status == DONE
    assert bench.record(0)["attempt"] == 2


def process_kernel(process):
    """The kernel of an attempt."""
    (kernel,) = psutil.Process(process.pid).children()
    return kernel


def test_killed_attempt_is_recognised_and_its_leftovers_ended(tmp_path):
    bench, process = hanging(tmp_path)
    process.kill()
    process.communicate()
    let_go(bench)
    assert run(job_of(bench)).status == DONE
    assert marked(bench.folder) == []
    assert [failure["status"] for failure in bench.failures(0)] == ["interrupted"]
    assert bench.executions() == ["1 0", "1 0", "hangs"]


def test_locked_cell_is_left_to_its_holder(tmp_path):
    bench = make_bench(tmp_path, COUNTED, KEEP)
    bench.cell(0).root.mkdir(parents=True)
    with FileLock(bench.cell(0).lock):
        assert run(job_of(bench)).status == ELSEWHERE
        waiting = attempt_command(job_of(bench, wait_seconds=60))
    assert Outcome.from_line(waiting.stdout.read()).status == DONE
    waiting.communicate()
    assert bench.executions() == ["1 0"]


def test_result_without_its_record_is_not_one(tmp_path):
    bench = make_bench(tmp_path, COUNTED, KEEP)
    cell = bench.cell(0)
    cell.result.mkdir(parents=True)
    (cell.result / "result.csv").write_text("value\n")
    assert run(job_of(bench)).executed
    assert bench.record(0)["parameters"] == bench.grid.cells[0].parameters
    assert bench.tables() == ["value\n1.0\n"]


def test_code_edited_since_the_run_began_is_not_executed(tmp_path):
    bench = make_bench(tmp_path, COUNTED, KEEP)
    job = replace(job_of(bench), record={"code": "of yesterday"})
    outcome = run(job)
    assert outcome.status == LOST and "repeat the command" in outcome.message
    assert bench.executions() == []


def test_attempts_do_not_pile_up(tmp_path):
    cell = make_bench(tmp_path).cell(0)
    numbers = [begin(cell, {"seed": 0})[1] for _ in range(KEPT_ATTEMPTS + 3)]
    assert numbers == list(range(1, KEPT_ATTEMPTS + 4))
    assert len(list(cell.attempts.iterdir())) == KEPT_ATTEMPTS
    assert json.loads((sorted(cell.attempts.iterdir())[-1] / "parameters.json").read_text()) == {"seed": 0}
