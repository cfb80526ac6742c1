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
# **You will be able to** measure the transfer function of any map-maker with plane waves, and tell apart the three
# things that limit it. You can say whether adapting has made the smallest scale smaller.
#
# **You need** {doc}`/notebooks/how_a_convcnp_sees` and {doc}`/notebooks/film_against_fine_tuning`.
#
# **Time** 12 minutes to read, seconds to run, 15 minutes for the exercises.
#
# **Runs on** one CPU core; networks come trained with the package. All data are synthetic.
# :::
#
# A summary of their paper says that Scholz and colleagues {cite:p}`scholz2023` found a smallest learnable length scale.
# It is about 20 km for a network taught by the reanalysis, the spacing of its grid. Once stations have taught it, it is
# about 4 km, the distance of the two closest. Fine-tuning is to get there, FiLM is not. How these lengths were measured
# we do not know. On a twin, whose truth is known, they can be measured.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"]
import os

import numpy as np
import pandas as pd
from sparseobs.figures import style
from sparseobs.runs.results import about_result, read_result
from sparseobs_book.checking import check
from sparseobs_book.length_scales import exercises, summary
from sparseobs_book.length_scales import figures as draw

style.use()
table = read_result("length_scales").table

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Share of a wave's amplitude that comes back, by wavelength. Top: on the middle of the synthetic twin, internal grid of 7 km, waves read at stations; kriging with a fixed lapse rate, tuned on the same stations, beside the networks. Bottom: on a line, where the simulator's length scale is five times reality's, waves read at 200 places; exact predictions for either length scale beside the networks, which were adapted with unlimited tasks. Lines are means over seeds, bands their range; level line at one half.", "name": "fig-scales-first"}, "image": {"alt": "Two panels, one above the other, of S-shaped curves that rise from nothing for short waves towards one for long waves. Top: sim-only, Sim2Real and FiLM lie on one another; kriging is below them for short waves and above them for long ones. Bottom: the curves of adapted networks lie left of sim-only's."}}
fine, line = (table[table["part"] == part] for part in ("fine", "line"))
ends = line["n_tasks"].isna() | line["n_tasks"].isin([0, np.inf])
panels = {
    "the twin, read at stations": fine[fine["context"] == "stations"],
    "a line, 200 readings": line[ends & (line["context"] == "200 readings")],
}
figure = draw.transfer_curves(panels, "gain", "share of the amplitude", marks={})

# %% [markdown]
# {numref}`fig-scales-first` is the page in one picture. On a line, where nothing but its teaching limits a network, adapting
# halves the shortest wave that comes back, and fine-tuning brings back shorter ones than FiLM. On the twin's maps adapting
# moves nothing. And a wave that comes back is not yet the weather ({numref}`fig-scales-weather`).
#
# :::{admonition} A table of an earlier twin
# :class: important
# The stored table of this page was made on an *earlier* twin, which had no nights, with networks that read stations at one
# scale and sat no exam. Waves that the page itself computes are of the twin with nights, and of networks that passed theirs
# ({doc}`/notebooks/pretraining`).
# :::
#
# ## The numbers of this page
#
# The text speaks of these numbers as they are given. With others, go by what the cells print.
# Run with others: `.venv/bin/papermill notebooks/length_scales.ipynb out.ipynb -p n_stations 100`

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
from sparseobs.runs.parameters import refuse_unknown
from sparseobs.stations.twin_sample import load_sample
from sparseobs_book.length_scales import twin
from sparseobs_book.length_scales.run import PRESETS
from sparseobs_book.temperature.adapted_networks import (
    COMMAND,
    sample_experiment,
    stored_models,
)

refuse_unknown()
require_choice("preset", preset, PRESETS)
require_number("hour", hour, least=0, most=53, whole=True)
require_number("amplitude", amplitude, least=0.01, most=20)
require_number("n_stations", n_stations, least=20, most=500, whole=True)
require_number("seed", seed, least=0, whole=True)
for name, wave in (("long_wave", long_wave), ("short_wave", short_wave)):
    require_number(name, wave, least=20, most=1000)

