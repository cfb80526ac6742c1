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
# (lorenz96-filter)=
# # A filter that never sees the truth
#
# :::{admonition} On this page
# **You will be able to** set up a twin experiment, train a filter from noisy observations alone, judge it beside a
# tuned ensemble Kalman filter, and say what its spread is worth.
#
# **You need** ordinary differential equations and the idea of a mean and a covariance; {doc}`/book/notation` lists
# the symbols. Reading the code needs a little PyTorch.
#
# **Time** 25 minutes to read, about 2 minutes to run at `lesson` size, 20 minutes for the exercises.
#
# **Runs on** two CPU cores and 1 GB of memory. Everything here is synthetic: the truth comes from the simulator.
# :::
#
# Weather forecasts start from a state that nobody can see. A *filter* keeps an estimate of it: it lets a simulator
# run a short while, then corrects the result with the newest measurements. The Kalman filter's descendants derive
# the correction from Gaussian statistics {cite:p}`evensen1994,hunt2007`. McCabe and Brown let a network learn it
# {cite:p}`mccabe2021`, without a single true state. What they ask for besides the noisy measurements is a perfect
# simulator. The gradient passes through it, so it must be differentiable, and the climate it settles into scales the
# network and gives the first members.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Stored comparison: analysis RMSE of each seed (circles), their mean (number) and its 95 % interval (bar; Student's t over the seeds that did not diverge). Each seed has its own truth, noise and first members. Below: the same, magnified around the best. All filters have ten members; three sites in four are unseen at any time, and the noise of an observation is 1.", "name": "fig-lorenz96-repeats"}, "image": {"alt": "Dot plot of the stored analysis errors by method, a circle for each seed with a bar for the interval of the mean; the AmEnF and LETKF lie close together below one, observations and climatology far above."}}
from sparseobs.figures import filtering as draw
from sparseobs.figures import style
from sparseobs.runs.results import about_result, read_result

style.use()
every = read_result("filter_comparison").table
every = every[every["implementation"] != "DAPPER"].query("system == 'lorenz96'")
filters_shown = ["AmEnF", "LETKF", "LETKF, authors' tuning"]
every = every[every["method"].isin([*filters_shown, "observations", "climatology"])]
case = every.query("obs_error_std == 1 and ensemble_size in (1, 10)")
stored_scores = case.sort_values("ensemble_size", ascending=False, kind="stable")
figure = draw.repeated_scores(stored_scores)

# %% [markdown]
# {numref}`fig-lorenz96-repeats` is where this page leads: a network of some 50,000 weights, taught by noisy
# observations and the simulator, beside a tuned LETKF on the same data. The rest of the page shows how, and what the
# comparison does not say.

# %% [markdown]
# ## The numbers of this page
#
# Change any of them here, or from a shell with
# `.venv/bin/papermill notebooks/lorenz96_filter.ipynb out.ipynb -p obs_error_std 2.0`. The text speaks of these numbers
# as they are given. With others, go by what the cells print.

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (minutes) or paper (days)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: truth, noise, first ensemble and weights follow from it
obs_error_std = 1.0  # standard deviation of the observation noise, state units
stride = 4  # every how many sites is one observed: 1, 2, 4, 5, 8, 10, 20 or 40
ensemble_size = 10  # members of every filter, 2 to 200
letkf_inflation = 1.1  # factor on the analysis anomalies of LETKF, 1 or more
letkf_radius = 4.0  # localization radius of LETKF, sites
n_training_steps = None  # steps of the filter trained here (None: the preset's)

# %% tags=["hide-input"]
import copy
from dataclasses import replace

import pandas as pd
import torch
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.amenf import draw as draw_dropout
from sparseobs.filtering.cycle import analyse, predict
from sparseobs.filtering.objectives import Window, unrolled_loss
from sparseobs.randomness import torch_stream
from sparseobs.runs import claims, settings
from sparseobs.scores.ensemble import spatial_rmse
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.checking import check
from sparseobs_book.lorenz96_filter import exercises
from sparseobs_book.lorenz96_filter import run as comparison
from sparseobs_book.trained_filters.recipes import training_command
from sparseobs_book.trained_filters.stored import stored_filter
from sparseobs_book.trained_filters.training import new_trainer

