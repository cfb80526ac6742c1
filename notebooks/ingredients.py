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
# **You will be able to** read an ablation, pair runs by seed and see whether that helped, and tell what a trained network
# *uses* from what it *needs*.
#
# **You need** {doc}`/notebooks/lorenz96_filter` and {doc}`/notebooks/objectives`.
#
# **Time** 15 minutes to read, 10 seconds to run at `lesson` size, 15 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic.
# :::
#
# The AmEnF is shown a covariance, a tendency and a memory; it has gates, dropout, and a way to fill in what nobody saw.
# Each has a reason. A reason is not a measurement. So switch them off, one at a time. Two findings: trained without
# any one of them, small filters err as before, as far as three seeds can tell. And the filter of the other pages does
# not use its ensemble covariance at all, while without its memory it is lost.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Stored short trainings on Lorenz-96, one site in four observed: analysis RMSE with one ingredient off, less that with all on, within a seed. Marker: mean over three seeds; band: its 95 % interval (Student's t over the paired differences). Right of zero, the filter is worse without the ingredient.", "name": "fig-ingredients-differences"}, "image": {"alt": "Six markers, one for each ingredient that was switched off, between -0.08 and 0.09; the band of every one of them crosses the vertical line at zero."}}
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
# {numref}`fig-ingredients-differences` is the answer at a small budget: a small network, a short training, three seeds.
# All six bands cross zero: this experiment cannot tell any of the ingredients from no ingredient. Four of the six
# variants are even slightly better than the filter that has everything on.

# %% [markdown]
# ## The numbers of this page
#
# The text speaks of these numbers as they are given. With others, go by what the cells print. From a shell:
# `.venv/bin/papermill notebooks/ingredients.ipynb out.ipynb -p test_ensemble_size 5`

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
from sparseobs_book.trained_filters.stored import stored_filter

page = settings.resolve(
    ingredients.PRESETS,
    preset,
    seed=seed,
    obs_error_std=obs_error_std,
    test_ensemble_size=test_ensemble_size,
    n_test_cycles=n_test_cycles,
)
whole = stored_filter(page.system, page.obs_error_std).network
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
# - **Dropout**: members differ because each loses different channels; without it only their first states set them apart.
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
# A seed decides the first weights, the training streams and the test truths. Two runs of *one* seed share the noise
# that they are trained and tested on, so one hopes that their difference scatters less than that of two runs of
# different seeds, $\sqrt{s_1^2 + s_2^2}$ with $s_1$ and $s_2$ the standard deviations of the two scores. Does it?

# %%
scores = stored.pivot(index="seed", columns="variant", values="rmse")
order = list(dict.fromkeys(stored["variant"]))
table = pd.DataFrame({"rmse": scores.mean(), "std": scores.std()}).loc[order]
table["std of difference, paired"] = scores.sub(
    scores[ingredients.ALL_ON], axis=0
).std()
own, whole_std = table["std"], table.loc[ingredients.ALL_ON, "std"]
table["unpaired"] = (own**2 + whole_std**2) ** 0.5
table.drop(ingredients.ALL_ON).round(3)

# %% [markdown]
# **What to see**: pairing helps much where the dropout is off, the memory is off or zeros fill the gaps (0.064, 0.095 and
# 0.060 against 0.212, 0.176 and 0.153). It helps hardly without covariance or gate, and *not* without the tendency
# (0.164 against 0.138). So pairing is worth a try, not a promise: a small change of a network can send a training
# elsewhere, and then little is shared. From three seeds such standard deviations are themselves rough.

# %%
bought.round(3)

# %% tags=["hide-input"]
about_result("ingredients")

# %% [markdown]
# **What to see**: no interval is without zero. With three seeds Student's factor is 4.3, so the intervals are wide, from
# $\pm 0.15$ to $\pm 0.41$ about an error of 1.5. Six comparisons are made at once, and one in twenty would stray by
# chance. The paper gives reasons for its ingredients, but no ablation of them {cite:p}`mccabe2021` (appendix E), so there
# is no published number to hold these against.

# %% [markdown]
# :::{admonition} Check yourself: two variants' own intervals overlap, yet that of their paired difference excludes zero. Which do you believe?
# :class: dropdown
# The difference. Where two scores go up and down together with the seed, that shared part cancels. Comparing intervals
# of single scores throws the pairing away.
# :::

# %% [markdown]
# ## Error is not all
#
# An ingredient can be worth having for something else than the error of the mean: for the spread, or for a training
# that goes faster. CRPS scores the whole ensemble, less is better ({doc}`/book/notation`). Means over the seeds, and
# the paired differences of the CRPS:

# %%
columns = ["rmse", "forecast_rmse", "spread", "crps", "final_loss"]
stored.groupby("variant", sort=False)[columns].mean().round(3)

# %%
by_crps = paired_differences(stored, "variant", ingredients.ALL_ON, "crps")
by_crps.round(3)

# %% [markdown]
# **What to see**: without dropout the spread is 0.003 in place of 0.63. Nothing else keeps the members apart for long,
# and the ensemble cannot say how sure it is: its CRPS is worse by 0.213 [0.052, 0.375]. Filled with zeros it is worse by
# 0.099 [0.056, 0.142]. By this score two of the six intervals are without zero, and both say that the ingredient helps.

