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
# # Every adaptation with so many stations and so many hours
#
# What a cell of the grid `adaptation` executes: one number of stations, one number of hours, one seed of the split, the
# weights and the tasks. All methods are judged at the same held-out stations and hours of the synthetic twin of Germany.
# The lesson *How many stations, how many hours* explains them.

# %% tags=["parameters"]
import os
from typing import Optional  # papermill reads no `str | None`

preset: str = os.environ.get(
    "SPARSEOBS_PRESET", "lesson"
)  # smoke (seconds) | lesson (minutes) | paper (days)
n_stations: int = 20  # to train and to choose on together, 5 to 500
n_times: int = 16  # hours to train and to choose on together, 5 or more
seed: int = 0  # 0 or more: of the split, of the weights and of the tasks
# hashes of stored pre-trainings, of seed 0, 1, ... (None: each seed trains its own, once a grid)
pretraining_hashes: Optional[str] = None
start: str = "none"  # none | kriging: what every network corrects

# %%
from sparseobs.errors import require_choice
from sparseobs.runs import settings
from sparseobs.runs.cell import keep, progress_path
from sparseobs.runs.shared import shared_folder
from sparseobs_book.temperature import from_kriging
from sparseobs_book.temperature.experiment import prepare
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.station_adaptation import compare, full_twin
from sparseobs_book.temperature.stored import (
    named_checkpoint,
    named_pretraining,
    shared_pretraining,
)

page = settings.resolve(
    grid_presets(),
    preset,
    n_stations=n_stations,
    n_times=n_times,
    seed=seed,
    split_seed=seed,
)
if pretraining_hashes is not None:
    named_checkpoint(pretraining_hashes, seed)
kriged = require_choice("start", start, from_kriging.STARTS) == "kriging"
page = from_kriging.correcting(page) if kriged else page
print(settings.describe(page))

# %% [markdown]
# The twin is run once, and each seed's network is pre-trained once on its reanalysis, by whichever cell needs it first. Grids
# whose tables are compared have to start from the same weights: then both name stored ones by their hashes, among their inputs.
# In the grid `adaptation_from_kriging` (`start="kriging"`) every network corrects kriging, whose covariance was learned from
# the reanalysis first and then from the stations. A network of its own is pre-trained for a few minutes, on cells of the
# reanalysis and from kriging that they have taught.

# %%
folder = shared_folder()
data = full_twin(preset, page.data_seed, folder)
experiment = prepare(page, data)
if kriged:
    experiment = from_kriging.with_kriging(experiment, folder)
print("synthetic data:", data.notes)
for part in (experiment.stations, experiment.hours):
    print({name: len(positions) for name, positions in vars(part).items()})

# %%
if pretraining_hashes is not None:
    pretrained = named_pretraining(pretraining_hashes, experiment)
elif kriged:
    pretrained = from_kriging.shared_pretraining(experiment, folder)
else:
    pretrained = shared_pretraining(experiment, folder)
print(pretrained[1].history.iloc[[0, -1]].round(3).to_string(index=False))

# %%
table, trainings = (from_kriging.compare if kriged else compare)(
    experiment, pretrained, progress=progress_path, folder=folder
)
for method, training in trainings.items():
    print(f"{method}: kept epoch {training.best_epoch} ({training.stopped})")
table.round(3)

# %%
keep(table)
