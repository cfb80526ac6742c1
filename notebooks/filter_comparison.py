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
# (all-methods)=
# # All methods side by side
#
# :::{admonition} On this page
# **You will be able to** read a comparison of filters, say when a learned one wins, count what each costs,
# and tell an accurate filter from an honest one.
#
# **You need** {doc}`/notebooks/lorenz96_filter` and the idea of a tuned ensemble Kalman filter.
#
# **Time** 15 minutes to read, half a minute to run at `lesson` size, 35 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything is synthetic: all truths come from the simulators.
# :::
#
# Figure 7 of {cite:t}`mccabe2021` puts the learned filter beside classical ones on three chaotic systems, for two noises
# and five ensemble sizes. Here is ours, with every method tuned on other truths and started from the same ensembles.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Stored grid: analysis RMSE of each seed (circles), their mean (marker) and its 95 % interval (bar; Student's t over the seeds whose states stayed finite) against ensemble size, on a logarithmic axis. Methods that carry a single state are lines across. Each seed has its own truth, noise and first ensemble.", "name": "fig-all-methods"}, "image": {"alt": "Panels of analysis error against 5, 10 and 20 members, a row for each system and a column for each noise: the AmEnF is flat, LETKF and iEnKS fall with more members, the latter from near climatology; 4D-Var and climatology are horizontal lines."}}
import pandas as pd
from sparseobs.dynamics.catalogue import named_system
from sparseobs.figures import filter_scores as draw
from sparseobs.figures import style
from sparseobs.randomness import torch_stream
from sparseobs.runs import settings
from sparseobs.runs.claims import say_which_hold
from sparseobs.runs.results import about_result, read_result
from sparseobs_book.checking import check
from sparseobs_book.filter_comparison import exercises, summary
from sparseobs_book.filter_comparison import run as comparison
from sparseobs_book.trained_filters import series
from sparseobs_book.trained_filters.stored import stored_filter
from sparseobs_book.trained_filters.tuning import tuned

style.use()
result = read_result("filter_comparison")
table = summary.on_all_seeds(result.table)
shown = table[~table["method"].isin(["EnKF", "observations"])]
figure = draw.scores_by_ensemble_size(shown, log=True)

# %% tags=["hide-input"]
about_result("filter_comparison")

# %% [markdown]
# ## The numbers of this page
#
# The figure above is stored. Further down a part of it runs before your eyes; choose which one here. The text speaks of these
# numbers as they are given. With others, go by what the cells print. From a shell:
# `.venv/bin/papermill notebooks/filter_comparison.ipynb out.ipynb -p obs_error_std 2.5`.

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (an hour)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
system = "lorenz96"  # lorenz96, kuramoto_sivashinsky or vissio_lucarini
obs_error_std = 1.0  # standard deviation of the observation noise, 1.0 or 2.5
ensemble_size = 10  # members of every filter, 5, 10 or 20
seed = 100  # first seed of the live run; the stored ones begin at 0
n_repeats = 2  # seeds of the live run, 2 or more
n_cycles = None  # cycles scored in the live run, 4 or more (None: the preset's)

# %% tags=["hide-input"]
page = settings.resolve(
    comparison.LIVE_PRESETS,
    preset,
    system=system,
    obs_error_std=obs_error_std,
    ensemble_sizes=(ensemble_size,),
    seed=seed,
    n_repeats=n_repeats,
    n_cycles=n_cycles,
)
network = stored_filter(system, obs_error_std).network
tuned(system, "LETKF", obs_error_std, ensemble_size)  # what nobody tuned ends here
print(settings.describe(page))

