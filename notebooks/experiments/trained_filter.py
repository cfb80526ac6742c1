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
# # One small AmEnF, trained by given switches and scored
#
# What a cell of the grids `objectives`, `ingredients` and others executes: train one network, run it over test truths
# of its own from random states of the climate, and write one row of scores. A training that was killed is taken up
# where it was. All that is random follows from the seed; two cells of the same seed, system and noise are tested on
# the same truths and observations.

# %% tags=["parameters"]
import os
from typing import Optional

preset: str = os.environ.get(
    "SPARSEOBS_PRESET", "lesson"
)  # smoke (seconds) | lesson (a minute) | paper (a GPU)
seed: int = 0  # 0 or more: weights, training and test truths, dropout
system: str = "lorenz96"  # lorenz96 | kuramoto_sivashinsky | vissio_lucarini
stride: Optional[int] = (
    None  # every how many sites is one observed (None: the system's)
)
obs_error_std: float = 1.0  # standard deviation of the noise, state units
objective: str = (
    "forecast"  # or analysis | likelihood | supervised_analysis | supervised_forecast
)
protocol: str = "no_truth"  # or paper: training ensembles begin at the truth plus noise
dropout: Optional[float] = (
    None  # probability of dropping a channel (None: the preset's)
)
covariance_width: Optional[int] = (
    None  # sites of the covariance band, odd, or 0 (None: the system's)
)
memory_channels: Optional[int] = None  # recurrent channels, or 0 (None: the system's)
use_tendency: bool = True  # whether the network is shown the tendency
use_gate: bool = True  # whether gates decide what is kept
filling: str = "forecasts"  # or zeros, where nobody looked
unroll: Optional[int] = None  # cycles that gradients flow through (None: the preset's)
ensemble_size: Optional[int] = (
    None  # members in training, 2 or more (None: the preset's)
)
n_training_steps: Optional[int] = None  # optimiser steps (None: the preset's)
test_ensemble_size: int = 10  # members at test, 2 or more

# %%
from sparseobs.runs import settings
from sparseobs.runs.cell import keep, progress_path
from sparseobs_book.trained_filters.run import PRESETS, score

trial = settings.resolve(
    PRESETS,
    preset,
    seed=seed,
    system=system,
    stride=stride,
    obs_error_std=obs_error_std,
    objective=objective,
    protocol=protocol,
    dropout=dropout,
    covariance_width=covariance_width,
    memory_channels=memory_channels,
    use_tendency=use_tendency,
    use_gate=use_gate,
    filling=filling,
    unroll=unroll,
    ensemble_size=ensemble_size,
    n_training_steps=n_training_steps,
    test_ensemble_size=test_ensemble_size,
)
print(settings.describe(trial))

# %%
table = score(trial, progress_path("training.safetensors"))
table.round(3).transpose()

# %%
keep(table)
