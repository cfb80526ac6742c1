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
# **You will be able to** say why a network reads stations at several scales, compute how far a U-Net sees, measure how far it
# looks, and tell from a grid's spacing which weather it cannot draw.
#
# **You need** {doc}`/notebooks/own_convcnp`, and what a Fourier mode is.
#
# **Time** 15 minutes to read, under half a minute to run at `lesson` size, 25 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory; the network comes trained with the package. All data are synthetic.
# :::
#
# Stations are few, so one reading must count far away. The network of this page was trained on a reanalysis alone (*sim-only*,
# {doc}`/notebooks/pretraining`). It reads stations through set convolutions at four scales. Show it one station, and the reading
# counts over 300 km. Without the three wide scales little is left at 60 km.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"]
import copy
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
import xarray as xr
from sparseobs.errors import require_choice, require_number
from sparseobs.figures import style
from sparseobs.neural_process.conv_cnp import PAPER, ConvCNP, Points
from sparseobs.neural_process.prediction import height_map, predict
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs.neural_process.tiles import convolution_reach, reach
from sparseobs.randomness import numpy_stream, torch_stream
from sparseobs.runs.claims import say_which_hold
from sparseobs.runs.parameters import refuse_unknown
from sparseobs.stations.geography import DEGREE
from sparseobs.stations.twin_sample import load_sample
from sparseobs_book.checking import check
from sparseobs_book.how_a_convcnp_sees import exercises
from sparseobs_book.how_a_convcnp_sees import figures as draw
from sparseobs_book.how_a_convcnp_sees import run as views
from sparseobs_book.temperature.adapted_networks import (
    sample_experiment,
    stored_models,
)
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.views import shown_region

style.use()

# %% [markdown]
# ## The numbers of this page
#
# The text speaks of these numbers as they are given. With others, go by what the cells print:
# `.venv/bin/papermill notebooks/how_a_convcnp_sees.ipynb out.ipynb -p separation 20`

# %% tags=["parameters"]
import os

# smoke looks at few hours; lesson and paper at all of the sample's
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number, 0 or more: which other stations are shown
hour = 26  # 0 to 53: the hour of the sample whose encoding is drawn
n_stations = 4  # 1 to 100: how many stations it shows
change = 1.0  # K, 0.01 to 20, up or down (-1.0): what is added to one reading
coarse_spacing = 28.0  # km, above 0: of an internal grid too coarse for two neighbours
separation = 10.0  # km, above 0: between those two neighbours

# %% tags=["hide-input"]
refuse_unknown()
require_choice("preset", preset, grid_presets())
require_number("seed", seed, least=0, whole=True)
require_number("hour", hour, least=0, most=53, whole=True)
require_number("n_stations", n_stations, least=1, most=100, whole=True)
require_number("change", abs(change), least=0.01, most=20)
require_number("coarse_spacing", coarse_spacing, above=0)
require_number("separation", separation, above=0)
model, _, standardisation = stored_models()["sim-only"]
experiment = sample_experiment(load_sample(), model, standardisation)
network, grid, kelvin = experiment.network, experiment.network.grid, standardisation.std
chosen = views.some_stations(experiment, n_stations, hour)
station = int(chosen[0])  # near the middle
others = experiment.shown[experiment.shown != station]
others = numpy_stream(seed, "other stations").permutation(others)
reports = np.flatnonzero(torch.isfinite(network.values[:, station]).numpy())
hours = reports[:: 10 if preset == "smoke" else 1]
print(f"network: {model.config}")
print(f"{len(hours)} hours that no network was trained on; {experiment.data.notes}")

# %% [markdown]
# ## A lone station, one kelvin
#
# Show a single station near the middle of the map, then the same with its reading raised by one kelvin. The difference of the
# two maps says how the network *uses* that station. It is averaged over the hours in which the station reports.

# %%
region = shown_region(experiment)
axes = height_map(region, experiment.data.elevation, 20.0).coords
north, east = np.meshgrid(axes["latitude"], axes["longitude"], indexing="ij")
places = grid.coordinates(north.ravel(), east.ravel())  # degrees, in the plane
places = torch.cat([places, network.coordinates[station][None]])  # last, the station
distance = DEGREE * (places - places[-1]).norm(dim=1).numpy()  # km


