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
# # One unknown instrument: trained, tested, compared
#
# What a cell of the grid `unknown_instrument` executes: one number of channels, one noise, one seed. Two filters are
# trained equally long from the same stored weights, one with the unknown instrument and one on known observations
# alone; three ensemble Kalman filters say what the instrument could give. The lesson *An instrument nobody
# calibrated* explains them.

# %% tags=["parameters"]
import os

preset: str = os.environ.get(
    "SPARSEOBS_PRESET", "lesson"
)  # smoke (seconds) | lesson (minutes) | paper (hours)
seed: int = 0  # 0 or more: the instrument, truths, noise, first ensembles
obs_error_std: float = 1.0  # noise of a known observation, state units: 1.0 | 2.5
n_channels: int = 10  # numbers that the unknown instrument returns, 1 or more
channel_error_std: float = 0.3  # noise of a channel, state units, above 0
n_training_steps: int | None = None  # optimiser steps (None: the preset's)

# %%
from sparseobs.runs import settings
from sparseobs.runs.cell import keep, progress_path
from sparseobs.runs.shared import shared_folder
from sparseobs_book.unknown_instrument.comparison import run_all, score
from sparseobs_book.unknown_instrument.run import PRESETS, train_pair

page = settings.resolve(
    PRESETS,
    preset,
    seed=seed,
    obs_error_std=obs_error_std,
    n_channels=n_channels,
    channel_error_std=channel_error_std,
    n_training_steps=n_training_steps,
)
print(settings.describe(page))

# %%
trained = train_pair(page, progress_path, folder=shared_folder())

# %%
runs, test = run_all(page, trained)
table = score(page, runs, test)
table.round(3)

# %%
keep(table)