# %% tags=["hide-input"]
data, stored = load_sample(), stored_models()
models = {name: network.model for name, network in stored.items()}
start, sizes = stored["sim-only"], {"n_stations": n_stations}
experiment = sample_experiment(data, start.model, start.standardisation, **sizes)
hours = np.resize(np.arange(data.stations.sizes["time"]), 2 if preset == "smoke" else 8)
print(f"networks made by {COMMAND}; {len(experiment.shown)} stations shown")
print(f"waves of each length: {len(hours)}")

# %% [markdown]
# ## A wave as a probe
#
# Take an hour as it was. Add a plane wave to what the stations read, predict; subtract the same wave, predict again. Half
# the difference of the two maps is what the network makes of the wave. The weather drops out.

# %% mystnb={"figure": {"caption": "The long wave, and what three networks bring back of it inland, as shares of the amplitude; dots are the stations that read the wave.", "name": "fig-scales-maps"}, "image": {"alt": "Four maps of red and blue stripes. All four look alike; the networks' stripes are a little paler than the wave's."}}
probe = {"hour": hour, "amplitude": amplitude, "seed": seed}
long_maps, places = twin.one_wave(experiment, models, long_wave, **probe)
figure = draw.wave_maps(long_maps, places, twin.STEP)

# %% mystnb={"figure": {"caption": "The short wave, and what three networks bring back of it inland, as shares of the amplitude; dots are the stations that read the wave.", "name": "fig-scales-maps-short"}, "image": {"alt": "Four maps of red and blue stripes. The networks' stripes are pale and broken beside the wave's."}}
short_maps, places = twin.one_wave(experiment, models, short_wave, **probe)
figure = draw.wave_maps(short_maps, places, twin.STEP)

# %% [markdown]
# ## What comes back, by wavelength
#
# **What to see** in {numref}`fig-scales-maps` and {numref}`fig-scales-maps-short`: the long wave comes back nearly as a whole,
# the short one pale and in pieces. Call the wave $w$ and the answer $m$, and let $\langle\cdot\rangle$ be the mean over places
# and waves:
#
# $$\text{gain} = \frac{\langle m w\rangle}{\langle w^2\rangle},\qquad
# \text{error} = \frac{\langle (m - w)^2\rangle}{\langle w^2\rangle}.$$
#
# We call a wave *resolved* when its error is at most one half, the measure by which the resolution of maps of the ocean
# is stated {cite:p}`ballarotta2019`. An answer of nothing has an error of one. For the maps above:

# %%
came_back = {}
for wavelength, maps in ((long_wave, long_maps), (short_wave, short_maps)):
    wave = maps["the wave"]
    for name in models:
        gain = (maps[name] * wave).mean() / (wave**2).mean()
        error = ((maps[name] - wave) ** 2).mean() / (wave**2).mean()
        came_back[wavelength, name] = {"gain": gain, "error": error}
on_maps_of_both = pd.DataFrame(came_back).T.rename_axis(["km", "method"])
on_maps_of_both.round(2)

# %% [markdown]
# Of the wave of 300 km 0.83 to 0.89 comes back, of the one of 100 km 0.23 to 0.27: the first is resolved, the second is not.
#
# Now many waves of each length, of random directions and phases, asked for at random places where nobody reads. Beside the
# networks stands what the two narrowest set convolutions alone would leave of a wave, the way onto the grid and off it.
# Each multiplies it by $\exp(-(2\pi\ell/\lambda)^2/2)$, where $\lambda$ is the wavelength and $\ell$ the distance between nodes
# ({doc}`/notebooks/how_a_convcnp_sees`).