def answers(model, shown):
    """Answer (hour, place) of the mean to the station's reading, K for each K."""
    values = network.values[hours][:, shown]
    warmer = values + torch.as_tensor(shown == station) * change / kelvin
    asked, means = Points(places[None], None, None), []
    for seen in (values, warmer):
        context = Points(network.coordinates[shown][None], seen, torch.isfinite(seen))
        task = TaskBatch(context, asked, network.scalars[hours], grid)
        means.append(predict(model, task)[0])
    return (means[1] - means[0]) * kelvin / change


# %% [markdown]
# The first eight channels of the input are density and data at each scale. Set to zero, they say that no station is near:


# %%
def reads(n_scales):
    """A copy of the network that reads the first, narrowest scales only."""

    def hide(unet, given):
        image = given[0].clone()
        image[:, 2 * n_scales : 8] = 0.0
        return image, *given[1:]

    cut = copy.deepcopy(model)
    cut.unet.register_forward_pre_hook(hide)
    return cut


spacing = DEGREE * grid.spacing  # km
widths = [f"{scale * spacing:.0f} km" for scale in model.config.scales]
names = ["14 km alone", "14, 42 km", "14, 42, 125 km", "all four scales"]
alone = np.array([station])
lone = {name: answers(reads(n), alone) for n, name in enumerate(names, start=1)}
rings = {name: views.by_distance(distance, answer) for name, answer in lone.items()}

# %% [markdown]
# How far *should* it count? As far as the weather goes together. With nothing shown the network expects what season, hour and
# place tell. We correlate what the cells of the reanalysis depart by.

# %% mystnb={"figure": {"caption": "Synthetic twin: answer of the predicted mean to a lone station (cross), for each kelvin that it reads higher, averaged over the hours of the sample. Top: maps for the narrowest scale alone and for all four. Bottom: means in rings around the station for one to four scales, the quartiles over the hours for all four (band), and the correlation of the weather.", "name": "fig-sees-response"}, "image": {"alt": "Top: two maps of Germany, one with a small red patch at the cross, the other red over most of the country. Bottom: the answer of one scale falls to zero within a hundred kilometres, that of two scales within 150; that of three within 420; that of four falls slowly, is 0.1 at 500 kilometres and beyond 120 lies up to 0.2 below the thick line of the correlation. Its band is wide."}}
rings["weather"] = views.weather_correlation(experiment, model)
maps = {
    name: xr.DataArray(lone[name].mean(0)[:-1].reshape(north.shape), axes)
    for name in (names[0], names[-1])
}
here = experiment.data.stations.isel(station=station)
place = float(here["latitude"]), float(here["longitude"])
figure = draw.responses(region, maps, place, rings)

# %% tags=["hide-input"]
kilometres = [10, 60, 120, 200, 300, 400]  # km
read_off = {
    name: np.interp(kilometres, ring["distance"], ring["mean"])
    for name, ring in rings.items()
}
falls = pd.DataFrame(read_off, index=kilometres).rename_axis("km")
falls.round(2)

# %% [markdown]
# **What to see** in {numref}`fig-sees-response`: the narrowest scale alone carries 0.10 K of each K to 60 km. With 42 km it is
# 0.51 K, with 125 km 0.96 K. All four leave 0.58 K at 200 km and 0.26 K at 400 km, where the weather's correlation is 0.74 and
# 0.43. On average a lone reading thus counts nearly as far as the weather goes together, though somewhat less. From hour to
# hour the answer is rough: the band is up to 0.4 K wide.
#
# This says what *this* network relies on; its other weights have never done without. An older network of this book had one
# scale, a U-Net of the same reach, and few tasks with few cells. It failed its exam ({doc}`/notebooks/pretraining`); a lone
# reading's news ended before 100 km. Whether the scales or the tasks mended it, we have not tried.
#
# Among other stations a reading must count less. Kriging says how much: its answer is the weight of that station.

