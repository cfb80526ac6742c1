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
# **You need** {doc}`/notebooks/lorenz96_filter`.
#
# **Time** 15 minutes to read, half a minute to run at `lesson` size, 25 minutes for the exercises.
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
# The text speaks of these numbers as they are given. With others, go by what the cells print. From a shell:
# `.venv/bin/papermill notebooks/ensembles.ipynb out.ipynb -p ensemble_size 20`

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (an hour)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: truths, noise, first ensembles and dropout follow from it
ensemble_size = None  # members at test, 2 or more (None: the preset's)
n_truths = None  # independent test trajectories, 2 or more (None: the preset's)
n_cycles = None  # cycles scored on each, 2 or more (None: the preset's)
site = None  # whose members are drawn, 0 to 39 (None: the preset's)

# %% tags=["hide-input"]
from dataclasses import replace

import numpy as np
import pandas as pd
from sparseobs.figures import style
from sparseobs.figures.filtering import error_over_time, rank_histograms
from sparseobs.randomness import torch_stream
from sparseobs.runs import settings
from sparseobs.runs.results import about_result, read_result
from sparseobs.scores.ensemble import ensemble_crps
from sparseobs.scores.intervals import repeat_interval
from sparseobs.scores.rank_histogram import rank_counts, truth_ranks
from sparseobs_book.checking import check
from sparseobs_book.ensembles import exercises
from sparseobs_book.ensembles import figures as draw
from sparseobs_book.ensembles import run as ensembles
from sparseobs_book.trained_filters import lorenz96
from sparseobs_book.trained_filters.recipes import training_command
from sparseobs_book.trained_filters.stored import stored_smoother

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
# Below the last digit of single precision all members are one: drawn at that floor.
drawn = {name: spread.clamp(min=1e-7) for name, spread in spreads.items()}
label = "ensemble spread (state units)"
figure = error_over_time(drawn, error_std=1.0, label=label, log=True)

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
# and the members fall together, whatever they were at first. This is no flaw of the training. A filter must forget its
# first guess. Let a member's analysis be a function of its own forecast and of the observations, and of nothing drawn
# at random. Then forgetting means that all first guesses end at the same place. The slope in the figure is that rate:

# %%
for name in ("AmEnF, dropout off", "AmEnF, taught without dropout"):
    spread = spreads[name].double().numpy()
    falling = (spread < 0.1) & (spread > 1e-5)
    cycles = np.flatnonzero(falling)
    if len(cycles) > 2:
        rate = np.polyfit(cycles, np.log(spread[falling]), 1)[0]
        print(f"{name:<31} halved every {np.log(2) / -rate:.1f} cycles")

# %% [markdown]
# ({doc}`/notebooks/why_it_works` finds a slower rate for the first of them, halved every 6.8 cycles. There dropout stays
# on, drawn alike for both copies, and the difference is also one of memories.)
#
# A Kalman filter's ensemble contracts too, but its spread is set by a formula that knows how much the observations
# were worth, and inflation props it up. Dropout does something cruder. At each cycle it deletes *different* channels in
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

# %% mystnb={"figure": {"caption": "All members, the truth and the observations at one site for three noises of the observations, each with a filter trained for it. The site is seen once in four cycles.", "name": "fig-ensembles-members"}, "image": {"alt": "Three panels of one site over time for noise 0.5, 1 and 2.5: a bundle of thin member lines follows the truth, tight at noise 0.5 and only a little wider at 2.5, where it is off the truth much of the time; circles of observations scatter ever more."}}
panels = {}
for noise in (0.5, 1.0, 2.5):
    trial = ensembles.observe(page, noise)
    done = ensembles.run(page, ensembles.filter_for_noise(noise).network, trial)
    mean = lorenz96.scores(done, trial, page.burn_in).mean()
    title = f"noise {noise:g}: error {mean['rmse']:.2f}, spread {mean['spread']:.2f}"
    shown, seen = slice(page.burn_in, page.burn_in + 80), trial.observations
    panels[title] = (
        done.members[shown, 0, :, 0, page.site],
        trial.truth[shown, 0, 0, page.site],
        seen.values[shown, 0, 0, page.site],
        seen.mask[shown, page.site],
    )
