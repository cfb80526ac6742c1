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
# (length-scales)=
# # What is the smallest wave that a network can bring back?
#
# :::{admonition} On this page
# **You will be able to** measure the transfer function of any map-maker with plane waves, tell apart the three things that
# limit it, and say whether adapting has made the smallest scale smaller.
#
# **You need** {doc}`/notebooks/how_a_convcnp_sees` and {doc}`/notebooks/film_against_fine_tuning`.
#
# **Time** 15 minutes to read, seconds to run, 15 minutes for the exercises.
#
# **Runs on** one CPU core; networks come trained with the package. All data are synthetic.
# :::
#
# Scholz and colleagues {cite:p}`scholz2023` speak of a smallest learnable length scale: about 20 km for a network taught by
# the reanalysis, the spacing of its grid; about 4 km once stations have taught it, the distance of the two closest.
# Fine-tuning is to get there, FiLM is not. How these lengths were measured is not said in what we have of the paper.
# On a twin, whose truth is known, they can be measured.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Share of a wave's amplitude that comes back, by wavelength. Left: on the middle of the synthetic twin, internal grid of 7 km, waves read at stations. Right: on a line, where the simulator's length scale is five times reality's, waves read at 200 places. Lines are means over seeds, bands their range; level line at one half.", "name": "fig-scales-first"}, "image": {"alt": "Two panels of S-shaped curves that rise from nothing for short waves to one for long waves. Left: before and after adaptation nearly the same curve. Right: the curves of adapted networks lie left of the one before."}}
import os

import numpy as np
import pandas as pd
from sparseobs.figures import style
from sparseobs.runs.results import about_result, read_result
from sparseobs_book.length_scales import figures as draw
from sparseobs_book.length_scales import summary as views
from sparseobs_book.length_scales import views as live_views

style.use()
table = read_result("length_scales").table
fine, line = (table[table["part"] == part] for part in ("fine", "line"))
most = line["n_tasks"].isna() | line["n_tasks"].isin([0, np.inf])
panels = {
    "the twin, read at stations": fine[fine["context"] == "stations"],
    "a line, 200 readings": line[most & (line["context"] == "200 readings")],
}
figure = draw.transfer_curves(
    panels, "gain", "share of the amplitude", marks={}, level=0.5
)

# %% [markdown]
# {numref}`fig-scales-first` is the page in one picture. On a line, where nothing but its teaching limits a network, adapting
# brings back shorter waves, and fine-tuning shorter ones than FiLM. On the twin's maps adapting moves nothing. Why?
#
# ## The numbers of this page

# %% tags=["parameters"]
# smoke, lesson and paper show the same stored networks; smoke shows fewer waves
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
long_wave = 300.0  # km, 20 to 1000: the wave in the upper row of the maps
short_wave = 100.0  # km, 20 to 1000: the one in the lower row
amplitude = 1.0  # K, 0.01 to 20: of the waves
n_stations = 500  # stations shown, 20 to 500
hour = 20  # 0 to 53: which hour of the sample the waves are added to
seed = 0  # 0 or more: directions and phases

# %% tags=["hide-input"]
from sparseobs.errors import require_choice, require_number
from sparseobs.stations.twin_sample import load_sample
from sparseobs_book.length_scales import run as length_scales
from sparseobs_book.temperature.adapted_networks import COMMAND, stored_models
from sparseobs_book.temperature.sample import sample_experiment

require_choice("preset", preset, length_scales.PRESETS)
for name, wave in (("long_wave", long_wave), ("short_wave", short_wave)):
    require_number(name, wave, least=20, most=1000)
require_number("amplitude", amplitude, least=0.01, most=20)
stored = stored_models()
models = {name: network.model for name, network in stored.items()}
first = stored["sim-only"]
experiment = sample_experiment(
    load_sample(), first.model, first.standardisation, n_stations=n_stations
)
n_hours = experiment.data.stations.sizes["time"]
require_number("hour", hour, least=0, most=n_hours - 1, whole=True)
n_waves = 2 if preset == "smoke" else 8
print(
    f"networks made by {COMMAND}; {len(experiment.shown)} stations shown, {n_waves} waves of each length"
)

# %% [markdown]
# ## A wave as a probe
#
# Take an hour as it was. Add a plane wave to what the stations read, predict; subtract the same wave, predict again. Half
# the difference of the two maps is what the network makes of the wave. The weather is there, so that the network is on
# known ground, and drops out.

# %% mystnb={"figure": {"caption": "Two waves, and what three networks bring back of them inland, as shares of the amplitude; dots are the stations that read the waves.", "name": "fig-scales-maps"}, "image": {"alt": "Two rows of four maps of red and blue stripes. Long wave: all four look alike. Short wave: the networks' stripes are pale and broken."}}
rows = []
for wavelength in (long_wave, short_wave):
    maps, places = live_views.one_wave(
        experiment, models, wavelength, hour=hour, amplitude=amplitude, seed=seed
    )
    rows.append(maps)
