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
# (objectives)=
# # Ask for the next observation, not for this one
#
# :::{admonition} On this page
# **You will be able to** tell five ways of teaching a filter apart, predict which of them learns nothing, and take a
# loss apart to see why.
#
# **You need** {doc}`/notebooks/lorenz96_filter`, and what an expectation and a covariance are.
#
# **Time** 15 minutes to read, half a minute to run at `lesson` size, 20 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic.
# :::
#
# A filter is a function of the observations. To learn one, you must say what a good answer is, and a noisy observation
# seems to be a fair judge: the closer the analysis, the better. It is the worst judge of all, if the filter has read it.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% [markdown]
# One objective fails in a way that can be predicted: with every site observed, the filter that is judged by the
# observation it was given ends with the error of that observation. McCabe and Brown found it so
# {cite:p}`mccabe2021` (section 5.1 and figure 6, which prints no numbers); {numref}`fig-objectives-identity` shows it happen.

# %% [markdown]
# ## The numbers of this page
#
# Change any of them here, or from a shell with `papermill notebooks/objectives.ipynb out.ipynb -p obs_error_std 2.0`.

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (days)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: weights, training and test truths follow from it
obs_error_std = None  # standard deviation of the observation noise, state units
stride = None  # every how many sites is one observed: 1, 2, 4, 5, 8, 10, 20 or 40
n_training_steps = None  # optimiser steps of each training on this page, 4 or more
test_ensemble_size = None  # members at test, 2 or more

# %% tags=["hide-input"]
from dataclasses import replace

import pandas as pd
import torch
from sparseobs.figures import style
from sparseobs.figures import training as draw
from sparseobs.runs import objectives, settings
from sparseobs.runs import trained_filters as trials

page = settings.resolve(
    objectives.PRESETS,
    preset,
    seed=seed,
    obs_error_std=obs_error_std,
    stride=stride,
    n_training_steps=n_training_steps,
    test_ensemble_size=test_ensemble_size,
)
style.use()
print(settings.describe(page))

# %% [markdown]
# ## Five questions to ask of a filter
#
# A bar is an ensemble mean, $a$ the analysis at time $t$, $f$ the forecast made from it, $x$ the truth,
# $y = Hx + \epsilon$ an observation, $\sigma$ its noise.
#
# | objective | compares | with | reads the truth |
# |---|---|---|---|
# | `forecast` | $H_{t+1}\bar x^f_{t+1}$ | the next observation $y_{t+1}$ | no |
# | `likelihood` | the same, and the spread | the next observation $y_{t+1}$ | no |
# | `supervised_forecast` | $\bar x^f_{t+1}$ | the next truth $x_{t+1}$ | yes |
# | `supervised_analysis` | $\bar x^a_t$ | the truth $x_t$ | yes |
# | `analysis` | $H_t\bar x^a_t$ | the observation just read, $y_t$ | no |
#
# All are means of squares over the coordinates compared, in units of $\sigma^2$; `likelihood` is minus twice the
# Gaussian log-likelihood of the observation under the ensemble. The supervised ones need a truth that only a twin
# experiment has. They are here as a yardstick. `analysis` alone needs no differentiable simulator, and it would be the
# obvious choice.

# %% [markdown]
# ## Watch a filter learn to do nothing
#
# Two trainings begin with the same weights and read the same observations. Only the question differs.

# %% mystnb={"figure": {"caption": "Two trainings on this page, by step: how far the analysis mean is from the observations it was given (left) and from the truth at the same sites (right), over test truths. The first look is before any training.", "name": "fig-objectives-identity"}, "image": {"alt": "Two panels over optimiser steps. Left: the analysis objective's distance from the observation falls towards zero, the forecast objective's settles below the dotted noise line. Right: the analysis objective's error settles at the noise, the forecast objective's keeps falling below it."}}
cases = {name: replace(page, objective=name) for name in ("analysis", "forecast")}
filters, looks = {}, []
for name, case in cases.items():
    filters[name], table = objectives.watched_training(case, n_looks=4)
    looks.append(table)
watched = pd.concat(looks, ignore_index=True)
figure = draw.misfit_while_training(watched, page.obs_error_std)

# %%
columns = ["objective", "step", "misfit", "rmse_observed", "rmse"]
watched[watched["step"] > 0][columns].round(3)

# %% [markdown]
# **What to see** in {numref}`fig-objectives-identity` and the table: under `analysis` the column `misfit`, the distance
# between analysis and observation, falls towards zero. The filter copies what it is given. Its error `rmse_observed` can
# then be nothing but the noise, and more training will not help: it may even have been better on the way. Under `forecast` the misfit stays near the noise, as it should for an estimate that is near the truth.

# %% [markdown]
# ## Where the loss comes from
#
# Let $z$ be any estimate, $e = z - x$ its error and $\epsilon = y - x$ the noise of the observation that judges it. Then
#
# $$\langle (z - y)^2 \rangle = \langle e^2 \rangle + \langle \epsilon^2 \rangle - 2\,\langle e\,\epsilon \rangle .$$
#
# The first term is what you want small. The second is $\sigma^2$, whatever the filter does. The third vanishes if the
# estimate knows nothing of $\epsilon$, and then the noisy loss and the true error have the same minimum: this is the
# lemma on which learning without a truth stands {cite:p}`batson2019,mccabe2021`. A forecast cannot know the noise of an
# observation that has yet to be made. An analysis has read it. The third term is then a reward for repeating the noise.