figure = draw.members_at_a_site(panels)

# %% [markdown]
# **What to see** in {numref}`fig-ensembles-members` (the paper's other panels of figure 5): more noise brings more spread,
# but far too little of it. From noise 1 to 2.5 the error grows 2.2-fold, the spread by a quarter. Members do not jump to
# an outlying observation. The paper's reading is that they agree among themselves; but this filter does not read how its
# members vary together ({doc}`/notebooks/ingredients`), so that cannot be the reason here. And look for times at which
# the truth runs outside the whole bundle: there the filter is wrong and does not know.
#
# ## Is the spread honest?
#
# If the truth were drawn from the same distribution as the members, it would fall into any of the $m + 1$ gaps
# between them equally often. A *rank histogram* counts {cite:p}`hamill2001rank`. Level is honest; a hollow shape says
# that the truth lies outside too often. The *spread-skill ratio* compares the spread with the error of the mean: one
# is honest, less is overconfident {cite:p}`fortin2014`. CRPS scores the whole ensemble at once, less is better
# ({doc}`/book/notation`; {cite:p}`gneiting2007`).
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
runs["LETKF"] = ensembles.run(page, ensembles.LETKF, experiment)
scored = {
    name: lorenz96.scores(one, experiment, page.burn_in) for name, one in runs.items()
}
scored = pd.concat(scored, names=["method"]).reset_index(0)
crps = scored.pivot(index="truth", columns="method", values="crps")
gain = repeat_interval(crps["AmEnF, likelihood"] - crps["AmEnF"])
print(f"CRPS, likelihood less mean alone: {gain}, 95 % over truths")

# %% [markdown]
# A rival from {doc}`/notebooks/classical_filters` belongs in the table: LETKF, with ten members, inflation 1.1 and
# radius 4, as it was tuned. A truth is *lost* when the error is beyond half of the climate's for fifty cycles in a row,
# by the same rule for every method. The means are over the truths that no method lost:

# %%
lost = scored.groupby("method", sort=False)["lost"].sum()
lost_by_any = scored.groupby("truth")["lost"].any()
kept = scored[~scored["truth"].map(lost_by_any)].drop(columns=["truth", "lost"])
kept.groupby("method", sort=False).mean().assign(lost=lost).round(3)


# %% mystnb={"figure": {"caption": "Rank of the truth among the members, over all sites, scored cycles and truths on which the filter did not diverge. Dotted: where an honest ensemble would be.", "name": "fig-ensembles-ranks"}, "image": {"alt": "Four rank histograms: without dropout nearly all truths lie below or above all members, with dropout more than half do, taught by the likelihood the outermost ranks are only a little too frequent, and LETKF's histogram is a low hump, an ensemble that is too wide."}}
def ranks(done, experiment, seed=page.seed):
    after, finite = slice(page.burn_in, None), done.spread.isfinite().all(0)
    members, truth = done.members[after][:, finite], experiment.truth[after][:, finite]
    found = truth_ranks(members, truth.to(members), torch_stream(seed, "ties"))
    return rank_counts(found, members.shape[2])


compared = ("AmEnF, dropout off", "AmEnF", "AmEnF, likelihood", "LETKF")
counts = {name: ranks(runs[name], experiment) for name in compared}
figure = rank_histograms(counts)

