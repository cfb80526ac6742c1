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
# (ensembles)=
# # Ensembles that do not collapse
#
# :::{admonition} On this page
# **You will be able to** say why the members of a learned filter become one, what dropout does about it, and judge by
# a rank histogram and the spread-skill ratio whether an ensemble knows how wrong it is.
#
# **You need** {doc}`/notebooks/lorenz96_filter`; {doc}`/notebooks/sparse_world` helps.
#
# **Time** 15 minutes to read, half a minute to run at `lesson` size, 15 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic: the truth comes from the simulator.
# :::
#
# An ensemble is a filter's way of saying *perhaps*. The AmEnF's members all run through the same network and read the
# same observations. What keeps them from saying the same?

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% [markdown]
# ## The numbers of this page
#
# Change any of them here, or from a shell with `papermill notebooks/ensembles.ipynb out.ipynb -p ensemble_size 20`.

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (an hour)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: truths, noise, first ensembles and dropout follow from it
ensemble_size = None  # members at test, 2 or more (None: the preset's)
n_truths = None  # independent test trajectories, 2 or more (None: the preset's)
n_cycles = None  # cycles scored on each, 80 or more at lesson (None: the preset's)
site = None  # whose members are drawn, 0 to 39 (None: the preset's)

# %% tags=["hide-input"]
import numpy as np
from sparseobs.figures import style
from sparseobs.runs import settings
from sparseobs.runs.results import about_result, read_result
from sparseobs.scores.ensemble import ensemble_crps
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.ensembles import figures as draw
from sparseobs_book.ensembles import run as ensembles
from sparseobs_book.trained_filters.recipes import training_command

style.use()
page = settings.resolve(
    ensembles.PRESETS,
    preset,
    seed=seed,
    ensemble_size=ensemble_size,
    n_truths=n_truths,
    n_cycles=n_cycles,
    site=site,
)
stored = ensembles.filter_for_noise(1.0)
dropout = stored.network.config.dropout
print(settings.describe(page))
print(f"dropout of the stored filter: {dropout}")

# %% [markdown]
# ## The result first

# %% mystnb={"figure": {"caption": "Ensemble spread from the first cycle on, of one test truth: with dropout, with dropout switched off, and of a filter that was trained further without. Single precision ends at the bottom.", "name": "fig-ensembles-collapse"}, "image": {"alt": "Spread on a logarithmic axis against time: with dropout it falls from about two to about a third and stays, without it falls on along a straight line by many powers of ten."}}
networks = {
    "AmEnF": stored.network,
    "AmEnF, dropout off": ensembles.with_dropout(stored.network, 0.0),
    "AmEnF, taught without dropout": ensembles.trained_on("no_dropout").network,
}
experiment = ensembles.observe(page)
runs = {
    name: ensembles.run(page, network, experiment) for name, network in networks.items()
}
spreads = {name: run.spread[:, 0] for name, run in runs.items()}
figure = draw.spread_over_time(spreads, 1.0)

# %% [markdown]
# {numref}`fig-ensembles-collapse` redraws the left panel of figure 5 of {cite:t}`mccabe2021` with our filters: with
# dropout {cite:p}`gal2016` the ensemble keeps a spread, without it the members become one.
#
# ## Why members become one
#
# Take two members a small $\delta$ apart. The model lets their difference grow, for the dynamics are chaotic. The
# analysis shrinks it, for both are drawn to the same observations. If it shrinks more than the model grows, then
#
# $$\|\delta_{t+1}\| \approx e^{\lambda}\,\|\delta_t\|, \qquad \lambda < 0,$$
#
# and the members fall together, whatever they were at first. This is no flaw of the training. A filter *must* forget
# its first guess, and forgetting it means that all first guesses end at the same place. The line in the figure is
# that rate:

# %%
for name in ("AmEnF, dropout off", "AmEnF, taught without dropout"):
    spread = spreads[name].double().numpy()
    falling = (spread < 0.1) & (spread > 1e-5)
    cycles = np.flatnonzero(falling)
    if len(cycles) > 2:
        rate = np.polyfit(cycles, np.log(spread[falling]), 1)[0]
        print(f"{name:<31} halved every {np.log(2) / -rate:.1f} cycles")

