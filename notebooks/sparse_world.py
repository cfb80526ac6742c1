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
# (sparse-world)=
# # Seeing a quarter of the world
#
# :::{admonition} On this page
# **You will be able to** describe an observing network by a mask, say what a learned filter is shown where nobody
# looked, predict where errors will be largest, and handle missing observations.
#
# **You need** {doc}`/notebooks/lorenz96_filter`, which trains the filter that this page uses.
#
# **Time** 15 minutes to read, half a minute to run at `lesson` size, 20 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic: the truth comes from the simulator.
# :::
#
# No instrument sees the whole atmosphere. A filter that is derived from statistics is told at every cycle where the
# instrument looked and how well. A learned filter knows the instruments that it was taught with. What happens when
# they change?

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% [markdown]
# ## The numbers of this page
#
# Change any of them here, or from a shell with
# `papermill notebooks/sparse_world.ipynb out.ipynb -p map_stride 5`.

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (an hour)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: truths, noise, first ensembles and failures follow from it
obs_error_std = 1.0  # noise of an observation, state units: 1.0 or 2.5
ensemble_size = 10  # members of both filters: 5, 10, 15, 20 or 30
map_stride = None  # every how many sites is one seen in the map of errors
outage_length = None  # cycles without any observation (None: the preset's)
n_truths = None  # independent test trajectories, 2 or more (None: the preset's)

# %% tags=["hide-input"]
from dataclasses import replace

import pandas as pd
from sparseobs.figures import style
from sparseobs.filtering.amenf import AmEnF
from sparseobs.observing.filling import filled_with_forecasts, filled_with_zeros
from sparseobs.observing.patterns import EveryKth, Failing, Outage
from sparseobs.observing.twin_experiment import Observations
from sparseobs.runs import settings
from sparseobs_book.sparse_world import figures as draw
from sparseobs_book.sparse_world import run as world
from sparseobs_book.trained_filters.recipes import stored_filter, training_command

style.use()
page = settings.resolve(
    world.PRESETS,
    preset,
    seed=seed,
    obs_error_std=obs_error_std,
    ensemble_size=ensemble_size,
    map_stride=map_stride,
    outage_length=outage_length,
    n_truths=n_truths,
)
stored = stored_filter("lorenz96", page.obs_error_std)
print(settings.describe(page))
print(f"{training_command(stored.recipe)}  # made the filter used here")

# %% [markdown]
# ## The result first

# %% mystnb={"figure": {"caption": "Analysis error against the distance of the observed sites, which stay where they are (left) or are drawn anew each cycle (right): means over the test truths and their 95 % intervals (bars; Student's t over the truths that were not lost). Both filters were made for every fourth site, rotating.", "name": "fig-sparse-strides"}, "image": {"alt": "Two panels of analysis error against stride for fixed and random patterns: LETKF is far ahead where all or half of the sites are seen and behind where few fixed ones are; the AmEnF's error is smallest when all sites are seen, jumps up at stride two and rises on from stride five."}}
strides = (1, 2, 4, 5, 8, 10)
patterns = [EveryKth(stride, "fixed") for stride in strides]
patterns += [EveryKth(stride, "random", seed) for stride in strides[1:]]
sweep = world.score_patterns(page, stored.network, patterns)
all_seen = sweep.query("stride == 1").assign(movement="random")  # all patterns alike
sweep = pd.concat([sweep, all_seen])
climate_std = stored.network.config.climate_std[0]
figure = draw.errors_by_stride(sweep, climate_std)

# %% [markdown]
# In {numref}`fig-sparse-strides` a stored AmEnF, taught with one observing pattern only, meets others. Beside it runs
# LETKF {cite:p}`hunt2007`, tuned for the same one pattern: our batched implementation, on the same truths,
# observations and first members. Neither was adjusted to what it sees here.

# %% [markdown]
# ## Masks: what an instrument sees
#
# An observation is a value and the place where it was made. On the ring a *mask* carries the places: true where
# somebody looked, a row a cycle. Values elsewhere mean nothing. The same object describes a fixed network, a
# satellite that moves on and instruments that fail.