# %% [markdown]
# **What to see** in {numref}`fig-ensembles-ranks` and the table: without dropout the truth is always outside. With it
# the spread is 0.37 of what the error deserves, for the reason just given, and more than half of the truths are outside.
# Taught by the likelihood, the same network widens its spread to 0.80 of it. The error of its mean hardly changes, 0.86
# against 0.85, and its CRPS is lower, 0.49 against 0.54. LETKF is ahead on the truths that it keeps, with a CRPS of
# 0.44; its spread is too large, 1.21, and its histogram is a hump. One truth of the four it lost, which no AmEnF did.
#
# ## An ensemble that is needed
#
# The AmEnF does not need its ensemble: it errs as little with five members as with twenty. So nothing holds its spread in
# place. The filter of {doc}`/notebooks/start_from_kalman`, the AmEnS, computes its correction from the members' covariances. If
# their spread is wrong, so is the correction, and the next observations say so. It was taught by the likelihood as well:

# %%
runs["AmEnS"] = ensembles.run(
    page, stored_smoother("lorenz96", 1.0).network, experiment
)
kalman = lorenz96.scores(runs["AmEnS"], experiment, page.burn_in)
kalman.mean().drop("truth").round(3).to_dict()

# %% mystnb={"figure": {"caption": "The same count for the AmEnS beside the AmEnF taught by the likelihood. Dotted: where an honest ensemble would be.", "name": "fig-ensembles-smoother-ranks"}, "image": {"alt": "Two rank histograms: the AmEnF's outermost ranks are too frequent, the AmEnS's histogram is nearly level."}}
pair = ("AmEnF, likelihood", "AmEnS")
level = {name: ranks(runs[name], experiment) for name in pair}
figure = rank_histograms(level)

# %% [markdown]
# **What to see** in {numref}`fig-ensembles-smoother-ranks`: the histogram is nearly level, with the outermost ranks a little too
# rare. The spread is 1.01 of what the error deserves, the error 0.56, and the CRPS 0.30. No filter above comes near that CRPS. No true
# state was read in its training either.

# %% [markdown]
# ## From nothing
#
# The filters above were trained on from one that stood already. These were trained from nothing, four members at a
# time, by either question and at three rates of dropout, two seeds each; the table has their means.

# %%
scratch = read_result("ensembles").table
scores = scratch.groupby(["objective", "dropout"])[["rmse", "spread", "crps"]].mean()
scores.assign(ratio=scores["spread"] / scores["rmse"]).round(3)

# %% tags=["hide-input"]
about_result("ensembles")

# %% [markdown]
# **What to see**: without dropout the mean alone teaches a spread of nothing, with either seed. It has the smallest error
# of the mean, 1.14, and the worst CRPS of its three, 0.89 against 0.78 and 0.81: collapse is no accident of a stored
# filter. The likelihood has not found the truth from nothing in so short a training. Its errors, 3.7 to 4.0, are worse
# than the climate's 3.64 at any rate of dropout, and its spread is too small even so. It is a second question to ask,
# once a filter stands.
#
# ## Break it, repair it
#
# Dropout is a number that can be turned without any training. Off is broken; what about more?

# %%
parts = {}
for rate in (0.0, 0.05, dropout, 0.2, 0.3):
    other = ensembles.with_dropout(stored.network, rate)
    done = ensembles.run(page, other, experiment)
    parts[rate] = lorenz96.scores(done, experiment, page.burn_in).mean()
turned = pd.DataFrame(parts).T[["rmse", "spread", "spread_skill", "crps"]]
turned.rename_axis("dropout at test").round(3)

# %% [markdown]
# More dropout at test gives more spread, and costs accuracy. CRPS is least at 0.2, where the ratio is still 0.56. At 0.3
# it is 0.77, but the error has grown from 0.84 to 0.93: pushes that are large enough to be honest are also large enough
# to hurt. At a like ratio the network taught by the likelihood has the smaller error, for its other weights could
# adapt to the pushes. Exercise 3 tries a repair that is cheaper still.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-ensembles-size
# Run the AmEnF with thirty members instead of ten (`ensemble_size = 30` in the parameters cell). Does its spread *grow*, *stay*
# or *shrink*?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Members are draws of one distribution.
# :::

