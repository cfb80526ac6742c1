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
# # All filters on the same test sequences
#
# What a cell of the grid `filter_comparison` executes: one system, one noise, several ensemble sizes and seeds. Truth,
# observation noise and first ensemble (random states of the climate) follow from the seed, and all filters are given the
# same. An ensemble size of 1 stands for the methods that carry a single state. The page *All methods side by side* shows
# the table. Classical filters have the settings that were tuned on other truths. They run in our batched form, which
# equals DAPPER's analysis, and on the first seeds as DAPPER's own too.

# %% tags=["parameters"]
import os
from typing import Optional  # papermill reads no `int | None`

preset: str = os.environ.get(
    "SPARSEOBS_PRESET", "lesson"
)  # smoke (seconds) | lesson (a minute) | study (DAPPER on every seed) | long (a few filters, ten minutes) | paper (hours)
system: str = "lorenz96"  # lorenz96 | kuramoto_sivashinsky | vissio_lucarini
obs_error_std: float = 1.0  # standard deviation of the noise, state units: 1.0 | 2.5
ensemble_size: Optional[int] = None  # members, 2 to 30 (None: the preset's sizes)
seed: int = 0  # 0 or more: the first of the seeds
n_repeats: Optional[int] = None  # how many seeds (None: the preset's)
dapper_repeats: Optional[int] = None  # DAPPER runs on so many (None: the preset's)
experiment: str = "standard"  # standard | backwards | fixed_long_gap | all_sites | double_gap | forcing_7.5 | forcing_8.5
n_cycles: Optional[int] = None  # cycles scored, 4 or more (None: the preset's)

# %%
from sparseobs.runs import settings
from sparseobs.runs.cell import keep
from sparseobs_book.filter_comparison.run import PRESETS, compare

case = settings.resolve(
    PRESETS,
    preset,
    system=system,
    obs_error_std=obs_error_std,
    ensemble_sizes=None if ensemble_size is None else (ensemble_size,),
    seed=seed,
    n_repeats=n_repeats,
    dapper_repeats=dapper_repeats,
    n_cycles=n_cycles,
    experiment=experiment,
)
print(settings.describe(case))

# %%
table = compare(case)
table.round(3)

# %%
keep(table)
