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
# # Every method on one split of a real network
#
# What a cell of the grids `northwest` and `synop` executes: one network of real stations, one number of stations shown, one
# split. All methods learn from the first half of the period and are judged by the second, at stations that none has met.
# The lesson *Real stations, measured errors* tells what came out.

# %% tags=["parameters"]
import os

preset: str = os.environ.get(
    "SPARSEOBS_PRESET", "lesson"
)  # smoke (seconds) | lesson (minutes) | paper (days)
source: str = (
    "twin"  # northwest | synop_germany | synop_british_isles | twin (synthetic)
)
n_stations: int = 20  # 5 or more: stations shown, that every method learns from
n_held_out: int = 50  # 2 or more: stations that are only judged at
split_seed: int = 0  # 0 or more: which stations
seed: int = 0  # 0 or more: weights and tasks of the networks

# %%
from sparseobs.runs import settings
from sparseobs.runs.cell import keep, progress_path
from sparseobs.runs.shared import shared_folder
from sparseobs_book.real_stations.networks import load_network
from sparseobs_book.real_stations.run import compare, prepare
from sparseobs_book.real_stations.settings import PRESETS

page = settings.resolve(
    PRESETS,
    preset,
    source=source,
    n_stations=n_stations,
    n_held_out=n_held_out,
    split_seed=split_seed,
    seed=seed,
)
print(settings.describe(page))

# %%
case = prepare(page, load_network(source))
print(case.network.notes)
print({part: len(stations) for part, stations in case.stations._asdict().items()})

# %%
table = compare(case, progress_path, shared_folder())
table[
    ["method", "mae", "crps", "nll", "coverage", "mae_gap", "mae_low", "mae_high"]
].round(3)

# %%
keep(table)
