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
# (own-convcnp)=
# # Write your own ConvCNP
#
# :::{admonition} On this page
# **You will be able to** write a convolutional conditional neural process (ConvCNP) in sixty lines of PyTorch, train it,
# and measure how far it is from the best possible prediction.
#
# **You need** the Gaussian distribution, what a convolution is, and a little PyTorch: tensors, and a gradient by
# `backward`. {doc}`/notebooks/kriging` is the rival; it is not needed for the code.
#
# **Time** 20 minutes to read, half a minute to run, 40 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. All data on this page are synthetic.
# :::

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (a quarter of an hour: more steps and channels)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number, 0 or more: of the weights and of all curves
length_scale = 0.4  # units of length, 0.1 to 2: of the curves
obs_error_std = 0.2  # 0.01 to 10: noise of a reading; the curves' own is 1
nodes_per_unit = 16  # whole number, 4 to 64: of the internal grid
n_steps = None  # whole number, 1 or more: of each training (None: the preset's)

# %% tags=["hide-input"]
import math
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from sparseobs.figures import style
from sparseobs.neural_process.set_conv import grid_to_points, points_to_grid
from sparseobs.randomness import seeded_weights, torch_stream
from sparseobs.runs import settings
from sparseobs.runs.claims import say_which_hold
from sparseobs.scores.gaussian import score_gaussian
from sparseobs_book.checking import check
from sparseobs_book.own_convcnp import exercises
from sparseobs_book.own_convcnp import figures as draw
from sparseobs_book.own_convcnp import run as line
from torch import nn

style.use()
numbers = {"length_scale": length_scale, "obs_error_std": obs_error_std}
numbers |= {"nodes_per_unit": nodes_per_unit, "n_steps": n_steps}
page = settings.resolve(line.PRESETS, preset, seed=seed, **numbers)
print(settings.describe(page))

# %% tags=["hide-input"] mystnb={"figure": {"caption": "What is to be predicted, and how well it can be: one synthetic curve (black), 2, 5 and 20 noisy readings of it (circles), and the best possible prediction of a further reading, with a band of two standard deviations.", "name": "fig-own-aim"}, "image": {"alt": "Three panels of one curve with 2, 5 and 20 circles. The band of the best possible prediction is narrow at the circles and wide between them; with twenty circles it is narrow nearly everywhere."}}
best = line.exact(page.process)
curve = line.draw_one_curve(page.process, 20, torch_stream(page.seed, "one curve"))
aims = [line.with_readings(curve, n, {draw.BEST: best}) for n in (2, 5, 20)]
figure = draw.few_readings(aims)

# %% [markdown]
# {numref}`fig-own-aim` is the aim. A *neural process* {cite:p}`garnelo2018` takes any set of readings, and says at any
# target two numbers: a mean and a standard deviation. The readings may be few, many or none, anywhere, in any order.
# Here the curves come from a *Gaussian process*: their values at any places are jointly Gaussian, with a known
# covariance. So the best possible prediction is known by a formula. It is told the curves' length scale, the distance
# over which they vary. The network is not: it only sees readings. After ten seconds of training its NLL, the loss
# below, comes within 0.05 nats of the best possible.
#
# The text speaks of the numbers as they are given. With others, go by what the cells print. From a shell:
# `.venv/bin/papermill notebooks/own_convcnp.ipynb out.ipynb -p length_scale 0.8`
#
# ## From readings to a grid
#
# A convolution needs a regular grid of nodes, and readings lie anywhere. A *set convolution* {cite:p}`gordon2020`
# brings them there. Let readings $y_i$ lie at $x_i$, and let $w(d) = e^{-d^2/2\ell^2}$ be a Gaussian weight whose width
# $\ell$ is one spacing of the grid. (The curves' length scale is another number.) Two channels are laid on the nodes.
# The *density* $\rho(x) = \sum_i w(x - x_i)$ says how many readings are near. The *signal* $h(x)$ says what they read
# on average:
#
# $$h(x) = \frac{\sum_i w(x - x_i)\,y_i}{\rho(x) + 0.01} .$$
#
# The 0.01 avoids a division by zero. Tensors have a first axis of tasks: a task is one curve with its readings.

