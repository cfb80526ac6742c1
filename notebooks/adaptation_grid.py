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
# **You will be able to** say when to adapt a pre-trained network, when to leave it alone and when to interpolate; tell what
# a station teaches from what it shows; and read a paired interval.
#
# **You need** {doc}`/notebooks/film_against_fine_tuning` and {doc}`/notebooks/the_twin`.
#
# **Time** 15 minutes to read, half a minute to run, 15 minutes for the exercises.
#
# **Runs on** one CPU core. It reads a stored table and trains three small networks. All data are *synthetic*.
# :::
#
# Stations can teach a fresh network. They can adapt one that a simulator has taught. Or they are only shown to it, and teach
# nothing. Which is best must depend on how many there are, and for how long they report. Scholz and colleagues
# {cite:p}`scholz2023` vary both, and name two places where their recipe should break: 20 stations, and very many hours.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Synthetic twin: mean absolute error at held-out stations and hours, by the hours that an adaptation was given. Lines are means over the seeds, dots the seeds; lower is better. The interpolation is tuned once for all hours and sim-only is not adapted, so both are level.", "name": "fig-adaptation-first"}, "image": {"alt": "Three panels, one a number of stations, of error against the number of hours on a logarithmic axis, a line for each of six methods: level lines for interpolation and the untouched network, falling ones for networks that stations taught."}}
import os

import numpy as np
import pandas as pd
from sparseobs.figures import style
from sparseobs.figures.word_table import word_table
from sparseobs.runs.results import Statement, about_result, read_result
from sparseobs_book.adaptation_grid import figures as draw
from sparseobs_book.adaptation_grid import run as tiny
from sparseobs_book.adaptation_grid import summary as told

style.use()
table = read_result("adaptation").table
figure = draw.scores_by_hours(table, "mae", "MAE (°C)", logarithmic=True)

# %% tags=["hide-input"]
Statement(told.headline(table))

# %% [markdown]
# {numref}`fig-adaptation-first` is the whole grid. In the count, *less* and *more* need every seed's 95 % interval.
#
# ## The numbers of this page

# %% tags=["parameters"]
# smoke, lesson and paper read the same table; smoke trains the small cell for one epoch
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
n_stations = 100  # whole number, 5 to 500: of the small cell
n_times = 30  # whole number, 5 to 33: hours of the small cell
n_epochs = 6  # whole number, 1 to 15: of adapting; fresh weights get twice as many
seed = 0  # whole number, 0 or more: of its split, its tasks and its fresh weights
near = 0.05  # K, 0 to 1: what counts as being as good as the best (exercise 3)

# %% tags=["hide-input"]
from sparseobs.errors import require_choice, require_number
from sparseobs.stations.twin_sample import load_sample
from sparseobs_book.temperature.adapted_networks import COMMAND, stored_models
from sparseobs_book.temperature.presets import grid_presets

require_choice("preset", preset, grid_presets())
require_number("n_epochs", n_epochs, least=1, most=15, whole=True)
require_number("near", near, least=0, most=1)
data, pretrained = load_sample(), stored_models()["sim-only"]
epochs = 1 if preset == "smoke" else n_epochs
sizes = {"n_stations": n_stations, "n_times": n_times}
small = tiny.small_cell(data, pretrained, **sizes, n_epochs=epochs, seed=seed)
for what, split in (("stations", small.stations), ("hours", small.hours)):
    print(what, {part: len(positions) for part, positions in vars(split).items()})
print(f"{epochs} epochs of adapting; the network was pre-trained by {COMMAND}")

# %% [markdown]
# ## What a cell is
#
# A cell is a number of stations, a number of hours and a seed. Of either number four in five train and the rest choose the epoch
# that is kept. Splits are nested, as the paper's are: the 20 stations are among the 100. What is judged stays the same for a
# seed: all stations at the VALUE project's places, in hours of blocks of days that touch no other part. There every method is
# *shown* the cell's stations, whether it learnt from them or not.

# %% tags=["hide-input"]
about_result("adaptation")

# %%
lesson = grid_presets()["lesson"]
for name in ("real_only", "fine_tuning"):
    recipe = getattr(lesson, name)
    n_tasks = recipe.max_epochs * recipe.batches_per_epoch * recipe.batch_size
    print(f"{name}: {recipe}; {n_tasks} tasks at most")

