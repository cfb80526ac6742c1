"""SIGKILL to worker, run and kernel in turn: every cell once, as in an undisturbed run."""

import json

from .bench import COUNTED, KEEP, marked, project_bench, start_run, until
from .kills import VICTIMS, run_through_kills

WORK = "import time\ntime.sleep(1)"


def test_every_cell_once_whatever_is_killed(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    bench = project_bench(tmp_path, COUNTED, WORK, KEEP, n_seeds=4)
    killing = run_through_kills(lambda: start_run(bench), bench.folder, kills=3, seed=0, longest_pause=1.5)
    assert sorted(killing.killed) == sorted(VICTIMS)
    until(lambda: not marked(bench.folder))
    assert bench.tables() == [f"value\n{1 + seed / 7}\n" for seed in range(4)]
    for index, seed in enumerate(range(4)):
        # No attempt after the one that succeeded, and none that is not accounted for.
        assert bench.executions().count(f"1 {seed}") <= bench.record(index)["attempt"]
        statuses = {failure["status"] for failure in bench.failures(index)}
        assert statuses <= {"interrupted", "lost"}
        assert sorted(path.name for path in bench.cell(index).root.iterdir()) == ["attempts", "lock", "result"]
        assert json.loads((bench.cell(index).result / "parameters.json").read_text())["seed"] == seed
