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
# (adaptation-grid)=
# # How many stations, how many hours: when does it pay to adapt?
#
# :::{admonition} On this page
# **You will be able to** write the adapting of a pre-trained network to stations, say beforehand how much it can win, and
# read paired intervals of what it won.
#
# **You need** {doc}`/notebooks/pretraining` and {doc}`/notebooks/film_against_fine_tuning`.
#
# **Time** 15 minutes to read, half a minute to run, 15 minutes for the exercises.
#
# **Runs on** one CPU core. It reads two stored tables and adapts a stored network. All data are *synthetic*.
# :::
#
# Stations can teach a fresh network (*real-only*). They can adapt one that a reanalysis has taught (*Sim2Real*). Or they
# are only shown to that network and teach nothing (*sim-only*). Scholz and colleagues {cite:p}`scholz2023` vary how many
# stations there are and for how many hours they report. Here is that grid on our twin.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Synthetic twin: mean absolute error at held-out stations and hours against the hours that adapting was given; a panel a number of stations, each with its own logarithmic axis. Lines are means over the seeds, dots the seeds; lower is better. What is not adapted is level; the classical methods are tuned on 2,000 hours. The band reaches from the perfect pupil (above) to the realist with the hour's lapse rate, two krigings of the next section, judged at fewer hours.", "name": "fig-adaptation-first"}, "image": {"alt": "Three panels, one above the other, of error against the number of hours. Real-only starts far above all others and falls. Sim2Real lies on the level line of sim-only with 100 and 500 stations and above it with 20. The learned covariance lies below both with 100 and 500, optimal interpolation lowest everywhere."}}
import copy
import os

import numpy as np
import pandas as pd
import torch
from sparseobs.figures import style
from sparseobs.runs.results import about_result, read_result
from sparseobs_book.adaptation_grid import exercises
from sparseobs_book.checking import check
from sparseobs_book.temperature import figures as draw
from sparseobs_book.temperature import headroom
from sparseobs_book.temperature import small_cell as tiny
from sparseobs_book.temperature import verdicts as told

style.use()
table = read_result("adaptation").table
known = read_result(headroom.NAME).table
band = headroom.summary(known).loc[[headroom.PUPIL, headroom.HOURLY]]
lines = ["sim-only", "real-only", "Sim2Real"]
lines += ["learned covariance", "optimal interpolation"]
figure = draw.scores_by_hours(
    table[table["method"].isin(lines)], "mae", "MAE (K)", band
)

# %% [markdown]
# **What to see** in {numref}`fig-adaptation-first`: with 20, 100 and 500 stations sim-only errs 1.49, 1.15 and 1.06 K.
# Adapted with 10,000 hours it errs 1.59, 1.15 and 1.02 K. Kriging with a learned covariance errs 1.45, 0.97 and 0.73 K.
# Optimal interpolation errs 0.97, 0.78 and 0.69 K; it alone is given the reanalysis of the hour.
#
# A station teaches, and it is *shown* when the network is asked. Sim-only learns from none, and errs 0.43 K less with 500
# than with 20. For the error the showing counts.
#
# ## The numbers of this page
#
# The text speaks of these numbers as they are given. With others, go by what the cells print.
# Run with others: `.venv/bin/papermill notebooks/adaptation_grid.ipynb out.ipynb -p n_stations 500`

# %% tags=["parameters"]
# smoke, lesson and paper read the same tables; smoke adapts for one epoch
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
n_stations = 100  # whole number, 5 to 500: of the small cell
n_few = 20  # whole number, 5 to 500: stations of the broken cell
n_times = 30  # whole number, 5 to 33: hours of both
n_epochs = 3  # whole number, 1 to 10: of adapting
seed = 0  # whole number, 0 or more: of the splits and the tasks

# %% tags=["hide-input"]
from sparseobs.errors import require_choice, require_number
from sparseobs.runs.parameters import refuse_unknown
from sparseobs.stations.twin_sample import load_sample
from sparseobs_book.temperature.adapted_networks import COMMAND, stored_models
from sparseobs_book.temperature.presets import grid_presets