# %% mystnb={"figure": {"caption": "Networks of other pages (one pre-training), waves read at stations: share of the amplitude that comes back. Dotted: the two narrowest set convolutions alone. Grey lines: twice the spacing of nodes, of cells (eastward) and, on average, of stations.", "name": "fig-scales-live"}, "image": {"alt": "Share of the amplitude against wavelength: three coloured curves on top of each other, below the dotted curve; grey vertical lines at short wavelengths."}}
spacings = summary.spacings(experiment)
lengths = np.array([40.0, 57.0, 80.0, 113.0, 160.0, 226.0, 320.0])
asked = {"hours": hours, "n_targets": 200, "amplitude": amplitude, "seed": seed}
live = twin.twin_transfers(experiment, models, "stations", lengths, **asked)
left = np.exp(-((2 * np.pi * spacings["nodes"] / lengths) ** 2))
alone = pd.DataFrame({"wavelength": lengths, "gain": left})
live = pd.concat([live, alone.assign(method="set convolutions alone")])
marks = {
    f"twice the spacing of {name.split(',')[0]}": 2 * spacings[name]
    for name in ("nodes", "cells, eastward", "stations, on average")
}
panel = {"read at stations": live}
figure = draw.transfer_curves(panel, "gain", "share of the amplitude", marks)

# %%
print(spacings.round(1).to_string())
wide = live.pivot(index="wavelength", columns="method", values="gain")
adapted = wide[["Sim2Real", "Sim2Real (FiLM)"]]
moved = adapted.sub(wide["sim-only"], axis=0).abs().max(axis=None)
print(f"largest change of the gain by adapting: {moved:.3f}")
half = np.interp(0.5, wide["sim-only"], wide.index)
print(f"half of the amplitude comes back of {half:.0f} km, by sim-only")
wide.round(2)

# %% [markdown]
# **What to see** in {numref}`fig-scales-live` and the table: before and after adaptation the curves lie on each other, FiLM's and
# fine-tuning's alike. Adapting moves no point by more than 0.022. Half of the amplitude is lost at 156 km, eleven times the
# spacing of the nodes. The set convolutions alone lose half of it at 105 km. They depend on that spacing and have no weight to
# train, so adapting cannot change them. The U-Net could sharpen what they blur. Nobody asks it to: the reanalysis that taught
# it is smooth.
#
# ## Three limits: nodes, readers, teaching
#
# So take nodes half as far apart, on the middle of the twin, and train anew. And let the waves be read in three places: at
# every node (readers are no limit), at the reanalysis's cells, at the stations. How long the networks were taught was *not*
# varied.

# %% tags=["hide-input"]
about_result("length_scales")

# %% mystnb={"figure": {"caption": "Finer internal grid, middle of the synthetic twin: shortest wave resolved, by who reads the waves. Means and 95 % intervals (Student's t) over seeds of split, pre-training and adaptation. Kriging is tuned on the same stations and asked from stations only. Grey lines: twice the spacing of nodes, and what two set convolutions alone would resolve.", "name": "fig-scales-limits"}, "image": {"alt": "Three panels, one above the other, of dots with intervals along an axis of wavelength, one row a method; within a panel the networks' dots lie close to each other, at about 50 km for nodes and cells and 85 km for stations; kriging from stations at 108 km."}}
scales = summary.resolved_scales(table)
means = summary.scale_intervals(scales)
node = spacings["nodes"] / 2
limits = {
    "twice the spacing of nodes": 2 * node,
    "set convolutions alone": summary.through_set_convolutions(node),
}
titles = {"nodes": "every node", "cells": "cells", "stations": "stations"}
figure = draw.shortest_waves(means[means["part"] == "fine"], titles, limits)

# %%
changes = summary.paired_change(scales)
on_maps = changes[changes["part"] == "fine"].set_index(["context", "method"])
print("how many times shorter than before adapting, mean and 95 % interval over seeds")
on_maps[["mean", "low", "high", "n"]].round(3)