# %% [markdown]
# Keep these numbers in mind: a training task is one hour, so beyond so many hours a network does not even meet them all.
#
# ## A small cell of your own
#
# The grid takes longer than a page may. Here is a cell with some of its stations, on the sample of hours that comes with the package, and with
# shorter trainings. Loss on validation stations, epoch by epoch:

# %% mystnb={"figure": {"caption": "The small cell: loss at validation stations and hours, in normalised units. Rings mark the epoch that is kept; the level line is the pre-trained network, where both adaptations start.", "name": "fig-adaptation-small"}, "image": {"alt": "Validation loss by epoch: a level line for the pre-trained network, two curves that begin on it for its adaptations, and one that begins far above for fresh weights."}}
methods = ("lapse rate + IDW", "sim-only", "real-only", "Sim2Real", told.FILM)
scores, trainings = tiny.small_scores(small, pretrained, methods)
histories = {name: training.history for name, training in trainings.items()}
kept = {name: training.best_epoch for name, training in trainings.items()}
figure = draw.losses_by_epoch(histories, kept)
assert all(kept[name] == 0 for name in kept if len(histories[name]) == 1)

# %%
scores[["mae", "nll", "nll_offset", "coverage"]].astype(float).round(2)

# %% [markdown]
# **What to see:** a ring at epoch 0 says that no step helped on validation; then the pre-trained network is kept. The
# table is at held-out stations, in few hours. It shows how a cell works, not who wins; for that there is the grid.
#
# :::{admonition} Check yourself: a training can only keep what is better on validation. Can adapting still do harm?
# :class: dropdown
# Yes, where validation is small: what was best on a few readings need not be better elsewhere. *Break it* below has one station.
# :::
#
# ## Who errs least where?

# %% mystnb={"figure": {"caption": "Synthetic twin: the network of lowest mean absolute error (°C) for each number of stations and hours, a mean over the seeds, and the next best one's. The interpolation is left out.", "name": "fig-adaptation-winners"}, "image": {"alt": "A grid of cells, hours across and stations up, each with the name and the error of the best network and the error of the second best."}}
networks = table[table["method"] != told.INTERPOLATION]
figure = draw.winners(networks, "mae")

# %%
means = told.mean_scores(table, "mae")
print("cells won:", means.idxmin().value_counts().to_dict())
among = told.mean_scores(networks, "mae").idxmin().value_counts()
print("cells won among the networks:", among.to_dict())

# %% [markdown]
# **What to see** in {numref}`fig-adaptation-winners`: not the winner's name, but how little lies between it and the next. The first
# count has the interpolation too. It fits a lapse rate to the stations of each hour, where the networks' is fixed, and needs no training.
#
# ## How far ahead, and is it luck?
#
# Stations and days differ more than methods do. So methods are compared station by station and hour by hour, at the same
# ones, and stations and blocks of days are drawn anew, with replacement, for an interval of the *difference*.

# %% mystnb={"figure": {"caption": "Synthetic twin: Sim2Real's mean absolute error less that of other methods; real-only, far off where hours are few, is in the table below. Bars are 95 % intervals by a paired bootstrap over held-out stations and blocks of days, one bar a seed, moved sideways to be seen. Below zero Sim2Real errs less.", "name": "fig-adaptation-gain"}, "image": {"alt": "Three panels, one a number of stations, of symbols with vertical bars against the number of hours, about a line at zero: differences to interpolation, to the untouched network, to FiLM and to frozen high frequencies."}}
part = table[table["method"] != "real-only"]
figure = draw.gain(part, "mae", "difference of MAE (K)")

# %%
shown = ("sim-only", "real-only", told.FILM, told.INTERPOLATION)
pd.concat({name: told.cells_in_words(table, "mae", name) for name in shown})

# %%
least, most = table["n_times"].min(), table["n_times"].max()
untouched = table[table["method"] == "sim-only"].groupby("n_stations")["mae_gap"].mean()
assert untouched.abs().max() < 0.05, "the text below is wrong"
by_hours = table[table["method"] == "real-only"].groupby("n_times")["mae_gap"].mean()
assert by_hours[least] == by_hours.min() < 0, "the text below is wrong"
assert by_hours[most] > by_hours[least] / 2, "the text below is wrong"
lead = [f"{-gap:.2f} K with {hours:g} hours" for hours, gap in by_hours.items()]
print("lead over real-only:", ", ".join(lead))