refuse_unknown()
require_choice("preset", preset, grid_presets())
require_number("n_stations", n_stations, least=5, most=500, whole=True)
require_number("n_few", n_few, least=5, most=500, whole=True)
require_number("n_times", n_times, least=5, most=tiny.MOST_SMALL_HOURS, whole=True)
require_number("n_epochs", n_epochs, least=1, most=10, whole=True)
require_number("seed", seed, least=0, whole=True)
data, pretrained = load_sample(), stored_models()["sim-only"]
sizes = {"n_times": n_times, "n_epochs": 1 if preset == "smoke" else n_epochs}
small = tiny.small_cell(data, pretrained, n_stations=n_stations, seed=seed, **sizes)
for what, split in (("stations", small.stations), ("hours", small.hours)):
    print(what, {part: len(positions) for part, positions in vars(split).items()})
print(f"adapting: {small.settings.fine_tuning}; pre-trained by {COMMAND}")

# %% [markdown]
# ## What is there to win?
#
# Kriging tells before any training, because we can choose what it knows. Four krigings see the same stations.
#
# - The *perfect pupil* knows the covariance of the reanalysis and a fixed lapse rate of 6.5 K per km. It believes every
#   thermometer. A network that learned its simulator perfectly would do about this.
# - The *pupil with nugget* knows the same, and how far a reading strays from the field: a variance fitted to the stations.
# - The *realist* has its whole covariance fitted to the stations, but the lapse rate is fixed.
# - The *realist with the hour's lapse rate* estimates anew in every hour how temperature changes with height.

# %%
steps = [headroom.PUPIL, headroom.NUGGET, headroom.REALIST, headroom.HOURLY]
won = {score: headroom.summary(known, score).loc[steps] for score in ("mae", "nll")}
pd.concat(won, axis=1).round(2)

# %% tags=["hide-input"]
about_result(headroom.NAME)

# %% [markdown]
# Columns are the mean absolute error in K and the negative log-likelihood (NLL) in nats, means of three seeds.
#
# **What to see:** the nugget wins 0.8, 2.2 and 3.5 nats with 20, 100 and 500 stations. It wins no kelvin: with 500 the
# error is 0.14 K higher. Under a fixed lapse rate the fitted nugget is 0.7 to 1.0 K², six to eight times the variance of
# a thermometer. It stands for what the fixed rate gets wrong, and it smooths real differences away. The rest of the
# covariance wins 0.01 to 0.05 K.
#
# The hour's lapse rate wins kelvins: 0.09, 0.20 and 0.22 K. From first to last there are 0.10, 0.18 and 0.13 K to win, the
# size of the lead that the paper reports. But our networks are handed readings reduced by the fixed rate. So we expect
# of adapting many nats and few kelvins.
#
# Two limits: a pupil that takes the fields to be smoother begins 0.02 to 0.10 K worse. And a network that tells calm nights
# from windy ones may go below all four.
#
# ## Adapting, by hand
#
# A training task is one hour. Some of the stations that report are shown and the others are asked for. The share that is
# shown is drawn anew for every task.

# %%
from sparseobs.neural_process.conv_cnp import Points
from sparseobs.neural_process.tasks import TaskBatch


def split_stations(cell, n_tasks, generator):
    network = cell.network
    hours, train = map(torch.as_tensor, (cell.hours.train, cell.stations.train))
    times = hours[torch.randint(len(hours), (n_tasks,), generator=generator)]
    values = network.values[times[:, None], train]  # (task, station), NaN in gaps
    reports = torch.isfinite(values)
    order = torch.rand(values.shape, generator=generator).masked_fill(~reports, 2.0)
    share = torch.rand(n_tasks, 1, generator=generator) ** network.share_power
    n_shown = (share * reports.sum(1, keepdim=True)).floor()
    shown = order.argsort(1).argsort(1) < n_shown
    places = network.coordinates[train][None]
    context, targets = (Points(places, values, m) for m in (shown, reports & ~shown))
    return TaskBatch(context, targets, network.scalars[times], network.grid)


# %%
from sparseobs.randomness import torch_stream

