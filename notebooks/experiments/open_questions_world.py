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
# # The open questions in one world
#
# What a cell of the grid `open_questions` executes: an experiment and three changes to it, in one world of the synthetic
# twin, with one split of its stations. The lesson *Three questions the paper left open* explains them.

# %% tags=["parameters"]
import os

preset: str = os.environ.get(
    "SPARSEOBS_PRESET", "lesson"
)  # smoke (seconds) | lesson (minutes) | paper (a GPU)
seed: int = 0  # 0 or more: of the split, the weights and the tasks of adapting
own_world: bool = False  # whether the seed has its own world and pre-training

# %%
import pandas as pd
from sparseobs.runs import settings
from sparseobs.runs.cell import keep, progress_path
from sparseobs.runs.shared import shared_folder
from sparseobs_book.open_questions.run import run_case
from sparseobs_book.open_questions.settings import CASES, PRESETS

seeds = {"seed": seed, "split_seed": seed, "data_seed": seed if own_world else 0}
page = settings.resolve(PRESETS, preset, **seeds)
print(settings.describe(page))

# %%
places = {"folder": shared_folder(), "progress": progress_path}
table = pd.concat([run_case(preset, case, page, **places) for case in CASES])
table.round(3)

# %%
keep(table.reset_index(drop=True))
