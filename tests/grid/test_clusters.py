"""What a grid runs on: shares of a machine, graphics processors, SLURM."""

import os
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import dask
import psutil
import pytest
from dask_jobqueue import SLURMCluster
from distributed import Client

from sparseobs.errors import InputError
from sparseobs.grid import clusters_slurm
from sparseobs.grid.clusters import machine_holds, nannies, open_client, worker_options
from sparseobs.grid.clusters_slurm import job_options
from sparseobs.grid.engine import run_grid
from sparseobs.grid.folder import DONE
from sparseobs.grid.model import Cost, Resources

from .bench import COUNTED, HANG, KEEP, let_go, make_bench, until

# A queue of one machine: sbatch starts the job's script as a process of its own, scancel ends it.
SBATCH = """#!{python}
import os, pathlib, subprocess, sys
script = pathlib.Path(sys.argv[1]).read_text()
if "#SBATCH -A nobody" in script:
    sys.exit("sbatch: error: Invalid account nobody\\nsbatch: error: Batch job submission failed")
if "#SBATCH -A by_node" in script and "#SBATCH --mem=" in script:
    sys.exit("sbatch: error: lua: Requesting memory by node is not supported. Use --mem-per-cpu.\\n"
             "sbatch: error: cli_filter plugin terminated with error")
queue = pathlib.Path("{queue}")
number = len(list(queue.iterdir())) + 1
job = queue / str(number)
job.mkdir()
(job / "script").write_text(script)
with (job / "log").open("w") as log:
    started = subprocess.Popen(["bash", job / "script"], stdout=log, stderr=log, start_new_session=True)
(job / "process").write_text(str(started.pid))
print("Submitted batch job", number)
"""
SQUEUE = """#!{python}
import pathlib, psutil
for job in pathlib.Path("{queue}").iterdir():
    number = int((job / "process").read_text())
    if psutil.pid_exists(number) and psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
        print(job.name)
"""
SCANCEL = """#!{python}
import os, pathlib, signal, sys
process = int((pathlib.Path("{queue}") / sys.argv[1] / "process").read_text())
try:
    os.killpg(process, signal.SIGKILL)
except ProcessLookupError:
    pass
"""


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """The folder of a SLURM queue on this machine, and dask's configuration for it."""
    commands, queue = tmp_path / "bin", tmp_path / "queue"
    commands.mkdir(), queue.mkdir()
    for name, text in (("sbatch", SBATCH), ("squeue", SQUEUE), ("scancel", SCANCEL)):
        (commands / name).write_text(text.format(python=sys.executable, queue=queue))
        (commands / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    with dask.config.set({"jobqueue.slurm.interface": "lo", "jobqueue.slurm.log-directory": str(tmp_path / "logs")}):
        yield queue
    for process in queue.glob("*/process"):
        subprocess.run([commands / "scancel", process.parent.name], check=True)


def test_slurm_runs_the_grid_and_replaces_a_lost_job(tmp_path, queue):
    bench = make_bench(tmp_path, COUNTED, HANG, KEEP)
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "1s"}):
        with open_client(bench.grid, "slurm", workers=4) as client:

            def lose_the_job(event) -> None:
                until(lambda: "hangs" in bench.executions())
                let_go(bench)
                os.killpg(int((queue / "1" / "process").read_text()), 9)

            reports = iter([lose_the_job])
            outcomes = run_grid(bench.grid, bench.folder, client, lambda event: next(reports, print)(event))
    assert [outcome.status for outcome in outcomes] == [DONE]
    assert bench.tables() == ["value\n1.0\n"]
    assert sorted(job.name for job in queue.iterdir()) == ["1", "2"], "one job a cell, and one for the lost one"
    until(lambda: not any(alive(job) for job in queue.iterdir()))


def alive(job: Path) -> bool:
    try:
        return psutil.Process(int((job / "process").read_text())).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_slurm_jobs_that_die_at_once_are_told(tmp_path, queue, monkeypatch):
    """The first look finds the job in the queue, as it may be for days; a later one finds it gone."""
    monkeypatch.setattr(clusters_slurm, "LOOK_SECONDS", 0.5)
    grid, go, said = make_bench(tmp_path).grid, tmp_path / "go", []
    wait = f"while [ ! -e {go} ]; do sleep 0.1; done; exit 1"
    with dask.config.set({"jobqueue.slurm.job-script-prologue": [wait]}):
        with open_client(grid, "slurm", workers=1, say=said.append):
            until(lambda: (queue / "1" / "process").exists())
            time.sleep(2)
            assert said == []
            go.touch()
            until(lambda: said, seconds=60)
    assert said == [f"1 SLURM job ended before a worker came up; what they said is in {tmp_path / 'logs'}"]


def test_job_asks_for_what_a_cell_needs(tmp_path, monkeypatch):
    grid = make_bench(tmp_path, n_seeds=10, threads=3, memory_gb=4.5, minutes=90, gpu="required").grid
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    (tmp_path / "results").mkdir()
    with dask.config.set({"jobqueue.slurm.queue": "long", "jobqueue.slurm.job-extra-directives": ["--exclusive"]}):
        with SLURMCluster(n_workers=0, interface="lo", **job_options(grid, workers=2)) as cluster:
            script = cluster.job_script()
    for line in ["-p long", "--cpus-per-task=3", "-t 01:40:00", "--exclusive", "--gres=gpu:1"]:
        assert f"#SBATCH {line}\n" in script
    assert "#SBATCH --mem=5G\n" in script, "dask-jobqueue asks for whole gigabytes"
    assert "--nthreads 1 " in script and "--resources GPU=1" in script