four = split_stations(small, 4, torch_stream(seed, "Sim2Real"))
parts = [torch.as_tensor(part.train) for part in (small.hours, small.stations)]
same = small.network.sample(*parts, 4, torch_stream(seed, "Sim2Real"))
print("shown:", four[0].mask.sum(1).tolist(), "asked:", four[1].mask.sum(1).tolist())
print("the package draws the same:", torch.equal(four[0].mask, same[0].mask))

# %% [markdown]
# The loss is that of {doc}`/notebooks/pretraining`, over the stations asked for, and so is the step. It is taken from the
# stored pre-training, on these four tasks. Then *validation* stations are asked for, in validation hours.


# %%
def loss_by_hand(network, batch):
    context, targets, scalars, grid, _ = batch
    mean, variance = network(context, targets[0], scalars=scalars, grid=grid)
    error = (targets.values - mean).nan_to_num(0.0)  # gaps are not asked for
    each = 0.5 * (torch.log(2 * torch.pi * variance) + error**2 / variance)
    return ((each * targets.mask).sum(1) / targets.mask.sum(1)).mean()


# %%
pupil, recipe = copy.deepcopy(pretrained.model), small.settings.fine_tuning
adam = torch.optim.Adam(pupil.parameters(), recipe.learning_rate)
loss_by_hand(pupil, four).backward()
torch.nn.utils.clip_grad_norm_(pupil.parameters(), recipe.largest_gradient)
adam.step()

asked = small.hours.validation, small.stations.train, small.stations.validation
checked = small.network.given(*map(torch.as_tensor, asked))
with torch.no_grad():
    stepped = [loss_by_hand(each, checked).item() for each in (pretrained.model, pupil)]
by_package = tiny.losses_of_one_step(small, pretrained)
step = {"by hand": stepped, "package": by_package}
pd.DataFrame(step, index=["before", "after one step"]).round(4)

# %% [markdown]
# One step lowers the validation loss from 0.91 to 0.63. Ninety adapt the network of this small cell. After every 30 the
# validation loss is computed, and the network with the lowest is kept; the unchanged one is a candidate too. Then all
# stations of the cell are shown. Those nearest to the VALUE project's places are asked for. They and their hours are in
# no other part.

# %%
from sparseobs_book.temperature.scores import held_out, network_predict


def scores_of(mean, std, reading):
    """Mean absolute error (K) and negative log-likelihood (nats); gaps are NaN."""
    error = reading - mean
    nll = 0.5 * np.log(2 * np.pi * std**2) + error**2 / (2 * std**2)
    return np.nanmean(np.abs(error)), np.nanmean(nll)


def at_held_out(cell, network):
    return scores_of(*held_out(cell, network_predict(cell, network)))


# %%
package, networks = tiny.small_scores(small, pretrained, ("sim-only", "Sim2Real"))
ours = {name: at_held_out(small, each) for name, each in networks.items()}
ours = pd.DataFrame(ours, index=["mae", "nll"]).T
sides = {"by hand": ours, "package": package[["mae", "nll"]].astype(float)}
pd.concat(sides, axis=1).round(3)

# %% [markdown]
# **What to see:** both sides agree. The NLL falls from 6.78 to 1.82 nats. The error does not fall: 1.02 K before, 1.04 K
# after.
#
# ## The grid
#
# The grid has nine such cells and three seeds, each with its own split and a pre-training that passed its exam. Four
# stations in five train, the others choose the epoch; so with the hours. A network takes 450 steps of eight tasks at
# most, 900 from fresh weights. So Sim2Real meets at most 3,600 hours.

# %% tags=["hide-input"]
about_result("adaptation")

# %% [markdown]
# Methods are compared at the same stations and hours. Stations and blocks of days are drawn anew for a 95 % interval of the
# *difference*. We take the mean of the seeds' intervals, which is no narrower than one of the mean. The luck of training
# is only in the seeds. A difference within 0.05 K, or 0.05 nats, counts as none.
#
# Sim2Real less the better of sim-only and real-only, cell by cell:

# %%
found = {score: told.verdicts(table, score) for score in ("mae", "nll")}
columns = ["method", "gap", "low", "high", "verdict"]
better = {
    score: told.over_the_better(rows).set_index(told.CELL)[columns].sort_index()
    for score, rows in found.items()
}
pd.concat(better, axis=1).round(2)

