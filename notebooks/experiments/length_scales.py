# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The smallest scale that a network can bring back, before and after adaptation
#
# What a cell of the grid `length_scales` executes: waves of many lengths are shown to one seed's networks, pre-trained and
# adapted, on the synthetic twin of Germany or on a line where the length scale of simulation and reality is set.
# The lesson *What is the smallest wave that a network can bring back?* explains the steps.

# %% tags=["parameters"]
import os

preset: str = os.environ.get(
    "SPARSEOBS_PRESET", "lesson"
)  # smoke (seconds) | lesson (minutes) | paper (days)
part: str = "line"  # line | fine (the middle of the twin, a finer grid)
seed: int = 0  # 0 or more: of the split, weights, tasks and waves
amplitude: float = 1.0  # K, above 0: of the waves on the twin

# %%
from sparseobs.runs import settings
from sparseobs.runs.cell import keep
from sparseobs.runs.shared import shared_folder
from sparseobs_book.length_scales.run import PRESETS, run

page = settings.resolve(PRESETS, preset, part=part, seed=seed, amplitude=amplitude)
print(settings.describe(page))

# %%
table = run(page, shared_folder())
table.round(3)

# %%
keep(table)