# %%
parts = {}
for name, case in cases.items():
    experiment = trials.held_out(case)
    run = trials.run_held_out(filters[name], case, experiment)
    parts[name] = objectives.loss_terms(run, case, experiment)
terms = pd.concat(parts, names=["taught by"]).reset_index(0)
terms.round(3)

# %% [markdown]
# **What to see**: in the rows judged by the `forecast`, `shared` is close to zero and the loss is error plus noise, for
# either filter. In the rows judged by the `analysis` it is far below zero. For the filter that was taught by it, the
# three terms are near 1, 1 and $-2$ (in units of $\sigma^2$), and the loss near zero: a perfect mark for a copy.

# %% [markdown]
# :::{admonition} Check yourself
# :class: tip
# The filter taught by `forecast` has a `shared` term below zero in its `analysis` row too. Is that a fault?
# :::
#
# :::{admonition} Answer
# :class: dropdown
# No. Every useful analysis moves towards the observation, and so takes up some of its noise. The Kalman filter's does
# too: its error and the noise have the covariance $K\sigma^2$, with $K$ the weight it gives to the observation. The fault
# is to be *rewarded* for it.
# :::

# %% [markdown]
# ## Break it, repair it
#
# It is broken already: the filter above copies its observations. Keep its weights, and change only the question.

# %%
case = cases["forecast"]
_, repaired = objectives.watched_training(case, 2, start=filters["analysis"])
assert preset == "smoke" or repaired["rmse"].iloc[-1] < repaired["rmse"].iloc[0]
repaired[["step", "misfit", "rmse_observed", "rmse"]].round(3)

# %% [markdown]
# The first row is the copying filter, the last the same network after as many steps by `forecast`. Nothing was wrong with
# the network, the data or the optimiser.

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict, then run · 5 minutes · no code
# :name: exercise-objectives-noise
# Set `obs_error_std = 2.0` in the parameters cell. What will the last `rmse_observed` of `analysis` be? And `shared`?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# A copy has the error of what it copies. The terms are in units of $\sigma^2$.
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: two, and again near -2. The identity does not care how noisy its input is.
noisier = replace(cases["analysis"], obs_error_std=2 * page.obs_error_std)
_, table = objectives.watched_training(noisier, 1)
table[["step", "misfit", "rmse_observed"]].round(3)

# %% [markdown]
# :::{admonition} Exercise 2 · Modify · 10 minutes · one line
# :name: exercise-objectives-blend
# Take the filter taught by `forecast`, and pull its analysis towards the observation by a weight $w$ between 0 and 1.
# Which $w$ does the `analysis` loss like best, and which the truth? Start from the cell below and try other weights.
# :::

# %%
weights = [0.5]  # YOUR TURN: more weights between 0 and 1
after, data = slice(page.burn_in, None), experiment.observations
seen = data.mask[after][:, None, None].expand(experiment.truth[after].shape)
mean, values, truth = run.mean[after], data.values[after], experiment.truth[after]
for weight in weights:
    blend = weight * values[seen] + (1 - weight) * mean[seen]
    loss = torch.mean((blend - values[seen]) ** 2) / page.obs_error_std**2
    error = torch.mean((blend - truth[seen]) ** 2) / page.obs_error_std**2
    print(f"weight {weight:.2f}: analysis loss {loss:.3f}, true error {error:.3f}")

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the loss falls all the way to w = 1; the error is least near w = 0.
for weight in (0.0, 0.1, 0.25, 0.5, 0.75, 1.0):
    blend = weight * values[seen] + (1 - weight) * mean[seen]
    loss = torch.mean((blend - values[seen]) ** 2) / page.obs_error_std**2
    error = torch.mean((blend - truth[seen]) ** 2) / page.obs_error_std**2
    print(f"weight {weight:.2f}: analysis loss {loss:.3f}, true error {error:.3f}")

# %% [markdown]
# ## Summary
#
# - Of five objectives, three need no truth; of those, only the ones that ask for the *next* observation teach anything.
# - An estimate judged by an observation that it has read is taught the identity: its error is the noise.
# - A noisy loss is error plus noise less twice what the two share. See that the last part is zero.
#
# **Not shown:** the other three objectives, unrolls and first ensembles side by side (`grids/objectives.yaml` and
# `grids/unrolls.yaml` have them ready), trainings at the paper's length, other systems, and observations whose noise is correlated in time; with
# such noise a forecast, too, knows something of the next observation's error, and the argument fails.
#
# **Next:** {doc}`/notebooks/why_it_works` asks why noise is a good enough teacher.
#
# :::{admonition} For instructors
# :class: dropdown
# 35 minutes with the exercises. Common misconception: that the copying filter is overfitted. It is not; its loss on new data
# is as low. Exercise 1 needs no typing but one number.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")