page = settings.resolve(
    comparison.PRESETS,
    preset,
    seed=seed,
    obs_error_std=obs_error_std,
    stride=stride,
    ensemble_size=ensemble_size,
    letkf_inflation=letkf_inflation,
    letkf_radius=letkf_radius,
    n_training_steps=n_training_steps,
)
print(settings.describe(page))

# %% [markdown]
# ## A world of forty numbers
#
# Lorenz's model of 1996 carries one atmospheric quantity around a circle of latitude {cite:p}`lorenz1996`:
#
# $$\begin{gathered}\frac{\mathrm d x_k}{\mathrm d t} = (x_{k+1} - x_{k-2})\,x_{k-1} - x_k + F, \\
# k = 0,\dots,39,\quad F = 8.\end{gathered}$$
#
# Neighbours push each other about, friction damps them, and the forcing $F$ keeps them going. Two nearly equal states
# part company: errors double in about 0.4 units of model time, which Lorenz likened to two days of weather.
#
# An instrument looks every 0.1 units of time (two Runge-Kutta steps of 0.05), a *cycle*. It sees every fourth site, one
# further to the right each time (*forwards*), through independent Gaussian noise with standard deviation $\sigma$. A
# twin experiment ({doc}`/notebooks/chaos`) makes a truth with the model, observes it so, and hides it.

# %% mystnb={"figure": {"caption": "A truth and what is seen of it. Left: the state around the ring (across) over time (downwards). Right: the noisy observations; grey is not observed.", "name": "fig-lorenz96-truth"}, "image": {"alt": "Two panels of the Lorenz-96 ring over time: on the left wave packets of the hidden truth drifting to the left, on the right the same field with three quarters of the sites missing and noise on the rest."}}
experiment = comparison.twin_experiment(page)
observations = experiment.observations
sixty = slice(page.burn_in, page.burn_in + 60)
figure = draw.truth_and_observations(
    experiment.truth[sixty, 0, 0],
    observations.values[sixty, 0, 0],
    observations.mask[sixty],
)

# %% [markdown]
# **What to see** in {numref}`fig-lorenz96-truth`: waves travel to the left, groups of waves to the right. The
# observed stripes run to the right too, and each site is seen once in four cycles. No single moment shows a wave whole.

# %% [markdown]
# ## Learning from the next observation
#
# The *amortized ensemble filter* (AmEnF) carries $m$ possible states, the members. For each member $i$ a network
# $f_\theta$ reads, site by site, the forecast $x^f_i$, the observations $y$ and where they are. It also reads the
# tendency $\mathrm d x/\mathrm d t$, the ensemble covariance with the nearest sites and a memory $c_i$ of its own. It
# returns the analysis:
#
# $$\begin{gathered}x^a_i = \mu + s\,\Delta_i + \varphi(g_i)\,(x^f_i - \mu), \\
# c^+_i = \gamma_i + \varphi(h_i)\,c_i, \\
# (\Delta_i, \gamma_i, g_i, h_i) = f_\theta\big(x^f_i,\; y,\; \dot x^f_i,\; P^f,\; c_i\big).\end{gathered}$$
#
# Here $\mu$ and $s$ are the climate's mean and standard deviation. The next cycle reads the memory $c^+_i$, and
# $\varphi$ squashes the gates $g$ and $h$ to between 0 and 1 (our scaling of the paper's equation 5). The analysis is kept
# within six $s$ of $\mu$: it cannot run away. Circular convolutions treat all sites alike. Dropout stays on at test and
# differs from member to member, which keeps the ensemble from collapsing {cite:p}`gal2016`.
#
# Where is the truth in all this? Nowhere. The loss compares the ensemble-mean *forecast* with the *next* observations,
#
# $$L(\theta) = \frac{1}{\sigma^2}\,\Big\langle \big\| H_{t+1}\,\overline{x}^f_{t+1} - y_{t+1} \big\|^2 \Big\rangle$$
#
# per observed site, with $H$ picking the observed sites and the bar the mean of the members. The noise in $y_{t+1}$ is
# independent of all that the filter knew, so in expectation this is the forecast's squared error in units of $\sigma^2$,
# plus one. This is a lemma from image denoising {cite:p}`batson2019`. The gradient reaches the network *through the simulator*,
# over several cycles. One such *unroll* of four cycles, written out:

