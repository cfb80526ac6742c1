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
# (how-a-convcnp-sees)=
# # How a ConvCNP sees
#
# :::{admonition} On this page
# **You will be able to** say how a network uses one station, compute how far a U-Net sees and measure how far
# it looks, and tell from a grid's spacing which weather it cannot draw.
#
# **You need** {doc}`/notebooks/own_convcnp`, and what a Fourier mode is.
#
# **Time** 15 minutes to read, under half a minute to run at `lesson` size, 25 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. All data are synthetic: the offline twin of Germany.
# :::

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"]
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
import xarray as xr
from sparseobs.errors import require_number
from sparseobs.figures import style
from sparseobs.interpolation.kriging import Kriging
from sparseobs.interpolation.variogram import fit_variogram
from sparseobs.neural_process.conv_cnp import PAPER, ConvCNP
from sparseobs.neural_process.prediction import height_map, predict_map
from sparseobs.neural_process.tiles import convolution_reach, reach
from sparseobs.randomness import torch_stream
from sparseobs.runs import settings
from sparseobs.runs.claims import say_which_hold
from sparseobs.stations.geography import DEGREE, Points, station_points
from sparseobs_book.checking import check
from sparseobs_book.how_a_convcnp_sees import exercises
from sparseobs_book.how_a_convcnp_sees import figures as draw
from sparseobs_book.how_a_convcnp_sees import run as views
from sparseobs_book.temperature import experiment as temperature_experiment
from sparseobs_book.temperature.figures import two_maps
from sparseobs_book.temperature.presets import presets
from sparseobs_book.temperature.stored import longer_pretraining
from sparseobs_book.temperature.views import shown_region, station_hour

style.use()

# %% [markdown]
# ## The numbers of this page
#
# The text speaks of these numbers as they are given. With others, go by what the cells print.
#
# ```bash
# .venv/bin/papermill notebooks/how_a_convcnp_sees.ipynb out.ipynb -p separation 20
# ```

# %% tags=["parameters"]
import os

preset = os.environ.get(
    "SPARSEOBS_PRESET", "lesson"
)  # smoke (seconds) | lesson (half a minute)
seed = 0  # whole number, 0 or more: the twin's weather and the split follow from it
obs_error_std = None  # K, 0 or more: thermometer noise (None: 0.3)
n_stations = 4  # 1 to 100: how many stations the first maps show
change = (
    1.0  # K, 0.01 to 20, up or down (-1.0): by how much one station's reading is raised
)
map_spacing = 10.0  # km, 2 to 50: of the map that answers
coarse_spacing = 28.0  # km, above 0: of an internal grid too coarse for two neighbours
separation = 10.0  # km, above 0: between those two neighbours

# %% tags=["hide-input"]
page = settings.resolve(
    presets("twin"),
    preset,
    seed=seed,
    split_seed=seed,
    data_seed=seed,
    obs_error_std=obs_error_std,
)
require_number("n_stations", n_stations, least=1, most=100, whole=True)
require_number("change", abs(change), least=0.01, most=20)
require_number("map_spacing", map_spacing, least=2, most=50)
require_number("coarse_spacing", coarse_spacing, above=0)
require_number("separation", separation, above=0)
print(f"preset {preset}: {page.architecture}")
experiment = temperature_experiment.prepare(page)
here = None if page.stored_pretraining else temperature_experiment.pretrain(experiment)
model = longer_pretraining(experiment, here)[0]
hour = station_hour(experiment)
chosen = views.some_stations(experiment, n_stations, hour)
print(experiment.data.notes)

# %% [markdown]
# ## One station, one kelvin
#
# Every station not held out is shown, and a network that was only pre-trained (*sim-only*) draws a map of one hour. Then we raise the reading of a
# single station and draw the map again. The difference is how the network *uses* that station. Beside it, what ordinary kriging
# would answer: its answer to one kelvin is the weight of that station at every place.

# %%
station = int(chosen[0])
heights = height_map(shown_region(experiment), experiment.data.elevation, map_spacing)


def mapped(warmer):  # °C (latitude, longitude): the map, that station being warmer (K)
    values = experiment.network.values.clone()
    values[hour, station] += warmer / experiment.standardisation.std
    network = replace(experiment.network, values=values)
    shown = {"context": experiment.shown, "hour": hour, "elevation": heights}
    return predict_map(model, network, experiment.standardisation, **shown)["mean"]


by_hand = (mapped(change) - mapped(0.0)) / change  # K for each K
where = {"station": station, "hour": hour, "change": change, "spacing": map_spacing}
answer = views.response(experiment, model, **where)
gap = float(np.abs(by_hand - answer["mean"]).max())
print(f"largest difference from the package: {gap:.0e} K for each K")