# %% tags=["exercise"]
spread_of_thirty = ...  # YOUR TURN: "grow", "stay" or "shrink"
check(exercises.spread_of_many, spread_of_thirty)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the spread stays at 0.30. The error shrinks by 1 %; that of an honest ensemble
# would by 3 %, for its square goes as 1 + 1/m. The outermost ranks become rarer, but an
# honest ensemble's would much more: too frequent by 3.1 with ten members, by 6.8 with thirty.
rows = {}
for size in (10, 30):
    crowd = replace(page, ensemble_size=size)
    done = ensembles.run(crowd, stored.network, experiment)
    share = ranks(done, experiment) / ranks(done, experiment).sum()
    row = lorenz96.scores(done, experiment, crowd.burn_in).mean()[
        ["rmse", "spread", "crps"]
    ]
    outer = (share[0] + share[-1]).item()
    rows[size] = row.to_dict() | {"outer ranks": outer, "honest": 2 / (size + 1)}
    rows[size]["too frequent by"] = outer / rows[size]["honest"]
crowds = pd.DataFrame(rows).T.rename_axis("members")
check(exercises.spread_of_many, "stay")
crowds.round(3)

# %% [markdown]
# :::{admonition} Exercise 2 · Derive · 10 minutes
# :name: exercise-ensembles-honest
# An honest ensemble: the truth and the $m$ members are independent draws of one distribution with standard deviation $s$.
# Derive the root-mean-square error of the ensemble *mean*.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The error is the truth less the mean. The two are independent; what is the variance of a mean of $m$ draws?
# :::


# %% tags=["exercise"]
def honest_error(s, m):
    """Return the root-mean-square error of the mean of m members with standard deviation s."""
    return ...  # YOUR TURN


check(exercises.honest_error, honest_error)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: s sqrt(1 + 1/m). The truth's own variance s^2 stays, however many members there are;
# that of the mean is s^2 / m. The spread-skill ratio and the likelihood above count it in.
check(exercises.honest_error, lambda s, m: s * (1 + 1 / m) ** 0.5)

# %% [markdown]
# :::{admonition} Exercise 3 · Modify · 10 minutes · one number
# :name: exercise-ensembles-inflate
# The cheapest repair: after the run, stretch all members about their mean by one factor. Which factor makes the
# spread-skill ratio of the stored AmEnF one? What does it do to CRPS?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The stretched members have the same mean, so the same error, and a spread that is larger by the factor. Their ratio now
# stands in the table above.
# :::

# %% tags=["exercise"]
ratio_now = scored.query("method == 'AmEnF'")["spread_skill"].mean()
factor = 1.0  # YOUR TURN
members, truth = runs["AmEnF"].members[page.burn_in :], experiment.truth[page.burn_in :]
middle = members.mean(2, keepdim=True)
wider = middle + factor * (members - middle)
print(f"CRPS {ensemble_crps(wider, truth.float()).mean():.3f}")
check(exercises.stretched_by, factor, ratio_now)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the inverse of the ratio. CRPS improves to about that of the likelihood in the
# table above: one factor does what that short training did. So it has learned how large
# the spread should be, and not yet, to any use, where. But this factor needed the truth;
# the likelihood read noisy observations alone.
stretch = 1 / ratio_now
stretched = middle + stretch * (members - middle)
print(f"factor {stretch:.2f}", end=": ")
print(f"CRPS {ensemble_crps(stretched, truth.float()).mean():.3f}")
check(exercises.stretched_by, stretch, ratio_now)