# %% [markdown]
# **What to see** in {numref}`fig-scales-limits` and the table: still longer waves are needed than the set convolutions alone ask
# for. Reading at stations costs more: 85 km against 54 km at cells. Adapting changes the scale at stations by a factor of 0.99, and
# nowhere by anything like the factor of five in the claim.
#
# ## The weather as the probe
#
# No station reads a plane wave. Here is the same measure for the twin's own weather, at hours that no network was
# trained on. Predicted maps are set against the truth, both at sea level, by bands of wavelengths along circles of
# latitude.

# %% mystnb={"figure": {"caption": "Middle of the earlier synthetic twin, finer internal grid: power of the map's error over that of the true field, by wavelength, all stations shown. Above the level line a map resolves less than half of the variation, above one it is further from the truth than an empty map. The reanalysis has seen the truth; the others only stations.", "name": "fig-scales-weather"}, "image": {"alt": "Error against wavelength. The three networks rise from one to about three from 48 km on. Kriging falls from one to 0.6. Only the reanalysis falls below one half, at 93 km."}}
weather = fine[fine["context"] == "weather"]
panel = {"the weather of the twin's middle": weather}
figure = draw.transfer_curves(panel, "error", "error (share)", limits)

# %%
bands = weather.groupby(["method", "wavelength"], sort=False)["error"].mean().unstack()
bands.rename(columns="{:.0f} km".format).round(2)

# %% [markdown]
# **What to see** in {numref}`fig-scales-weather` and the table: a network that brings back a wave of 1 K does not therefore
# resolve the weather. Its error has 2.6 to 3.2 times the power of the truth at 48 to 134 km; an empty map would have 1, and
# kriging has 0.59 to 0.95. The shortest wave of the weather that is resolved, 93 km, is the reanalysis's. Adapting moves the
# longest band from 3.05 to 2.61, the right way.
#
# Two faults of the time may be the cause; this table cannot tell. The networks read at one scale. And the reanalysis was
# brought to sea level with heights that were not its own, which leaves an imprint of the ground ({doc}`/notebooks/the_twin`).
#
# ## On a line, where the scale can be set
#
# On the twin we do not know what *could* have been learned. In the {doc}`laboratory of one-dimensional Gaussian processes
# </notebooks/film_against_fine_tuning>` we do. Functions of the simulator have a length scale of 0.25, those of reality of 0.05, and
# the exact prediction is known for either belief. With 64 nodes a unit of length the internal grid is no limit. A network is
# pre-trained on the simulator, then adapted with few and many tasks of reality.

# %% mystnb={"figure": {"caption": "On a line: shortest wave resolved, by the number of tasks of reality that a network was adapted with, for waves added to functions of reality, read with noise at 40 and at 200 random places. Means and 95 % intervals over seeds. Level lines: the exact prediction if reality's length scale is believed, and if the simulator's is.", "name": "fig-scales-line"}, "image": {"alt": "Two panels of the shortest wave against the number of tasks: it falls from the pre-trained network to the adapted ones, fine-tuning below FiLM, both above the line of the exact prediction."}}
figure = draw.scales_by_tasks(means[means["part"] == "line"])

# %%
last = scales[scales["n_tasks"].isna() | scales["n_tasks"].isin([0, np.inf])]
ahead = summary.paired_change(last, before="Sim2Real (FiLM)")
ahead = ahead[ahead["method"] == "Sim2Real"].set_index(["part", "context"])
print("how many times shorter by fine-tuning than by FiLM, seed by seed")
ahead[["mean", "low", "high"]].round(3)