# %% mystnb={"figure": {"caption": "Where four instruments look during twenty cycles: observed sites are dark.", "name": "fig-sparse-masks"}, "image": {"alt": "Four panels of sites against cycles: vertical lines for the fixed pattern, diagonal lines for the rotating one, combs with a random shift for the random one, and broken diagonals for a rotating one that fails half of the time."}}
instruments = {
    "fixed": EveryKth(4, "fixed"),
    "rotating": EveryKth(4),
    "random": EveryKth(4, "random", seed),
    "rotating, half fail": Failing(EveryKth(4), 0.5, seed),
}
figure = draw.masks({name: one.mask(20, 40) for name, one in instruments.items()})

# %% [markdown]
# ## What the network is shown where nobody looked
#
# A convolution wants a number at every site. McCabe and Brown tried two ways of filling the gaps (their appendix D.1,
# {cite:p}`mccabe2021`): zeros, or the forecast of *another* ensemble member. A channel with the mask goes along in
# both cases, so that the network can tell a measurement from a stopgap.

# %% mystnb={"figure": {"caption": "The observation channel of four members at one cycle, filled in either way. Observed sites (circles) are the same for all members; in the gaps (dashes) each member is shown something of its own if forecasts fill them.", "name": "fig-sparse-fillings"}, "image": {"alt": "Two panels around the ring with the truth as a line and circles at every fourth site: on the left dashes at zero in all gaps, on the right dashes scattered about the truth, differing from member to member."}}
usual = world.observe(page, EveryKth(4))
runs = world.run_filters(page, stored.network, usual.observations)
now = page.burn_in
members = runs["AmEnF"].members[now - 1, :1, :4]
forecast = world.SYSTEM.schedule.forecast(world.SYSTEM, members)
values, seen = usual.observations.values[now, :1].float(), usual.observations.mask[now]
shown = {
    "zeros": filled_with_zeros(values, seen, forecast)[0, :, 0],
    "other members' forecasts": filled_with_forecasts(values, seen, forecast, 1)[
        0, :, 0
    ],
}
figure = draw.fillings(usual.truth[now, 0, 0], seen, shown)

# %% [markdown]
# **What to see** in {numref}`fig-sparse-fillings`: zero is a state of the weather too, and a wrong one. Another
# member's forecast is a fair guess, and the scatter of the guesses says how fair. What is filled in is *detached*: no
# gradient flows through it. It stands in for data, and data do not change with the weights. Otherwise training could
# lower its loss by shaping what the members tell each other.
#
# The network depends on what it was taught with. Show it zeros, and nothing else changed:

# %%
blanks = AmEnF(replace(stored.network.config, filling="zeros"))
blanks.load_state_dict(stored.network.state_dict())
trained = world.score(runs, usual, page.burn_in)
zeros = world.run_filters(page, blanks, usual.observations)["AmEnF"]
shown_zeros = world.score({"AmEnF, shown zeros": zeros}, usual, page.burn_in)
cases = pd.concat([trained, shown_zeros]).groupby("method", sort=False)
cases.agg(rmse=("rmse", "mean"), spread=("spread", "mean"), scored=("rmse", "count"))

# %% [markdown]
# The first rows are the pattern that both filters were made for; `scored` counts the truths on which a run did not
# diverge. A network trained with zeros would cope with zeros. This one was not.
#
# ## More is not always better
#
# Back to {numref}`fig-sparse-strides`. LETKF is told at each cycle which sites are seen and how noisily, and its
# members say how sites vary together; nothing in it is bound to one pattern. With many observations it is far ahead,
# although its tuning was for few. With few, from fixed sites, it trusts a poor ensemble, and falls behind.
#
# Stranger is the AmEnF's own curve. Compare its error at every *second* site, fixed, with what it was taught:

# %%
fixed = sweep.query("method == 'AmEnF' and movement == 'fixed'")
mean = fixed.groupby("stride")["rmse"].mean()
as_taught = trained.query("method == 'AmEnF'")["rmse"].mean()
print(f"every 2nd site, fixed: {mean[2]:.2f}; every 4th, rotating: {as_taught:.2f}")

