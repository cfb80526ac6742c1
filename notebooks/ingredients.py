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
# (ingredients)=
# # What the ingredients buy
#
# :::{admonition} On this page
# **You will be able to** read an ablation, pair runs so that a small difference can be seen, and tell what a trained
# network *uses* from what it *needs*.
#
# **You need** {doc}`/notebooks/lorenz96_filter` and {doc}`/notebooks/objectives`.
#
# **Time** 15 minutes to read, 10 seconds to run at `lesson` size, 15 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic.
# :::
#
# The AmEnF is shown a covariance, a tendency and a memory; it has gates, dropout, and a way to fill in what nobody saw.
# Each has a reason. A reason is not a measurement. So switch them off, one at a time.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Stored short trainings on Lorenz-96, one site in four observed: analysis RMSE with one ingredient off, less that with all on, within a seed. Marker: mean over the seeds; band: its 95 % interval (Student's t over the paired differences; a marker without a band has one seed so far). Right of zero, the filter is worse without the ingredient.", "name": "fig-ingredients-differences"}, "image": {"alt": "A horizontal dot for each ingredient that was switched off, with a band for its interval, about a vertical line at zero."}}
from sparseobs.figures import style
from sparseobs.runs.paired import paired_differences
from sparseobs.runs.results import about_result, read_result
from sparseobs_book import ingredients
from sparseobs_book.trained_filters import figures as draw

style.use()
stored = ingredients.named_variants(read_result("ingredients").table)
bought = paired_differences(stored, "variant", ingredients.ALL_ON)
label = "change of analysis RMSE when switched off (state units)"
figure = draw.differences(bought, "variant", label)

# %% [markdown]
# {numref}`fig-ingredients-differences` is the answer at a small budget: a small network, a short training, few seeds. A
# band that crosses zero says that this experiment cannot tell the ingredient from no ingredient.

# %% [markdown]
# ## The numbers of this page
#
# Change any of them here, or from a shell with `papermill notebooks/ingredients.ipynb out.ipynb -p test_ensemble_size 5`.

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (ten seconds) or paper (a minute)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: test truths, noise, first ensemble and dropout follow from it
obs_error_std = None  # noise, state units: 1.0 or 2.5, for which a filter is stored
test_ensemble_size = None  # members at test, 2 or more
n_test_cycles = None  # cycles scored, 2 or more

# %% tags=["hide-input"]
from dataclasses import replace

import pandas as pd
from sparseobs.filtering.amenf import AmEnF
from sparseobs.runs import settings
from sparseobs_book.trained_filters import run as trials
from sparseobs_book.trained_filters.recipes import stored_filter

page = settings.resolve(
    ingredients.PRESETS,
    preset,
    seed=seed,
    obs_error_std=obs_error_std,
    test_ensemble_size=test_ensemble_size,
    n_test_cycles=n_test_cycles,
)
print(f"{page.system}, noise {page.obs_error_std}, seed {page.seed}")
print(f"{page.test_ensemble_size} members on {page.n_test_truths} test truths,")
print(f"{page.n_test_cycles} cycles each after a burn-in of {page.burn_in}")

# %% [markdown]
# ## Six switches
#
# - **Covariance**: the ensemble's covariance with the nearest sites, which is all that a Kalman filter goes by.
# - **Tendency**: $\mathrm d x/\mathrm d t$ at each site, the simulator's own word on where the state is going.
# - **Memory**: channels that each member carries from cycle to cycle.
# - **Gate**: what is kept of the forecast is decided site by site; without it, the network's increment is added to all of it.
# - **Filling**: where nobody looked, the observation channel holds another member's forecast, or zeros.
# - **Dropout**: members differ because each loses other channels; without it only their first states set them apart.
#
# Switching off three of them takes channels away, and so weights:

# %% tags=["hide-input"]
rows = []
for name, change in {ingredients.ALL_ON: {}, **ingredients.VARIANTS}.items():
    config = replace(trials.PRESETS["lesson"], **change).recipe.network
    weights = sum(one.numel() for one in AmEnF(config).parameters())
    rows.append(
        {"variant": name, "input channels": config.n_inputs, "weights": weights}
    )
pd.DataFrame(rows)

# %% [markdown]
# ## Paired by seed
#
# A seed decides the first weights, the training streams and the test truths. Two runs of different seeds differ for
# all those reasons; two variants of *one* seed differ less, for they are trained and tested on the same noise. The standard
# deviation over seeds of the scores, and of the differences within a seed:

# %%
scores = stored.pivot(index="seed", columns="variant", values="rmse")
others = scores.drop(columns=ingredients.ALL_ON)
within = others.sub(scores[ingredients.ALL_ON], axis=0)
table = pd.DataFrame({"rmse": scores.mean(), "std of rmse": scores.std()})
table["std of difference"] = within.std()
table.loc[list(dict.fromkeys(stored["variant"]))].round(3)

# %%
bought.round(3)

# %% tags=["hide-input"]
about_result("ingredients")

# %%
clear = bought[(bought["low"] > 0) | (bought["high"] < 0)]
print("interval without zero:", ", ".join(clear["variant"]) or "none")
unclear = bought.drop(clear.index)
print("cannot be told from no effect:", ", ".join(unclear["variant"]) or "none")