# %% mystnb={"figure": {"caption": "Synthetic twin: Sim2Real's mean absolute error less that of other methods. Symbols are means over the seeds, bars the mean of the seeds' 95 % intervals (a paired bootstrap over held-out stations and blocks of days), black dots the seeds. Methods are moved sideways to be seen. Below zero Sim2Real errs less.", "name": "fig-adaptation-gain"}, "image": {"alt": "Three panels, one above the other, of symbols with vertical bars about a line at zero. With 20 stations the differences to sim-only lie above zero. With 100 and 500 stations those to sim-only, FiLM and frozen high frequencies lie at zero or just below. Those to the learned covariance lie far above zero."}}
drawn = ["Sim2Real", "sim-only", told.FILM, "frozen high frequencies"]
drawn = table["method"].isin([*drawn, "learned covariance"])
figure = draw.gain(table[drawn], "difference of MAE (K)")

# %%
rivals = [told.FILM, "frozen high frequencies", "learned covariance"]
told.pooled(found["mae"]).loc[rivals].sort_index().round(2)

# %% [markdown]
# *Ahead* means that the interval and all seeds lie below zero, *behind* that they lie above. *Equal* means that the
# interval lies within the margin. All else is *open*.
#
# The prediction was written before the run. The paper's claims are a summary's; its own table was not at hand. Differences
# are Sim2Real's score less the other's, from cell to cell:
#
# | less ... | the paper | predicted | found |
# |---|---|---|---|
# | the better of sim-only and real-only, MAE (K) | -0.2 to -0.1 | -0.15 to -0.05 | -0.05 to +0.01 |
# | the same, NLL (nats) | -1.0 to -0.5 | -2.0 to -0.3 | -0.43 to -0.19 |
# | the same with 20 stations, MAE (K) | no gain | no gain | +0.08 to +0.16 |
# | real-only, 10,000 hours, MAE (K) | no gain | | -0.17 to -0.13 |
# | FiLM, MAE (K) | far below 0 | -0.05 to +0.05 | -0.02 to +0.03 |
# | learned covariance, MAE (K) | | above 0 | +0.18 to +0.32 |
#
# Rows without a number of stations are of 100 and 500; the first two of 400 hours or more.
#
# **In error** the paper's lead is not there. The predicted 0.05 K are reached in none of the four cells; Sim2Real is
# ahead in one and equal in two. The best cell has 500 stations and 10,000 hours: -0.05 K [-0.09, -0.01]. Adapted with
# 10,000 hours it errs 1.15 and 1.02 K with 100 and 500 stations, the realist 1.15 and 0.98 K. What is left is mostly the
# hour's lapse rate. With 500 stations sim-only is behind even the perfect pupil (0.89 K), as it is behind kriging where
# many cells are shown ({doc}`/notebooks/pretraining`).
#
# **In NLL** the better rival is real-only. Sim2Real is ahead of it in three of the four and open in one, by less than the
# paper's lead, in two by less than predicted.
#
# **With 20 stations** adapting gains nothing, as predicted, and does harm: +0.10 K [+0.04, +0.17] with 10,000 hours.
# Sim-only is worth a classical map there: it errs 1.49 K, kriging with elevation drift 1.49 K.
#
# **FiLM** is as good, as predicted: +0.01 K [-0.02, +0.04] with 100 stations and -0.02 K [-0.06, +0.02] with 500. The
# learned covariance is ahead of Sim2Real by 0.20 K [0.05, 0.37] and 0.30 K [0.15, 0.49]. It errs less than every network at
# every number of stations, as predicted, but with 20 its lead is open. Optimal interpolation errs least everywhere.
#
# The numbers of stations and hours are the paper's, the problem is not quite the same. The paper's nodes are 4 km apart, ours
# 14. Its network has 3.8 million weights, ours 61,348. As far as the authors' code shows, readings are not reduced to sea
# level there. Then stations can teach how temperature changes with height ({doc}`/notebooks/heights`). And real-only, which
# catches up with very many hours in the paper, takes only 900 steps here.
#
# Would longer adapting help? Of 15 epochs 10 to 15 are kept with 500 stations and 400 hours or more, so it may. With 100
# stations epochs 4 to 15 are kept.
#
# ## What adapting wins: nats

