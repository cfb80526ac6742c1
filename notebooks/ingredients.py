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
# **You will be able to** find out which inputs a trained network uses, pair runs by truth, see whether that helped,
# and tell what is *used* from what is *needed*.
#
# **You need** {doc}`/notebooks/lorenz96_filter` and {doc}`/notebooks/start_from_kalman`.
#
# **Time** 15 minutes to read, one minute to run at `lesson` size, 25 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic.
# :::
#
# The AmEnS reads means, spreads, an innovation, the smoother's increment, a covariance, a tendency and a memory. Each
# has a reason. A reason is not a measurement. So cut them off a trained network, one at a time. Two findings. The AmEnS
# rests on spreads, innovation and means: without the spreads all truths are lost. Covariance, tendency and increment
# are worth 0.02 of an error of 0.66 each, the memory 0.08, while the AmEnF without its memory errs by 2.1 in place of
# 0.8. Then train without them: start, lag and what the network says are needed, memory, tendency and covariance are not.

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
# `.venv/bin/papermill notebooks/ingredients.ipynb out.ipynb -p test_ensemble_size 10`

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (a minute) or paper (an hour)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: test truths, noise, first ensemble and dropout follow from it
obs_error_std = None  # noise, state units: 1.0 or 2.5, for which filters are stored
test_ensemble_size = None  # members at test, 2 or more
n_test_cycles = None  # cycles scored, 2 or more

# %% tags=["hide-input"]
from dataclasses import replace

import pandas as pd
from sparseobs.figures import style
from sparseobs.filtering.amens import AmEnS
from sparseobs.runs import claims, settings
from sparseobs.runs.paired import paired_differences
from sparseobs.runs.results import about_result, read_result
from sparseobs_book.checking import check
from sparseobs_book.ingredients import exercises
from sparseobs_book.ingredients import run as ingredients
from sparseobs_book.trained_filters import figures as draw
from sparseobs_book.trained_filters import run as trials
from sparseobs_book.trained_filters.lorenz96 import scores
from sparseobs_book.trained_filters.recipes import training_command
from sparseobs_book.trained_filters.stored import stored_filter, stored_smoother

style.use()
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
# ## The result first
#
# The stored AmEnS with five members, where its training adds most. An input is cut off by setting the first layer's
# weights of its channels to zero. Nothing is trained again. *Untrained* is the tuned smoother that training began with.

# %%
stored = stored_smoother(page.system, page.obs_error_std)
amens, whole = stored.network, "as trained"
experiment = trials.held_out(page)


def tested(networks, numbers=page):
    rows = []
    for variant, network in networks.items():
        run = trials.run_held_out(network, numbers, experiment)
        table = scores(run, experiment, numbers.burn_in)
        rows.append(table.assign(variant=variant))
    return pd.concat(rows).rename(columns={"truth": "seed"})


networks = {whole: amens, "untrained": AmEnS(amens.config)}
for name in ingredients.INPUTS[AmEnS]:
    networks[f"without {name}"] = ingredients.without_input(amens, name)
smoother = tested(networks)

# %% mystnb={"figure": {"caption": "The stored AmEnS with an input cut off: analysis RMSE less that of the AmEnS as trained, on the same truth. Marker: mean over the truths; band: its 95 % interval (Student's t over the paired differences). The axis is linear to 0.1 and logarithmic beyond. Right of zero, the filter is worse.", "name": "fig-ingredients-differences"}, "image": {"alt": "Eight markers, one for each change, on an axis that is linear near zero: increment, covariance and tendency near 0.02, memory near 0.1, untrained and means between 0.1 and 0.3, innovation near one, spreads near three."}}
cost = paired_differences(smoother, "variant", whole)
figure = draw.differences(cost, "variant", "change of analysis RMSE (state units)")
figure.axes[0].set_xscale("symlog", linthresh=0.1)
_ = figure.axes[0].set_xlim(right=10)

# %%
columns = ["rmse", "spread", "spread_skill", "crps", "lost"]
means = smoother.groupby("variant", sort=False)[columns].mean()
means.join(cost.set_index("variant")).round(3)

# %% [markdown]
# **What to see** in {numref}`fig-ingredients-differences`: training has lowered the error from about 0.8 to 0.66; the
# difference's interval lies between 0.09 and 0.18. Cutting off the memory costs 0.08 [0.05, 0.11]. Increment, covariance and tendency cost about 0.02
# each, and the tendency's interval holds zero.
#
# Without the innovation the filter errs by about 1.7. Without the spreads it errs by 3.65, no better than the climate's
# mean, and all truths are lost. The network reads that the members agree, and their true spread grows to 5.5.
#
# The covariance changes the mean's error by 0.02, and the spread: without it the members' spread is larger by 0.049.
# The ratio of spread to error goes from 0.96 to 1.00, no worse than before.