# %% [markdown]
# ## The rules of the game
#
# - **Same world.** For each seed one truth, one set of observations and one first ensemble of random climate states; a
#   filter with fewer members takes the first of them. Lorenz-96 {cite:p}`lorenz1996` and Vissio-Lucarini 20
#   {cite:p}`vissio2020` are seen at every fourth site. The pattern rotates *forwards*, to the next larger site number each cycle.
#   Kuramoto-Sivashinsky is seen everywhere.
# - **Tuned elsewhere.** The classical filters have settings chosen on validation truths, separately for every system, noise and
#   ensemble size. `LETKF, authors' tuning` has those of the AmEnF's authors.
# - **Every loss is counted.** A filter has lost the truth if its error is beyond half of climatology's for fifty cycles in a
#   row. So has one whose states cease to be finite. The rule is the same for a filter that cannot run away, as the AmEnF.
#
# The filters, in a sentence each:
#
# - **AmEnF**, the amortized ensemble filter {cite:p}`mccabe2021`: a network corrects each member; {doc}`/notebooks/lorenz96_filter`
#   takes it apart.
# - **EnKF**, the ensemble Kalman filter: the members' covariance says how an observation of one site corrects the others. The
#   form here draws no random numbers, and it has no localization.
# - **LETKF**, the local ensemble transform Kalman filter {cite:p}`hunt2007`: the same, at every site with the observations
#   nearby.
# - **iEnKS**, the iterative ensemble Kalman smoother {cite:p}`bocquet2014`: it fits the states one cycle *back*, so that their
#   forecast meets the observations, in several Gauss-Newton steps. It has no localization.
# - **4D-Var**, four-dimensional variational assimilation: the same fit for a single state, with a fixed covariance in place of
#   the members'. Both look one cycle back only, as in the paper.
#
# Classical filters run in a batched form of ours, all seeds at once. On some cases DAPPER's own {cite:p}`raanes2024` run beside it,
# on the same data. The last column says how far two *seeds* of the batched form are apart, as a standard deviation:

# %%
summary.agreement(result.table).round(3)

# %% [markdown]
# They start equal to rounding. Chaos amplifies that, and random rotations differ from the first cycle. So over a whole run
# the two are as far apart as two seeds, and equal only where a filter forgets quickly (4D-Var) or holds tightly.
#
# ## When the learned filter wins, and by which score
#
# The seeds are shared, so methods can be compared pair by pair. The difference of two errors varies less than either. The
# RMSE scores the mean. The CRPS, continuous ranked probability score {cite:p}`gneiting2007`, scores all members as one forecast, in
# the state's units too ({doc}`/book/notation`). It also counts whether they are as far apart as they should be. `ahead` is the better
# one, or `neither` where the 95 % interval of the difference holds zero.

# %%
by_score = {
    score: summary.beside_letkf(table, score=score) for score in ("rmse", "crps")
}
columns = ["AmEnF", "LETKF", "ahead"]
pd.concat(
    {
        score: pairs.set_index(summary.CASE)[columns]
        for score, pairs in by_score.items()
    },
    axis=1,
).round(3)

# %%
counts = {score: pairs["ahead"].value_counts() for score, pairs in by_score.items()}
pd.DataFrame(counts).fillna(0).astype(int)

# %% [markdown]
# **What to see** in {numref}`fig-all-methods` and the tables: which filter wins depends on the score. By RMSE the AmEnF is ahead
# in ten of the eighteen cases, LETKF in four. By CRPS it is ahead in five, LETKF in ten. The AmEnF's mean is good; its members do not
# say how good.
#
# The AmEnF's error hardly depends on the number of members, since it reads the dynamics and its memory more than the ensemble's
# covariances. LETKF's falls where it holds, for it lives on these covariances. Where members are few the learned filter has the
# advantage; where they are many the statistics catch up. iEnKS iterates, but does not localize: with few members it stays as far
# from the truth as climatology or farther. More noise favours the learned filter's mean, on all three systems.
#
# How many of the five seeds each filter lost:

# %%
filters = ["AmEnF", "LETKF", comparison.BY_THE_AUTHORS, "iEnKS", "EnKF"]
lost = table.groupby([*summary.CASE, "method"])["lost"].sum()
lost.unstack("method").loc[lambda rows: rows["AmEnF"].notna(), filters].astype("Int64")