# %% [markdown]
# A Kalman filter's ensemble contracts too, but its spread is set by a formula that knows how much the observations
# were worth, and inflation props it up. Dropout does something cruder. At each cycle it deletes other channels in
# each member's network, so that each member is pushed elsewhere. The spread settles where these pushes and the
# contraction balance.
#
# :::{admonition} Check yourself: would noise on the observations, a different draw a member, do as well?
# :class: dropdown
# Yes, the stochastic ensemble Kalman filter does so {cite:p}`burgers1998`, and for a time the authors' code did: each
# member then follows its own observations. Its size would have to be right; so has dropout's.
# :::
#
# ## Members through time

# %% mystnb={"figure": {"caption": "All members, the truth and the observations at one site for three noises of the observations, each with a filter trained for it. The site is seen once in four cycles.", "name": "fig-ensembles-members"}, "image": {"alt": "Three panels of one site over time for noise 0.5, 1 and 2.5: a bundle of thin member lines follows the dashed truth, tight at small noise, wider and at times off the truth at large noise; circles of observations scatter ever more."}}
panels = {}
for noise in (0.5, 1.0, 2.5):
    trial = ensembles.observe(page, noise)
    network = ensembles.filter_for_noise(noise).network
    run = runs["AmEnF"] if noise == 1 else ensembles.run(page, network, trial)
    spread = run.spread[page.burn_in :].mean()
    title = f"noise {noise:g}: mean spread {spread:.2f}"
    shown, at = slice(page.burn_in, page.burn_in + page.n_shown), (0, 0, page.site)
    seen = trial.observations
    panels[title] = (
        run.members[shown, 0, :, 0, page.site],
        trial.truth[shown, *at],
        seen.values[shown, *at],
        seen.mask[shown, page.site],
    )
figure = draw.members_at_a_site(panels)

# %% [markdown]
# **What to see** in {numref}`fig-ensembles-members` (the paper's other panels of figure 5): more noise, more spread,
# as it should be. Members do not jump to an outlying observation while they agree among themselves. And look for
# times at which the truth runs outside the whole bundle: there the filter is wrong and does not know.
#
# ## Is the spread honest?
#
# If the truth were drawn from the same distribution as the members, it would fall into any of the $m + 1$ gaps
# between them equally often. A *rank histogram* counts {cite:p}`hamill2001rank`. Level is honest; a hollow shape says
# that the truth lies outside too often. The *spread-skill ratio* compares the spread with the error of the mean: one
# is honest, less is overconfident {cite:p}`fortin2014`. CRPS scores the whole ensemble at once, less is better
# {cite:p}`gneiting2007`.
#
# The loss of {doc}`/notebooks/lorenz96_filter` compares the ensemble's *mean* with the next observations. Nothing in
# it asks for a spread; dropout's is a by-product, and training has every reason to weaken it. One can ask:
#
# $$L = \frac{(\bar x^f - y)^2}{v} + \log v, \qquad v = \sigma^2 + \Big(1 + \frac 1m\Big)\, s^2,$$
#
# at each observed site of the next cycle, with $s^2$ the members' variance: a Gaussian likelihood of what is observed
# next. It too reads noisy observations alone. Too small a spread makes the first term large, too large a spread the
# second. We trained the stored filter on with it:

# %%
likely = ensembles.trained_on("likelihood")
print(training_command(likely.recipe))
print(f"{likely.recipe.training.n_iterations} steps, {likely.minutes:.0f} minutes")
runs["AmEnF, likelihood"] = ensembles.run(page, likely.network, experiment)
scored = ensembles.table(page, runs, experiment)
crps = scored.pivot(index="truth", columns="method", values="crps")
gain = repeat_interval(crps["AmEnF, likelihood"] - crps["AmEnF"])
print(f"CRPS, likelihood less mean alone: {gain}, 95 % over truths")
scored.groupby("method", sort=False).mean().drop(columns="truth").round(3)

# %% mystnb={"figure": {"caption": "Rank of the truth among the ten members, over all sites, truths and scored cycles. Dotted: where an honest ensemble would be.", "name": "fig-ensembles-ranks"}, "image": {"alt": "Three rank histograms: without dropout nearly all truths lie below or above all members, with dropout the outermost ranks stand out, with the likelihood the histogram is much closer to level."}}
compared = ("AmEnF, dropout off", "AmEnF", "AmEnF, likelihood")
counts = {name: ensembles.ranks(page, runs[name], experiment) for name in compared}
figure = draw.rank_histograms(counts)

# %% [markdown]
# **What to see** in {numref}`fig-ensembles-ranks` and the table: without dropout the truth is always outside. With it
# the spread is still too small, for the reason just given. Taught by the likelihood, the same network widens its
# spread to nearly what its error deserves. The error of its mean hardly changes, and its CRPS is lower.