# %%
nodes, spacing = page.nodes, 1 / page.nodes_per_unit


def weights(here, there):
    """Gaussian weights between positions (task, a) and (b,): (task, a, b)."""
    return torch.exp(-0.5 * ((here[..., None] - there) / spacing) ** 2)


def set_convolution(x, y):
    """Density and signal, (task, 2, node), of readings y at x, (task, reading)."""
    w = weights(x, nodes)
    density = w.sum(1)
    signal = (w * y[..., None]).sum(1) / (density + 0.01)
    return torch.stack([density, signal], dim=1)


# %% mystnb={"figure": {"caption": "The two channels of five readings (circles; on the density's panel at zero, to mark the places). Dots: nodes.", "name": "fig-own-channels"}, "image": {"alt": "Two panels over position. Density: a bump of height one at each circle, higher where two are close. Signal: a plateau at the height of each circle, zero elsewhere."}}
x, y = curve.x[None, :5], curve.y[None, :5]
channels = set_convolution(x, y)
figure = draw.two_channels(nodes, channels[0], (x[0], y[0]))

# %% [markdown]
# **What to see** in {numref}`fig-own-channels`: each reading leaves a mark a few nodes wide. To spread it further is
# the network's work. Two properties hold before any training. The third line printed compares with the package, which
# does the same on maps:

# %%
mixed = torch.randperm(5, generator=torch_stream(page.seed, "order"))
in_other_order = set_convolution(x[:, mixed], y[:, mixed])
moved = set_convolution(x / 2 + 4 * spacing, y)  # four nodes to the right
there = set_convolution(x / 2, y)
along = {"y": torch.zeros(1), "x": nodes, "length_scale": spacing}
on_plane = torch.stack([torch.zeros_like(x), x], dim=-1)
by_package = points_to_grid(on_plane, y, torch.ones_like(x) > 0, **along)[:, :, 0]
for what, one, other in (
    ("readings in another order", in_other_order, channels),
    ("all readings moved", moved[..., 4:], there[..., :-4]),
    ("the package's set convolution", by_package, channels),
):
    print(f"{what}: largest difference {(one - other).abs().max():.0e}")

# %% [markdown]
# The order of readings does not matter, because it does not change a sum. Move all readings by four nodes, and the
# channels move by four nodes. Convolutions keep this second property, away from the ends of the grid. So the network
# need not learn that curves are alike everywhere.
#
# **Why a density?** A reading of zero, and no reading:

# %%
nowhere = torch.zeros(1, 0)  # one task without readings: a legal input
at_zero = torch.zeros(1, 1)
for what, one in (("reading 0 at 0", at_zero), ("no reading", nowhere)):
    largest = set_convolution(one, one)[0].amax(dim=1)
    print(
        f"{what:<14}: largest density {largest[0]:.2f}, largest signal {largest[1]:.2f}"
    )

# %% [markdown]
# The signal is zero in both cases. Only the density tells that there is a reading, and so how sure one may be.
#
# ## The network, and the way back
#
# On the grid stand five ordinary convolutions. Each reads nine nodes, so that together they see 20 nodes, or 1.25 units
# of length, to either side. Two channels come out. To read them at a target, average the nodes around it, with the same
# Gaussian weights. The first channel is the mean. The second, $r$, may be any number, and a standard deviation must be
# positive. So it is made by $\log(1 + e^r)$, called *softplus*.


# %%
def convolutions():
    """Five convolutions with rectifiers between: two channels in, two out."""
    sizes = [2, *4 * [page.n_channels], 2]
    layers = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Conv1d(n_in, n_out, 9, padding="same"), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def read_out(features, x):
    """Weighted mean, (task, channel, target), of features (task, channel, node) around x."""
    w = weights(x, nodes)
    return features @ (w / w.sum(-1, keepdim=True)).mT