# %% [markdown]
# The AmEnF loses none. iEnKS and EnKF with five or ten members lose every truth of Lorenz-96 and Vissio-Lucarini. At noise 2.5
# the rule is strict on these two: half of climatology, 1.8 and 2.0, is below the noise. There LETKF with five members counts as
# lost on every seed, at errors of 2.4 and 2.7.
#
# Look at LETKF on Vissio-Lucarini at noise 1 with twenty members. It holds three truths with an error near 0.6 and loses two, and
# its mean of 1.4 is over all five. An earlier run of the same code and seeds, on a processor that rounds differently, held all five.
# A filter near the edge is a chaotic system itself; five seeds bound its luck only roughly. The numbers of the AmEnF and of
# 4D-Var were the same to six digits.
#
# :::{admonition} Check yourself: why does 4D-Var have no ensemble size?
# :class: dropdown
# It carries one state, and its background covariance never changes. What an ensemble estimates anew each cycle, 4D-Var is told
# once, by its tuning.
# :::
#
# ## The authors' repository and ours
#
# The paper's figure prints no numbers. The history of the authors' repository (`mikemccabe210/amortizedassimilation`)
# has some, from before the submission: the grid search of the classical filters (commit `5a3f5f8`, folder
# `experiments/dapper_experiments`, files `dappper_cv_results_L96` and `_KS`). The file of Kuramoto-Sivashinsky does not name
# its noises; we infer them. A number counts as `reproduced` if it lies where one more seed of ours would fall, with 95 %
# probability, from `low` to `high`.

# %%
beside = summary.beside_published(result.table)
beside = beside.rename(columns={"published": "authors' repository"})
beside = beside[beside["method"] != "climatology"].drop(columns=["lost", "seeds"])
beside.set_index([*summary.CASE, "method"]).round(3)

# %% [markdown]
# Most numbers are reproduced. One is far off: iEnKS on Kuramoto-Sivashinsky at noise 1 with twenty members, 0.122 there and
# 0.175 here, with little between our seeds. A difference of method remains. The files hold the best line of a search, scored on the very
# truths it was searched on, though the paper (appendix E.3) speaks of validation data. Our settings were chosen on other truths.
#
# Two tests of an AmEnF on Lorenz-96 at noise 1 stand there too (commit `e3b69a7`, `experiments/plotting.ipynb`): 0.630 with five
# members, 0.611 with a number that we infer to be ten. They are in no table here. The authors' code integrates the mirror image
# of Lorenz-96, on which the same rotation runs *backwards* relative to the waves. That is another problem, and an easier one for
# small ensembles. Their filter also starts from the truth plus noise and was trained on a GPU; ours starts from the climate and
# was trained on CPU.
#
# ## What each costs before its first use
#
# A learned filter is trained once for a system and a noise, then runs with any number of members. A classical one is tuned for
# each number. In minutes of computing:

# %%
summary.costs().round(1)

# %% [markdown]
# These minutes come from machines that were doing other things too, so read them as orders of magnitude; NaN is what
# nobody tuned. Training takes longer than tuning any one filter for all its ensemble sizes. Tuning would cost far more through an
# implementation that runs one setting at a time.
#
# ## Does it know how wrong it is?

# %% mystnb={"figure": {"caption": "Ensemble spread against analysis error, means over the seeds, a marker for each noise and ensemble size; open markers are noise 1, filled ones noise 2.5. On the line both are alike; below it a filter is overconfident.", "name": "fig-all-methods-spread"}, "image": {"alt": "Panels, one a system, of spread against error on logarithmic axes: LETKF lies near the diagonal, the AmEnF well below it, iEnKS far below where it is lost."}}
filters = table[table["method"].isin(["AmEnF", "LETKF", "iEnKS"])]
figure = draw.spread_against_error(filters)

# %% [markdown]
# **What to see** in {numref}`fig-all-methods-spread`: LETKF's inflation was tuned for a low error, and that needs a spread
# close to the error, which it has where it holds. The AmEnF's loss asks for a good mean alone; its spread is what dropout leaves. A lost iEnKS is sure
# of itself and wrong.
#
# This is why the two scores above disagree. The spread of the AmEnF is a fifth to two fifths of its error, and the CRPS charges
# for that.
#
# ## Starting from Kalman
#
# {doc}`/notebooks/start_from_kalman` applies the ensemble Kalman filter's algebra some cycles back, the *fixed-lag smoother*, and lets a
# network learn what that leaves wrong, the *AmEnS*. Here both stand beside the others. On Lorenz-96 they run over ten seeds of 1,000 cycles,
# of which the first five are those above; on Vissio-Lucarini 20 over those five seeds and 400 cycles. One AmEnS serves all ensemble sizes.