figure = draw.wave_maps(
    rows, places, live_views.STEP, [f"{wave:g} km" for wave in (long_wave, short_wave)]
)

# %% [markdown]
# ## What comes back, by wavelength
#
# Many waves of each length, of random directions and phases, are asked for at random places where nobody reads. Call the
# wave $w$ and the answer $m$, and let $\langle\cdot\rangle$ be the mean over places and waves:
#
# $$\text{gain} = \frac{\langle m w\rangle}{\langle w^2\rangle},\qquad
# \text{error} = \frac{\langle (m - w)^2\rangle}{\langle w^2\rangle}.$$
#
# We call a wave *resolved* when its error is at most one half, the measure by which the resolution of maps of the ocean
# is stated {cite:p}`ballarotta2019`. An answer of nothing has an error of one.

# %% mystnb={"figure": {"caption": "Networks of other pages (one pre-training), waves read at stations: share of the amplitude that comes back. The dotted line is what two set convolutions leave of a wave if nothing stands between them and readers are everywhere. Grey lines: twice the spacing of nodes, cells (eastward) and, on average, stations.", "name": "fig-scales-live"}, "image": {"alt": "Share of the amplitude against wavelength: three coloured curves on top of each other, below the dotted black curve; grey vertical lines at short wavelengths."}}
spacings = views.spacings(experiment)
print(spacings.round(1).to_string())
lengths = (40.0, 57.0, 80.0, 113.0, 160.0, 226.0, 320.0)
live = live_views.live_transfers(
    experiment, models, lengths, n_waves=n_waves, amplitude=amplitude, seed=seed
)
marks = {
    f"twice the spacing of {name}": spacings.loc[what, "shortest wave"]
    for name, what in views.MARKS.items()
}
figure = draw.transfer_curves(
    {"read at stations": live}, "gain", "share of the amplitude", marks, level=0.5
)

# %%
wide = live.pivot(index="wavelength", columns="method", values="gain")
adapted = wide[["Sim2Real", "Sim2Real (FiLM)"]]
moved = adapted.sub(wide["sim-only"], axis=0).abs().max().max()
print(f"largest change of the gain by adapting: {moved:.3f}")
wide.round(2)

# %% [markdown]
# **What to see** in {numref}`fig-scales-live` and the table: before and after adaptation the curves lie on each other, FiLM's and
# fine-tuning's alike. Half of the amplitude is lost at a wavelength of many nodes, long before any of the grey lines. The
# dotted line says why: the set convolutions that lay readings on the grid and read the map off it blur each wave by a fixed
# amount. It depends on the spacing of the nodes, has no weight to train, and so nothing that adapting could change.
#
# :::{admonition} Check yourself: could the U-Net not sharpen what the set convolutions have blurred?
# :class: dropdown
# It could, down to two nodes, where the waves end. It is not asked to: the reanalysis that taught it is smooth, and
# sharpening also sharpens the stations' errors. These networks stay *below* the dotted line.
# :::
#
# ## Three limits: nodes, readers, teaching
#
# So take nodes half as far apart, where the blur matters less, on the middle of the twin, and train anew. And let the waves
# be read in three places: at every node (readers are no limit), at the reanalysis's cells, at the stations.

# %% tags=["hide-input"]
about_result("length_scales")

# %% mystnb={"figure": {"caption": "Finer internal grid, middle of the synthetic twin: shortest wave resolved, by who reads the waves. Means and 95 % intervals (Student's t) over seeds of split, pre-training and adaptation. Kriging is tuned on the same stations and asked from stations only. Grey lines: twice the spacing of nodes, and what two set convolutions alone would resolve.", "name": "fig-scales-limits"}, "image": {"alt": "Three panels of dots with intervals along an axis of wavelength, one row a method; within a panel the networks' dots lie close to each other, and farther right where stations read."}}
scales = views.resolved_scales(table)
means = views.scale_intervals(scales)
spacing_fine = spacings.loc["nodes of the network", "spacing"] / 2
limits = {
    "twice the spacing of nodes": 2 * spacing_fine,
    "set convolutions alone": views.through_set_convolutions(spacing_fine),
}
titles = {"nodes": "every node", "cells": "cells", "stations": "stations"}
figure = draw.shortest_waves(means[means["part"] == "fine"], titles, limits)

# %%
changes = views.paired_change(scales)
on_maps = changes[changes["part"] != "line"].drop(columns="n_tasks")
print("how many times shorter than before adapting, mean and 95 % interval over seeds")
assert (on_maps["mean"] < 1.5).all(), "the text below is wrong"
on_maps.drop(columns="part").set_index(["context", "method"]).round(3)