# %%
shown = experiment.shown
places = station_points(experiment.data.stations)[shown]
readings = experiment.standardisation.std * experiment.network.values.cpu().numpy()
fitted = fit_variogram(
    "exponential", places, readings[experiment.hours.train][:, shown]
)
north, east = np.meshgrid(answer["latitude"], answer["longitude"], indexing="ij")
targets = Points(north.ravel(), east.ravel(), np.zeros(north.size))
one = (shown == station)[None].astype(float)
weight, _ = Kriging("exponential", *fitted).interpolate(places, one, targets)
by_kriging = answer.assign(mean=(answer["mean"].dims, weight.reshape(north.shape)))

# %% mystnb={"figure": {"caption": "Answer of the predicted mean to one station (cross) that reads higher, for each kelvin of the change: sim-only's as a map (top), and the mean in rings around the station, sim-only's and ordinary kriging's (bottom). Synthetic twin, one hour.", "name": "fig-sees-response"}, "image": {"alt": "Top: map of Germany with one red patch around a cross and little elsewhere. Bottom: two curves that fall from their largest value at the station; both are near zero beyond a hundred kilometres."}}
rings = {
    "sim-only": views.by_distance(answer),
    "ordinary kriging": views.by_distance(by_kriging),
}
place = places[shown == station]
where = float(place.latitude[0]), float(place.longitude[0])
figure = draw.response_map(shown_region(experiment), answer, where, rings)

# %%
for method, table in rings.items():
    peak = table["largest"].max()
    near = table.loc[table["largest"] > peak / 2, "distance"].max()
    far = table.loc[table["distance"] > 200, "largest"].max()
    print(f"{method}: largest answer {peak:.2f} K for each K, more than half of it")
    print(f"  within {near + 5:.0f} km, beyond 200 km at most {far:.1g} K for each K")

# %% [markdown]
# **What to see** in {numref}`fig-sees-response`: the answer is a patch around the station, not a dot and not the whole
# country. Its largest value says how much the network trusts one thermometer beside its neighbours: 0.11 K for each K, where
# kriging has 0.74. Its width is mostly the grid's: two set convolutions one spacing wide, which the next sections explain,
# alone make a patch that falls to half at 1.7 spacings, 46 km here. Kriging has half of its answer within 30 km.
#
# :::{admonition} Check yourself: the answer at the station is below one. Is that an error?
# :class: dropdown
# No. A reading is weather plus the thermometer's own error, and the neighbours have a say. A network that returned every
# reading unchanged would draw every thermometer's error into its map; {doc}`/notebooks/failure_signatures` measures that.
# :::
#
# ## What the network reads: two channels
#
# The set convolution {cite:p}`gordon2020` of {doc}`/notebooks/own_convcnp`, on a map: a weight is the product of one along
# $y$ and one along $x$.


# %%
def weights(positions, nodes, length):
    """Gaussian weights between positions and nodes of one axis, (position, node)."""
    return np.exp(-0.5 * ((positions[:, None] - nodes) / length) ** 2)


grid = experiment.network.grid
y, x = grid.y.cpu().numpy(), grid.x.cpu().numpy()
at = experiment.network.coordinates[chosen].cpu().numpy()
values = experiment.network.values[hour, chosen].cpu().numpy()
along_y, along_x = (
    weights(at[:, k], nodes, grid.spacing) for k, nodes in ((0, y), (1, x))
)
density = along_y.T @ along_x
data_channel = along_y.T @ (values[:, None] * along_x) / (density + 0.01)

# %% mystnb={"figure": {"caption": "The two channels of the encoding of a few stations on the internal grid, in cells as the network gets them.", "name": "fig-sees-encodings"}, "image": {"alt": "Two maps in coarse cells. Density: a bright spot of a few cells at each station. Data: a coloured spot at each station, zero elsewhere."}}
axes = {"latitude": y, "longitude": x / np.cos(np.deg2rad(grid.reference_latitude))}
most = float(np.abs(data_channel).max())
fields = {
    "density": xr.DataArray(density, axes, attrs={"units": "stations"}),
    "data": xr.DataArray(
        data_channel, axes, attrs={"units": "standardised", "limits": (-most, most)}
    ),
}
figure = two_maps(experiment.data.region, fields)