# %% mystnb={"figure": {"caption": "Stored grid of long runs: analysis RMSE of each seed (circles), their mean (marker) and its 95 % interval (bar) against ensemble size, on a logarithmic axis.", "name": "fig-all-methods-long"}, "image": {"alt": "Panels of analysis error against 5 to 30 members, a row for each system and a column for each noise: the AmEnS lies lowest at 5, 10 and 20 members in every panel; the fixed-lag smoother joins it from about fifteen members on at noise 1."}}
other_system = read_result("vissio_lucarini_comparison").table
stored_long = pd.concat(
    [
        read_result("long_comparison").table,
        other_system.assign(system="vissio_lucarini", experiment="standard"),
    ]
)
long = stored_long[stored_long["ensemble_size"] > 1]
forwards = long[long["experiment"] == "standard"]
four = ["AmEnS", "fixed-lag smoother", "AmEnF", "LETKF"]
shown = forwards[forwards["method"].isin(four) & (forwards["ensemble_size"] <= 30)]
figure = draw.scores_by_ensemble_size(shown, log=True)

# %% mystnb={"figure": {"caption": "The same runs by CRPS, which scores all members: less is better.", "name": "fig-all-methods-long-crps"}, "image": {"alt": "The same panels for the continuous ranked probability score: the AmEnS lies lowest in all of them."}}
figure = draw.scores_by_ensemble_size(shown, "crps", "CRPS (state units)", log=True)

# %% [markdown]
# Every method by RMSE, then by CRPS. The row of a hundred members is the smoother alone: a rough limit of what these
# observations let anybody know. What was not tuned for a case is missing.

# %%
methods = [*four, "iEnKS", "EnKF"]
by_rmse = forwards.pivot_table(index=summary.CASE, columns="method", values="rmse")
by_rmse[methods].round(3)

# %%
by_crps = forwards.pivot_table(index=summary.CASE, columns="method", values="crps")
by_crps[methods].round(3)

# %%
single = stored_long[stored_long["experiment"] == "standard"].query(
    "ensemble_size == 1"
)
cases = single.groupby(["system", "obs_error_std", "method"], sort=False)
cases[["rmse", "crps"]].mean().round(3)

# %% [markdown]
# Is the spread honest, and who lost how many of the ten truths?

# %%
by_case = shown.groupby([*summary.CASE, "method"], sort=False)
honesty = (by_case["spread"].mean() / by_case["rmse"].mean()).unstack("method")
lost_long = by_case["lost"].sum().unstack("method")
pd.concat({"spread / RMSE": honesty.round(2), "lost": lost_long}, axis=1)

# %% tags=["hide-input"]
about_result("long_comparison")

# %% tags=["hide-input"]
about_result("vissio_lucarini_comparison")