# %%
trainer = new_trainer(comparison.page_recipe(preset, page))
record, streams = trainer.observations, trainer.streams
system, shape = comparison.SYSTEM, trainer.state.forecast.shape[:2]  # streams, members


def unrolled(network, state, first, draws, loss=0.0):
    for t in range(4):
        now, then = record.values[first + t : first + t + 2, streams]
        seen_now, seen_then = record.mask[first + t : first + t + 2]
        analysis = analyse(network, system, state, now, seen_now, draws.cycle(t))
        state = predict(system, system.schedule, analysis)
        misfit = (state.forecast.mean(1) - then)[..., seen_then]
        loss = loss + (misfit / page.obs_error_std).square().mean() / 4
    return loss, state


# %% [markdown]
# The package's objective for the same four cycles, with the same weights and random numbers:


# %%
def four_draws(stream):
    state = trainer.state.forecast
    return draw_dropout(trainer.network.config, 4, shape, state, stream)


same = four_draws(torch_stream(seed, "d"))
with torch.no_grad():
    ours, _ = unrolled(trainer.network, trainer.state, 0, same)
    window = Window(record.values[:5, streams], record.mask[:5], None)
    world = system, system.schedule, trainer.state, window
    theirs, _ = unrolled_loss(
        trainer.network, *world, [same.cycle(t) for t in range(4)]
    )
print(f"loss {ours:.4f} by hand, {theirs:.4f} by the package's objective")

# %% [markdown]
# A training is this, again and again. `loss.backward()` goes back through four forecasts and four analyses, and an
# optimiser takes a small step against the gradient. The next unroll takes up the ensemble and the memory that this one
# has left, without their history:

# %%
network, state, by_hand = copy.deepcopy(trainer.network), trainer.state, []
dropout = torch_stream(seed, "d")
adam = torch.optim.Adam(network.parameters(), lr=3e-3)
for first in range(0, min(160, record.n_cycles - 4), 4):
    loss, state = unrolled(network, state, first, four_draws(dropout))
    adam.zero_grad()
    loss.backward()
    adam.step()
    state = state.detach()
    by_hand.append(loss.item())
print("forecast loss:", ", ".join(f"{one:.1f}" for one in by_hand[::5]))

# %% [markdown]
# Every fifth of forty steps is printed; they take it from 15.7 to 11.5. The package's trainer does the same, and adds
# what a long run needs. These are a rate that rises and falls, an average of the weights, streams that start again, and a file
# from which a killed run is taken up. It begins with the same untrained weights:

# %%
trained_here = trainer.train()
recipe = comparison.page_recipe(preset, page)
n_weights = sum(parameter.numel() for parameter in trained_here.parameters())
print(f"{recipe.n_streams} streams of {recipe.n_cycles} noisy observation times")
print(f"{n_weights} weights, {trainer.iteration} steps; forecast loss", end=" ")
print(
    f"{trainer.losses[0]:.1f} at the first step, {trainer.losses[-1]:.1f} at the last"
)

# %% mystnb={"figure": {"caption": "The self-supervised forecast loss of the filter trained on this page, in units of the noise variance. One is the best that any forecast can do: the noise of the observations themselves.", "name": "fig-lorenz96-loss"}, "image": {"alt": "Training loss against optimiser step on a logarithmic axis: a steep fall from above ten in the first hundred steps, then a slow decline towards the dotted floor at one."}}
figure = draw.loss_curve(trainer.losses)