# %% [markdown]
# **What to see**: which rows the last lines name. With this few seeds an interval is wide: Student's factor is 12.7 for
# two seeds and 4.3 for three. Six comparisons are made at once, and one in twenty would stray by chance. The paper gives
# reasons for its ingredients, but no ablation of them {cite:p}`mccabe2021` (appendix E), so there is no published number to
# hold these against.

# %% [markdown]
# :::{admonition} Check yourself
# :class: tip
# A variant's own interval overlaps that of the full network, yet the interval of their difference excludes zero. Which
# do you believe?
# :::
#
# :::{admonition} Answer
# :class: dropdown
# The difference. The two scores go up and down together with the seed, and that shared part cancels. Comparing intervals of
# single scores throws the pairing away.
# :::

# %% [markdown]
# ## Error is not all
#
# An ingredient can be worth having for something else than the error of the mean: for the spread, or for a training
# that goes faster. Means over the seeds:

# %%
columns = ["rmse", "forecast_rmse", "spread", "crps", "final_loss"]
stored.groupby("variant", sort=False)[columns].mean().round(3)

# %% [markdown]
# **What to see**: the column `spread` in the row `no dropout`. Nothing else keeps the members apart for long, and
# without a spread an ensemble cannot say how sure it is.

# %% [markdown]
# ## Used is not needed
#
# There is a quicker way to ask: take a trained filter, and cut off an input without training again. Here it is done to the
# stored filter of the other pages, trained much longer than those above.

# %%
stored_one = stored_filter(page.system, page.obs_error_std).network
networks = {ingredients.ALL_ON: stored_one}
for name in ingredients.INPUTS:
    networks[f"{name} cut off"] = ingredients.without_input(stored_one, name)
experiment = trials.held_out(page)
runs = {
    name: trials.run_held_out(network, page, experiment)
    for name, network in networks.items()
}
found = {name: trials.scores(run, page, experiment) for name, run in runs.items()}
pd.DataFrame(found).T[["rmse", "forecast_rmse", "spread", "crps"]].round(3)

# %% [markdown]
# **What to see**: compare each row with the first, and with the same ingredient in
# {numref}`fig-ingredients-differences`. A network that has grown used to an input may fail without it, although one that
# never had it finds another way. Cutting shows what *this* network uses; only training without shows what is needed.

# %% [markdown]
# ## Break it, repair it
#
# Cut off all three inputs of the stored filter at once. What is left is a network that reads forecast, observation and mask.

# %%
blind = stored_one
for name in ingredients.INPUTS:
    blind = ingredients.without_input(blind, name)
run = trials.run_held_out(blind, page, experiment)
broken = trials.scores(run, page, experiment)
assert preset == "smoke" or broken["rmse"] > found[ingredients.ALL_ON]["rmse"]
print(f"all cut off: RMSE {broken['rmse']:.2f}")
print(f"as trained:  RMSE {found[ingredients.ALL_ON]['rmse']:.2f}")

# %% [markdown]
# The repair is to train without what is to be left out. Any row of the stored table is one command away, for example

# %% tags=["hide-input"]
print(
    "papermill notebooks/experiments/trained_filter.ipynb out.ipynb -p memory_channels 0"
)

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict, then run · 5 minutes · no code
# :name: exercise-ingredients-members
# With `test_ensemble_size = 2` in the parameters cell the covariance is estimated from two members, and is mostly noise.
# Will cutting it off hurt more or less than with ten?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Look at what cutting it off costs with ten members first.
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: compare these two rows with the two above.
two = replace(page, test_ensemble_size=2)
for name in (ingredients.ALL_ON, "covariance cut off"):
    pair = trials.run_held_out(networks[name], two, experiment)
    print(f"{name}: RMSE {trials.scores(pair, two, experiment)['rmse']:.3f}")

# %% [markdown]
# :::{admonition} Exercise 2 · Modify · 10 minutes · one line
# :name: exercise-ingredients-score
# The verdicts above are on the RMSE of the analysis. Ask the same of another column of the table, such as `crps`. Start from
# the cell below.
# :::

# %%
score = "rmse"  # YOUR TURN: crps, spread, forecast_rmse or final_loss
paired_differences(stored, "variant", ingredients.ALL_ON, score).round(3)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: CRPS judges the whole ensemble, so losing the spread shows in it.
paired_differences(stored, "variant", ingredients.ALL_ON, "crps").round(3)

# %% [markdown]
# ## Summary
#
# - An ablation compares trainings that differ in one thing; pairing by seed takes the rest of the luck out.
# - An interval that holds zero is no proof that an ingredient is useless, only that this budget cannot show its use.
# - What a trained network uses and what a network needs are two questions, with two experiments.
#
# **Not shown:** the same at the paper's size (`grids/ingredients.yaml` has it ready), other systems, two ingredients off
# at once, longer trainings, in which an ingredient may matter more or no longer. How many cycles to unroll has a grid
# of its own, `grids/unrolls.yaml`.
#
# **Next:** {doc}`/notebooks/kuramoto_sivashinsky` turns to another system, where everything is seen, badly.
#
# :::{admonition} For instructors
# :class: dropdown
# 30 minutes with the exercises. Common misconception: that an input with a large effect when cut off must be needed. If
# time is short, skip *Error is not all*. Exercise 1 needs no typing but one number.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")