# %% [markdown]
# ## Summary
#
# - Members that read the same observations fall together: a filter that forgets its first guess contracts.
# - Dropout pushes them apart at each cycle and keeps a spread. But a loss on the mean alone leaves it too small for the
#   error, the more so the noisier the observations.
# - Rank histogram, spread-skill ratio and CRPS say so. A likelihood of the next observations, still without any
#   truth, repairs most of it. So does a single factor, for one who knows the truth.
# - LETKF, tuned with the truth, has the better CRPS on the truths that it keeps. It lost one of four.
# - A filter that needs its ensemble keeps it honest. The AmEnS's spread is right to a few per cent.
#
# **Not shown:** longer trainings from nothing, and more seeds of them. Each filter trained further here is one training, so the
# differences are of these networks. Nor other ways to keep members apart, nor the spread of longer forecasts.
#
# **Next:** {doc}`/notebooks/sparse_world` changes what the instrument sees.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that collapse is a failure of training. If time is short, skip
# the dropout at test.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")

# %% tags=["remove-cell", "claims"]
from sparseobs.runs.claims import say_which_hold

means = kept.groupby("method").mean()
outside = {
    name: ((one[0] + one[-1]) / one.sum()).item() for name, one in counts.items()
}
noises = {
    noise: lorenz96.scores(
        ensembles.run(page, ensembles.filter_for_noise(noise).network, trial),
        trial,
        page.burn_in,
    ).mean()
    for noise, trial in ((one, ensembles.observe(page, one)) for one in (1.0, 2.5))
}
grown = noises[2.5] / noises[1.0]
with_likelihood = scored.query("method == 'AmEnF, likelihood'")["rmse"].mean()


def near(found, told):
    return np.abs(np.asarray(found) - told).max() < 0.006


say_which_hold(
    {
        "error 2.2-fold, spread by a quarter": lambda: (
            abs(grown["rmse"] - 2.2) < 0.1 and abs(grown["spread"] - 1.25) < 0.03
        ),
        "without dropout the truth is outside": lambda: (
            outside["AmEnF, dropout off"] > 0.99
        ),
        "more than half outside": lambda: 0.5 < outside["AmEnF"] < 0.65,
        "ratios": lambda: near(
            means["spread_skill"][list(compared)], [0.0, 0.37, 0.80, 1.21]
        ),
        "errors": lambda: near(means["rmse"][list(compared[1:3])], [0.85, 0.86]),
        "CRPS": lambda: near(means["crps"][list(compared[1:])], [0.54, 0.49, 0.44]),
        "the likelihood's CRPS is lower": lambda: gain.high < 0,
        "the AmEnS: ratio, error, CRPS": lambda: (
            near(kalman[["spread_skill", "rmse", "crps"]].mean(), [1.01, 0.56, 0.30])
            and kalman["crps"].mean() < means["crps"].min() - 0.1
            and not kalman["lost"].any()
        ),
        "its outermost ranks": lambda: (
            0.8 < 5.5 * (level["AmEnS"][[0, -1]].sum() / level["AmEnS"].sum()) < 0.95
        ),
        "LETKF alone lost a truth": lambda: (
            lost.drop("LETKF").sum() == 0 and lost["LETKF"] == 1
        ),
        "CRPS least at 0.2": lambda: turned["crps"].idxmin() == 0.2,
        "dropout 0.2 and 0.3": lambda: (
            near(turned["spread_skill"][[0.2, 0.3]], [0.56, 0.77])
            and near(turned["rmse"][[0.1, 0.3]], [0.84, 0.93])
        ),
        "the likelihood errs less": lambda: with_likelihood < turned["rmse"][0.3],
        "thirty members": lambda: (
            crowds["too frequent by"].round(1).tolist() == [3.1, 6.8]
            and 0.005 < 1 - crowds["rmse"][30] / crowds["rmse"][10] < 0.015
            and crowds["spread"].round(1).tolist() == [0.3, 0.3]
        ),
        "stretched as good as taught": lambda: (
            abs(
                ensemble_crps(stretched, truth.float()).mean()
                - crps["AmEnF, likelihood"].mean()
            )
            < 0.02
        ),
    }
)