# %%
def predict(network, x, y, targets, encode=set_convolution, decode=read_out):
    """Mean and standard deviation at targets, (task, target) each."""
    mean, raw = decode(network(encode(x, y)), targets).unbind(1)
    return mean, 1e-3 + nn.functional.softplus(raw)


with seeded_weights(page.seed):
    network = convolutions()
read_by_package = grid_to_points(channels[:, :, None], on_plane, **along)
print(f"{sum(part.numel() for part in network.parameters())} weights; read-out and")
print(f"package differ by {(read_out(channels, x) - read_by_package).abs().max():.0e}")

# %% [markdown]
# ## What makes a prediction good
#
# Let the reading at a target be $y$. A prediction of mean $\mu$ and standard deviation $\sigma$ gives this value a
# Gaussian probability density. Minus its logarithm is the *negative log-likelihood* (NLL), in nats; smaller is better:
#
# $$\tfrac12\log 2\pi + \log\sigma + \frac{(y - \mu)^2}{2\sigma^2} .$$
#
# The last term punishes too small a $\sigma$, the term $\log\sigma$ too large a one. On average no prediction has a
# lower NLL than the exact distribution of $y$ given the readings {cite:p}`gneiting2007`. The network's distance from
# this best possible prediction is what it has not learned.


# %%
def nll(mean, std, y):
    return 0.5 * math.log(2 * math.pi) + std.log() + 0.5 * ((y - mean) / std) ** 2


# %% [markdown]
# ## Training
#
# A step draws sixteen new curves with sixty readings each. Up to thirty of these are shown, the others are targets.
# Predict, compute the loss, the mean NLL, and step down its gradient. No curve comes twice, so none can be memorised.
# The learning rate rises, then falls to almost zero.


# %%
def train(network, encode=set_convolution):
    """Train in place; return the loss of every step."""
    optimiser = torch.optim.Adam(network.parameters())
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, page.n_steps)
    stream, losses = torch_stream(page.seed, "training"), []
    for _ in range(page.n_steps):
        x, y = line.draw_curves(page.process, page.batch_size, 60, stream)
        n = int(torch.randint(0, 31, (), generator=stream))
        prediction = predict(network, x[:, :n], y[:, :n], x[:, n:], encode)
        loss = nll(*prediction, y[:, n:]).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rate.step()
        losses.append(loss.item())
    return losses


