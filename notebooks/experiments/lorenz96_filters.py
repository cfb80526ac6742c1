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
# # AmEnF and LETKF on one test sequence of Lorenz-96
#
# What a cell of the grid `lorenz96_filters` executes: one noise, one ensemble size, one seed. Truth, observation noise and
# first ensemble (random states of the climate) all follow from the seed. The lesson *A filter that never sees the
# truth* explains the filters. LETKF is DAPPER's, with the numbers that were tuned on other truths, and with those of
# the AmEnF's authors.

# %% tags=["parameters"]
import os

preset: str = os.environ.get(
    "SPARSEOBS_PRESET", "lesson"
)  # smoke (seconds) | lesson (a minute) | paper (ten thousand cycles)
seed: int = 0  # 0 or more: truth, noise, first ensemble, dropout and rotations
obs_error_std: float = 1.0  # standard deviation of the noise, state units: 1.0 | 2.5
ensemble_size: int = 10  # members of every filter: 5 | 10 | 15 | 20 | 30
n_cycles: int | None = None  # cycles scored, 2 or more (None: the preset's)

# %%
from sparseobs.runs import settings
from sparseobs.runs.cell import keep
from sparseobs.runs.lorenz96_comparison import PRESETS
from sparseobs.runs.lorenz96_filters import score_filters

page = settings.resolve(
    PRESETS,
    preset,
    seed=seed,
    obs_error_std=obs_error_std,
    ensemble_size=ensemble_size,
    n_cycles=n_cycles,
)
print(f"{page.n_cycles} cycles scored, {page.burn_in} before them not")

# %%
table = score_filters(page)
table.round(3)

# %%
keep(table)