# %% [markdown]
# **What to see** in {numref}`fig-scales-limits` and the table: with closer nodes the networks resolve shorter waves than those
# of {numref}`fig-scales-live`, still longer ones than the set convolutions alone would. Reading at stations costs more. What
# adapting changes is small and nothing like the factor of five in the claim; the column `n` says from how many seeds.
#
# At every node stand many more readers than a network saw in training, and it loses some of even the longest
# waves. That is no limit of scale, but of being shown what one never met.
#
# ## The weather as the probe
#
# A wave is a question nobody asks. Here is the same measure for the twin's own weather: predicted maps against the truth,
# both at sea level, band by band of wavelengths along circles of latitude, hours that no network was trained on.

# %% mystnb={"figure": {"caption": "Middle of the synthetic twin, finer internal grid: power of the map's error over that of the true field, by wavelength, all stations shown. Above the level line a map resolves less than half of the variation, above one it does more harm than an empty map. The reanalysis has seen the truth; the others only stations.", "name": "fig-scales-weather"}, "image": {"alt": "Error curves falling with wavelength for five methods; the networks and kriging close together."}}
weather = fine[fine["context"] == "weather"]
figure = draw.transfer_curves(
    {"the weather of the twin's middle": weather},
    "error",
    "error (share)",
    limits,
    level=0.5,
)

# %%
resolved = means[means["context"] == "weather"].set_index("method")
print("shortest wave of the weather that is resolved (km)")
resolved[["mean", "low", "high", "n"]].round(0)

# %%
bands = weather.groupby(["method", "wavelength"], sort=False)["error"].mean().unstack()
longest = bands[bands.columns.max()]
assert longest["lapse rate + kriging"] < longest["Sim2Real"] < longest["sim-only"], (
    "the text below is wrong"
)
bands.rename(columns="{:.0f} km".format).round(2)

# %% [markdown]
# **What to see** in {numref}`fig-scales-weather` and the tables: a network that brings back a wave of 1 K does not therefore resolve
# the weather. Its map has more variation at these wavelengths than the truth, and is further from it than an empty map would
# be. We take this to be what stations read beside the field: siting, eddies, noise, and heights whose lapse rate is not
# the fixed one. Kriging was told of such errors by its nugget; the reanalysis the networks learned from had none. We have
# not tested this. Adapting moves the longest band the right way, by little. That lesson is to be *smoother*, not sharper.
#
# ## On a line, where the scale can be set
#
# On the twin we do not know what *could* have been learned. In the {doc}`laboratory of one-dimensional Gaussian processes </notebooks/gp_laboratory>` we do:
# functions of the simulator have a length scale of 0.25, those of reality of 0.05, and the exact prediction is known for
# either belief {cite:p}`rasmussen2006`. The internal grid has 64 nodes a unit of length: it is no limit here. A network is
# pre-trained on the simulator, then adapted with few and many tasks of reality.

# %% mystnb={"figure": {"caption": "On a line: shortest wave resolved, by the number of tasks of reality that a network was adapted with, for waves added to functions of reality, read with noise at 40 and at 200 random places. Means and 95 % intervals over seeds. Level lines: the exact prediction if reality's length scale is believed, and if the simulator's is.", "name": "fig-scales-line"}, "image": {"alt": "Two panels of the shortest wave against the number of tasks: it falls from the pre-trained network to the adapted ones, fine-tuning below FiLM, both above the line of the exact prediction."}}
figure = draw.scales_by_tasks(means[means["part"] == "line"])

# %%
on_line = changes[
    (changes["part"] == "line") & (changes["context"] == "200 readings")
].set_index(["method", "n_tasks"])
print("how many times shorter than before adapting, 200 readings")
on_line[["mean", "low", "high"]].round(2)

# %%
last = scales[scales["n_tasks"].isna() | scales["n_tasks"].isin([0, np.inf])]
ahead = views.paired_change(last, before="Sim2Real (FiLM)")
ahead = ahead[ahead["method"] == "Sim2Real"].set_index(["part", "context"])
assert ahead.loc[("line", "200 readings"), "low"] > 1, "the text below is wrong"
print("how many times shorter by fine-tuning than by FiLM, seed by seed")
ahead[["mean", "low", "high"]].round(3)

# %% [markdown]
# **What to see** in {numref}`fig-scales-line` and the table: here adapting does make the smallest scale smaller, fine-tuning
# more than FiLM, and on few tasks already. Neither reaches the exact prediction. Before adapting, the network resolves what an
# exact believer in the simulator would or a little better; it never believed in it quite. With few readings even the exact
# prediction loses waves that 200 readings bring back: readers limit again.
#
# :::{admonition} Check yourself: FiLM changes no filter. How can it shorten the scale at all?
# :class: dropdown
# The pre-trained filters carry shorter waves than the simulator needs: a network that was taught smooth functions by noisy
# readings knows what to *suppress*. FiLM turns the suppression down. What it cannot do is to make the filters cleaner.
# :::
#
# ## The claim beside our numbers