# %% [markdown]
# **What to see** in {numref}`fig-adaptation-gain` and the table (K; `open`: the seeds do not agree, or an interval contains
# zero): pre-training saves hours. It is worth most where a fresh network has the fewest; where it has the most, less than half
# of that lead is left. Against the untouched network there is next to nothing to see, where the paper finds a clear gain. Our twin's
# reanalysis may be too good a teacher, or 150 steps too few. The second can be tried, see below.
#
# An interval holds the luck of stations and days. That of split, pre-training and training is only in the seeds, and they
# are few. By how much do these move a method, from the best seed to the worst, on average over cells?

# %%
sizes = ["method", "n_stations", "n_times"]
by_seed = table.groupby(sizes, sort=False)["mae"].agg(np.ptp)
apart = by_seed.groupby("method", sort=False).mean()
print("difference between seeds (K):", apart.round(3).to_dict())

# %% [markdown]
# Hold each lead against these before you believe it.
#
# ## Were the trainings too short?
#
# 150 steps are a tenth of the pre-training. A second grid takes the most hours, and every training on stations takes three
# times as many steps; with 500 stations, where the last epochs had been the best, also nine times as many. All else stays.

# %% mystnb={"figure": {"caption": "Synthetic twin, 10,000 hours: Sim2Real's mean absolute error less that of other methods, all trained on stations for so many times as many steps. Bars are 95 % intervals by a paired bootstrap over held-out stations and blocks of days, one bar a seed, moved sideways to be seen. Below zero Sim2Real errs less.", "name": "fig-adaptation-length"}, "image": {"alt": "Two panels, one a number of stations, of symbols with vertical bars against the number of steps, about a line at zero: the difference to the untouched network falls below zero with more steps, that to a fresh network rises to zero."}}
longer = read_result("adaptation_length").table
rivals = ("Sim2Real", "sim-only", "real-only", told.FILM)
figure = draw.gain(
    longer[longer["method"].isin(rivals)],
    "mae",
    "difference of MAE (K)",
    "lengthening",
)

# %% tags=["hide-input"]
about_result("adaptation_length")

# %%
found = told.verdicts(longer, "mae")
found["words"] = told.in_words(found, decimals=3)
words = found.pivot(
    index="method", columns=["n_stations", "lengthening"], values="words"
)
nine = found[found["lengthening"] == 9].set_index("method")["verdict"]
assert nine["sim-only"] == told.AHEAD, "the text below is wrong"
for method in ("real-only", told.INTERPOLATION, told.FILM):
    assert nine[method] == told.OPEN, "the text below is wrong"
film = found[(found["method"] == told.FILM) & (found["n_stations"] == 500)]
by_steps = film.set_index("lengthening")["gap"].sort_index()
assert by_steps.is_monotonic_decreasing, "the text below is wrong"
words.sort_index(axis=1)

# %% [markdown]
# **What to see** (K; verdicts as above): yes, for the error. With 500 stations and nine times the steps every seed's Sim2Real errs
# less than the untouched network, which is what the paper finds. In the same time the fresh network has caught up: with this many
# hours pre-training no longer shows in the error, which is the paper's break by very many hours. The lead over FiLM grows, and is
# still open, as is the difference to the interpolation.
#
# ## A station or an hour: which teaches more?
#
# From one number to the next the grid multiplies by five, in hours and in stations alike. So steps can be compared.

# %% mystnb={"figure": {"caption": "Synthetic twin: change of the mean absolute error from one number of stations (left) or hours (right) to five times as many, all else the same. Symbols are means, bars run from the least to the greatest change in any cell and seed. Below zero the error falls.", "name": "fig-adaptation-returns"}, "image": {"alt": "Two panels of symbols with vertical bars, a group for each step: to more stations all methods fall by a lot, to more hours the networks that learn fall by less and less, the others not at all."}}
steps = told.returns(table, "mae")
figure = draw.returns(steps, "change of MAE (K)")

# %%
by_step = steps.groupby(["method", "more"], sort=False)["change"].mean().unstack()
assert abs(by_step.loc["sim-only", "hours"]) < 1e-3, "an untouched network learnt"
ours, shown_only = by_step.loc["Sim2Real"], by_step.loc["sim-only", "stations"]
assert ours["stations"] < ours["hours"] < 0, "the text below is wrong"
assert abs(ours["stations"] - shown_only) < -shown_only / 2, "the text below is wrong"
by_step["stations, less sim-only's"] = by_step["stations"] - shown_only
by_step.round(3)