# %%
compared = []
for n in (20, 100, 500):
    shown = np.append(others[: n - 1], station)
    weight = views.kriging_weight(experiment, shown, station, hours, places)
    for name, answer in (("sim-only", answers(model, shown)), ("kriging", weight)):
        ring = views.by_distance(distance, answer)["mean"]
        compared.append((n, name, answer[:, -1].mean(), ring[3]))
columns = ["stations", "method", "at the station", "60 to 80 km"]
among = pd.DataFrame(compared, columns=columns).pivot(
    index="stations", columns="method"
)
among.round(2)

# %% [markdown]
# Both fall as stations come closer. With 500, sim-only answers 0.13 K for each K at the station and kriging 0.25 K. Its grid, which
# blurs neighbours into one another, has a part in this.
#
# :::{admonition} Check yourself: the answer at the station is below one. Is that an error?
# :class: dropdown
# No. The neighbours have a say, and a reading is weather plus the thermometer's own error. A network that returned every
# reading unchanged would draw these errors into its map; {doc}`/notebooks/failure_signatures` measures that.
# :::
#
# ## What the network reads: two channels a scale
#
# The set convolution {cite:p}`gordon2020` of {doc}`/notebooks/own_convcnp`, on a map: a weight is the product of one along
# $y$ and one along $x$. The width $\ell$ is 1, 3, 9 and 27 spacings in turn.


# %%
def weights(positions, nodes, length):
    """Gaussian weights between positions and nodes of one axis, (position, node)."""
    return np.exp(-0.5 * ((positions[:, None] - nodes) / length) ** 2)


y, x = grid.y.numpy(), grid.x.numpy()
at = network.coordinates[chosen].numpy()
readings = network.values[hour, chosen].numpy()
channels = {}
for name, scale in zip(widths, model.config.scales, strict=True):
    length = scale * grid.spacing
    along_y, along_x = weights(at[:, 0], y, length), weights(at[:, 1], x, length)
    density = along_y.T @ along_x
    data = along_y.T @ (readings[:, None] * along_x) / (density + 0.01)
    channels[name] = density, data

# %% mystnb={"figure": {"caption": "The encoding of four stations at four scales on the internal grid: density (top; the network gets it divided by the square of the scale) and data (bottom).", "name": "fig-sees-encodings"}, "image": {"alt": "Two rows of four maps. Density: four dots at 14 km, larger at 42 km, patches that touch at 125 km, and one broad bump at 375 km. Data: a coloured disc at each station at 14 and 42 km, zero elsewhere; at 125 km regions around each station that fill the map; at 375 km one smooth slope."}}
figure = draw.encodings(channels, DEGREE * (y - y[0]), DEGREE * (x - x[0]))


# %%
def images(model, shown, hours=hours):
    """What the U-Net reads (hour, channel, row, column) when these stations are shown."""
    seen = []
    hook = model.unet.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    task = network.given(*map(torch.as_tensor, (hours, shown, shown[:0])))
    model.field(task.context, scalars=task.scalars, grid=grid)
    hook.remove()
    return seen[0]


touched = {name: (density > 0.01).mean() for name, (density, _) in channels.items()}
for name, share in touched.items():
    print(f"{name}: {share:.0%} of the grid has a trace of a station")
image = images(model, chosen, [hour])[0, 1:8:2].numpy()
gap = np.abs(image - np.stack([data for _, data in channels.values()])).max()
print(f"largest difference from the package: {gap:.0e}")

# %% [markdown]
# **What to see** in {numref}`fig-sees-encodings`: at 14 km 97 % of the grid has no trace of the four stations, and all spreading
# is left to the U-Net. At 375 km every node has one: a mean of all four readings. Narrow scales say where a reading is, wide
# ones carry it. Where density is zero, zero data mean nothing.
#
# ## How far can it see, how far does it look?
#
# A convolution of side $k$ reaches $(k-1)/2$ nodes, and after each halving of the grid that many *coarse* nodes. Going
# down and up again over $L$ halvings adds up to
#
# $$R = \frac{k-1}{2}\Big(2 + 2\sum_{l=0}^{L-1} 2^l\Big) = (k-1)\,2^L$$
#
# nodes to either side. Pooling and bilinear interpolation reach a little further. Gradients *measure* the same thing:
# differentiate an output with respect to the data channels, and see how far off the inputs lie that matter.