# %% [markdown]
# **What to see** in {numref}`fig-lorenz96-loss`: the loss falls without any true state having been read. A loss of $L$
# means a forecast error near $\sigma\sqrt{L - 1}$ at the sites about to be observed.
#
# That is short. The same code, left alone for longer with a larger network, made the checkpoint that the rest of
# the page uses. Its command is printed below; interrupted, it resumes where it stopped.

# %%
stored = stored_filter("lorenz96", 1.0)
made = stored.recipe
print(training_command(made))
print(f"{made.training.n_iterations} steps, {stored.minutes:.0f} minutes", end=" ")
print(f"on {stored.threads} CPU thread(s)")
print(f"made for noise {made.obs_error_std:g}, stride {made.stride}", end="; ")
print(f"this page: noise {page.obs_error_std:g}, stride {page.stride}")

# %% [markdown]
# ## Side by side
#
# The yardstick is the local ensemble transform Kalman filter, LETKF {cite:p}`hunt2007`, with the same model, truth,
# observations and first members. {doc}`/notebooks/classical_filters` tunes it and holds it against DAPPER's. It
# needs tuning: inflation, localization radius, and whether a random *rotation* of the members is added. We tried 140
# settings on five other truths, the better ones over more and more cycles, and took the lowest error among those that
# did not diverge. For ten members and noise 1 these came out best, and the first of them is `LETKF` here:

# %%
tried = read_result("filter_tuning").table
tried = tried.query("system == 'lorenz96' and method == 'LETKF'")
tried = tried.query("obs_error_std == 1 and ensemble_size == 10")
tried[["inflation", "radius", "rotation", "rmse", "n_diverged", "n_runs"]].head(4)

# %% tags=["hide-input"]
about_result("filter_tuning")

# %% [markdown]
# Beneath the filters lie two estimates without a model: each site's newest observation, and the climate's mean. They have
# no members, so no spread and no CRPS ({doc}`/book/notation`: a score of mean and spread in one, the smaller, the
# better). A truth is *lost* if the error is beyond half of climatology's for 50 cycles in a row.

# %%
trained = {"AmEnF": stored.network, "AmEnF (this page)": trained_here}
runs, experiment = comparison.compare(trained, page)
table = comparison.score(runs, experiment, page.burn_in)
table.round(3)

# %% mystnb={"figure": {"caption": "Analysis error of every method over the first cycles of one test sequence. All filters start from the same random states of the climate. The thin line is the noise of one observation.", "name": "fig-lorenz96-error"}, "image": {"alt": "Root-mean-square analysis error against model time for the AmEnF, the briefly trained AmEnF, LETKF, the newest observations and climatology: the filters fall from about four to near one within a few time units and stay there, far below observations and climatology."}}
errors = {
    name: spatial_rmse(run.mean.double(), experiment.truth)[:400, 0]
    for name, run in runs.items()
}
figure = draw.error_over_time(errors, page.burn_in, error_std=page.obs_error_std)

# %% [markdown]
# **What to see** in {numref}`fig-lorenz96-error`: all three filters find the truth from nothing within a few time
# units. The stored AmEnF and LETKF then hold an error below the noise of a single observation; the one trained on this
# page comes near it.
#
# :::{admonition} Check yourself: why is “observations” worse than the noise?
# :class: dropdown
# A site's newest observation is up to three cycles old. The waves move on in the meantime, so its age costs more than its
# noise. A model is what carries old observations forward in time.
# :::

# %% [markdown]
# ## Does it know how wrong it is?
#
# An ensemble says how sure it is by its *spread*, the standard deviation of its members. Over many cycles spread and error
# should agree.

# %% mystnb={"figure": {"caption": "Analysis error (filled) and ensemble spread (hatched) of every method that has members, averaged over the scored cycles of this page.", "name": "fig-lorenz96-spread"}, "image": {"alt": "Horizontal bars of error and spread: LETKF's spread is a little larger than its error, both AmEnF filters have spreads well below their errors."}}
figure = draw.error_and_spread(table)

