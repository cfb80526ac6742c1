# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # One open question in one world
#
# What a cell of the grid `open_questions` executes: one change to the experiment, in one world of the synthetic twin.
# The lesson *Three questions the paper left open* explains them.

# %% tags=["parameters"]
import os

preset: str = os.environ.get(
    "SPARSEOBS_PRESET", "lesson"
)  # smoke (seconds) | lesson (a minute) | paper (a GPU)
case: str = "dispersed"  # of sparseobs.runs.open_questions: CASES
seed: int = 0  # 0 or more: of world, split, weights and tasks

# %%
from sparseobs.errors import require_choice
from sparseobs.runs import open_questions, settings
from sparseobs.runs import temperature_stored as stored
from sparseobs.runs.cell import keep, progress_path
from sparseobs.runs.shared import shared_folder

seeds = {"seed": seed, "split_seed": seed, "data_seed": seed}
page = settings.resolve(open_questions.PRESETS, preset, **seeds)
change = open_questions.CASES[require_choice("case", case, open_questions.CASES)]
print(f"{change}\n{settings.describe(page)}")

# %%
folder = shared_folder()
data = open_questions.world(preset, change.variable, seed, folder)
experiment = open_questions.case_experiment(page, change, data)
print("synthetic data:", data.notes)
for part in (experiment.stations, experiment.hours):
    print({name: len(positions) for name, positions in vars(part).items()})

# %%
pretrained = stored.shared_pretraining(experiment, folder)
print(pretrained[1].history.iloc[[0, -1]].round(3).to_string(index=False))

# %%
table, trainings = open_questions.compare(
    experiment, change, pretrained, progress=progress_path
)
for method, training in trainings.items():
    print(f"{method}: kept epoch {training.best_epoch} ({training.stopped})")
table.round(3)

# %%
keep(table)