# %%
spacing = DEGREE / page.architecture.points_per_degree
touched = int((density > 0.01).sum()) / len(chosen)
print(f"nodes {spacing:.0f} km apart; a station touches {touched:.0f} of them;")
print(
    f"without any trace of the {len(chosen)} shown: {(density <= 0.01).mean():.0%} of the grid"
)

# %% [markdown]
# All spreading over the empty rest is left to the U-Net.
#
# ## How far can it see, how far does it look?
#
# A convolution of side $k$ reaches $(k-1)/2$ nodes, and after each halving of the grid that many *coarse* nodes. Going
# down and up again over $L$ halvings adds up to
#
# $$R = \frac{k-1}{2}\Big(2 + 2\sum_{l=0}^{L-1} 2^l\Big) = (k-1)\,2^L$$
#
# nodes to either side. Pooling and bilinear interpolation reach a little further. Gradients *measure* the same thing:
# differentiate an output with respect to all inputs, at every place within a coarsest cell, and see how far off they lie.


# %%
def gradient_within(network, size):
    """Share of the gradient within each distance, in nodes, on random inputs."""
    stream, total = torch_stream(seed, "receptive field"), np.zeros(size)
    n_places, n_inputs = network.config.coarsening, network.config.n_inputs
    for node in size // 2 - n_places // 2 + np.arange(n_places):
        image = torch.randn(1, n_inputs, size, size, generator=stream).requires_grad_()
        (slope,) = torch.autograd.grad(network.unet(image)[0, 0, node, node], image)
        off = np.abs(np.arange(size) - node)
        nodes = np.maximum(off[:, None], off)  # the larger of the two axes' distances
        found = slope[0, 1].abs().numpy()  # of the data channel
        total += np.bincount(nodes.ravel(), found.ravel(), minlength=size)[:size]
    return total.cumsum() / total.sum()


# %% mystnb={"figure": {"caption": "Share of the gradient of an output within a distance of it (lines: sim-only and fresh random weights), and how far the architecture lets it reach (vertical lines: convolutions alone, and all layers).", "name": "fig-sees-gradient"}, "image": {"alt": "Two rising curves that come close to one long before two vertical lines further right."}}
fresh = ConvCNP(page.architecture, seed)
measured = {
    "sim-only": views.gradient_by_distance(model, seed),
    "fresh weights": views.gradient_by_distance(fresh, seed),
}
reached = {name: views.reaches(model, part) for name, part in measured.items()}
within = gradient_within(model, len(measured["sim-only"]))
gap_within = np.abs(within - measured["sim-only"]["cumulative"]).max()
figure = draw.gradient_curves(measured, reached["sim-only"].iloc[-2:])

# %%
print(f"largest difference of the lines above from the package: {gap_within:.0e}")
tables = {name: part.set_index("what") for name, part in reached.items()}
pd.concat(tables, axis=1).round(0)

# %% [markdown]
# **What to see** in {numref}`fig-sees-gradient`: no gradient lies beyond the arithmetic's limit, and almost all of it lies
# well within. (The inputs are random numbers; weather wakes other units, but the limit holds for any input.) A
# *theoretical* receptive field says what is possible, an *effective* one what is used
# {cite:p}`luo2016`. Give a network room to look, but do not read its reach off its architecture.
#
# Pre-training has not taught this network to look further: nearly all of its gradient lies nearer than that of fresh weights. The weather
# of the twin has a length of 350 km, twelve spacings, and a lone reading should count far. That it does not is a failure of
# this pre-training, which {doc}`/notebooks/pretraining` measures, not a property of such networks.
#
# The same arithmetic for the paper's network of six levels and kernel 5 {cite:p}`scholz2023`:

# %%
paper_spacing = DEGREE / PAPER.points_per_degree
wide = 2 * convolution_reach(PAPER) + 1
print(f"convolutions alone: {wide} nodes of {paper_spacing:.1f} km")
print(
    f"all layers: {reach(PAPER)} nodes to either side, {reach(PAPER) * paper_spacing:.0f} km"
)

# %% [markdown]
# It can see all of Germany from anywhere in it. This has a price when a map is too large for the memory and must be drawn
# in tiles: for a result equal to the whole, tiles must overlap by the full reach, which `predict_map(..., tile=...)` does.
#
# ## What the spacing can and cannot carry
#
# Leave the U-Net out for a moment. Read a wave of length $\lambda$ at very many stations, lay it on a grid with one set
# convolution and read it off with another. Both are Gaussians with a length scale $\ell$ of one spacing, so
#
# $$\text{share left} = e^{-(2\pi\ell/\lambda)^2/2}\cdot e^{-(2\pi\ell/\lambda)^2/2} = e^{-(2\pi\ell/\lambda)^2}.$$