# %% [markdown]
# **What to see** in {numref}`fig-lorenz96-spread`: LETKF's spread is no smaller than its error, for inflation keeps it
# from trusting itself too far. The AmEnF is overconfident. Its loss rewards an accurate mean and never asks for spread,
# so what there is comes from dropout alone. CRPS, in the table above, charges it for that: by CRPS LETKF is ahead.

# %% [markdown]
# ## Five truths
#
# One short sequence proves little. The runs behind {numref}`fig-lorenz96-repeats` are of five truths, each with its own
# noise and first members:

# %%
for method, rows in stored_scores.groupby("method", sort=False):
    finite = rows["rmse"].dropna()
    counts = f"{rows['lost'].sum():.0f} of {len(rows)} lost"
    spread = f"spread {rows['spread'].mean():.2f}".replace("nan", "none")
    print(f"{method:<22} RMSE {repeat_interval(finite)}  {spread:<11}  {counts}")
print(f"{stored_scores['cycles'].iloc[0]} cycles, {rows['seed'].nunique()} seeds")

# %% tags=["hide-input"]
about_result("filter_comparison")

# %% [markdown]
# `LETKF` has our tuning, `LETKF, authors' tuning` the best line of the grid search that the AmEnF's authors made: the
# same radius, but an inflation of 1.07. Less inflation lowers the error of a filter that holds, and the chance that it
# does. Other pages have other numbers of LETKF with ten members. It has 0.812 on the five truths that it was tuned
# on. It has 0.748 on four others, started near the truth with an inflation of 1.07. None is wrong; truths differ by some 0.05.
#
# For orientation we read the history of the authors' repository (`mikemccabe210/amortizedassimilation`, commits
# `5a3f5f8` and `e3b69a7`), for the paper's figure 7 prints no numbers. LETKF tuned at ten members has 0.79 there, in DAPPER, where the pattern
# rotates forwards as ours does.
#
# An AmEnF was tested there at 0.611. With how many members is not printed; ten, as in its training, is our inference. With
# five another run has 0.630. Neither number belongs beside ours. In the authors' code the model is Lorenz's mirrored, so
# their pattern rotates *backwards* relative to the waves. That is another problem. Their network is also larger, was
# trained on a GPU, and its ensembles start from the truth plus noise. Ours was trained on CPU and never reads a true
# state, not even for its first ensemble.

# %% [markdown]
# ## More noise, other ensemble sizes
#
# The same filters on a grid: two noises, three ensemble sizes, five seeds. Each seed has its own truth, noise and first
# members; the AmEnF has a network for each noise, and LETKF a tuning for each noise and size.

# %% mystnb={"figure": {"caption": "Stored grid: analysis RMSE of each seed (circles), their mean (marker) and its 95 % interval (bar; Student's t over the seeds that did not diverge) against ensemble size. Three sites in four are unseen at any time.", "name": "fig-lorenz96-grid"}, "image": {"alt": "Two panels of analysis error against ensemble size, for noise 1 and noise 2.5: the AmEnF's error hardly changes with the number of members, LETKF's falls."}}
from sparseobs.figures.filter_scores import scores_by_ensemble_size

figure = scores_by_ensemble_size(every[every["method"].isin(filters_shown)])

# %% [markdown]
# **What to see** in {numref}`fig-lorenz96-grid`: more members hardly help the AmEnF, for it leans on its memory and the
# dynamics more than on its ensemble. LETKF lives on the ensemble's covariances: at noise 1 it is worse with five members,
# level with ten and better with twenty. At noise 2.5 the AmEnF is ahead at every size tried. At noise 1 the authors'
# tuning loses two of five truths with five members and one with ten; ours loses one with five. The AmEnF loses none.