# %% mystnb={"figure": {"caption": "Synthetic twin: negative log-likelihood of a density per K, as predicted, on a logarithmic axis; a panel a number of stations, each with its own axis. Lines are means over the seeds, dots the seeds; lower is better.", "name": "fig-adaptation-nll"}, "image": {"alt": "Three panels, one above the other, of negative log-likelihood against the number of hours. The level line of sim-only lies above all others, by more the more stations there are; only with 20 stations and 16 hours Sim2Real lies above it. Elsewhere Sim2Real falls with the hours and stays above the learned covariance."}}
figure = draw.scores_by_hours(table[table["method"].isin(lines)], "nll", "NLL (nats)")

# %%
sure = table[table["method"].isin(["sim-only", "Sim2Real"])].pivot_table(
    index="n_stations", columns="method", values=["nll", "nll_offset", "coverage"]
)
sure.round(2)

# %% [markdown]
# **What to see** in {numref}`fig-adaptation-nll` and the table of means: with 500 stations sim-only has an NLL of 19.14.
# Its 90 % intervals cover 40 % of the readings. It has met cells and no thermometer, and each station more makes it
# surer. Sixteen hours mend that: Sim2Real's NLL is then 2.19. With 20 stations sixteen hours are too few: one of the three
# seeds ends at 23.76 nats, chosen by four stations.
#
# One number does nearly the same. `nll_offset` is the NLL after one variance was added to every prediction, fitted on
# validation stations: 2.51 for sim-only, 1.97 for Sim2Real. That variance is a nugget. The authors' code adds one too,
# chosen on test data. Whether the published numbers contain it is not known.
#
# :::{admonition} Check yourself: a training keeps only what is better on validation. How can adapting do harm?
# :class: dropdown
# Validation is small: with 20 stations it has four. And it judges the likelihood: less sure, and further off, may be better
# by that.
# :::
#
# ## Break it, repair it: twenty stations
#
# Sixteen stations to learn from, four to choose on. Adapt to them. The repair leaves all weights alone: it adds to sim-only
# the one variance that suits the validation stations best.

# %%
few = tiny.small_cell(data, pretrained, n_stations=n_few, seed=seed, **sizes)
_, adapted = tiny.small_scores(few, pretrained, ("sim-only", "Sim2Real"))
rows = {name: at_held_out(few, each) for name, each in adapted.items()}

# %%
from sparseobs.stations.temperature import measured
from sparseobs_book.temperature.scores import validation_offset

says = network_predict(few, pretrained.model)
chosen_on, hours = few.stations.validation, few.hours.validation
mean, std = says(few.stations.train, chosen_on, hours)
reading = measured(data.stations).values[np.ix_(hours, chosen_on)]
tries = np.linspace(0, 30, 3001)  # K²
nll = [scores_of(mean, np.sqrt(std**2 + added), reading)[1] for added in tries]
added = tries[np.argmin(nll)]
print(f"added {added:.2f} K², by the package {validation_offset(few, says):.2f} K²")

# %%
mean, std, reading = held_out(few, says)
widened = np.sqrt(std**2 + added)
rows["sim-only + variance"] = scores_of(mean, widened, reading)
repaired = pd.DataFrame(rows, index=["MAE (K)", "NLL (nats)"]).T
repaired.round(2)

# %% [markdown]
# Adapting lowers the NLL from 3.38 to 2.34 nats and raises the error from 1.35 to 1.60 K. One variance brings the NLL to
# 2.29 nats, and no error is paid for it. It is large, 9.49 K²: of four stations one decides it.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-adaptation-few
# Take 500 stations in place of 20, with 16 hours in the grid. Which method's error falls most: `"sim-only"`,
# `"real-only"` or `"Sim2Real"`? Does sim-only's change at all?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Sim-only learns nothing from stations. What is it shown?
# :::

# %% tags=["exercise"]
prediction = ...  # YOUR TURN: "sim-only", "real-only" or "Sim2Real"
by_number = table[(table["n_times"] == 16) & table["method"].isin(lines[:3])]
by_number = by_number.pivot_table(index="method", columns="n_stations", values="mae")
check(exercises.judge_few, prediction, by_number)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: real-only's changes most. Sim-only's changes too: it is shown more.
print(by_number.round(2))
check(exercises.judge_few, "real-only", by_number)

