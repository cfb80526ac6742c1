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
# # One way from a simulation to thermometers, on one split of the stations
#
# What a cell of the grids `uk_ireland` and `twin` executes: one method, one choice of held-out stations, one training.
# The lesson *Can a simulation teach a network to read thermometers?* explains the steps.

# %% tags=["parameters"]
import os
from typing import Optional  # papermill reads no `float | None`

# smoke (seconds), lesson (minutes), study or paper (days)
preset: str = os.environ.get("SPARSEOBS_PRESET", "lesson")
source: str = "twin"  # twin (synthetic); uk_ireland, germany or local (real)
method: str = "Sim2Real"  # of sparseobs_book.temperature.run: METHODS, or ENSEMBLE
split_seed: int = 0  # 0 or more: which stations train, validate and are held out
seed: int = 0  # 0 or more: weights and tasks, of pre-training and of adapting
obs_error_std: Optional[float] = None  # K, 0 or more (None: the source's own)
n_held_out: Optional[int] = None  # stations only judged on (None: the preset's)
n_validation: Optional[int] = None  # stations to choose weights on (None: the preset's)

# %%
from dataclasses import replace

import pandas as pd
from sparseobs.runs import settings
from sparseobs.runs.cell import keep, progress_path
from sparseobs.runs.shared import shared_folder
from sparseobs_book.temperature import experiment as experiments
from sparseobs_book.temperature import run as temperature
from sparseobs_book.temperature import stored
from sparseobs_book.temperature.presets import presets

page = settings.resolve(
    presets(source),
    preset,
    split_seed=split_seed,
    seed=seed,
    obs_error_std=obs_error_std,
    n_held_out=n_held_out,
    n_validation=n_validation,
)
# A committed pre-training has one seed only: here each seed has its own.
page = replace(page, stored_pretraining=None)
temperature.require_method(method)
print(f"method {method}\n{settings.describe(page)}")

# %%
experiment = experiments.prepare(page)
print(
    "synthetic" if experiment.data.synthetic else "real", "data:", experiment.data.notes
)
print(
    "held out:",
    *experiment.data.stations["name"].values[experiment.stations.held_out],
    sep="\n  ",
)

# %% [markdown]
# Pre-training reads the reanalysis alone, so the cells of one seed share it, whatever their split and method. The first
# to need it trains it.


# %%
def pretrain(part):
    model, training = stored.shared_pretraining(part, shared_folder())
    print(training.history.iloc[[0, -1]].round(3).to_string(index=False))
    return model, training


# %%
training = None
if method == temperature.ENSEMBLE:
    row = temperature.run_ensemble(experiment, pretrain)
else:
    row, training = temperature.run_method(
        experiment,
        method,
        pretrain(experiment) if temperature.needs_pretraining(method) else None,
        progress_path("adapting.pt"),
    )
if training:
    print(training.history.round(3).to_string(index=False))
    print(f"kept epoch {training.best_epoch} ({training.stopped})")

# %%
table = pd.DataFrame([row])
keep(table, read=experiment.data.inputs)
print(table.T.to_string(header=False))