# %%
losses = train(network)
tenth = max(len(losses) // 10, 1)
for step in range(0, len(losses), 3 * tenth):
    some = losses[step : step + tenth]
    print(f"steps {step:4} to {step + tenth:4}: mean loss {sum(some) / len(some):.2f}")

# %% [markdown]
# ## Beside the best possible
#
# New curves, their last thirty readings as targets. The *exact* prediction is that of {numref}`fig-own-aim`. *IDW* is inverse
# distance: a mean of the readings with weights $1/d^2$. It has no standard deviation of its own. We give it one number, found by
# trial: the one with the lowest mean NLL on other curves with as many readings.


# %%
def by_distance(x, y, targets):
    """Inverse distance: (task, target) means of the readings."""
    w = 1 / ((targets[..., None] - x[:, None]) ** 2 + 1e-6)
    return (w @ y[..., None])[..., 0] / w.sum(-1)


def inverse_distance(x, y, targets):
    """The same with the best constant standard deviation, on curves of its own."""
    own_x, own_y = line.draw_curves(
        page.process, 200, 60, torch_stream(page.seed, "IDW")
    )
    n, tried = x.shape[1], torch.linspace(0.02, 3, 150)
    mean = by_distance(own_x[:, :n], own_y[:, :n], own_x[:, 30:])
    found = torch.stack([nll(mean, std, own_y[:, 30:]).mean() for std in tried])
    mean = by_distance(x, y, targets)
    return mean, tried[found.argmin()].expand_as(mean)


# %%
def trained(x, y, targets):
    return predict(network, x, y, targets)


methods = {draw.BEST: best, "ConvCNP (this page)": trained, "IDW": inverse_distance}
stream = torch_stream(page.seed, "test")
test_x, test_y = line.draw_curves(page.process, page.n_test, 60, stream)


@torch.no_grad()
def score(predict_with, n):
    shown = test_x[:, :n], test_y[:, :n], test_x[:, 30:]
    return score_gaussian(*predict_with(*shown), test_y[:, 30:])


rows = {
    (n, name): score(method, n)._asdict()
    for n in (2, 5, 20)
    for name, method in methods.items()
}
table = pd.DataFrame(rows).T[["nll", "mae", "coverage"]]
table.rename_axis(["readings", "method"]).round(3)

# %% mystnb={"figure": {"caption": "The curve of the first figure (black) and what the trained network says from so many readings (line, and band of two standard deviations). Dashed and dotted: the best possible prediction and its band. The slider chooses how many readings are shown.", "name": "fig-own-predictions"}}
two = {name: methods[name] for name in ("ConvCNP (this page)", draw.BEST)}
numbers_shown = [*range(8), *range(8, 21, 2)]
frames = {n: line.with_readings(curve, n, two) for n in numbers_shown}
draw.moving_readings(frames, 5)

# %% [markdown]
# **What to see** in {numref}`fig-own-predictions`: move the readings from 0 to 20. The network's mean absolute error
# falls from 0.96 to 0.29, the best possible's from 0.97 to 0.28, and the network's standard deviation from 1.01 to
# 0.31. The table takes a thousand curves: with 20 readings the network's NLL is 0.19, the best possible is 0.16, and
# inverse distance has 0.53. With two readings the network misses 0.01 nats. It was told no formula, no length scale and
# no noise. The column *coverage* is the share of targets within the 90 % interval. It is near 0.9: the standard
# deviation is honest, too.
#
# :::{admonition} Check yourself: the network never saw more than thirty readings. What does it do with sixty?
# :class: dropdown
# It runs: a set convolution takes any number. But densities that high never occurred in training, and the answer may be
# bad.
# :::
#
# ## Break it, repair it: no density
#
# Train once more, as long and from the same first weights, with zeros in place of the density.


# %%
def signal_alone(x, y):
    density, signal = set_convolution(x, y).unbind(1)
    return torch.stack([torch.zeros_like(density), signal], dim=1)


def without_density(x, y, targets):
    return predict(blind, x, y, targets, signal_alone)


with seeded_weights(page.seed):
    blind = convolutions()
_ = train(blind, signal_alone)
for n in (2, 5, 20):
    print(
        f"{n:2} readings: NLL {score(without_density, n).nll:.2f}, with density",
        end=" ",
    )
    print(f"{table.loc[(n, 'ConvCNP (this page)'), 'nll']:.2f}")

# %% mystnb={"figure": {"caption": "One reading, and the standard deviation that is said at its place, against what it reads.", "name": "fig-own-density"}, "image": {"alt": "Standard deviation against the reading's value. The best possible prediction and the network are nearly level at 0.3. Without density the line has a high peak of about one at a reading of zero and is low elsewhere."}}
values = torch.linspace(-2, 2, 81)[:, None]
place = torch.zeros_like(values)
three = methods | {"ConvCNP, no density": without_density}
del three["IDW"]
with torch.no_grad():
    stds = {name: each(place, values, place)[1][:, 0] for name, each in three.items()}
figure = draw.std_by_value(values[:, 0], stds)

# %%
at_zero = {name: float(std[40]) for name, std in stds.items()}
for name, std in stds.items():
    print(f"{name:<20} reading 0: {std[40]:.2f}, reading 1: {std[60]:.2f}")

# %% [markdown]
# **What to see** in {numref}`fig-own-density`: on these curves, how sure one may be depends on where readings are, not
# on what they say. The exact prediction is level. Without density the network takes a reading of zero for no reading,
# and is almost as unsure as without any. With the density there is no such peak.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-own-far
# The curves lie between -2 and 2. A single reading of 3, rather high, lies at the left end. Which standard deviation
# will the trained network predict for a reading at the right end, four units away? Give a number.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The curves have mean zero and standard deviation one, and a reading has noise of its own.
# :::

# %% tags=["exercise"]
prediction = ...  # YOUR TURN: a number
ends = [torch.tensor([[each]]) for each in (-2.0, 3.0, 2.0)]
with torch.no_grad():
    far = [float(each(*ends)[1]) for each in (best, trained)]
check(exercises.judge_far, prediction, page.obs_error_std, *far)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: about 1.02. So far away the reading says nothing, and what is left is the
# curves' own variance, 1, and that of a reading's noise, 0.04. It does not depend on the 3.
levels_at = math.sqrt(1 + page.obs_error_std**2)
check(exercises.judge_far, levels_at, page.obs_error_std, *far)

# %% [markdown]
# :::{admonition} Exercise 2 · Derive · 10 minutes
# :name: exercise-own-std
# A method makes errors $e_1, \dots, e_n$ and has to say one standard deviation for all of them. Which has the lowest
# mean NLL? Derive the formula on paper, then write it as a function. (The page found it by trial, for inverse
# distance.)
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Write $\log\sigma + \langle e^2\rangle / 2\sigma^2$, where $\langle\cdot\rangle$ is the mean over the errors. Set the derivative
# by $\sigma$ to zero.
# :::


# %% tags=["exercise"]
def best_std(errors):
    """Standard deviation with the lowest mean NLL, one number, of errors (n,), an array."""
    return ...  # YOUR TURN


check(exercises.judge_best_std, best_std)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: 1/s - <e²>/s³ = 0, so s is the root of the mean squared error.
def root_mean_square(errors):
    return (errors**2).mean() ** 0.5


check(exercises.judge_best_std, root_mean_square)
mean, std = inverse_distance(test_x[:, :5], test_y[:, :5], test_x[:, 30:])
print(f"IDW, 5 readings: found by trial {std[0, 0]:.2f},", end=" ")
print(
    f"by the formula {root_mean_square(mean - test_y[:, 30:]):.2f} on the test curves"
)

# %% [markdown]
# :::{admonition} Exercise 3 · Write · 10 minutes
# :name: exercise-own-gaps
# On this page all tasks of a batch have the same number of readings. Stations have gaps, so tasks differ. Write the set
# convolution for a batch that is filled up to one length: `mask` is True where a reading exists. Elsewhere `y` may be
# anything, even NaN.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# `y.masked_fill(~mask, 0)` replaces what does not exist. Both sums run over existing readings only.
# :::


# %% tags=["exercise"]
def with_gaps(x, y, mask):
    """Density and signal, (task, 2, node), of the readings (task, reading) where mask is True."""
    return ...  # YOUR TURN: begin with w = weights(x, nodes)


check(exercises.judge_gaps, with_gaps, set_convolution)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: weights of zero take a reading out of both channels; its NaN has to go first.
def masked_set_convolution(x, y, mask):
    w = weights(x, nodes) * mask[..., None]
    density = w.sum(1)
    signal = (w * y.masked_fill(~mask, 0)[..., None]).sum(1) / (density + 0.01)
    return torch.stack([density, signal], dim=1)


check(exercises.judge_gaps, masked_set_convolution, set_convolution)

# %% [markdown]
# :::{admonition} Exercise 4 · Write · 15 minutes
# :name: exercise-own-linear
# Write another way back from the grid: linear interpolation between the node to the left of a target and the one to its
# right. Then predict with the network as it is. It was trained with weighted means: will its NLL change by more than
# 0.01 nats?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# `(x - nodes[0]) / spacing` counts in nodes. Its whole part is the left node, the rest is the share of the right one.
# `features.gather(2, index)` picks nodes, with `index` of shape (task, channel, target).
# :::


# %% tags=["exercise"]
def read_linear(features, x):
    """Features (task, channel, node) between the two nodes around x: (task, channel, target)."""
    return ...  # YOUR TURN: begin with at = (x - nodes[0]) / spacing


check(exercises.judge_linear, read_linear, nodes)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: by less. What comes out of the network varies over several nodes, the width
# of a weight is one. Both averages read nearly the same.
def between_nodes(features, x):
    at = (x - nodes[0]) / spacing
    left = at.long()
    index = left[:, None].expand(-1, features.shape[1], -1)
    share = (at - left)[:, None]  # of the node to the right
    return (1 - share) * features.gather(2, index) + share * features.gather(
        2, index + 1
    )


def linearly(x, y, targets):
    return predict(network, x, y, targets, decode=between_nodes)


check(exercises.judge_linear, between_nodes, nodes)
linear = score(linearly, 20).nll
print(f"NLL with 20 readings: {linear:.3f}, as trained {score(trained, 20).nll:.3f}")

# %% [markdown]
# ## Summary
#
# - A neural process maps a set of readings to a mean and a standard deviation anywhere. In a ConvCNP a set convolution
#   lays readings on a grid, convolutions work there, and Gaussian weights read out the answer.
# - Trained on curves by their NLL, it comes close to the exact prediction without being told a formula.
# - Density tells a reading of zero from no reading. Without it the standard deviation is wrong where the reading is
#   zero, the curves' mean.
#
# **Not shown:** curves of another process than the one trained on ({doc}`/notebooks/film_against_fine_tuning`); grids
# with two axes, levels and wider set convolutions, which let a network see far ({doc}`/notebooks/how_a_convcnp_sees`);
# weather. Curves here are Gaussian and alike everywhere, and then kriging gives the exact answer; a network is worth
# its training where they are not.
#
# **Next:** {doc}`/notebooks/the_twin` makes a Germany in which the truth is known. {doc}`/notebooks/how_a_convcnp_sees`
# follows one reading into a larger network.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that the network is fitted to the readings it is shown. It is trained
# once, on other curves; at a new curve no weight changes. If time is short, skip exercise 4. Exercise 1 needs one number.
# :::

# %% tags=["hide-input"]
print(
    f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}; "
    "synthetic data, computed on this page"
)