# %%
def wave_kept(wavelength, n_nodes=240):
    """Share of a wave's amplitude left on the way to nodes and back; its length is in nodes."""
    readings, nodes = np.arange(0, n_nodes - 1, 0.1), np.arange(n_nodes)
    to_nodes = weights(readings, nodes, 1.0)
    wave = np.exp(2j * np.pi * readings / wavelength)
    channel = wave @ to_nodes / (to_nodes.sum(axis=0) + 0.01)
    back = to_nodes @ channel / to_nodes.sum(axis=1)
    middle = slice(len(readings) // 4, 3 * len(readings) // 4)
    return abs(np.vdot(wave[middle], back[middle])) / len(wave[middle])


lengths = np.geomspace(2.5, 60, 16)
left = pd.DataFrame(
    {"wavelength": lengths, "theory": np.exp(-((2 * np.pi / lengths) ** 2))}
)
left["kept"] = [wave_kept(length) for length in lengths]

# %% mystnb={"figure": {"caption": "Share of a wave's amplitude that survives the way onto the internal grid and back without a network: measured (marks) and by the formula (lines), for three spacings. Thin vertical lines: two spacings, the shortest wave that nodes can hold.", "name": "fig-sees-waves"}, "image": {"alt": "Three S-shaped curves against wavelength, each with marks on it; coarser grids lose longer waves. Thin vertical lines stand at the foot of each curve."}}
spacings = {
    f"{name}, {km:.1f} km": km
    for name, km in (
        ("this page's grid", spacing),
        ("nodes 10 km apart", 10.0),
        ("the paper's grid", paper_spacing),
    )
}
figure = draw.waves(left, spacings)

# %%
half_length = 2 * np.pi / np.sqrt(np.log(2))
for name, km in spacings.items():
    print(
        f"{name:<28} half of a wave of {half_length * km:4.0f} km is left, none below {2 * km:.0f} km"
    )

# %% [markdown]
# A network can sharpen what the encoding blurs, as far as the numbers reach, but the nodes end at two spacings:
# nothing shorter exists for it. Now compare with a claim. We know it from a summary, which we could not check against the
# paper itself. Fine-tuning is said to shorten the smallest learnable length scale from about 20 km, ERA5's, to about 4 km,
# the shortest distance between stations {cite:p}`scholz2023`. The published grid has nodes about that far apart.
# By the arithmetic above, a wave of 4 km is below its two spacings; a *length scale* of 4 km, whose waves
# are several times longer, is just within. What a trained network resolves has to be measured, not read off.
#
# ## Break it, repair it
#
# Two stations lie close together on a grid that is too coarse for them, and they read differently.


# %%
def contrast_kept(separation, spacing):
    """Share of the difference of two readings that the data channel has at their places."""
    two = np.array([0.0, separation / spacing])
    near = weights(two, two, 1.0)
    channel = near @ [-0.5, 0.5] / (near.sum(axis=1) + 0.01)
    return channel[1] - channel[0]


for km in (coarse_spacing, coarse_spacing / 2, coarse_spacing / 4, coarse_spacing / 8):
    kept = contrast_kept(separation, km)
    print(f"{separation:g} km apart, nodes every {km:4.1f} km: {kept:.0%} is left")

# %% [markdown]
# On the coarse grid three parts in a hundred are left. That is not yet lost: a network can amplify it, together with the
# noise. What no training can do is draw the difference again, for the answer is read off nodes that are as far apart.
# A finer grid repairs that, at a price: halve the spacing and a U-Net has four times the work, and its reach in km halves.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Derive · 10 minutes
# :name: exercise-sees-separation
# At which distance of two stations, in spacings, is a given share of their difference left in the data channel? Derive the formula; leave
# the 0.01 out.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# At its own place a station has weight 1, and its neighbour $w = e^{-d^2/2}$. Write down the two means, and subtract.
# :::


# %% tags=["exercise"]
def separation_for(share):
    """Distance in spacings at which this share, between 0 and 1, of a difference is left."""
    return ...  # YOUR TURN


check(exercises.judge_separation, separation_for, contrast_kept)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: (1 - w) / (1 + w) is left, so w = (1 - share) / (1 + share), and d = sqrt(-2 ln w).
# Half is left at one and a half spacings.
def spacings_for(share):
    return np.sqrt(-2 * np.log((1 - share) / (1 + share)))


check(exercises.judge_separation, spacings_for, contrast_kept)

# %% [markdown]
# :::{admonition} Exercise 2 · Predict · 5 minutes · no code
# :name: exercise-sees-reach
# How many levels does a network of kernel 3 need to reach as far as the paper's does with kernel 5 and six levels?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# $R = (k-1)\,2^L$, with $L$ halvings between $L + 1$ levels.
# :::

# %% tags=["exercise"]
levels = ...  # YOUR TURN: a whole number
check(exercises.judge_levels, levels, PAPER)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: seven, one more. Each level doubles the reach; the smaller kernel halves it.
check(exercises.judge_levels, 7, PAPER)
seven = replace(PAPER, kernel=3, channels=(96,) * 7)
print(f"all layers: {reach(seven)} nodes, the paper's network {reach(PAPER)}")

# %% [markdown]
# :::{admonition} Exercise 3 · Write · 10 minutes
# :name: exercise-sees-half
# One number for a curve such as those of {numref}`fig-sees-gradient`: the smallest distance within which at least half of a gradient's
# magnitude lies. Write it.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# `np.cumsum` adds up from the nearest node on; the index of the first true of an array is its `argmax`.
# :::


# %% tags=["exercise"]
def half_distance(distances, gradient):
    """Least of the distances (node,), ascending, within which half of the gradient's magnitude lies."""
    return ...  # YOUR TURN


check(exercises.judge_flow, half_distance)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: this network has half of its gradient within the distance printed, of the
# nodes that it could reach.
def half_within(distances, gradient):
    within = np.cumsum(np.abs(gradient))
    return distances[np.argmax(within >= within[-1] / 2)]


check(exercises.judge_flow, half_within)
for name, part in measured.items():
    half = half_within(part["nodes"].to_numpy(), part["gradient"].to_numpy())
    print(f"{name}: half within {half} of {reach(model.config)} nodes")

# %% [markdown]
# ## Summary
#
# - A station becomes a bump of density and a reading beside it; zero density says that nobody looked.
# - A U-Net's possible reach is arithmetic, $(k-1)\,2^L$ nodes and a little more. What this network uses is far less, and
#   less than its weather asks for: it was pre-trained too little.
# - Two spacings are the shortest wave that an internal grid holds; half of a wave of some seven and a half spacings
#   survives encoding and decoding unaided.
#
# **Not shown:** how reach and resolution change by adapting to stations, real data, and the paper's own trained network.
#
# **Next:** {doc}`/notebooks/data_you_can_trust` looks at where real readings come from.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that a receptive field of 257 nodes means that a network uses 257 nodes. If time is
# short, skip the encodings. Exercise 2 needs one number.
# :::

# %% tags=["hide-input"]
print(
    f"sparseobs {sparseobs.__version__}, preset {preset}, synthetic twin, seed {seed}; computed on this page"
)

# %% tags=["remove-cell", "claims"]
inner = {name: part.set_index("what")["nodes"] for name, part in reached.items()}
say_which_hold(
    {
        "no gradient beyond the arithmetic": lambda: (
            inner["sim-only"]["any gradient"]
            <= inner["sim-only"]["with pooling and interpolation"]
        ),
        "nearly all of the gradient well within": lambda: (
            inner["sim-only"]["90 % of the gradient"]
            < inner["sim-only"]["convolutions alone"]
        ),
        "sim-only looks less far than fresh weights": lambda: (
            inner["sim-only"]["99 % of the gradient"]
            < inner["fresh weights"]["99 % of the gradient"]
        ),
        "257 nodes": lambda: wide == 257,
        "largest answers 0.11 and 0.74": lambda: (
            [round(part["largest"].max(), 2) for part in rings.values()] == [0.11, 0.74]
        ),
        "both answers are small beyond a hundred km": lambda: all(
            table.loc[table["distance"] > 110, "mean"].abs().max() < 0.03
            for table in rings.values()
        ),
        "the formula": lambda: np.allclose(left["kept"], left["theory"], atol=0.02),
        "the density sums to 2 pi a station": lambda: (
            abs(density.sum() / (2 * np.pi * len(chosen)) - 1) < 0.05
        ),
        "3 % is left on the coarse grid, more on finer ones": lambda: (
            round(contrast_kept(separation, coarse_spacing), 2) == 0.03
            and contrast_kept(separation, coarse_spacing / 8) > 0.5
        ),
        "half is left at sqrt(2 ln 3)": lambda: (
            abs(contrast_kept(spacings_for(0.5), 1.0) - 0.5) < 0.01
        ),
        "the package agrees": lambda: gap < 1e-4 and gap_within < 1e-5,
        "seven levels suffice": lambda: reach(seven) >= reach(PAPER),
    }
)
