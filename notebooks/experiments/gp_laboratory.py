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
# # One repeat of one experiment in the Gaussian-process laboratory
#
# What a cell of the grids `gp_laboratory` and `gp_laboratory_rates` executes: a network pre-trained on one Gaussian
# process meets others, and is adapted to each in two ways with few and many tasks. The lesson *When the truth is
# known* explains it.

# %% tags=["parameters"]
import os
from typing import Optional  # papermill reads no `float | None`

# smoke (seconds), lesson (a minute) or paper (hours)
preset: str = os.environ.get("SPARSEOBS_PRESET", "lesson")
gap: str = "shrinking"  # shrinking, mixed or growing length scales, or noise
seed: int = 0  # 0 or more: of all tasks; from 100 on only rates are chosen on it
obs_error_std: Optional[float] = (
    None  # simulated noise, above 0 (None: its variance is 0.05)
)
rates: str = "chosen"  # chosen (as stored), or tried: each of several, validated only

# %%
from sparseobs.runs import settings
from sparseobs.runs.cell import keep
from sparseobs.runs.shared import shared_folder
from sparseobs_book.laboratory.run import require_rates, run_or_try
from sparseobs_book.laboratory.settings import PRESETS
from sparseobs_book.laboratory.stored import shared_pretraining

page = settings.resolve(
    PRESETS, preset, gap=gap, seed=seed, obs_error_std=obs_error_std
)
require_rates(page, rates)
print(settings.describe(page))

# %%
pretrained = shared_pretraining(page, shared_folder())
table = run_or_try(page, pretrained, rates)
table.round(3)

# %%
keep(table)