# %%
def gradient(model, images):
    """Size of the gradient by scale and by distance in nodes, (scale, node), sum 1."""
    rows, columns = images.shape[-2:]
    total = np.zeros((len(widths), rows))
    for number, image in enumerate(images):  # another place in a coarsest cell each
        row, column = rows // 2 + number % 8, columns // 2 + number // 8 % 8
        image = image[None].clone().requires_grad_()
        (slope,) = torch.autograd.grad(model.unet(image)[0, 0, row, column], image)
        off = abs(np.arange(rows) - row)[:, None], abs(np.arange(columns) - column)
        nodes = np.maximum(*off)  # the larger of the two axes' distances
        for scale, size in enumerate(slope[0, 1 : 2 * len(widths) : 2].abs().numpy()):
            total[scale] += np.bincount(nodes.ravel(), size.ravel(), minlength=rows)
    return total / total.sum()


fresh = ConvCNP(model.config, seed)
ten = np.append(others[:9], station)
noise = torch_stream(seed, "noise")
noise = torch.randn(images(model, ten).shape, generator=noise)
found = {
    "10 stations": gradient(model, images(model, ten)),
    "500 stations": gradient(model, images(model, experiment.shown)),
    "random numbers": gradient(model, noise),
    "fresh weights, 10 stations": gradient(fresh, images(fresh, ten)),
}
within = {name: part.sum(0).cumsum() for name, part in found.items()}

# %% mystnb={"figure": {"caption": "Share of the gradient of an output with respect to the data channels that lies within a distance of it: sim-only, when it reads 10 or 500 stations or random numbers, and fresh random weights. Vertical lines: how far the architecture lets it reach, convolutions alone and all layers.", "name": "fig-sees-gradient"}, "image": {"alt": "Rising curves. With 500 stations and with random numbers nearly all of the gradient lies within three nodes, with fresh weights within eight; with 10 stations the curve rises slowly and comes close to one only near the first of two vertical lines."}}
limits = {
    "convolutions alone": convolution_reach(model.config),
    "all layers": reach(model.config),
}
figure = draw.gradient_curves(within, limits)


# %% tags=["hide-input"]
paper_spacing = DEGREE / PAPER.points_per_degree
print(", ".join(f"{what}: {nodes} nodes" for what, nodes in limits.items()))
print(f"the paper's network: {reach(PAPER)} nodes of {paper_spacing:.1f} km")
shares = {name: part.sum(axis=1) for name, part in found.items()}
looks = pd.DataFrame(shares, index=[f"share of {width}" for width in widths]).T
looks["99 % within (nodes)"] = [np.argmax(part >= 0.99) for part in within.values()]
looks.round(2)

# %% [markdown]
# **What to see** in {numref}`fig-sees-gradient`: no gradient lies beyond 30 nodes, and how near most of it lies depends on what
# is read. With 10 stations, 99 % lie within 15 nodes, 208 km: nearly the 16 that convolutions reach. With 500, two nodes
# suffice. Random numbers look like a station at every node; on these alone we would have said six. A *theoretical* receptive
# field says what is possible, an *effective* one what is used {cite:p}`luo2016`, and that for a given input.
#
# With fresh weights 8 nodes hold 99 %: pre-training taught this U-Net to look further. The scales of 125 and 375 km have 0.42 of
# the gradient with 10 stations and 0.14 with 500.
#
# The paper's network {cite:p}`scholz2023`, six levels of kernel 5, has one scale. It reaches 190 nodes of 4.3 km: it can see nearly
# all of Germany from anywhere in it.
#
# ## What the spacing can and cannot carry
#
# How fine may a map be? Leave the U-Net out. Read a wave of length $\lambda$ at very many stations, lay it
# on the grid with the narrowest set convolution and read it off with another. Both have a width $\ell$ of one spacing, so
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
        ("a coarser grid", coarse_spacing),
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
# A network can sharpen what the encoding blurs, as far as the numbers reach, but nothing shorter than two spacings exists for
# it. {doc}`/notebooks/length_scales` measures the maps of trained networks, and takes up a claim about such scales.
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
# At which distance of two stations, in spacings, is a given share of their difference left in the narrowest data channel? Derive the formula; leave
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
# Solution: half lies within one node, whatever is read. What differs is the tail.
def half_within(distances, gradient):
    within = np.cumsum(np.abs(gradient))
    return distances[np.argmax(within >= within[-1] / 2)]


