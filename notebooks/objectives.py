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

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Stored trainings of the same small AmEnF by five objectives: analysis RMSE on test truths, a circle for each seed, their mean (filled marker) and its 95 % interval (band; Student's t over the seeds, cut off at the left edge). The dotted line is the noise of an observation. Trainings are short; compare within a panel.", "name": "fig-objectives-scores"}, "image": {"alt": "Two panels of dots by objective, for every site and one site in four observed. With every site observed, the analysis objective stands beside the dotted line of the noise and the other four lie well to the left of it."}}
from sparseobs.figures import style
from sparseobs.runs.results import about_result, read_result
from sparseobs_book.trained_filters import figures as draw

style.use()
stored = read_result("objectives").table
figure = draw.scores_by_objective(stored)

# %% [markdown]
# In {numref}`fig-objectives-scores` one objective fails in a way that can be predicted: with every
# site observed, the filter that is judged by the observation it was given has all but the error of that observation.
# McCabe and Brown found the same {cite:p}`mccabe2021` (section 5.1 and figure 6, which prints no numbers).

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
from sparseobs.runs import settings
from sparseobs.runs.paired import paired_differences
from sparseobs_book import objectives
from sparseobs_book.trained_filters import run as trials

page = settings.resolve(
    objectives.PRESETS,
    preset,
    seed=seed,
    obs_error_std=obs_error_std,
    stride=stride,
    n_training_steps=n_training_steps,
    test_ensemble_size=test_ensemble_size,
)
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
# ## Truth as a teacher
#
# What would a truth to learn from be worth? Each seed has its own weights, training streams and test truths, the same for
# all objectives, so objectives are compared within a seed. Differences in analysis RMSE from `forecast`, with 95 %
# intervals over the seeds:

# %%
for observed_every, part in stored.groupby("stride"):
    compared = paired_differences(part, "objective", "forecast")
    print(f"stride {observed_every}")
    print(compared.round(3).to_string(index=False), "\n")

# %% tags=["hide-input"]
about_result("objectives")

# %% [markdown]
# **What to see**: an interval that holds zero is a difference that these few short trainings cannot tell from none. With every site
# observed, set `analysis` apart, and look at how little the truth buys beside what that question costs. McCabe and Brown report that their
# self-supervised forecast loss even came out ahead of the supervised analysis loss, within the margin of error
# {cite:p}`mccabe2021` (section 5.1); read your own sign from the row `supervised_analysis`. With three sites in four
# unseen, the truth buys much in so short a training: the supervised objectives judge every site at every cycle, the others only the
# quarter that is about to be observed.

# %% [markdown]
# ## A question that asks for spread
#
# A squared error does not see the ensemble's spread. `likelihood` divides the squared error by the variance that an
# observation should have about the ensemble mean, $\sigma^2 + (1 + 1/m)\,s^2$ with $s^2$ the members' variance, and adds
# the logarithm of that variance. Too little spread is punished by the first part, too much by the second.

# %%
means = stored.groupby(["stride", "objective"])[["rmse", "spread", "crps"]].mean()
means["spread / rmse"] = means["spread"] / means["rmse"]
means.round(3)

# %% [markdown]
# **What to see**: an honest ensemble has a ratio near one. Compare the rows `likelihood` and `forecast`: what the
# question adds to the spread, and what it costs or brings in RMSE and CRPS, the score of the whole ensemble
# {cite:p}`gneiting2007`. Whatever spread there is must come from dropout. With three sites in four unseen, `likelihood` has not
# found the truth yet: these trainings are short, and two members say little about a variance. {doc}`/notebooks/ensembles` starts it from a
# trained filter, with more members, and there it pays.

# %% [markdown]
# ## Through how many cycles, and from where?
#
# Gradients can flow through one cycle or through forty. These trainings all go through the same number of cycles in all, so a
# longer unroll takes fewer optimiser steps. The first ensemble matters too. In the authors' code every training
# unroll, and the test, begins at the truth plus noise; we call that the protocol `paper`. In `no_truth` first members are random states
# of the climate, and streams are followed from one unroll to the next. All are tested from the climate.

# %% mystnb={"figure": {"caption": "Stored trainings by the forecast objective, one site in four observed: analysis RMSE against the number of cycles that gradients flow through, equal cycles in all (circles: seeds; filled markers: means). The protocol says where training ensembles begin.", "name": "fig-objectives-unrolls"}, "image": {"alt": "Analysis error against unroll length on a logarithmic axis, for trainings whose ensembles begin in the climate and, at two lengths, at the truth plus noise."}}
unrolls = read_result("unrolls").table
figure = draw.scores_by_unroll(unrolls)

# %% tags=["hide-input"]
about_result("unrolls")

# %%
table = unrolls.groupby(["protocol", "unroll", "n_training_steps"])
table[["rmse", "spread", "final_loss"]].mean().round(3)

# %% [markdown]
# **What to see** in {numref}`fig-objectives-unrolls`: at equal cost, many short steps against few long ones. This says
# nothing about long trainings, for which the paper unrolls forty cycles. The protocols differ in what the network gets
# to see: one that only ever started beside the truth has a low loss in training, but has never had to find the truth.

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
# **Not shown:** trainings at the paper's length, other systems, and observations whose noise is correlated in time; with
# such noise a forecast, too, knows something of the next observation's error, and the argument fails.
#
# **Next:** {doc}`/notebooks/ingredients` asks which parts of the network are worth having.
#
# :::{admonition} For instructors
# :class: dropdown
# 35 minutes with the exercises. Common misconception: that the copying filter is overfitted. It is not; its loss on new data
# is as low. If time is short, skip the unrolls. Exercise 1 needs no typing but one number.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")