# %% [markdown]
# **What to see** in {numref}`fig-all-methods-long` and {numref}`fig-all-methods-long-crps`: the AmEnS has the lowest error and the lowest
# CRPS with five, ten and twenty members. That is so in all twelve cases of the two systems. On Lorenz-96 at noise 1 it errs by 0.65, 0.55 and 0.52 with
# five, ten and twenty members, where LETKF has 1.16, 0.80 and 0.71 and the AmEnF 0.81 throughout. At noise 2.5 it has 1.56 with ten, they
# have 2.02 and 1.79. On Vissio-Lucarini 20 it has 0.67, 0.50 and 0.41 at noise 1, LETKF 1.39,
# 0.76 and 1.36 and the AmEnF 0.86 to 0.87. It loses no truth, and its spread is
# 0.82 to 1.01 of its error.
#
# At noise 1 the smoother, which has learned nothing, does most of it from ten members on: 0.58 with ten and 0.53 with twenty on Lorenz-96.
# With fifteen and thirty the two cannot be told apart. A hundred turned members at lag 8 bring the smoother to 0.48: so little is left
# to learn. Training adds most where the algebra has least to go on. With five members it lowers the error from 0.79 to 0.65. With ten at
# noise 2.5 it lowers it from 1.89 to 1.56, for the ensemble is too wide for a linear update.
#
# The smoother's best lag is not the best lag to learn from. At noise 2.5 it is tuned to lag 1; the AmEnS looks two cycles back.
#
# The iEnKS, which iterates and does not localize, errs by 0.63 with thirty members on Lorenz-96 at noise 1, within 0.02 of the 0.61 in the
# authors' repository. The AmEnS needs ten for 0.55.
#
# *Backwards* is the sense of rotation of the AmEnF's authors. There the AmEnS errs by 0.64 with five members and by 0.55 with
# ten, LETKF by 1.06 and 0.74. Of their own filter the authors' repository has 0.630 with five and 0.611 with a number that we infer to be ten.
# It starts from the truth plus noise, ours from the climate.
#
# ### Harder settings
#
# Lorenz-96 at noise 1 again, each setting different from the standard one in what its row says. The same sites always, every 0.15, is a
# setting of {cite:t}`bach2025`; every site, every 0.05, one of {cite:t}`sakov2008`, an easier problem. A gap of 0.2 is twice the
# standard one. Where the row names a model, the truth has F = 8, but the filters forecast with another F and start from that model's climate; nothing
# tells them so. Smoother and LETKF were tuned anew for each setting, on validation truths. An empty field is a filter that nobody tuned or
# trained for it.

# %%
kept = ["AmEnS", "fixed-lag smoother", "LETKF"]
harder = stored_long[stored_long["method"].isin(kept)]
harder = harder.assign(setting=harder["experiment"].map(summary.HARDER))
cells = harder.groupby(["setting", "ensemble_size", "method"])
means = pd.DataFrame({"rmse": cells["rmse"].mean(), "lost": cells["lost"].sum()})
means.unstack("method").round(3)

# %% [markdown]
# **What to see**: a wrong model can be learned. With F = 7.5 tuned LETKF errs by 0.89 with ten members and the smoother by
# 0.73, where the right model gave them 0.80 and 0.58. The prediction, a tenth to a fifth, holds for LETKF and is refuted
# for the smoother, which loses a quarter. With F = 8.5 they err by 0.88 and 0.76. An AmEnS was trained through each wrong
# model, on noisy observations alone. It errs by 0.60 in both: it has learned the model's error too.
#
# With a gap of 0.2 the smoother is tuned to lag 0, and errs as LETKF does, by 2.04 and 2.11 with ten members. Of ten truths
# the smoother loses three and LETKF seven. The AmEnS, which looks one cycle back, errs by 1.39 and loses none. With
# every site seen there is little to learn. The smoother has 0.18 with ten members and 0.24 with five, LETKF 0.21 and
# 0.27, the AmEnS 0.18 and 0.23.
#
# With the same sites always, every 0.15, the AmEnS errs by 1.31, 1.08 and 1.01 with five, ten and twenty members and
# loses no truth. LETKF, tuned for ten members, errs by 2.06 and loses nine truths of ten. Figure 1 of {cite:t}`bach2025`
# has, as far as one can read it, 1.61, 1.48 and 1.40 for their network, which is taught with true states. It has 2.02 for
# their LETKF with ten.
#
# Before the last three AmEnS were judged we expected them, with ten members, within a tenth of their error on validation
# truths. That was 0.57 for F = 8.5, 1.49 for the gap of 0.2 and 0.18 for every site. All three are.

# %% [markdown]
# ## Run a part of it
#
# The case of the parameters cell, on seeds that the stored table has not seen:

# %%
live = comparison.compare(page)
columns = ["method", "seed", "rmse", "rmse_half_width", "crps", "spread", "lost"]
live[columns].round(3)

# %% [markdown]
# `rmse_half_width` is of the 95 % interval of one run's time mean, which takes into account that successive cycles are
# alike. Where it is NaN the run was too short to tell.
#
# ## Break it, repair it
#
# Take all but three members away. LETKF is given the tuning of five, the fewest anyone tuned it for, and the AmEnF
# nothing new:

# %%
experiment = comparison.experiments(page)
problem = (named_system(system), experiment, comparison.first_ensembles(page)[:, :3])
tuning, draws = tuned(system, "LETKF", obs_error_std, 5), torch_stream(seed, "few")
runs = {
    "AmEnF": series.run_learned(network, *problem, draws),
    "LETKF": series.run_batched("LETKF", tuning, *problem, draws),
}
limits = (page.burn_in, series.climatology_rmse(system))
few = {
    name: pd.DataFrame(series.score(run, experiment.truth, *limits))
    for name, run in runs.items()
}
pd.concat(few, names=["method", "run"])[["rmse", "crps", "spread", "lost"]].round(3)

# %% [markdown]
# Three members span two directions, fewer than are uncertain. Covariances of so few are mostly chance, and cutting off the
# distant ones does not mend the near ones. The repair is more members, or a filter that does not ask the ensemble.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-all-methods-noise
# Noise grows by a factor of 2.5. On Lorenz-96 with five members, what becomes of the error of iEnKS: `"as it was"`, `"2.5 times"` or
# `"more"`? And what of those filters that hold the truth? The judge has the stored table.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# A filter weighs observations against its forecast. What does iEnKS with five members make of them at noise 1?
# :::

# %% tags=["exercise"]
prediction = ...  # YOUR TURN: "as it was", "2.5 times" or "more"
keys = ["system", "ensemble_size", "method", "obs_error_std"]
mean = table.groupby(keys)["rmse"].mean()
growth = (mean.xs(2.5, level=3) / mean.xs(1.0, level=3)).unstack("method")
check(exercises.judge_growth, prediction, growth.loc[("lorenz96", 5), "iEnKS"])

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: as it was. A filter that is lost at either noise stays where it is. The AmEnF's error grows by 2.1 to 2.6. LETKF's
# grows by more than 2.5 with ten or twenty members, where it was good and lost no truth at noise 1.
print(growth[["AmEnF", "LETKF", "iEnKS"]].dropna().round(2))
check(exercises.judge_growth, "as it was", growth.loc[("lorenz96", 5), "iEnKS"])

# %% [markdown]
# :::{admonition} Exercise 2 · Modify · 5 minutes · one line
# :name: exercise-all-methods-ienks
# Does iEnKS overtake LETKF at any ensemble size? The cell below compares the AmEnF with LETKF.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Methods are named as in the first figure.
# :::

# %% tags=["exercise"]
rival = "AmEnF"  # YOUR TURN: another method
pairs = summary.beside_letkf(table, method=rival)
print(pairs.round(3).to_string(index=False))
check(exercises.judge_method, rival, pairs)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the seeds do not tell with twenty members on Kuramoto-Sivashinsky at noise 2.5, 0.39 beside 0.42, nor on Lorenz-96
# at noise 1, 0.85 beside 0.72. Elsewhere LETKF is ahead. The authors' repository has iEnKS ahead there with thirty members,
# 0.61 beside 0.69: iterating pays once there are members enough to do without localization.
iterative = summary.beside_letkf(table, method="iEnKS")
print(iterative.round(3).to_string(index=False))
check(exercises.judge_method, "iEnKS", iterative)

# %% [markdown]
# :::{admonition} Exercise 3 · Write · 10 minutes · three lines
# :name: exercise-all-methods-crps
# Write the CRPS of one ensemble of $m$ members: their mean distance from the truth, less half of the mean distance of two members, over all
# $m^2$ pairs,
#
# $$\frac1m \sum_i |x_i - x| - \frac1{2 m^2} \sum_{i,j} |x_i - x_j| .$$
# :::
#
# :::{admonition} Hint
# :class: dropdown
# `members[:, None] - members` has all differences.
# :::


# %% tags=["exercise"]
def crps(members, truth):
    """Return the score of members (member,) and a truth, in their units."""
    ...  # YOUR TURN


check(exercises.judge_crps, crps)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: two means. Pull ten members apart by a factor, and see which spread scores best where the truth is one more draw of the same.
import numpy as np


def score_of(members, truth):
    apart = np.abs(members[:, None] - members).mean()
    return np.abs(members - truth).mean() - apart / 2