# %% [markdown]
# **What to see** in {numref}`fig-scales-line` and the table: here adapting does make the smallest scale smaller, fine-tuning
# 1.25 times more than FiLM, and on sixteen tasks already. Neither reaches the exact prediction. With few readings even that
# loses waves that 200 readings bring back: readers limit again.
#
# FiLM changes no filter, and shortens the scale all the same. The likely reason: the pre-trained filters carry shorter waves
# than the simulator needs, and FiLM lets more of them through.
#
# ## The claim beside our numbers
#
# Ours are wavelengths, means with 95 % intervals over three seeds; on the line adaptations had unlimited tasks.
#
# | shortest scale | the paper | earlier twin, nodes 7 km apart, at stations | line, 200 readings |
# |---|---|---|---|
# | sim-only | about 20 km | 85 [71, 99] km | 0.268 [0.156, 0.381] |
# | after fine-tuning | about 4 km | 86 [73, 98] km | 0.132 [0.097, 0.166] |
# | after FiLM | longer | 85 [71, 100] km | 0.164 [0.135, 0.193] |
# | times shorter by fine-tuning | about 5 | 0.99 [0.96, 1.01] | 2.05 [1.16, 2.94] |
# | times shorter by FiLM | less | 0.99 [0.96, 1.03] | 1.64 [1.01, 2.26] |
#
# The paper's column is a summary's. A *length scale* is no wavelength: waves of a field of length scale $l$ are mostly longer
# than $2\pi l$. So compare the last two rows rather than the first three. The nodes of the published network are as far apart as
# its closest stations, and the arithmetic is the same:

# %%
from sparseobs.neural_process.conv_cnp import PAPER
from sparseobs.stations.geography import DEGREE

published = DEGREE / PAPER.points_per_degree
through = summary.through_set_convolutions(published)
print(
    f"nodes {published:.1f} km apart; two set convolutions alone resolve {through:.0f} km"
)
print(f"that is a wave of a length scale of {through / (2 * np.pi):.1f} km")

# %% [markdown]
# On the line adapting shortens the smallest scale by a factor of two, not of five. On the twin's maps nothing shows. Nodes and
# readers were varied there, and each limits the scale. Teaching was not.
#
# ## Break it, repair it
#
# A transfer function is a property of a *linear* machine, and a network is none. Does ours depend on how large the wave is?
# Hardly: of a wave of 10 K at most 0.05 more comes back than of one of 1 K.

# %%
gains = {}
for size in (0.1 * amplitude, amplitude, 10 * amplitude):
    loud = {**asked, "amplitude": size}
    part = twin.twin_transfers(experiment, models, "stations", (80.0, 160.0), **loud)
    gains[f"{size:g} K"] = part.set_index(["method", "wavelength"])["gain"]
by_size = pd.DataFrame(gains)
spread = np.ptp(by_size.to_numpy(), axis=1).max()
print(f"largest difference between amplitudes: {spread:.3f}")
by_size.round(3)

# %% [markdown]
# Now break it in earnest: in the parameters cell set `n_stations = 20`, and the stripes of the short wave dissolve. Readers
# are what is missing then, and no training can replace them. Put 500 back.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-scales-few
# Show the network a hundred stations only. From which wavelength on does half of the amplitude come back: `"shorter"` than twice the mean spacing
# of the stations, `"equal"` to it, or `"longer"`?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The mean spacing of all stations is in the list of spacings. The blur of the set convolutions comes on top.
# :::

# %% tags=["exercise"]
prediction = ...  # YOUR TURN: "shorter", "equal" or "longer"


def half_from(number):  # km: from which wavelength on, and the mean spacing
    fewer = {"n_stations": number}
    fewer = sample_experiment(data, start.model, start.standardisation, **fewer)
    found = twin.twin_transfers(fewer, models, "stations", lengths, **asked)
    gain = found[found["method"] == "Sim2Real"].set_index("wavelength")["gain"]
    return gain.index[gain >= 0.5].min(), summary.spacings(fewer)[
        "stations, on average"
    ]


of_a_hundred = half_from(100)
check(exercises.judge_few, prediction, *of_a_hundred)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: longer. With 100 stations the readers limit, and half of the amplitude comes back
# only at waves far longer than twice their spacing.
print("500 stations: half from {:g} km on, spacing {:.0f} km".format(*half_from(500)))
check(exercises.judge_few, "longer", *of_a_hundred)