# %% [markdown]
# :::{admonition} Exercise 2 · Derive · 10 minutes
# :name: exercise-adaptation-variance
# A network states the same standard deviation $\sigma$ everywhere and errs by $e_1, \ldots, e_n$. Which variance of 0 or
# more, added to $\sigma^2$, makes the negative log-likelihood least?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Now let $\sigma^2$ be the sum. The mean of $\tfrac12 \ln \sigma^2 + e_i^2 / (2 \sigma^2)$ has its minimum where its
# derivative by $\sigma^2$ is zero. What if that sum is less than what was stated?
# :::


# %% tags=["exercise"]
def best_added(errors, variance):
    """Variance (K²), 0 or more, to add to the stated variance (K²); errors: array, K."""
    return ...  # YOUR TURN


check(exercises.judge_variance, best_added)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: with the sum called w, 1 / (2 w) = mean(e^2) / (2 w^2), so w is the mean of the
# squared errors. Where the network states more than that, 0 is best.
def added_variance(errors, variance):
    return max(0.0, np.mean(errors**2) - variance)


check(exercises.judge_variance, added_variance)

# %% [markdown]
# ## Summary
#
# - Adapting splits the stations of an hour into shown and asked, over and over, from pre-trained weights.
# - Krigings that know more and more say what can be won: nats by a nugget, kelvins by the hour's lapse rate.
# - Here adapting wins nats, most of which one variance wins too. It wins 0.05 K at best, and with 20 stations it does harm.
#
# **Not shown:** more than three seeds; another weather; longer trainings. The grid's size `paper` has the published
# network; it was not run. Many cells were compared, and a few verdicts may be chance.
#
# **Next:** {doc}`/notebooks/heights` takes the reduction to sea level away. {doc}`/notebooks/start_from_kriging` gives the
# network kriging to begin with. {doc}`/notebooks/length_scales` measures the shortest wave that comes back.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that a lower error with more stations shows better learning. If time is
# short, read of the grid the table of predictions only. Exercise 1 needs one word.
# :::

# %% tags=["hide-input"]
print(
    f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}; synthetic data, "
    "two stored tables and a stored network; the small cells are adapted on this page"
)

# %% tags=["remove-cell", "claims"]
from sparseobs.runs.claims import say_which_hold

mae, nll = (better[score]["gap"] for score in ("mae", "nll"))
enough = [cell for cell in mae.index if cell[0] > 20 and cell[1] >= 400]
kriged = table.pivot_table(index="method", columns="n_stations", values="mae")
trained = [*lines[:3], told.FILM, "frozen high frequencies"]


def says_so(numbers, expected, decimals=2):
    numbers = np.round(np.asarray(numbers, dtype=float), decimals)
    return np.array_equal(numbers, expected)


say_which_hold(
    {
        "by hand as by the package": lambda: (
            np.allclose(stepped, by_package, atol=1e-4)
            and np.allclose(sides["by hand"], sides["package"], atol=1e-3)
            and torch.equal(four[0].mask, same[0].mask)
        ),
        "one step": lambda: says_so(stepped, [0.91, 0.63]),
        "the small cell": lambda: says_so(ours, [[1.02, 6.78], [1.04, 1.82]]),
        "twenty stations": lambda: says_so(
            repaired, [[1.35, 3.38], [1.60, 2.34], [1.35, 2.29]]
        ),
        "the variance added": lambda: round(added, 2) == 9.49,
        "the paper's lead in error is in none of these": lambda: (
            mae[enough] > -0.1
        ).all(),
        "NLL is won in these": lambda: (nll[enough] < -0.05).all(),
        "with 20 stations adapting harms": lambda: (mae.loc[20] > 0.05).all(),
        "the learned covariance errs less than networks": lambda: (
            (kriged.loc["learned covariance"] < kriged.loc[trained].min())[[100, 500]]
        ).all(),
        "optimal interpolation errs least": lambda: (
            kriged.idxmin() == "optimal interpolation"
        ).all(),
    }
)