# %% [markdown]
# ## Paired by truth
#
# All variants run on the same truths, noise and first members. On different truths the difference of two scores would
# scatter by $\sqrt{s_1^2 + s_2^2}$, with $s_1$ and $s_2$ their standard deviations. Does a paired difference scatter less?

# %%
errors = smoother.pivot(index="seed", columns="variant", values="rmse")
paired = errors.sub(errors[whole], axis=0).std()
unpaired = (errors.var() + errors[whole].var()) ** 0.5
scatter = pd.DataFrame({"paired": paired, "unpaired": unpaired}).drop(whole)
scatter.round(3)

# %% [markdown]
# **What to see**: pairing halves the scatter or better where little changes: 0.01 in place of 0.06 without the
# increment, 0.02 in place of 0.06 without the covariance. Without the innovation it does not help: paired or not, it is
# about 0.15. What is left of that filter is so different that it no longer shares the other's good and bad times.
#
# :::{admonition} Check yourself: two variants' own intervals overlap, yet that of their paired difference excludes zero. Which do you believe?
# :class: dropdown
# The difference. Where two scores go up and down together with the truth, that shared part cancels. Comparing intervals
# of single scores throws the pairing away.
# :::
#
# ## The AmEnF answers otherwise
#
# The filter of {doc}`/notebooks/lorenz96_filter` reads each member for itself, and of the others only a covariance and
# what fills the gaps:

# %%
amenf = stored_filter(page.system, page.obs_error_std).network
networks = {whole: amenf}
for name in ingredients.INPUTS[type(amenf)]:
    networks[f"without {name}"] = ingredients.without_input(amenf, name)
alone = tested(networks)
cost_of_alone = paired_differences(alone, "variant", whole).set_index("variant")
means_of_alone = alone.groupby("variant", sort=False)[columns].mean()
means_of_alone.join(cost_of_alone).round(3)

# %% [markdown]
# **What to see**: without its covariance RMSE changes by 0.002. So it does not go by how its members
# vary together, which is all that a Kalman filter goes by. The tendency is worth a quarter of the error, and the memory
# everything: without it the error is 2.14 in place of 0.83, and two of eight truths are lost. In the AmEnS the smoother
# does what the AmEnF's memory had to learn.
#
# ## Used is not needed
#
# Cutting shows what *this* network uses. One that has grown used to an input may fail without it, although one that
# never had it may find another way. Only training without it shows what is needed. So small AmEnS networks were trained
# for 500 steps, ten seeds of each, with one thing changed at a time. Within a seed all have the same training streams and
# test truths.

# %% mystnb={"figure": {"caption": "Small AmEnS networks trained with one thing changed (stored): analysis RMSE less that of the network with all of it, of the same seed. Marker: mean over ten seeds; band: its 95 % interval (Student's t over the paired differences). The axis is linear to 0.1 and logarithmic beyond. Right of zero, the change is for the worse.", "name": "fig-ingredients-needed"}, "image": {"alt": "Eight markers on an axis that is linear near zero: without memory, tendency and covariance at zero, their bands across it; without correction and inflation near 0.04; untrained near 0.07; without lag near 0.15; without a start beyond one."}}
trained = read_result("smoother_ingredients").table
need = paired_differences(trained, "variant", "all on")
figure = draw.differences(need, "variant", "change of analysis RMSE (state units)")
figure.axes[0].set_xscale("symlog", linthresh=0.1)
_ = figure.axes[0].set_xlim(right=4)

# %%
trained_means = trained.groupby("variant", sort=False)[
    ["rmse", "spread", "crps"]
].mean()
trained_means.join(need.set_index("variant")).round(3)

# %% tags=["hide-input"]
about_result("smoother_ingredients")

# %% [markdown]
# **What to see** in {numref}`fig-ingredients-needed`: so short a training is worth 0.056 [0.038, 0.074]. Nothing matters as
# much as the start: from random weights the same steps end at 2.03 in place of 0.74. Next comes the lag. A network that
# corrects the ensemble of now, not that of five cycles ago, errs more by 0.143 [0.127, 0.160].
#
# Of what the network says, the inflation is worth 0.045 [0.036, 0.053] and the correction of the mean 0.030 [0.015, 0.045].
# Of what it reads, memory, tendency and covariance are not needed: every interval holds zero and ends within 0.02 of it.
# The stored network *uses* its memory, for 0.080. A small one that never had it, trained a twelfth as long, finds another way.
#
# The same was done for small AmEnF networks with ten members, three seeds and six switches: covariance, tendency, memory,
# gates, filling of what nobody saw, dropout. By RMSE none of the six intervals was without zero, and they reached from
# $\pm 0.15$ to $\pm 0.41$: a null result of a small experiment. By CRPS, which scores the whole ensemble
# ({doc}`/book/notation`), two ingredients helped. Without dropout it was worse by 0.213 [0.052, 0.375], filled with
# zeros by 0.099 [0.056, 0.142]. The paper gives reasons for its ingredients, but no ablation of them
# {cite:p}`mccabe2021` (appendix E).