check(exercises.judge_flow, half_within)
for name, part in found.items():
    half = half_within(np.arange(part.shape[1]), part.sum(axis=0))
    print(f"{name}: half within {half} of {reach(model.config)} nodes")

# %% [markdown]
# ## Summary
#
# - A station becomes a bump of density and a reading beside it, at each scale; zero density says that nobody looked. Wide scales
#   carry a lone reading, narrow ones say where it is.
# - A U-Net's possible reach is arithmetic, $(k-1)\,2^L$ nodes and a little more. How much of it is used depends on what is read.
# - Two spacings are the shortest wave that an internal grid holds; half of a wave of some seven and a half spacings
#   survives encoding and decoding unaided.
#
# **Not shown:** a network trained with one scale and otherwise alike, what adapting changes, real data, the paper's own network.
#
# **Next:** {doc}`/notebooks/data_you_can_trust` looks at where real readings come from.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that a receptive field of 61 nodes means that a network uses 61 nodes. If time is
# short, skip the encodings. Exercise 2 needs one number.
# :::

# %% tags=["hide-input"]
print(
    f"sparseobs {sparseobs.__version__}, preset {preset}, synthetic twin, stored network, seed {seed}"
)

# %% tags=["remove-cell", "claims"]
said = falls.round(2)
say_which_hold(
    {
        "what one to four scales carry": lambda: (
            said.loc[[10, 60], names[0]].tolist() == [0.57, 0.10]
            and said.loc[60, names[1:3]].tolist() == [0.51, 0.96]
            and said.loc[[200, 400], names[3]].tolist() == [0.58, 0.26]
            and said.loc[[200, 400], "weather"].tolist() == [0.74, 0.43]
        ),
        "the band": lambda: (
            round((rings[names[3]]["high"] - rings[names[3]]["low"]).max(), 1) == 0.4
        ),
        "traces at 14 and at 375 km": lambda: (
            [round(touched[name], 2) for name in (widths[0], widths[3])] == [0.03, 1.0]
        ),
        "among others, as kriging": lambda: (
            among["at the station"].loc[500].round(2).tolist() == [0.25, 0.13]
            and (among["at the station"].diff().iloc[1:] < 0).all(axis=None)
        ),
        "no gradient beyond the arithmetic": lambda: all(
            part[:, reach(model.config) + 1 :].max() == 0 for part in found.values()
        ),
        "99 % of the gradient": lambda: (
            looks["99 % within (nodes)"].tolist() == [15, 2, 6, 8]
            and round(15 * spacing) == 208
        ),
        "wide scales count more with few stations": lambda: (
            [round(found[f"{n} stations"][2:].sum(), 2) for n in (10, 500)]
            == [0.42, 0.14]
        ),
        "reaches": lambda: list(limits.values()) == [16, 30] and reach(PAPER) == 190,
        "the formula": lambda: np.allclose(left["kept"], left["theory"], atol=0.02),
        "3 % is left on the coarse grid, more on finer ones": lambda: (
            round(contrast_kept(separation, coarse_spacing), 2) == 0.03
            and contrast_kept(separation, coarse_spacing / 8) > 0.5
        ),
        "half is left at sqrt(2 ln 3)": lambda: (
            abs(contrast_kept(spacings_for(0.5), 1.0) - 0.5) < 0.01
        ),
        "the package encodes the same": lambda: gap < 1e-5,
        "seven levels suffice": lambda: reach(seven) >= reach(PAPER),
    }
)