rng = np.random.default_rng(0)
draws_of = rng.normal(size=(2000, 11))
for factor in (0.3, 1.0, 3.0):
    scored = [score_of(factor * row[1:], row[0]) for row in draws_of]
    print(f"members pulled apart by {factor:g}: CRPS {np.mean(scored):.3f}")
check(exercises.judge_crps, score_of)

# %% [markdown]
# :::{admonition} Exercise 4 · Derive · 15 minutes
# :name: exercise-all-methods-honesty
# A filter says that its error is Gaussian with standard deviation $s$. It is Gaussian, with $\sigma$. Derive the expected CRPS, and see
# what too small a spread costs. (The CRPS of a forecast is the mean distance of a draw from the truth, less half of the mean distance of two draws.)
# :::
#
# :::{admonition} Hint
# :class: dropdown
# A Gaussian with mean zero and standard deviation $d$ has a mean size of $d\sqrt{2/\pi}$. What is the variance of a draw less the truth, and of
# two draws?
# :::


# %% tags=["exercise"]
def expected_crps(said, true):
    """Return the expected score, from the standard deviations said and true."""
    ...  # YOUR TURN


check(exercises.judge_honesty, expected_crps)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: sqrt(2 / pi) sqrt(s**2 + sigma**2) - s / sqrt(pi). The table holds it against the stored runs on Lorenz-96 with ten members: from a
# filter's spread and error alone it foretells the ratio of CRPS to RMSE to 0.03. So the two scores part because of the spread.


def honest(said, true):
    return (2 * (said**2 + true**2) / np.pi) ** 0.5 - said / np.pi**0.5


ours = table.query("system == 'lorenz96' and ensemble_size == 10")
ours = ours[ours["method"].isin(["AmEnF", "LETKF"])]
ours = ours.groupby(["obs_error_std", "method"])[["rmse", "spread", "crps"]].mean()
ours["CRPS / RMSE"] = ours["crps"] / ours["rmse"]
ours["derived"] = honest(ours["spread"], ours["rmse"]) / ours["rmse"]
print(ours.round(3))
check(exercises.judge_honesty, honest)

# %% [markdown]
# ## Summary
#
# - Compare filters on the same truths, observations and first ensembles, each tuned on others, pair by pair, and count the
#   truths that each lost by one rule.
# - By RMSE the learned filter is ahead with few members and with much noise. By CRPS LETKF catches up sooner, since its
#   members say how wrong it is.
# - The AmEnF costs more before its first use, needs no tuning for an ensemble size, and its spread is not to be trusted.
# - A network that starts from a tuned smoother is ahead of all of these on Lorenz-96 and Vissio-Lucarini 20, by both scores. Its spread
#   is right to about a tenth. Where the model is wrong it learns that too.
#
# **Not shown:** long runs on Kuramoto-Sivashinsky, nor fifteen and thirty members on Vissio-Lucarini 20 for the
# classical filters. Nor DAPPER's own on every seed (the grid's size `study`), nor the paper's ten thousand cycles and ten repeats
# (`paper`). Nor longer windows for iEnKS and 4D-Var; a localized iEnKS; a model that is wrong in more than its forcing.
#
# **Next:** {doc}`/notebooks/observing_network` lets you place the instruments. {doc}`/notebooks/results_filters` says
# what was reproduced of the papers, and what was not.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that the method with the lowest curve is the best filter; ask what
# it costs, how it was tuned and whether its spread can be believed. If time is short, skip the published numbers.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")

# %% tags=["remove-cell", "claims"]
say_which_hold(
    {
        "the derived ratio is within 0.03 of the stored one": lambda: (
            (ours["derived"] - ours["CRPS / RMSE"]).abs().max() < 0.03
        ),
        "the AmEnF loses no truth of the live run": lambda: (
            live.query("method == 'AmEnF'")["lost"] == 0
        ).all(),
        "with three members the AmEnF keeps the truth and LETKF errs more": lambda: (
            (few["AmEnF"]["lost"] == 0).all()
            and (few["LETKF"]["rmse"].fillna(9) > few["AmEnF"]["rmse"]).all()
        ),
    }
)