# %% [markdown]
# ## Break it, repair it
#
# {doc}`/notebooks/classical_filters` takes LETKF's tuning away. The AmEnF can be broken too. Switch its dropout off, and all
# members become one:

# %%
sure = AmEnF(replace(stored.network.config, dropout=0.0))
sure.load_state_dict(stored.network.state_dict())
first_members = comparison.first_ensemble(page)
broken_runs = {
    "AmEnF": runs["AmEnF"],
    "AmEnF, no dropout": comparison.run_amenf(sure, page, experiment, first_members),
}
collapse = comparison.score(broken_runs, experiment, page.burn_in)
collapse.round(4)

# %% [markdown]
# The spread is gone, and hardly any accuracy with it. That tells you what this small AmEnF has learned: mostly to correct
# a single state with its memory and the dynamics. A filter without spread cannot say when it is wrong. The repair is what was
# taken away; {doc}`/notebooks/ensembles` asks for an honest spread.

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-lorenz96-noise
# The checkpoint and LETKF's tuning were both made for $\sigma = 1$. Let the noise be 2. Which filter suffers more: whose
# error grows by the larger factor?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# LETKF is told the new $\sigma$, but keeps an inflation and a radius chosen for the old one. The stored network is told
# nothing: it goes on as if $\sigma$ were 1. Which of the two leans more on single observations?
# :::

# %% tags=["exercise"]
usual = replace(comparison.PRESETS[preset], n_cycles=min(page.n_cycles, 300))
by_noise = {}
for noise in (1.0, 2.0):
    noisy = replace(usual, obs_error_std=noise)
    both, its_twin = comparison.compare({"AmEnF": stored.network}, noisy)
    scores = comparison.score(both, its_twin, noisy.burn_in).set_index("method")
    by_noise[f"noise {noise:g}"] = scores.loc[["AmEnF", "LETKF"], "rmse"]
suffered = pd.DataFrame(by_noise).assign(ratio=lambda t: t["noise 2"] / t["noise 1"])
suffers_more = ...  # YOUR TURN: "LETKF" or "AmEnF"
check(exercises.suffers_more, suffers_more, suffered["ratio"].to_dict())

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: LETKF, though it is the one that is told. The ratio of its errors is the larger.
# Its radius of 4 was right for noise 1; at noise 2.5 the tuning chose 2. The network asks
# less of single observations, for its memory holds many.
check(exercises.suffers_more, suffered["ratio"].idxmax(), suffered["ratio"].to_dict())
suffered.round(2)

# %% [markdown]
# :::{admonition} Exercise 2 · Modify · 5 minutes · one number
# :name: exercise-lorenz96-members
# How few members will do? Run both filters with three members, and look at the column `lost`. Start from the cell
# below, which runs them with ten.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# LETKF reads covariances from its members, the network from its memory and the dynamics.
# :::

# %% tags=["exercise"]
few = replace(usual, ensemble_size=10)  # YOUR TURN: fewer members
few_runs, few_twin = comparison.compare({"AmEnF": stored.network}, few)
scores_of_few = comparison.score(few_runs, few_twin, few.burn_in)
check(exercises.few_members, few.ensemble_size)
scores_of_few.round(3)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: three members span two directions, too few for LETKF's statistics: expect an
# error of several units, or NaN where it diverged; either way the truth is lost. The
# network needs the ensemble for little more than its mean and hardly notices.
three = replace(usual, ensemble_size=3)
three_runs, three_twin = comparison.compare({"AmEnF": stored.network}, three)
scores_of_three = comparison.score(three_runs, three_twin, three.burn_in)
check(exercises.few_members, three.ensemble_size)
scores_of_three.round(3)

# %% [markdown]
# :::{admonition} Exercise 3 · Derive · 10 minutes
# :name: exercise-lorenz96-floor
# Why can the loss not fall below one? Let the mean forecast have the error $e$ at the sites that are about to be
# observed, independent of the noise of those observations. Derive the expected loss, and from it the root-mean-square
# forecast error that belongs to a loss of $L$.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The misfit is $e - \varepsilon$. Square it, take the expectation, and divide by $\sigma^2$.
# :::


