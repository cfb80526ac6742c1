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
# # Every adaptation where a network has to learn height
#
# What a cell of the grid `heights` executes: the mountainous south-west of the synthetic twin of Germany, with one seed and
# one number of hours. Networks read temperatures as they are (`withheld`) or reduced to sea level (`given`). In both cases
# they see a map of the terrain. The classical methods always know the heights of stations: they are the yardstick.
# All methods are judged at the same held-out stations and hours, at ordinary stations and at VALUE's apart.

# %% tags=["parameters"]
import os

preset: str = os.environ.get(
    "SPARSEOBS_PRESET", "lesson"
)  # smoke (seconds) | lesson (minutes) | paper (days)
heights: str = "withheld"  # withheld | given: to the networks
n_times: int = 400  # hours to train and to choose on together, 5 or more
seed: int = 0  # 0 or more: of the split, of the weights and of the tasks

# %%
from sparseobs.runs import settings
from sparseobs.runs.cell import keep, progress_path
from sparseobs.runs.shared import shared_folder
from sparseobs_book.heights.run import compare, kinds_of, prepare
from sparseobs_book.heights.settings import PRESETS
from sparseobs_book.temperature.station_adaptation import full_twin
from sparseobs_book.temperature.stored import shared_pretraining

page = settings.resolve(PRESETS, preset, heights=heights, n_times=n_times, seed=seed)
print(settings.describe(page))

# %% [markdown]
# The twin is run once. Cells of one seed that agree on heights share a pre-training, made by whichever needs it first.

# %%
folder = shared_folder()
data = full_twin(preset, page.experiment.data_seed, folder)
experiment = prepare(page, data)
print("synthetic data:", data.notes)
for part in (experiment.stations, experiment.hours):
    print({name: len(positions) for name, positions in vars(part).items()})
print("VALUE's among the held-out:", int((kinds_of(experiment) == "VALUE").sum()))
print("nodes of the internal grid:", experiment.network.grid.shape)

# %%
pretrained = shared_pretraining(experiment, folder)
print(pretrained[1].history.iloc[[0, -1]].round(3).to_string(index=False))

# %%
table, trainings = compare(
    experiment, pretrained, steps=page.steps, progress=progress_path
)
for method, training in trainings.items():
    print(f"{method}: kept epoch {training.best_epoch} ({training.stopped})")
table.round(3)

# %%
keep(table)
