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
# (pretraining)=
# # What a reanalysis can teach, and what it cannot
#
# :::{admonition} On this page
# **You will be able to** make tasks from a reanalysis, say what a network has learned from them, and show what it cannot
# have learned there.
#
# **You need** {doc}`/notebooks/temperature_from_stations` and {doc}`/notebooks/the_twin`.
#
# **Time** 10 minutes to read, seconds to run, 10 minutes for the exercises.
#
# **Runs on** one CPU core; the network comes trained with the package. All data are synthetic.
# :::
#
# A reanalysis {cite:p}`hersbach2020` has a value in every cell at every hour. So any cell can play the station: show some, ask for
# the others, and never run out of tasks. Scholz and colleagues {cite:p}`scholz2023` pre-train on up to 960,000 of them. Our network is
# smaller and has seen fewer. What does it know?

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Synthetic twin: an hour of the reanalysis that the network was not trained on (left), and what it makes of a few of its cells: mean (middle) and standard deviation (right).", "name": "fig-pretraining-completed"}, "image": {"alt": "Three maps: the reanalysis, a similar but smoother completed field, and a standard deviation that is small near the cells shown."}}
import os

import numpy as np
from sparseobs.figures import style
from sparseobs.stations.twin_sample import load_sample
from sparseobs_book.pretraining import figures as draw
from sparseobs_book.pretraining import run as views
from sparseobs_book.temperature.adapted_networks import COMMAND, stored_models
from sparseobs_book.temperature.sample import sample_experiment

style.use()
model, training, standardisation = stored_models()["sim-only"]
experiment = sample_experiment(load_sample(), model, standardisation)
field = views.completed(experiment, model, hour=20, n_cells=30)
figure = draw.completed(experiment.data.region, field)

# %% [markdown]
# {numref}`fig-pretraining-completed` shows what it knows from thirty of 1216 cells: near them a value and a small standard deviation,
# elsewhere climatology and a large one. It has learned how far a reading counts, and this network, small and trained shortly, lets none
# count much beyond a hundred kilometres.
#
# ## The numbers of this page

# %% tags=["parameters"]
# smoke, lesson and paper look at the same stored network
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number, 0 or more: which cells are shown
hour = 20  # 0 to 53: which hour of the sample
n_cells = 30  # cells shown in that hour, 0 to 1216
n_stations = 500  # stations, 5 to 500

# %% tags=["hide-input"]
from sparseobs.errors import require_choice, require_number
from sparseobs_book.temperature.presets import grid_presets

require_choice("preset", preset, grid_presets())
require_number(
    "hour", hour, least=0, most=experiment.data.stations.sizes["time"] - 1, whole=True
)
require_number("n_cells", n_cells, least=0, most=1216, whole=True)
experiment = sample_experiment(
    experiment.data, model, standardisation, n_stations=n_stations
)
recipe = grid_presets()["lesson"].pretraining
print(model.config)
print(f"pre-trained: {recipe}; made by {COMMAND}")
print(
    f"standardised: mean {standardisation.mean:.1f} °C at sea level, standard deviation {standardisation.std:.1f} K"
)

# %% [markdown]
# ## The loss falls and stays down
#
# Each task draws an hour, shows a random number of cells (none is allowed) and asks for all. Validation hours lie
# in other blocks of days.

# %% mystnb={"figure": {"caption": "Loss of the stored pre-training on the twin's reanalysis: negative log-likelihood of the standardised temperature in nats.", "name": "fig-pretraining-loss"}, "image": {"alt": "Training and validation loss against epoch, both falling and then level, close together."}}
figure = draw.loss(training.history)
last = training.history.iloc[-1]
gap = last["validation_nll"] - last["train_nll"]
assert abs(gap) < 0.2, "the text below is wrong"

# %% [markdown]
# **What to see** in {numref}`fig-pretraining-loss`: no gap opens between the two. There are far more tasks than a network of this size can
# learn by heart, so that it need not be stopped early; it may be stopped because time is up.
#
# ## More cells, less error
#
# Show nothing, and the answer is climatology: season, hour, place. Show more, and it becomes an interpolation that was learned, not
# chosen.

# %% mystnb={"figure": {"caption": "Mean absolute error over all cells of hours never trained on, against the number of cells shown (nested random subsets).", "name": "fig-pretraining-cells"}, "image": {"alt": "A line of error against the number of cells shown, falling steeply at first and then slowly."}}
counts = (0, 3, 10, 30, 100, 300, 600)
curve = views.error_by_cells(experiment, model, counts, seed)
figure = draw.error_by_cells(curve)
assert curve["mae"].iloc[0] > 3 * curve["mae"].iloc[-1]

# %%
curve[["n_cells", "mae", "nll", "coverage"]].round(2)