# %% tags=["exercise"]
def forecast_error(loss, sigma):
    """Return the root-mean-square error of the forecast, state units, that belongs to a loss."""
    return ...  # YOUR TURN


check(exercises.forecast_error, forecast_error)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: L = (E[e^2] + sigma^2) / sigma^2, so a perfect forecast has a loss of one, and the error
# is sigma sqrt(L - 1). A validation loss so tells the error without a truth, where somebody looks.
def error_of_loss(loss, sigma):
    return sigma * max(loss - 1, 0) ** 0.5


check(exercises.forecast_error, error_of_loss)
last_loss = sum(trainer.losses[-50:]) / len(trainer.losses[-50:])
told = error_of_loss(last_loss, page.obs_error_std)
print(f"the filter of this page: loss {last_loss:.2f}, forecast error {told:.2f}")

# %% [markdown]
# ## Summary
#
# - A twin experiment hides a truth that the model made, so that a filter can be judged by it, though never taught.
# - Comparing forecasts with the *next* noisy observations, through a perfect and differentiable simulator, is enough to
#   learn an analysis step.
# - Beside a tuned LETKF the learned filter's RMSE is level at ten members and noise 1, lower with fewer members or more
#   noise, higher with more members. By CRPS, which charges for a dishonest spread, LETKF is ahead also where they are level.
# - Being bounded, the AmEnF cannot diverge; whether it loses the truth must be asked of its error. Its spread is not to
#   be trusted.
#
# **Not shown:** a model that is wrong, noise that is not Gaussian, other systems, an AmEnF trained at the paper's size.
#
# **Next:** {doc}`/notebooks/objectives` asks what else a filter might be taught by, and why most of it fails.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that the loss could reach zero; its floor is one, the noise of the
# observations. If time is short, skip the five truths. Exercise 3 suits the blackboard.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")

# %% tags=["remove-cell", "claims"]
live = table.set_index("method")
claims.say_which_hold(
    {
        "the loss falls": lambda: trainer.losses[-1] < trainer.losses[0] / 4,
        "and in forty steps by hand": lambda: (
            [round(by_hand[step], 1) for step in (0, 35)] == [15.7, 11.5]
        ),
        "by hand and by the package's objective": lambda: abs(ours - theirs) < 1e-4,
        "stored AmEnF and LETKF below the noise, no truth lost": lambda: (
            (live.loc[["AmEnF", "LETKF"], "rmse"] < 1).all()
            and not live.loc[["AmEnF", "LETKF", "AmEnF (this page)"], "lost"].any()
        ),
        "the one of this page near it": lambda: (
            live.loc["AmEnF (this page)", "rmse"] < 1.6
        ),
        "observations worse than the noise": lambda: (
            live.loc["observations", "rmse"] > 2
        ),
        "LETKF's spread no smaller than its error": lambda: (
            live.loc["LETKF", "spread"] > live.loc["LETKF", "rmse"]
        ),
        "the AmEnF overconfident": lambda: (
            live.loc["AmEnF", "spread"] < live.loc["AmEnF", "rmse"] / 2
        ),
        "LETKF ahead by CRPS": lambda: (
            live.loc["LETKF", "crps"] < live.loc["AmEnF", "crps"]
        ),
        "without dropout the spread is gone and hardly any accuracy": lambda: (
            collapse["spread"].iloc[1] < 0.1 * collapse["spread"].iloc[0]
            and collapse["rmse"].iloc[1] < 1.1 * collapse["rmse"].iloc[0]
        ),
        "LETKF suffers more": lambda: (
            suffered.loc["LETKF", "ratio"] > suffered.loc["AmEnF", "ratio"]
        ),
        "three members are too few for LETKF alone": lambda: (
            scores_of_three.set_index("method")["lost"][["AmEnF", "LETKF"]].tolist()
            == [0, 1]
        ),
    }
)
