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
# (unknown-instrument)=
# # An instrument nobody calibrated
#
# :::{admonition} On this page
# **You will be able to** say how a filter can learn to read an instrument that nobody described, show where its
# gradient comes from, and judge what the instrument is worth.
#
# **You need** {doc}`/notebooks/lorenz96_filter`: twin experiments, the AmEnF and its loss. {doc}`/book/notation` lists the symbols.
#
# **Time** 15 minutes to read, half a minute to run at `lesson` size, 15 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic, the instrument too.
# :::
#
# A filter must know what its observations mean: which site, which quantity, how noisy. That knowledge is the
# *observation operator*. Satellites return radiances, and the operator that turns an atmosphere into radiances is a
# research field of its own. What if an instrument came without any? Its numbers depend on the state; nobody says how.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Stored grid: analysis RMSE of each seed (circles) and their mean (marker), at the times of known observations (top) and of the unknown instrument (bottom). Each seed has an instrument of its own. The noise is that of a channel; without noise a channel varies about as much as a site does.", "name": "fig-unknown-worth"}, "image": {"alt": "Dot plots of analysis error for five filters, a column for each number of channels and noise: with a good instrument both the AmEnF that has learned to read it and the EnKF that is told its weights lie clearly below those without it."}}
from sparseobs.figures import filtering as draw
from sparseobs.figures import style
from sparseobs.runs.results import about_result, read_result
from sparseobs_book.unknown_instrument import figures as unknown

style.use()
stored = read_result("unknown_instrument")
scores = {"rmse_known": "at known ones", "rmse_between": "between"}
figure = unknown.worth(stored.table, scores)

# %% [markdown]
# {numref}`fig-unknown-worth` is where this page leads. `AmEnF` has every fourth site at every other cycle, and nothing in
# between. `AmEnF + instrument` reads, in between, random combinations of the whole state, by weights that it was never
# told. Below are ensemble Kalman filters without the instrument, with its true weights, and with weights from a regression.

# %% [markdown]
# ## The numbers of this page

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (an hour)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: truths, noise and first ensembles of the test
obs_error_std = 1.0  # noise of a known observation, state units: 1.0 or 2.5
channel_error_std = 0.3  # noise of a channel, state units, above 0
ensemble_size = 10  # members of the learned filters, 2 or more
enkf_inflation = 1.06  # factor on the EnKF's analysis anomalies, 1 or more
n_cycles = None  # cycles scored (None: the preset's)

# %% tags=["hide-input"]
from sparseobs.runs import settings
from sparseobs.scores.ensemble import spatial_rmse
from sparseobs_book.unknown_instrument import comparison
from sparseobs_book.unknown_instrument import run as runs

page = settings.resolve(
    runs.PRESETS,
    preset,
    obs_error_std=obs_error_std,
    channel_error_std=channel_error_std,
    ensemble_size=ensemble_size,
    n_cycles=n_cycles,
)
test_stream = comparison.TEST_STREAM + seed
print(settings.describe(page))

# %% [markdown]
# ## Two instruments take turns
#
# The world is Lorenz-96 with forty sites. At every other cycle the known instrument sees every fourth site, rotating, with noise $\sigma$.
# In between comes the unknown one. It returns $z = W x + \varepsilon$ with a random matrix $W$: each of ten channels mixes all
# forty sites.

# %% mystnb={"figure": {"caption": "What a filter is given. Left: known observations at every other cycle. Right: the channels of the unknown instrument at the cycles between. White is nothing.", "name": "fig-unknown-instruments"}, "image": {"alt": "Two panels over time: on the left short stripes of observed sites at every other cycle, on the right ten channels at the cycles between, with no visible relation to the sites."}}
test = comparison.recorded(
    page, n_cycles=page.burn_in + page.n_cycles, batch=page.n_truths, stream=test_stream
)
shown = slice(0, 40)
figure = unknown.two_instruments(
    test.observations.values[shown, 0, 0],
    test.observations.mask[shown],
    test.channels[shown, 0],
)

# %% [markdown]
# ## Why a later, known observation suffices
#
# No loss can be taken at the channels: a forecast cannot be compared with numbers of unknown meaning. The paper's
# appendix D.2 {cite:p}`mccabe2021` gives the way out. Let a network of its own correct the forecast by the channels, run the
# simulator on, and compare with the next observation that *is* understood:
#
# $$\begin{gathered}x^a_t = f_\phi\big(x^f_t, z_t\big), \quad x^f_{t+1} = M\big(x^a_t\big), \\
# L(\theta, \phi) = \frac{1}{\sigma^2}\Big\langle \big\|H_{t+1}\,\overline{x}^f_{t+1} - y_{t+1}\big\|^2 \Big\rangle.\end{gathered}$$
#
# A better reading of the channels makes a better forecast, and the gradient says so: it flows from $y_{t+1}$ through
# the derivative of the simulator $M$ into $\phi$. The simulator also spreads it: one observed site depends on its
# neighbours one cycle earlier, and the rotating pattern comes to all sites in turn.
#
# Let the stored filter read the channels once, and a known observation follow after one cycle, three, five, or never:

# %%
from sparseobs_book.unknown_instrument.gradients import gradients_by_wait

trained = runs.load_pair()
waits = gradients_by_wait(page, trained, waits=(1, 3, 5, 0), stream=test_stream)
assert waits["gradient"].iloc[-1] == 0 and waits["gradient"].iloc[0] > 0
waits.round(3)

# %% [markdown]
# **What to see:** the last row has no known observation (`wait` 0), no loss, and a gradient of exactly zero. With one, the
# gradient reaches the instrument's network across the cycles between.
#
# :::{admonition} Check yourself: would a gradient from thirty cycles later be better still?
# :class: dropdown
# No. Small differences double in about four cycles, so a gradient from far ahead is large, dominated by the growing
# directions, and says more about chaos than about the channels. The filter is also corrected in between.
# :::

# %% [markdown]
# ## A network for numbers without a place
#
# Which network? "[Its] architecture may depend on the data type", says the paper, no more; it shows no experiment. So this form is ours.
# An AmEnF works site by site, and channels have no site. Two learned matrices help: $A$ says what the channels should read if
# the forecast were right, and $B$ spreads the surprise over the ring,
#
# $$\tilde y = \overline{x}^f + B\,\big(z - A\,\overline{x}^f - a\big).$$
#
# An ordinary AmEnF then assimilates $\tilde y$ as if it were an observation of every site: the same layers, gates and memory.
# At first $A = B = 0$ and the channels say nothing. Nobody tells the network $W$; $A$ and $B$ see gradients only.

# %%
minutes, steps = trained.minutes, trained.settings.n_training_steps
weights = sum(one.numel() for one in trained.both.unknown.parameters())
print(runs.COMMAND)
print(f"{steps} steps, {minutes:.1f} minutes of one core", end="; ")
print(f"{weights} weights for the instrument")

# %% mystnb={"figure": {"caption": "The instrument as it is and as it was learned. Top: its weights $W$ and the learned $A$. Bottom: the pseudo-inverse of $W$ and the learned $B$, turned to the same shape. Right: entry against entry.", "name": "fig-unknown-maps"}, "image": {"alt": "Four heat maps of ten channels by forty sites and two scatter plots: the learned weights follow the true ones closely, the learned spreading follows the pseudo-inverse with more scatter."}}
network = trained.both.unknown
true = comparison.exact(trained.settings).weights
figure = unknown.learned_maps(
    true, network.learned_weights(), true.pinverse(), network.learned_spreading()
)

# %% [markdown]
# **What to see** in {numref}`fig-unknown-maps`: $A$ has come close to the instrument's own operator, entry by entry (the correlation
# stands above the dots), though no one ever compared a channel with anything. $B$ resembles the pseudo-inverse but need not equal it: the pseudo-inverse takes
# channels at their word and all states for equally likely, a filter weighs noise and the forecast's own errors.

# %% [markdown]
# ## What it is worth
#
# A comparison must be fair: `AmEnF` and `AmEnF + instrument` start from the same stored filter and are trained for equally many
# steps. The EnKF {cite:p}`evensen1994` has fifty members, more than the ring has sites, and no localization, which channels
# without a place would not allow.

# %% mystnb={"figure": {"caption": "Analysis error over the first cycles of one test truth, at all cycles, of known observations and of channels.", "name": "fig-unknown-error"}, "image": {"alt": "Error against model time for three filters: the AmEnF without the instrument fluctuates highest, the one that has learned to read it lies between, and the EnKF that is told the weights far below both."}}
alone = comparison.run_amenf(page, test, test_stream, trained.alone, None)
both = comparison.run_amenf(page, test, test_stream, trained.both.known, network)
told = comparison.Tuned(enkf_inflation, comparison.exact(page))
runs_here = {
    comparison.ALONE: alone,
    comparison.BOTH: both,
    comparison.ENKF_KNOWN: comparison.run_enkf(page, test, test_stream, told),
}
first = slice(0, 300)
errors = {
    name: spatial_rmse(run.mean.double(), test.truth)[first, 0]
    for name, run in runs_here.items()
}
figure = draw.error_over_time(errors, page.burn_in, error_std=page.obs_error_std)

# %%
comparison.score(page, runs_here, test).round(3)

# %% [markdown]
# **What to see:** the learned reading is worth a good part of the error. It is far from all that the instrument has to give: ten
# accurate channels, a perfect model and fifty members with their covariances take the EnKF much lower. The bound is for who knows
# $W$; the AmEnF had a few hundred steps, and leans little on its ensemble.
#
# The stored grid asks the same of other instruments, with the EnKFs' inflation tuned on other truths:

# %%
by_case = stored.table.groupby(
    ["channel_error_std", "n_channels", "method"], sort=False
)
by_case[["rmse_known", "rmse_between"]].mean().round(3)