# %% [markdown]
# Twice the observations, a larger error. Training showed it each site once in four cycles, so it never met a site
# that stays dark, nor one that is seen twice running. What it learned is the analysis *for one rhythm*. Amortization
# buys speed by paying beforehand, and pays only for what it expects. The cure is as plain: train with the patterns
# that will come.
#
# Where few sites are seen, both end near the climate's spread (dotted), or above it. An error above the dotted line
# is worse than knowing nothing: the filter is wrong and sure of it.
#
# :::{admonition} Check yourself: why does a pattern drawn at random help at stride 8?
# :class: dropdown
# Every site is seen sooner or later. With a fixed pattern seven sites in eight never are, and whatever goes wrong
# there can only be noticed once it has been carried to an observed site.
# :::
#
# ## Where a fixed network leaves you in the dark

# %% mystnb={"figure": {"caption": "Analysis error of every site while the same sites (circles, thin lines) are observed at every cycle, over truths and scored cycles.", "name": "fig-sparse-ring"}, "image": {"alt": "Error against site around the ring: deep narrow dips to about one at the observed sites for both filters, high plateaus of two to four between them that rise towards the right."}}
pattern = EveryKth(page.map_stride, "fixed")
fixed = world.observe(page, pattern)
blind = world.run_filters(page, stored.network, fixed.observations)
ring = world.errors_by_site(blind, fixed, page.burn_in)
figure = draw.errors_around_the_ring(ring, fixed.observations.mask[0])

# %%
by_distance = {
    name: error.square().view(-1, page.map_stride) for name, error in ring.items()
}
distance = pd.DataFrame(
    {name: each.mean(0).sqrt() for name, each in by_distance.items()}
)
distance.rename_axis("sites to the right of an observed one").T.round(2)

# %% [markdown]
# **What to see** in {numref}`fig-sparse-ring`, and in the table, which folds the ring onto the distance to the right
# of an observed site (NaN where a run was lost): the observed site itself is known about as well as by its instrument
# alone. Already its neighbours are not. The AmEnF's error is least to the right of an instrument and grows from
# there; LETKF's is high everywhere between. Waves travel left, but groups of waves, and with them what has been
# learned of the state, travel right. Downstream of an instrument one is a little wiser than upstream.
#
# ## Break it, repair it
#
# Switch every instrument off for a while: a mask that is all false.

# %% mystnb={"figure": {"caption": "Through an outage: analysis error, a mean over the test truths on which the filter never diverged. The dash-dotted filter leaves its network out while it is blind.", "name": "fig-sparse-outage"}, "image": {"alt": "Error over time with a shaded outage: all curves rise towards the climate's level within two or three time units, the AmEnF's faster with its network at work than without; afterwards both AmEnF curves fall back within a time unit, LETKF's later."}}
first = page.burn_in + page.n_cycles // 5
dark = world.observe(page, Outage(EveryKth(4), first, page.outage_length))
curves = world.run_filters(page, stored.network, dark.observations)
skipping = world.run_skipping(page, stored.network, dark.observations)
curves["AmEnF, free while blind"] = skipping
lines = {}
for name, error in world.errors(curves, dark).items():
    kept = error.isfinite().all(0)
    lines[name] = error[:, kept].mean(1)
    print(f"{name:<24} lost on {int((~kept).sum())} of {page.n_truths} truths")