@pytest.mark.parametrize("seconds, walltime", [(60, "01:10:00"), (3600, "09:10:00")])
def test_job_lasts_for_its_share_of_the_cells(tmp_path, seconds, walltime):
    grid = replace(make_bench(tmp_path, n_seeds=11, minutes=60).grid, cost=Cost(seconds=seconds, measured_on="a test"))
    assert job_options(grid, workers=2)["walltime"] == walltime


def test_a_refusal_is_shown_whole_with_the_script_and_memory_by_cpu_has_its_line(tmp_path, queue, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    (tmp_path / "results").mkdir()
    grid = make_bench(tmp_path).grid
    with dask.config.set({"jobqueue.slurm.account": "by_node"}), pytest.raises(InputError) as refused:
        with open_client(grid, "slurm", workers=1):
            pass
    said, (script,) = str(refused.value), (tmp_path / "logs").glob("*.sh")
    assert "memory by node is not supported. Use --mem-per-cpu.; sbatch: error: cli_filter plugin" in said
    assert str(script) in said and "#SBATCH -A by_node\n" in script.read_text()
    assert 'Try job-directives-skip: ["--mem"], job-extra-directives: ["--mem-per-cpu=2G"] below jobqueue.slurm' in said
    with dask.config.set(
        {"jobqueue.slurm.job-directives-skip": ["--mem"], "jobqueue.slurm.job-extra-directives": ["--mem-per-cpu=2G"]}
    ):
        with SLURMCluster(n_workers=0, interface="lo", **job_options(grid, workers=1)) as cluster:
            script = cluster.job_script()
    assert "--mem-per-cpu=2G\n" in script and "--mem=" not in script


def test_a_script_is_there_for_an_sbatch_that_reads_it_late(tmp_path, queue):
    """Each job has its own, for each names its worker."""
    with open_client(make_bench(tmp_path, n_seeds=2).grid, "slurm", workers=2):
        until(lambda: len(list(queue.glob("*/process"))) == 2)
        scripts = [path.read_text() for path in (tmp_path / "logs").glob("*.sh")]
    assert len(set(scripts)) == 2 and {path.read_text() for path in queue.glob("*/script")} == set(scripts)


def test_without_squeue_the_logs_are_named(tmp_path, queue, monkeypatch):
    monkeypatch.setattr(clusters_slurm, "LOOK_SECONDS", 0.5)
    (tmp_path / "bin" / "squeue").unlink()
    monkeypatch.setenv("PATH", str(tmp_path / "bin") + os.pathsep + "/bin")
    grid, said = make_bench(tmp_path).grid, []
    with dask.config.set({"jobqueue.slurm.job-script-prologue": ["exit 1"]}):
        with open_client(grid, "slurm", workers=1, say=said.append):
            until(lambda: said, seconds=60)
    assert "no worker has come up in 0.5 s" in said[0] and str(tmp_path / "logs") in said[0]


def test_slurm_is_asked_for_a_number_and_must_be_there(tmp_path, queue, monkeypatch):
    grid = make_bench(tmp_path).grid
    for said, options in [
        ("workers: given None; expected how many SLURM jobs", {}),
        ("Invalid account nobody; sbatch: error: Batch job", {"workers": 1}),
    ]:
        with dask.config.set({"jobqueue.slurm.account": "nobody"}), pytest.raises(InputError, match=said):
            with open_client(grid, "slurm", **options):
                pass
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="sbatch on the PATH"), open_client(grid, "slurm", workers=1):
        pass


def test_each_worker_sees_its_own_graphics_processor(tmp_path):
    tell = "import os\ntable['gpu'] = os.environ['CUDA_VISIBLE_DEVICES']"
    bench = make_bench(tmp_path, COUNTED, tell, "import time\ntime.sleep(2)", KEEP, n_seeds=2, gpu="required")
    with nannies(worker_options(["7", "MIG-8"], most=4, workers_per_gpu=1)) as cluster:
        with Client(cluster, set_as_default=False) as client:
            outcomes = run_grid(bench.grid, bench.folder, client, lambda event: None)
    assert [outcome.status for outcome in outcomes] == [DONE, DONE]
    assert sorted(table.split(",")[-1] for table in bench.tables()) == ["7\n", "MIG-8\n"]


def test_small_cells_share_a_graphics_processor():
    options = worker_options(["0", "1"], most=5, workers_per_gpu=3)
    assert [option["env"]["CUDA_VISIBLE_DEVICES"] for option in options] == ["0", "1", "0", "1", "0"]
    assert all(option["resources"] == {"GPU": 1} for option in options)
    assert worker_options([], most=2, workers_per_gpu=3) == [{}, {}]


def test_machine_is_not_asked_for_more_than_it_has():
    one = machine_holds(Resources(threads=1, memory_gb=0.001))
    assert one == dask.system.CPU_COUNT
    assert machine_holds(Resources(threads=one, memory_gb=0.001)) == 1
    assert machine_holds(Resources(threads=10 * one)) == 1, "it may be slow, but it runs"
    half = dask.system.CPU_COUNT and psutil.virtual_memory().total / 1e9
    assert machine_holds(Resources(threads=1, memory_gb=half)) == 1


@pytest.mark.parametrize("options", [{"workers": 0}, {"workers": 1.5}, {"workers_per_gpu": 0}])
def test_numbers_of_workers(tmp_path, options):
    with pytest.raises(InputError, match="workers"), open_client(make_bench(tmp_path).grid, **options):
        pass