# %%
views.claims(scales)

# %% [markdown]
# The paper's column is a summary's, which we could not check against the paper; a *length scale* is no wavelength: waves of
# a field of length scale $l$ are mostly longer than $2\pi l$. So compare the last two rows rather than the first three.
# And the grid of the published network? Its nodes are as far apart as its closest stations, and the arithmetic is the same:

# %%
from sparseobs.neural_process.conv_cnp import PAPER
from sparseobs.stations.geography import DEGREE

published = DEGREE / PAPER.points_per_degree
through = views.through_set_convolutions(published)
print(
    f"nodes {published:.1f} km apart; two set convolutions alone resolve {through:.0f} km"
)
print(f"that is a wave of a length scale of {through / (2 * np.pi):.1f} km")

# %% [markdown]
# The claim holds where we could set the scale: on the line adapting shortens the smallest scale, fine-tuning more than
# FiLM. On the twin's maps it does not show: the nodes, the distance between stations and the errors of thermometers
# stop a network before its teaching does. And neither the grid's spacing nor the closest pair of stations is what we
# measure: waves resolved at stations are longer than twice either.
#
# ## Break it, repair it
#
# A transfer function is a property of a *linear* machine, and a network is none. Does ours depend on how large the wave is?

# %%
sizes = {}
for size in (0.1 * amplitude, amplitude, 10 * amplitude):
    part = live_views.live_transfers(
        experiment, models, (80.0, 160.0), n_waves=n_waves, amplitude=size, seed=seed
    )
    sizes[f"{size:g} K"] = part.set_index(["method", "wavelength"])["gain"]
by_size = pd.DataFrame(sizes).drop(index=live_views.ALONE, level="method")
spread = np.ptp(by_size.to_numpy(), axis=1).max()
print(f"largest difference between amplitudes: {spread:.3f}")
by_size.round(3)

# %% [markdown]
# Now break it in earnest: in the parameters cell set `n_stations = 20` and the stripes of both maps dissolve. Readers
# are what is missing then, and no training can replace them. Put 500 back.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict, then run · 5 minutes · no code
# :name: exercise-scales-few
# With `n_stations = 100` stations stand more than twice as far apart. Set `short_wave` to the shortest wave that you expect to
# come back recognisably, and run. Were you right?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Twice the mean spacing is printed in the table of spacings. The blur of the set convolutions comes on top.
# :::
#
# :::{admonition} Exercise 2 · Modify · 10 minutes · one line
# :name: exercise-scales-nodes
# Let the waves be read at every node instead of at stations: `context="nodes"`. At which wavelength is half of the amplitude
# left now, and how far is that from the dotted line?
# :::

# %%
everywhere = live_views.live_transfers(
    experiment, models, lengths, n_waves=n_waves, amplitude=amplitude
)  # YOUR TURN
halves = everywhere[everywhere["method"] == "sim-only"]
print(f"half at {np.interp(0.5, halves['gain'], halves['wavelength']):.0f} km")

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the rest of the way to the dotted line is what the U-Net was taught, not a lack of readers.
everywhere = live_views.live_transfers(
    experiment,
    models,
    lengths,
    n_waves=n_waves,
    amplitude=amplitude,
    context="nodes",
)
for name in ("sim-only", live_views.ALONE):
    halves = everywhere[everywhere["method"] == name]
    print(
        f"{name}: half at {np.interp(0.5, halves['gain'], halves['wavelength']):.0f} km"
    )

# %% [markdown]
# ## Summary
#
# - A transfer function needs no training: add a wave, subtract it, halve the difference. A wave is resolved when its error
#   is at most one half.
# - Nodes, readers and teaching limit a map, and the worst of the three wins.
# - Adapting shortens the smallest scale where nothing else limits it, fine-tuning more than FiLM. On the twin's maps
#   something else does.
#
# **Not shown:** the published network, whose nodes are closer together still; real stations; waves that a network of this
# size could bring back after a longer adaptation. The networks of 14 km are a single
# pre-training, and the weather of the twin is one draw.
#
# **Next:** {doc}`/notebooks/failure_signatures` asks where such networks fail.
#
# :::{admonition} For instructors
# :class: dropdown
# 30 minutes. Common misconception: that a grid of 14 km resolves 14 km, or 28. If time is short, skip the weather.
# Exercise 1 needs one number.
# :::

# %% tags=["hide-input"]
print(
    f"sparseobs {sparseobs.__version__}, preset {preset}; synthetic data, stored networks; "
    "computed on this page except where a table is named"
)
