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
# # Small AmEnS networks, an ingredient changed at a time
#
# What a cell of the grid `smoother_ingredients` executes: all variants of one seed, trained briefly and tested on the
# same truths. A training that was killed is taken up where it was. The lesson *What the ingredients buy* explains
# the variants.

# %% tags=["parameters"]
import os

preset: str = os.environ.get(
    "SPARSEOBS_PRESET", "lesson"
)  # smoke (seconds) | lesson (minutes) | paper (a GPU)
seed: int = 0  # 0 or more: weights, training and test truths

# %%
from sparseobs.runs import settings
from sparseobs.runs.cell import keep, progress_path
from sparseobs_book.trained_filters.ablation import PRESETS, score_all

ablation = settings.resolve(PRESETS, preset, seed=seed)
print(settings.describe(ablation))

# %%
table = score_all(ablation, progress_path)
table.round(3)

# %%
keep(table)