# %% [markdown]
# **What to see** in {numref}`fig-adaptation-returns`: five times the stations lower Sim2Real's error more than five times the hours.
# But a station does two things: it teaches, and it is *shown* when the network is asked. Sim-only learns from none, so all that
# it gains from stations it gains by being shown them. The last column is what remains: below zero, the lead over sim-only grows with
# the stations; above, it shrinks. Either way it is the smaller part.
#
# Now hold the *readings* fixed, stations times hours: few stations for long, or many for a short time?

# %%
readings = {
    "MAE of Sim2Real (°C)": told.same_readings(table, "mae", "Sim2Real"),
    "less that of sim-only (K)": told.same_readings(table, "mae_gap", "sim-only"),
}
errors = readings["MAE of Sim2Real (°C)"]
fewest, many = errors.bfill(axis=1).iloc[:, 0], errors.ffill(axis=1).iloc[:, -1]
assert (many < fewest).all(), "the text below is wrong"
pd.concat(readings, axis=1).round(2)

# %% [markdown]
# Along a row the readings are as many. The error falls with the stations among which they are spread. What adapting itself is
# worth, in the columns on the right, is another question: there the same networks are shown the same stations.
#
# ## How sure?
#
# A prediction is a mean *and* a standard deviation, and the negative log-likelihood judges both. The authors' code adds a
# variance to what networks predict before it does so, a number tried on test data. Here one variance a method is fitted on
# validation stations, and both likelihoods stand side by side.

# %% mystnb={"figure": {"caption": "Synthetic twin: negative log-likelihood of a density per °C, as predicted, with nothing added. Lines are means over the seeds, dots the seeds; lower is better. The frame is the others': sim-only may lie above it, see the table.", "name": "fig-adaptation-nll"}, "image": {"alt": "Three panels, one a number of stations, of negative log-likelihood against the number of hours, a line a method; the network that stations alone taught falls with hours, the others are nearly level."}}
figure = draw.scores_by_hours(table, "nll", "NLL (nats)")

# %%
sure = table.pivot_table(
    index="method",
    columns="n_stations",
    values=["nll", "nll_offset", "coverage"],
    sort=False,
)
lead = sure.loc["sim-only"] - sure.loc["Sim2Real"]
largest = table["n_stations"].max()
assert lead["nll"][largest] > 2 * lead["nll_offset"][largest], "the text below is wrong"
assert sure.loc["sim-only", ("coverage", largest)] < 0.8, "the text below is wrong"
sure.sort_index(axis=1).round(2)

# %%
where = (table["n_times"] == least) & (table["n_stations"] == largest)
first = (
    table[where].set_index("method").loc[["sim-only"], ["mae_gap", "nll_gap"]].mean()
)
assert first["nll_gap"] < -1 and first["mae_gap"] > -0.1, "the text below is wrong"
print(f"{largest} stations, {least} hours: adapting changes the NLL", end=" ")
print(f"by {first['nll_gap']:+.2f} nats and the MAE by {first['mae_gap']:+.2f} K")

# %% [markdown]
# **What to see** in {numref}`fig-adaptation-nll` and the table (means over hours and seeds; coverage of 90 % intervals, so 0.9 is right): among
# many stations the untouched network is far too sure, for it has met cells and never a thermometer's own error. Adapting mends
# that before it lowers the error. So does one added variance: with it, most of the lead over sim-only in likelihood is gone.
#
# ## The paper's claims beside our numbers
#
# The claims are those of a summary of the paper {cite:p}`scholz2023`, from its key results and mechanisms; the paper's own table, over
# the same numbers of stations and hours, was not at hand. Ours are means over cells, and `ahead` needs every seed.

# %% tags=["hide-input"]
word_table(told.beside_the_paper(table))

# %%
untouched = table[table["method"] == "sim-only"].groupby("n_stations")
untouched = untouched[["mae_gap", "nll_gap"]].mean()
fresh = table[table["method"] == "real-only"].groupby("n_times")[["mae_gap", "nll_gap"]]
print("Sim2Real less sim-only, by stations\n", untouched.round(2).to_string())
print("\nSim2Real less real-only, by hours\n", fresh.mean().round(2).to_string())