# %% [markdown]
# ## Used is not needed
#
# There is a quicker way to ask: take a trained filter, and cut off an input without training again. Here it is done to the
# stored filter of the other pages, trained much longer than those above.

# %%
networks = {ingredients.ALL_ON: whole}
for name in ingredients.INPUTS:
    networks[f"{name} cut off"] = ingredients.without_input(whole, name)
experiment = trials.held_out(page)
found = {}
for name, network in networks.items():
    run = trials.run_held_out(network, page, experiment)
    found[name] = trials.scores(run, page, experiment)
found = pd.DataFrame(found).T[["rmse", "forecast_rmse", "spread", "crps"]]
found.round(3)

# %% [markdown]
# **What to see**: cutting off the covariance changes nothing, RMSE and CRPS stay as they are to the second digit.
# Cutting off the tendency costs a quarter, and the memory changes everything: without it the error more than doubles,
# 2.16 in place of 0.83. So this filter does not go by how its members
# vary together, which is all that a Kalman filter goes by. Each member is a recurrent filter of its own, which reads
# observations, forecast, tendency and what it remembers; of the other members it sees only what fills the gaps.
#
# Compare with {numref}`fig-ingredients-differences`: a network that has grown used to its memory fails without it,
# although one that never had any found another way. Cutting shows what *this* network uses; only training without
# shows what is needed.

# %% [markdown]
# ## Break it, repair it
#
# Cut off all three inputs of the stored filter at once. What is left is a network that reads forecast, observation and mask.

# %%
blind = whole
for name in ingredients.INPUTS:
    blind = ingredients.without_input(blind, name)
run = trials.run_held_out(blind, page, experiment)
broken = trials.scores(run, page, experiment)
print(f"all cut off: RMSE {broken['rmse']:.2f}")
print(f"as trained:  RMSE {found.loc[ingredients.ALL_ON, 'rmse']:.2f}")

# %% [markdown]
# The repair is to train without what is to be left out. Any row of the stored table is one command away, for example

# %% tags=["hide-input"]
print(
    ".venv/bin/papermill notebooks/experiments/trained_filter.ipynb out.ipynb -p memory_channels 0"
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
# Solution: no more than with ten, nothing. It is not used, so it does not matter that it is
# mostly noise. Both rows are worse than with ten members, and alike.
two = replace(page, test_ensemble_size=2)
for name in (ingredients.ALL_ON, "covariance cut off"):
    pair = trials.run_held_out(networks[name], two, experiment)
    print(f"{name}: RMSE {trials.scores(pair, two, experiment)['rmse']:.3f}")

# %% [markdown]
# :::{admonition} Exercise 2 · Modify · 10 minutes · one line
# :name: exercise-ingredients-score
# The verdicts above are on RMSE and CRPS of the analysis. Ask the same of another column of the table. Start from the
# cell below.
# :::

# %%
score = "rmse"  # YOUR TURN: spread, forecast_rmse or final_loss
paired_differences(stored, "variant", ingredients.ALL_ON, score).round(3)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: by the spread, losing the dropout is clear, as it is by CRPS. By the error of the
# forecast and by the final loss no interval is without zero, as by RMSE.
for score in ("spread", "forecast_rmse", "final_loss"):
    again = paired_differences(stored, "variant", ingredients.ALL_ON, score)
    print(again.rename(columns={"difference": score}).round(3).to_string(index=False))

# %% [markdown]
# ## Summary
#
# - An ablation compares trainings that differ in one thing. Pairing by seed may take luck out; whether it did, the
#   standard deviations say. Here it did for three variants of six.
# - Trained without an ingredient, RMSE does not tell in three seeds. By CRPS, dropout and the filling by forecasts help.
#   An interval that holds zero is no proof that an ingredient is useless, only that this budget cannot show its use.
# - What a trained network uses and what a network needs are two questions. The stored filter uses its memory, and not
#   its ensemble's covariance.
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

# %% tags=["remove-cell", "claims"]
from sparseobs.runs.claims import say_which_hold

less = found["rmse"] / found.loc[ingredients.ALL_ON, "rmse"] - 1
same = found["crps"] / found.loc[ingredients.ALL_ON, "crps"] - 1
cases = (ingredients.ALL_ON, "covariance cut off")
pair = [
    trials.scores(trials.run_held_out(networks[one], two, experiment), two, experiment)[
        "rmse"
    ]
    for one in cases
]
say_which_hold(
    {
        "the covariance is not used": lambda: (
            max(abs(less[cases[1]]), abs(same[cases[1]])) < 0.01
        ),
        "the memory is": lambda: found.loc["memory cut off", "rmse"].round(2) == 2.16,
        "the tendency costs a quarter": lambda: 0.2 < less["tendency cut off"] < 0.3,
        "all three cut off is worse": lambda: (
            broken["rmse"] > found.loc[ingredients.ALL_ON, "rmse"]
        ),
        "nor is the covariance of two used": lambda: abs(pair[1] / pair[0] - 1) < 0.01,
        "two err more than ten": lambda: (
            pair[0] > 1.01 * found.loc[ingredients.ALL_ON, "rmse"]
        ),
    }
)