# %% [markdown]
# ## From nothing
#
# The filters above were trained on from one that stood already. These were trained from nothing, four members at a time, by either question
# and at three rates of dropout, two seeds each; the table has their means.

# %%
scratch = read_result("ensembles").table
scores = scratch.groupby(["objective", "dropout"])[["rmse", "spread", "crps"]].mean()
scores.assign(ratio=scores["spread"] / scores["rmse"]).round(3)

# %% tags=["hide-input"]
about_result("ensembles")

# %% [markdown]
# **What to see**: without dropout the mean alone teaches a spread of nothing, whichever the seed, and with the smallest error of the mean
# has the worst CRPS of its three: collapse is no accident of a stored filter. The likelihood has not found the truth from nothing in so short a training, at
# any rate of dropout, and its spread, though wide, is still too small for its error. So it is a second question to ask, once a filter stands.
#
# ## Break it, repair it
#
# Dropout is a number that can be turned without any training. Off is broken; what about more?

# %% mystnb={"figure": {"caption": "One network, trained with the dropout at the thin line, run with other probabilities: error of its mean, spread and CRPS over the scored cycles and truths.", "name": "fig-ensembles-dropout"}, "image": {"alt": "Three curves against the dropout at test: spread rises steadily from zero, error slowly at first; they come near each other at large dropout, where the error has grown; CRPS falls and turns up again."}}
rates = (0.0, 0.05, dropout, 0.2, 0.3)
turned = ensembles.dropout_at_test(page, stored.network, rates, experiment)
figure = draw.error_and_spread_by_dropout(turned, dropout)

# %%
turned.groupby("dropout").mean().drop(columns="truth").round(3)

# %% [markdown]
# More dropout at test gives more spread, and costs accuracy: pushes that are large enough to be honest are also large
# enough to hurt. At a like spread the network taught by the likelihood has the smaller error, for its other weights
# could adapt to the pushes. Exercise 2 tries a repair that is cheaper still.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict, then run · 5 minutes · no code
# :name: exercise-ensembles-size
# Set `ensemble_size = 30` in the parameters cell. Will the spread grow? Will the error shrink? And the rank
# histogram?
# :::
#
# :::{admonition} Solution
# :class: dropdown
# Members are draws of one distribution; more draws do not make it wider. The mean's error shrinks a little, as
# $1+1/m$ does. The outermost ranks of the histogram become rarer, but stay too frequent by much the same factor.
# :::
#
# :::{admonition} Exercise 2 · Modify · 10 minutes · one line
# :name: exercise-ensembles-inflate
# The cheapest repair: after the run, stretch all members about their mean by one factor. Which factor makes the
# spread-skill ratio one? What does it do to CRPS?
# :::

# %%
factor = 1.0  # YOUR TURN
members, truth = runs["AmEnF"].members[page.burn_in :], experiment.truth[page.burn_in :]
mean = members.mean(2, keepdim=True)
stretched = mean + factor * (members - mean)
print(f"CRPS {ensemble_crps(stretched, truth.float()).mean():.3f}")

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the inverse of the ratio. CRPS improves to about that of the likelihood in the
# table above: one factor does what that short training did. So it has learned how large
# the spread should be, and not yet, to any use, where. But this factor needed the truth;
# the likelihood read noisy observations alone.
factor = 1 / scored.query("method == 'AmEnF'")["spread_skill"].mean()
stretched = mean + factor * (members - mean)
print(f"factor {factor:.2f}", end=": ")
print(f"CRPS {ensemble_crps(stretched, truth.float()).mean():.3f}")

# %% [markdown]
# ## Summary
#
# - Members that read the same observations fall together: a filter that forgets its first guess contracts.
# - Dropout pushes them apart at each cycle and keeps a spread; more noise, more spread. But a loss on the mean alone
#   leaves it too small for the error.
# - Rank histogram, spread-skill ratio and CRPS say so. A likelihood of the next observations, still without any
#   truth, repairs most of it. So does a single factor, for one who knows the truth.
#
# **Not shown:** longer trainings from nothing, and more seeds of them. Each filter trained further here is one training, so the
# differences are of these networks. Nor other ways to keep members apart, nor the spread of longer forecasts.
#
# **Next:** {doc}`/notebooks/sparse_world` changes what the instrument sees.
#
# :::{admonition} For instructors
# :class: dropdown
# 35 minutes with the exercises. Common misconception: that collapse is a failure of training. If time is short, skip
# the dropout at test.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")