shown = {name: line[page.burn_in // 2 :] for name, line in lines.items()}
figure = draw.outage(shown, first - page.burn_in // 2, page.outage_length)

# %% [markdown]
# Nothing to assimilate: the right answer is the forecast. Neither filter gives it. LETKF's analysis changes nothing,
# but its inflation goes on, cycle after cycle, with no observation to hold the members back. The network was never
# shown an empty cycle; it corrects as it was taught, by stopgaps and memory. In {numref}`fig-sparse-outage` both
# errors grow faster than they must.
#
# The repair is one line, `if mask.any()`: leave the network out and let the forecast stand (dash-dotted). The error
# then grows at the pace of the dynamics. As soon as observations return, the AmEnF finds the truth again in either
# case.

# %%
middle = first + min(5, page.outage_length - 1)
for name in ("AmEnF", "AmEnF, free while blind"):
    spread = curves[name].spread[middle].mean()
    rmse = lines[name][middle]
    print(
        f"{name:<24} {middle - first} cycles into it: RMSE {rmse:.2f}, spread {spread:.2f}"
    )

# %% [markdown]
# ## Missing observations
#
# Real files mark what did not arrive by NaN. A NaN that reached the network would fill the ring within a cycle or
# two. `Observations` refuses one where the mask says that somebody looked:

# %%
arrived = usual.observations.values.clone()
lost = Failing(EveryKth(1), 0.25, seed).mask(*usual.observations.mask.shape)
arrived[~lost[:, None, None].expand_as(arrived)] = float("nan")
try:
    Observations(arrived, usual.observations.mask, page.obs_error_std)
except ValueError as error:
    print(error)

# %% [markdown]
# Mask what is missing, and both filters run:

# %%
present = arrived.isfinite().all(2).all(1)  # in every variable, on every trajectory
mask = usual.observations.mask & present
gappy = Observations(arrived.nan_to_num(), mask, page.obs_error_std)
some_lost = world.run_filters(page, stored.network, gappy)
scores = {
    "all arrive": trained,
    "a quarter lost": world.score(some_lost, usual, page.burn_in),
}
table = pd.concat(scores, names=["observations"]).groupby(
    ["observations", "method"], sort=False
)
table.agg(rmse=("rmse", "mean"), scored=("rmse", "count"))

# %% [markdown]
# Losing observations costs both filters. The network takes gaps in its stride better than new patterns: most sites
# that are seen at all are still seen in the rhythm that it knows.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict, then run · 5 minutes · no code
# :name: exercise-sparse-stride
# Set `map_stride = 10` in the parameters cell. Between two observed sites, where will the error be largest?
# :::
#
# :::{admonition} Solution
# :class: dropdown
# On the far side: to the right of the middle. There an instrument's information, travelling right, has been lost on
# the way, and that of the next one does not travel left. The row of the table climbs and then levels off near the
# climate's spread.
# :::
#
# :::{admonition} Exercise 2 · Modify · 10 minutes · one line
# :name: exercise-sparse-failing
# An instrument that fails half of the time sees as many sites as one that looks at every eighth. Which would you
# rather have? Start from the cell below.
# :::

# %%
choice = EveryKth(8, "random", seed)  # YOUR TURN: Failing(EveryKth(4), 0.5, seed)
experiment = world.observe(page, choice)
tried = world.run_filters(page, stored.network, experiment.observations)
world.score(tried, experiment, page.burn_in).groupby("method")["rmse"].mean().round(2)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the failing instrument, for the AmEnF. What arrives keeps the rhythm that the
# network was taught, and every site is still looked at every fourth cycle.
experiment = world.observe(page, Failing(EveryKth(4), 0.5, seed))
tried = world.run_filters(page, stored.network, experiment.observations)
world.score(tried, experiment, page.burn_in).groupby("method")["rmse"].mean().round(2)

# %% [markdown]
# :::{admonition} Exercise 3 · Think · 5 minutes
# :name: exercise-sparse-lie
# You could also answer a missing observation by putting the forecast in its place and calling it observed. What would
# LETKF make of that?
# :::
#
# :::{admonition} Solution
# :class: dropdown
# It would take its own forecast for independent evidence, find that it agrees, and shrink its spread. After a few
# such cycles it no longer listens to real observations. A gap must be told as a gap.
# :::
#
# ## Summary
#
# - A mask says where values are data. In the gaps the AmEnF is shown other members' forecasts, detached.
# - A learned filter is good at the pattern that it was taught, and can be worse with *more* observations of another
#   pattern. LETKF is told the pattern and adapts, as long as its ensemble is worth trusting.
# - Errors are smallest just downstream of an instrument. Where nothing is seen, leave the network out. NaN must be
#   masked.
#
# **Not shown:** networks trained on many patterns at once, LETKF tuned anew for each, observations between the sites,
# and instruments with different noise.
#
# **Next:** {doc}`/notebooks/unknown_instrument` adds an instrument that nobody calibrated.
#
# :::{admonition} For instructors
# :class: dropdown
# 35 minutes with the exercises. Common misconception: that more observations cannot hurt. If time is short, skip the
# fillings.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")