# %% [markdown]
# :::{admonition} Exercise 2 · Derive · 10 minutes
# :name: exercise-scales-nodes
# Two set convolutions multiply a wave of length $\lambda$ by $\exp(-(2\pi\ell/\lambda)^2)$, with $\ell$ the distance between nodes. At which
# wavelength is half of the amplitude left? How far from that is the network, when it reads the wave at every node?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Set the factor to one half, take the logarithm, and solve for $\lambda$.
# :::


# %% tags=["exercise"]
def half_wavelength(node):
    """Return the wavelength (km) of which half is left, for nodes so far apart (km)."""
    ...  # YOUR TURN


check(exercises.judge_half, half_wavelength)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: 2 pi l / sqrt(log 2), 7.5 distances of the nodes. What is left between the two numbers is the U-Net's, not a lack of readers.


def half_left(node):
    return 2 * np.pi * node / np.sqrt(np.log(2))


found = twin.twin_transfers(experiment, models, "nodes", lengths, **asked)
halves = found[found["method"] == "sim-only"]
measured = np.interp(0.5, halves["gain"], halves["wavelength"])
print(f"set convolutions alone: half at {half_left(spacings['nodes']):.0f} km")
print(f"sim-only, read at every node: half at {measured:.0f} km")
check(exercises.judge_half, half_left)

# %% [markdown]
# ## Summary
#
# - A transfer function needs no training: add a wave, subtract it, halve the difference. A wave is resolved when its error
#   is at most one half.
# - On the line adapting halves the smallest scale, fine-tuning 1.25 times more than FiLM. On the twin's maps it changes nothing
#   that we could measure, on the earlier twin and on the one with nights.
# - A wave that comes back is not the weather: on the earlier twin, the networks' maps of the weather were further from the truth
#   than an empty map.
#
# **Not shown:** the finer grid on the twin with nights; longer teaching there; the published network, whose nodes are closer
# together still; real stations. The networks of 14 km are a single pre-training, and the twin's weather is one draw.
#
# **Next:** {doc}`/notebooks/failure_signatures` asks where such networks fail.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that a grid of 14 km resolves 14 km, or 28. If time is short, skip the weather.
# Exercise 1 needs one word.
# :::

# %% tags=["hide-input"]
print(
    f"sparseobs {sparseobs.__version__}, preset {preset}; synthetic data, stored networks; "
    "computed on this page except where a table is named"
)

# %% tags=["remove-cell", "claims"]
from sparseobs.runs.claims import say_which_hold


def says(frame):
    return frame.sort_index().round(2).to_numpy().tolist()


say_which_hold(
    {
        "adapting moves no gain by more than 0.022": lambda: round(moved, 3) == 0.022,
        "gains of the two waves on the maps": lambda: (
            says(on_maps_of_both["gain"].unstack("method").agg(["min", "max"], axis=1))
            == [[0.23, 0.27], [0.83, 0.89]]
            and on_maps_of_both.loc[long_wave, "error"].max() <= 0.5
            and on_maps_of_both.loc[short_wave, "error"].min() > 0.5
        ),
        "half comes back at 156 km, eleven nodes; without a U-Net at 105": lambda: (
            [round(half), round(half / spacings["nodes"])] == [156, 11]
            and round(half_left(spacings["nodes"])) == 105
        ),
        "the networks stay below the set convolutions alone": lambda: (
            wide.drop(columns="set convolutions alone")
            .lt(wide["set convolutions alone"], axis=0)
            .all(axis=None)
        ),
        "the size of the wave hardly matters": lambda: round(spread, 2) == 0.05,
        "the paper's nodes: 4.3 km, a length scale of 3.9 km": lambda: (
            (
                round(published, 1),
                round(through / (2 * np.pi), 1),
            )
            == (4.3, 3.9)
        ),
    }
)