# %% [markdown]
# **The two breaks:** 20 stations are the first row of the first list, very many hours the last row of the second. A break is a
# number that comes to zero from below, or passes it. For the second our grid cannot go all the way: the trainings are so short that
# 10,000 hours are not all met, and a fresh network has no time to catch up by them. Given nine times the steps it does
# ({numref}`fig-adaptation-length`).
#
# ## Break it, repair it: five stations
#
# Four to learn from, one to choose on, ten hours. The small cell again:

# %%
sizes = {"n_stations": 5, "n_times": 10, "n_epochs": epochs, "seed": seed}
five = tiny.small_cell(data, pretrained, **sizes)
broken, chosen = tiny.small_scores(five, pretrained, methods)
loss = {name: training.history["validation_nll"] for name, training in chosen.items()}
broken["validation before"] = pd.Series({name: each[0] for name, each in loss.items()})
broken["kept"] = pd.Series({name: each.min() for name, each in loss.items()})
assert broken.loc["real-only", "mae"] > broken.loc["sim-only", "mae"]
broken[["mae", "nll", "validation before", "kept"]].astype(float).round(2)

# %% [markdown]
# A fresh network is broken: it has hardly met a map. Pre-training repairs it without a single reading. Adapting it further has
# eight hours of four stations to learn from and two readings to choose by. Either no step helps and it is kept as it was, or
# validation promises something: compare the promise with the error. The interpolation needs none of this.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict, then run · 5 minutes · no code
# :name: exercise-adaptation-few
# In the parameters cell set `n_stations = 20`, then 500. Which method's error in the small cell will change the most, and will
# sim-only's change at all?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Sim-only learns nothing from stations. What does it see when it is asked?
# :::
#
# :::{admonition} Exercise 2 · Modify · 10 minutes · one line
# :name: exercise-adaptation-readings
# With as many readings, does a *fresh* network too do better with many stations for a short time? The starter looks at Sim2Real.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# It has to learn the map as well. Compare the row of 8000 readings: the fewest hours are 16.
# :::

# %%
method = "Sim2Real"  # YOUR TURN: "real-only"
require_choice("method", method, means.index)
rows = told.same_readings(table, "mae", method)
print("readings and their best number of stations:", rows.idxmin(axis=1).to_dict())

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: compare the rows.
for method in ("Sim2Real", "real-only"):
    rows = told.same_readings(table, "mae", method)
    print(method, rows.idxmin(axis=1).to_dict())

# %% [markdown]
# :::{admonition} Exercise 3 · Modify · 10 minutes · one line
# :name: exercise-adaptation-cheapest
# You have all 500 stations. How many hours does Sim2Real need to come within `near` of its best error? And real-only?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Change the name of the method; or `near`, in the parameters cell.
# :::

# %%
errors = means.loc["Sim2Real", largest]  # YOUR TURN
enough = errors.index[errors <= errors.min() + near].min()
print(f"{enough} hours for {errors[enough]:.2f} °C; the best is {errors.min():.2f}")

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the difference is what pre-training saves.
for method in ("Sim2Real", told.FILM, "real-only"):
    errors = means.loc[method, largest]
    enough = errors.index[errors <= errors.min() + near].min()
    print(f"{method}: {enough} hours for {errors[enough]:.2f} °C")

# %% [markdown]
# ## Summary
#
# - Pre-training saves hours: it is worth most where stations have reported for a short time.
# - 150 steps of adapting change how sure a network is, and hardly how much it errs; nine times as many lower the error, by
#   little, with 500 stations. By then a fresh network has caught up.
# - A station teaches and is shown. Sim-only tells the two apart, and for the error the showing counts.
# - A paired interval is of a difference at the same stations and hours; what differs between trainings is only in the seeds.
#
# **Not shown:** more than three seeds; another weather, for all have the same; a larger network, or trainings long enough to meet
# 10,000 hours (the grid's size `paper` has both, and has not been run); kriging; real stations, which are in
# {doc}`/notebooks/real_data`. Many cells were compared, and a few verdicts may be chance.
#
# **Next:** {doc}`/notebooks/gp_laboratory` asks the same where the best prediction is known; {doc}`/notebooks/length_scales` measures
# the smallest wave that comes back, before and after.
#
# :::{admonition} For instructors
# :class: dropdown
# 30 minutes with the exercises. Common misconception: that a lower error with more stations shows better learning. If time is
# short, skip the likelihoods. Exercise 1 needs one number.
# :::

# %% tags=["hide-input"]
print(
    f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}; synthetic data, "
    "a stored table and a stored network; the small cells are trained on this page"
)
