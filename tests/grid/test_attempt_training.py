"""A training killed in its middle is taken up by the next attempt, and ends with the same numbers."""

from pathlib import Path

from sparseobs.grid.folder import DONE, LOST
from sparseobs.grid.worker import Outcome, attempt_cell

from .bench import attempt_command, job_of, let_go, make_bench, until
from .finished import kept_here
from .kills import kernels

TRAIN = """
import time
from pathlib import Path
import pandas as pd
from sparseobs.filtering.training import TrainingConfig
from sparseobs.runs.cell import keep, progress_path
from sparseobs_book.trained_filters.recipes import FilterRecipe
from sparseobs_book.trained_filters.training import new_trainer

training = TrainingConfig(rounds=(12,), batch=2, first_unroll=2, last_unroll=2, warm_up=4, seed=seed)
trainer = new_trainer(FilterRecipe(filters=4, n_streams=3, n_cycles=20, training=training))

def report(trainer):
    with Path(side).open("a") as file:
        file.write(f"{trainer.iteration:02d}\\n")
    if trainer.iteration == 6 and not Path(side + ".go").exists():
        time.sleep(600)

network = trainer.train(report=report, progress=progress_path("training.safetensors"), every=2)
weights = sum(float(weight.detach().abs().sum()) for weight in network.parameters())
keep(pd.DataFrame({"step": range(1, 13), "loss": trainer.losses, "weights": weights}))
"""
STEPS = [f"{step:02d}" for step in range(2, 13, 2)]


def test_killed_training_is_taken_up_where_it_was(tmp_path):
    undisturbed, killed = make_bench(tmp_path / "undisturbed", TRAIN), make_bench(tmp_path / "killed", TRAIN)
    let_go(undisturbed)
    expected = kept_here(TRAIN, undisturbed.grid.cells[0].parameters).to_csv(index=False)

    with attempt_command(job_of(killed)) as process:
        until(lambda: "06" in killed.executions())
        kernels(killed.folder)[0].kill()
        assert Outcome.from_line(process.stdout.read()).status == LOST
    assert [path.name for path in killed.cell(0).progress.iterdir()] == ["training.safetensors"]

    let_go(killed)
    assert attempt_cell(job_of(killed), "test").status == DONE
    assert killed.tables() == [expected]
    assert Path(killed.side).read_text().split() == STEPS, "no step was done twice, and none left out"
    assert not killed.cell(0).progress.exists()