# %% tags=["hide-input"]
about_result("unknown_instrument")

# %% [markdown]
# By how much does the error change, from the filter without the instrument to the one with it? A mean over seeds, with its
# interval where there are at least two:

# %%
from sparseobs.scores.intervals import repeat_interval

names = ["channel_error_std", "n_channels"]
for (noise, channels), rows in stored.table.groupby(names):
    pairs = rows.pivot(index="seed", columns="method", values="rmse_known")
    change = pairs[comparison.BOTH] - pairs[comparison.ALONE]
    shown = repeat_interval(change) if len(change) > 1 else f"{change.iloc[0]:.3f}"
    print(f"noise {noise:g}, {channels} channels: {shown} over {len(change)} seed(s)")

# %% [markdown]
# Two seeds are few: read the intervals before the means. Noise 30 buries the state eight times over; such an instrument has
# nothing to say, and its network was trained all the same. What it changes is the harm, or the luck, of a short training.
#
# **An honest rival** is regression: run a filter on the known observations, and fit the channels to its states by least squares.
# For a *linear* instrument that is simple, and `EnKF, weights regressed` is what it gives: the table shows it well ahead of our
# briefly trained network. It needs a filter that is good enough first, a form of the operator to fit and a guess of the noise, which here was tuned
# on other truths. The network needs none of these. But our instrument and our learned maps are both linear; that a learned
# operator copes with one that is not remains to be shown.

# %% [markdown]
# ## Break it, repair it
#
# Someone pulls all cables out and plugs each into the next socket. Nobody is told.

# %%
SWAPPED = "AmEnF + instrument, cables swapped"
swapped = test._replace(channels=test.channels.roll(1, -1))
broken = comparison.run_amenf(page, swapped, test_stream, trained.both.known, network)
cases = {
    comparison.BOTH: both,
    SWAPPED: broken,
    comparison.ALONE: alone,
}
after = comparison.score(page, cases, test)
after[["method", "rmse_known", "rmse_between"]].round(3)

# %% [markdown]
# The filter believes an instrument that now talks nonsense, and is worse than without it. The quick repair is the last row:
# unplug it. A lasting one is to train again; it takes recordings and minutes, and nobody has to find out which cable went where.

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict, then run · 5 minutes · no code
# :name: exercise-unknown-noise
# The stored filter learned to read channels with little noise. Set `channel_error_std = 3.0`, ten times as much, in the
# parameters cell. Which filter loses more, the learned one or the EnKF that is told the weights and the new noise?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the EnKF, although it is told. Nearly all its skill came from accurate channels,
# so it has the more to lose. The learned filter is not told and had used less of them.
from dataclasses import replace

noisy = replace(page, channel_error_std=10 * page.channel_error_std)
size = {"n_cycles": page.burn_in + page.n_cycles, "batch": page.n_truths}
worse = comparison.recorded(noisy, **size, stream=test_stream)
told = comparison.Tuned(enkf_inflation, comparison.exact(noisy))
both_noisy = {
    comparison.BOTH: comparison.run_amenf(
        noisy, worse, test_stream, trained.both.known, network
    ),
    comparison.ENKF_KNOWN: comparison.run_enkf(noisy, worse, test_stream, told),
}
comparison.score(noisy, both_noisy, worse).round(3)

# %% [markdown]
# :::{admonition} Exercise 2 · Modify · 10 minutes · two lines
# :name: exercise-unknown-regression
# How well does regression find the weights? The cell below compares the learned $A$ with $W$, channel by channel. Do the same for
# `comparison.regressed(page, comparison.Tuned(enkf_inflation, None)).weights`.
# :::

# %%
from torch.nn.functional import cosine_similarity

found = network.learned_weights().double()  # YOUR TURN: the regressed weights
print(
    "agreement of each channel:",
    cosine_similarity(found, true, dim=1).round(decimals=2),
)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: also well. A linear instrument is easy to calibrate once some filter runs.
fit = comparison.regressed(page, comparison.Tuned(enkf_inflation, None))
print(
    "agreement of each channel:",
    cosine_similarity(fit.weights, true, dim=1).round(decimals=2),
)

# %% [markdown]
# ## Summary
#
# - An unknown instrument can be read by a network of its own, taught by later, known observations alone.
# - Its gradient comes through the simulator; without a known observation within the unroll there is none.
# - What it learns can be looked at: the operator that nobody told it.
#
# **Not shown:** an instrument that is not linear or that drifts, more than two seeds, systems other than Lorenz-96, training at the paper's size.
# The paper describes the idea and no experiment, so there is no published number to stand beside ours.
#
# **Next:** {doc}`/notebooks/ingredients` takes the network apart.
#
# :::{admonition} For instructors
# :class: dropdown
# 30 minutes with the exercises. Common misconception: that the network is trained to predict the channels; no loss ever
# looks at them. If time is short, skip the swapped cables. Exercise 1 needs no typing but one number.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")