# %% [markdown]
# :::{admonition} Check yourself: what does the network do with more cells than it has ever been shown?
# :class: dropdown
# Nobody asked it to. It was shown up to 600 in a task. The density channel then takes values that it never met, and nothing
# guarantees the answer. Try it: set `n_cells = 1216`.
# :::
#
# ## What it cannot have learned
#
# Now show it stations instead, as in the grid's sim-only: all that may be shown, and ask at the held-out ones. Its 90 % intervals held what cells read. Do
# they hold what thermometers read?

# %%
from sparseobs_book.temperature.experiment import judge, observed, predict_held_out

at_stations = judge(experiment, model)
at_cells = curve.iloc[-1]
print(f"cells:    MAE {at_cells['mae']:.2f} K, coverage {at_cells['coverage']:.2f}")
print(f"stations: MAE {at_stations.mae:.2f} K, coverage {at_stations.coverage:.2f}")
assert at_stations.coverage < at_cells["coverage"] - 0.1, "the text below is wrong"

# %% mystnb={"figure": {"caption": "Synthetic twin: absolute errors of the pre-trained network at held-out stations against the standard deviation it stated; the line is what the mean absolute error should be at each standard deviation.", "name": "fig-pretraining-confidence"}, "image": {"alt": "A cloud of points, stated standard deviation across and absolute error up, nearly all binned means far above the line of honest confidence."}}
mean, std = predict_held_out(experiment, model)
error = np.abs(mean - observed(experiment, experiment.stations.held_out))
figure = draw.confidence(std, error)

# %% [markdown]
# **What to see** in {numref}`fig-pretraining-confidence`: the network is far too sure of thermometers. Cells are means over hundreds
# of square kilometres. They have no frost hollows, no courtyards, no noise, and so nobody has taught it
# what these scatter by. Nor how fast temperature changes over a few kilometres: the reanalysis has no power there.
#
# A number found on *validation* stations mends part of it: a variance to add to every prediction, see
# {doc}`/notebooks/failure_signatures`. It does not mend the mean.
#
# ## Break it, repair it
#
# Take the stations away but one in twenty-five. Interpolating gets hard, and what the network knows of weather should count.

# %%
few = sample_experiment(experiment.data, model, standardisation, n_stations=20)
with_few = judge(few, model)
print(
    f"{len(experiment.shown)} stations: MAE {at_stations.mae:.2f} K, coverage {at_stations.coverage:.2f}"
)
print(
    f"{len(few.shown)} stations: MAE {with_few.mae:.2f} K, coverage {with_few.coverage:.2f}"
)
assert with_few.mae > at_stations.mae

# %% [markdown]
# The error grows, and so does the stated standard deviation: the network knows that it is far from everything it was shown.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict, then run · 5 minutes · no code
# :name: exercise-pretraining-none
# Set `n_cells = 0` in the parameters cell and look at the map in the solution below. What will the standard deviation look like?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Season, hour and place is all it has. Where does the weather vary most: over land or over the sea?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution", "figure": {"caption": "The hour and the number of cells of the parameters.", "name": "fig-pretraining-solution"}, "image": {"alt": "Three maps as in the first figure, for the page's own number of cells."}}
# Solution: with no cell at all it is nearly as large as the weather itself.
field = views.completed(experiment, model, hour, n_cells, seed)
print(f"mean standard deviation {float(field['std'].mean()):.2f} K")
figure = draw.completed(experiment.data.region, field)

# %% [markdown]
# :::{admonition} Exercise 2 · Modify · 5 minutes · one line
# :name: exercise-pretraining-offset
# By which factor would all standard deviations have to grow for the 90 % intervals to hold 90 % of the readings?
# :::

# %%
factor = 2.0  # YOUR TURN
print(f"coverage {np.nanmean((error <= 1.645 * factor * std)[np.isfinite(error)]):.2f}")

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the 90 % quantile of the error in units of the stated interval.
factor = np.nanquantile(error / (1.645 * std), 0.9)
print(f"factor {factor:.1f}")

# %% [markdown]
# ## Summary
#
# - Any cell can play the station: a reanalysis gives more tasks than a small network can learn by heart.
# - The network learns seasons, hours, and how to spread a few readings over a map.
# - It cannot learn what cells do not have: the scatter of thermometers and the finest scales.
#
# **Not shown:** nine years of ERA5, the published network, a reanalysis of other years than the stations'.
#
# **Next:** {doc}`/notebooks/film_against_fine_tuning` looks at what stations change in it.
#
# :::{admonition} For instructors
# :class: dropdown
# 20 minutes. Common misconception: that a low pre-training loss promises a low loss at stations.
# :::

# %% tags=["hide-input"]
print(
    f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}; synthetic data, a stored network"
)