# %% tags=["remove-cell", "claims"]
of = table["nll"].unstack()
own = of["ConvCNP (this page)"]
ends = [
    [
        np.abs(mean - frames[n].truth).mean()
        for mean, _ in frames[n].predictions.values()
    ]
    + [frames[n].predictions["ConvCNP (this page)"][1].mean()]
    for n in (0, 20)
]
say_which_hold(
    {
        "order and place do not matter": lambda: (
            torch.allclose(in_other_order, channels, atol=1e-5)
            and torch.allclose(moved[..., 4:], there[..., :-4], atol=1e-4)
        ),
        "the package agrees": lambda: (
            torch.allclose(by_package, channels, atol=1e-5)
            and torch.allclose(read_by_package, read_out(channels, x), atol=1e-5)
        ),
        "within 0.05 nats of the best possible": lambda: (
            (own - of[draw.BEST]).max() < 0.05
        ),
        "0.19, 0.16 and 0.53 with 20 readings": lambda: (
            abs(own[20] - 0.19) < 0.015
            and abs(of.loc[20, draw.BEST] - 0.155) < 0.005
            and abs(of.loc[20, "IDW"] - 0.53) < 0.01
        ),
        "the moving figure's errors and standard deviations": lambda: np.allclose(
            ends, [[0.96, 0.97, 1.01], [0.29, 0.28, 0.31]], atol=0.015
        ),
        "with two readings 0.01 is missed": lambda: (
            own[2] - of.loc[2, draw.BEST] < 0.015
        ),
        "honest": lambda: (
            table["coverage"]
            .xs("ConvCNP (this page)", level=1)
            .between(0.88, 0.92)
            .all()
        ),
        "a reading of zero is taken for none": lambda: (
            at_zero["ConvCNP, no density"] > 0.8 and at_zero[draw.BEST] < 0.35
        ),
        "the exact prediction is level, the network nearly": lambda: (
            stds["ConvCNP (this page)"].max() < 0.4
        ),
        "reading linearly changes the score by less than 0.01": lambda: (
            abs(linear - own[20]) < 0.01
        ),
        "far off the network says 1.02": lambda: abs(far[1] - 1.02) < 0.05,
    }
)