# %% tags=["hide-input"]
about_result("ingredients")

# %% [markdown]
# ## Break it, repair it
#
# Cut off all seven inputs at once. The network still sees which sites are observed, the lag and the ensemble's size.

# %%
blind = tested({"blind": ingredients.without_input(amens, *ingredients.INPUTS[AmEnS])})
print(
    f"blind: RMSE {blind['rmse'].mean():.2f}, untrained: {means.rmse['untrained']:.2f}"
)

# %% [markdown]
# It errs by about 1.1, less than without the spreads alone, more than the smoother alone. A network that reads nothing still
# corrects and inflates, only by the same everywhere. The repair is to train without what is to be left out, here the
# memory:

# %%
print(training_command(replace(stored.recipe, memory_channels=0)))

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-ingredients-members
# With twenty members the smoother knows its covariances well. Will cutting the memory off hurt `"more"` or `"less"` than with
# the five of this page?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# {numref}`fig-kalman-compared` shows how much the network adds at each ensemble size.
# :::

# %% tags=["exercise"]
prediction = ...  # YOUR TURN: "more" or "less"
twenty = replace(page, test_ensemble_size=20)
two = {whole: amens, "without memory": ingredients.without_input(amens, "memory")}
cost_of_many = paired_differences(tested(two, twenty), "variant", whole)
costs = [one.set_index("variant")["difference"] for one in (cost, cost_of_many)]
costs = [one["without memory"] for one in costs]
check(exercises.judge_members, prediction, *costs)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: less. With five members it costs 0.080; with twenty, where the smoother alone
# is as good as the AmEnS, the interval of what it costs holds zero.
print(cost_of_many.round(3))
check(exercises.judge_members, "less", *costs)

# %% [markdown]
# :::{admonition} Exercise 2 · Derive · 10 minutes
# :name: exercise-ingredients-pairing
# Two scores scatter from truth to truth with standard deviations $s_1$ and $s_2$, and their correlation is $\rho$. What is the
# standard deviation of their difference? Which correlation halves it, where the two scatter alike?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The variance of a difference is the sum of the variances less twice the covariance.
# :::


# %% tags=["exercise"]
def paired_scatter(one_std, other_std, correlation):
    """Return the standard deviation of the difference of two correlated scores."""
    ...  # YOUR TURN


check(exercises.judge_scatter, paired_scatter)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the root of s1**2 + s2**2 - 2 rho s1 s2. With s1 = s2 it is half of the unpaired one at rho = 0.75. The table repeats the column
# `paired` of the page, from each variant's correlation with the whole network.


def scatter_of(one_std, other_std, correlation):
    covariance = correlation * one_std * other_std
    return (one_std**2 + other_std**2 - 2 * covariance) ** 0.5


rho = errors.corrwith(errors[whole]).drop(whole)
stds = errors.std()
again = scatter_of(stds[rho.index], stds[whole], rho)
print(
    pd.DataFrame(
        {"correlation": rho, "derived": again, "paired": paired[rho.index]}
    ).round(3)
)
check(exercises.judge_scatter, scatter_of)

# %% [markdown]
# :::{admonition} Exercise 3 · Write · 10 minutes · four lines
# :name: exercise-ingredients-score
# Write the paired difference with its 95 % interval (Student's $t$). The verdicts above are on the error of the mean. What does your
# function say by CRPS, and by the ratio of spread to error?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# `scipy.stats.t.ppf(0.975, n - 1)` is Student's quantile. The standard error is `std(ddof=1)` over the root of $n$.
# :::


# %% tags=["exercise"]
def paired_interval(first, second):
    """Return mean, low and high of first - second, scores (repeat,) of two variants."""
    ...  # YOUR TURN


check(exercises.judge_interval, paired_interval)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: by CRPS the order is the same. By the ratio of spread to error, cutting the
# covariance off helps a little: the members were too close, and now lie further apart.
from scipy import stats


def interval_of(first, second):
    change = first - second
    half = stats.t.ppf(0.975, len(change) - 1) * change.std(ddof=1) / len(change) ** 0.5
    return change.mean(), change.mean() - half, change.mean() + half


rows = {}
for score in ("crps", "spread_skill"):
    values = smoother.pivot(index="seed", columns="variant", values=score)
    for variant in ("untrained", "without memory", "without covariance"):
        found = interval_of(values[variant], values[whole])
        rows[score, variant] = dict(
            zip(("difference", "low", "high"), found, strict=True)
        )
print(pd.DataFrame(rows).T.round(3))
check(exercises.judge_interval, interval_of)

# %% [markdown]
# ## Summary
#
# - A trained AmEnS with five members rests on innovation, spreads and means. Of what was added, its memory is worth
#   0.08 of an error of 0.66, increment, covariance and tendency about 0.02 each.
# - Pairing by truth takes luck out where little changes, and not where much does. The standard deviations say which.
# - What a network uses and what it needs are two questions. Trained without memory, tendency or covariance, small AmEnS
#   networks err no more. Start, lag, inflation and correction are needed, in this order.
#
# **Not shown:** trainings as long as the stored one's, inputs that were not switched off in training, other systems, two
# inputs off at once. How many cycles to unroll has a grid of its own, `grids/unrolls.yaml`.
#
# **Next:** {doc}`/notebooks/two_systems` turns to two other systems.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that an input with a large effect when cut off must be needed. If
# time is short, skip *Paired by truth*. Exercise 1 needs one word.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")

# %% tags=["remove-cell", "claims"]
off = cost.set_index("variant")
ratio = means["spread_skill"]
needed = need.set_index("variant")
by_crps = paired_differences(smoother, "variant", whole, "crps")
spreads = paired_differences(smoother, "variant", whole, "spread").set_index("variant")
claims.say_which_hold(
    {
        "what training and memory add": lambda: (
            abs(means["rmse"]["untrained"] - 0.8) < 0.025
            and abs(means["rmse"][whole] - 0.66) < 0.01
            and off.loc["untrained", ["low", "high"]].between(0.085, 0.185).all()
            and off.loc["without memory"].round(2).tolist() == [0.08, 0.05, 0.11, 8]
        ),
        "three inputs cost about 0.02": lambda: (
            off.loc[["without increment", "without covariance", "without tendency"]]
            .difference.between(0.015, 0.025)
            .all()
            and off.loc["without tendency", "low"] < 0
        ),
        "innovation, spreads": lambda: (
            abs(means["rmse"]["without innovation"] - 1.7) < 0.1
            and round(means["rmse"]["without spreads"], 2) == 3.65
            and round(means.loc["without spreads", "spread"], 1) == 5.5
            and means.loc["without spreads", "lost"] == 1
            and means["lost"].sum() == 1
        ),
        "the covariance and the spread": lambda: (
            round(spreads.loc["without covariance", "difference"], 3) == 0.049
            and ratio.round(2)[[whole, "without covariance"]].tolist() == [0.96, 1.00]
        ),
        "where pairing helped": lambda: (
            scatter.round(2).loc["without increment"].tolist() == [0.01, 0.06]
            and scatter.round(2).loc["without covariance"].tolist() == [0.02, 0.06]
            and scatter.loc["without innovation"].between(0.13, 0.18).all()
        ),
        "the AmEnF's inputs": lambda: (
            abs(cost_of_alone.difference["without covariance"]) < 0.003
            and 0.2 < cost_of_alone.difference["without tendency"] < 0.25
            and means_of_alone["rmse"].round(2)[["without memory", whole]].tolist()
            == [2.14, 0.83]
            and means_of_alone["lost"]["without memory"] == 2 / 8
        ),
        "blind": lambda: abs(blind["rmse"].mean() - 1.1) < 0.05,
        "what training without them costs": lambda: (
            needed.loc["untrained start"].round(3).tolist() == [0.056, 0.038, 0.074, 10]
            and needed.loc["no lag"].round(3).tolist() == [0.143, 0.127, 0.160, 10]
            and needed.loc["no inflation"].round(3).tolist()
            == [0.045, 0.036, 0.053, 10]
            and needed.loc["no correction"].round(3).tolist()
            == [0.030, 0.015, 0.045, 10]
            and trained_means["rmse"].round(2)[["no start", "all on"]].tolist()
            == [2.03, 0.74]
            and (
                needed.loc[["no memory", "no tendency", "no covariance"], "low"] < 0
            ).all()
            and needed.loc[
                ["no memory", "no tendency", "no covariance"], ["low", "high"]
            ]
            .abs()
            .max(axis=None)
            < 0.02
        ),
        "the derived scatter is the paired one": lambda: (
            (again - paired[again.index]).abs().max() < 1e-6
        ),
        "by CRPS the same order": lambda: (
            by_crps.sort_values("difference")["variant"].tolist()[-4:]
            == off["difference"].sort_values().index.tolist()[-4:]
        ),
        "twenty members hardly need the memory": lambda: (
            cost_of_many["low"].item() < 0 < cost_of_many["high"].item()
            and cost_of_many["high"].item() < off.loc["without memory", "difference"]
        ),
    }
)
