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
# **You will be able to** say how a filter can learn to read an unknown instrument, show where its gradient comes
# from, and judge what the instrument is worth.
#
# **You need** {doc}`/notebooks/lorenz96_filter`: twin experiments, the AmEnF and its loss. {doc}`/book/notation` lists the symbols.
#
# **Time** 15 minutes to read, half a minute to run at `lesson` size, 20 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic, the instrument too.
# :::
#
# A filter must know what its observations mean: which site, which quantity, how noisy. That knowledge is the
# *observation operator*. Satellites return radiances, and the operator that turns an atmosphere into radiances is a
# research field of its own. What if an instrument came without any? Its numbers depend on the state; nobody says how.
#
# The instrument of this page is *linear*, and that is a solved problem: a regression does better than our network, as
# the comparison below says. What the page shows is how a network can learn to read an instrument at all.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Stored grid: analysis RMSE of each of two seeds (circles) and their mean (marker), at the times of known observations (left) and of the unknown instrument (right). Each seed has an instrument of its own. The noise is that of a channel; without noise a channel varies about as much as a site does.", "name": "fig-unknown-worth"}, "image": {"alt": "Dot plots of analysis error for five filters, a row of panels for each instrument. With noise 0.3 the AmEnF that has learned to read the instrument lies below the one without it, 1.3 against 1.8 with ten channels, and the EnKFs with weights regressed and known lie lower still, 0.9 and 0.3. With noise 30 all lie near 2, with the instrument and without."}}
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
# With ten good channels the errors are 1.82 without the instrument, 1.33 learned, 0.91 regressed and 0.32 known.

# %% [markdown]
# ## The numbers of this page
#
# The text speaks of these numbers as they are given. With others, go by what the cells print. From a shell:
# `.venv/bin/papermill notebooks/unknown_instrument.ipynb out.ipynb -p channel_error_std 1.0`

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (an hour)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: truths, noise and first ensembles of the test
obs_error_std = 1.0  # noise of a known observation, state units: 1.0 or 2.5
channel_error_std = 0.3  # noise of a channel, state units, above 0
ensemble_size = 10  # members of the learned filters, 2 or more
enkf_inflation = 1.06  # factor on the EnKF's analysis anomalies, 1 or more
n_cycles = None  # cycles scored, 2 or more (None: the preset's)

# %% tags=["hide-input"]
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from sparseobs.errors import require_number
from sparseobs.filtering.amenf import draw as dropout
from sparseobs.filtering.cycle import first_state, predict
from sparseobs.filtering.unknown_instrument import analyse_channels
from sparseobs.randomness import torch_stream
from sparseobs.runs import settings
from sparseobs.scores.ensemble import ensemble_crps, spatial_rmse
from sparseobs_book.checking import check
from sparseobs_book.trained_filters.stored import stored_filter
from sparseobs_book.unknown_instrument import comparison, exercises
from sparseobs_book.unknown_instrument import run as instrument

require_number("seed", seed, least=0, whole=True)
require_number("enkf_inflation", enkf_inflation, least=1)
page = settings.resolve(
    instrument.PRESETS,
    preset,
    obs_error_std=obs_error_std,
    channel_error_std=channel_error_std,
    ensemble_size=ensemble_size,
    n_cycles=n_cycles,
)
stored_filter("lorenz96", page.obs_error_std)  # refuses a noise that has none
test_stream = comparison.TEST_STREAM + seed
print(settings.describe(page))

# %% [markdown]
# ## Two instruments take turns
#
# The world is Lorenz-96 with forty sites. At every other cycle the known instrument sees every fourth site, rotating, with noise $\sigma$.
# In between comes the unknown one. It returns $c = W x + \varepsilon$ with a random matrix $W$: each of ten channels mixes all
# forty sites.

# %% mystnb={"figure": {"caption": "What a filter is given. Left: known observations at every other cycle. Right: the channels of the unknown instrument at the cycles between. Grey is nothing.", "name": "fig-unknown-instruments"}, "image": {"alt": "Two panels over time: on the left short stripes of observed sites at every other cycle, on the right ten channels at the cycles between, with no visible relation to the sites."}}
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
# $$\begin{gathered}x^a_t = f_\phi\big(x^f_t, c_t\big), \quad x^f_{t+1} = M\big(x^a_t\big), \\
# L(\theta, \phi) = \frac{1}{\sigma^2}\Big\langle \big\|H_{t+1}\,\overline{x}^f_{t+1} - y_{t+1}\big\|^2 \Big\rangle.\end{gathered}$$
#
# A better reading of the channels makes a better forecast, and the gradient says so: it flows from $y_{t+1}$ through
# the derivative of the simulator $M$ into $\phi$. The simulator also spreads it: one observed site depends on its
# neighbours one cycle earlier, and the rotating pattern comes to all sites in turn.
#
# Without a known observation there is no loss, and so no gradient at all. How long may one wait for it? Before any
# training, let the channels be read once, and a known observation follow after so many cycles. Each truth and reading
# gives a gradient of its own. If they point the same way, on average over all pairs, there is something to learn.

# %%
trained = instrument.load_pair()
record = comparison.recorded(page, n_cycles=140, batch=4, stream=test_stream)
alone = comparison.run_amenf(page, record, test_stream, trained.alone, None)
fresh = instrument.two_networks(page, record.channels).unknown
weights, SYSTEM = list(fresh.parameters()), comparison.SYSTEM


def analysis_from_channels(reading):
    first = first_state(fresh, alone.members[reading - 1])
    state = predict(SYSTEM, SYSTEM.schedule, first)
    members, stream = state.forecast, torch_stream(reading, "dropout")
    draws = dropout(fresh.config, 1, members.shape[:2], members, stream).cycle(0)
    channels = record.channels[reading].float()
    return analyse_channels(fresh, SYSTEM, state, channels, draws).forecast


# %%
def gradients(reading, wait):
    forecast, then = analysis_from_channels(reading), reading + wait
    for _ in range(wait):
        forecast = SYSTEM.schedule.forecast(SYSTEM, forecast)
    misfit = forecast.mean(1) - record.observations.values[then].float()
    losses = misfit[..., record.observations.mask[then]].square().mean((1, 2))
    options = {"retain_graph": True, "materialize_grads": True}
    each = [torch.autograd.grad(loss, weights, **options) for loss in losses]
    return [torch.cat([part.flatten() for part in parts]) for parts in each]


rows = []
for wait in (1, 3, 5, 15, 31):
    found = torch.stack([one for at in (61, 81, 101) for one in gradients(at, wait)])
    length = found.norm(dim=1, keepdim=True)
    cosines = (found / length) @ (found / length).T
    pairs = cosines[np.triu_indices(len(found), 1)]
    rows.append(
        {"wait": wait, "length": length.mean().item(), "cosine": pairs.mean().item()}
    )
waits = pd.DataFrame(rows)
waits.round(3)

# %% [markdown]
# **What to see**: the longer the wait, the longer the gradients: small differences grow. But up to five cycles the
# gradients of different truths have a direction in common, if a weak one. From fifteen cycles on they have none: what is large there is noise. Training averages over many truths, so a weak common direction is enough.
#
# :::{admonition} Check yourself: would a gradient from thirty cycles later be better still?
# :class: dropdown
# No. Without a correction small differences double in about four cycles. So a gradient from far ahead is large and
# dominated by the growing directions. It says more about chaos than about the channels. In training the filter
# analyses in between, and then a gradient fades instead ({doc}`/notebooks/why_it_works`); little is left of it either way.
# :::

# %% [markdown]
# ## A network for numbers without a place
#
# Which network? "[Its] architecture may depend on the data type", says the paper, no more; it shows no experiment. So this form is ours.
# An AmEnF works site by site, and channels have no site. Two learned matrices help: $A$ says what the channels should read if
# the forecast were right, and $B$ spreads the surprise over the ring,
#
# $$\tilde y = \overline{x}^f + B\,\big(c - A\,\overline{x}^f - a\big).$$
#
# An ordinary AmEnF then assimilates $\tilde y$ as if it were an observation of every site: the same layers, gates and memory.
# At first $A = B = 0$ and the channels say nothing. Nobody tells the network $W$; $A$ and $B$ see gradients only.

# %%
minutes, steps = trained.minutes, trained.settings.n_training_steps
weights = sum(one.numel() for one in trained.both.unknown.parameters())
print(instrument.COMMAND)
print(f"{steps} steps, {minutes:.1f} minutes of one core", end="; ")
print(f"{weights} weights for the instrument")

# %% mystnb={"figure": {"caption": "The instrument as it is and as it was learned: its weights $W$ and the learned $A$.", "name": "fig-unknown-maps"}, "image": {"alt": "Two heat maps of ten channels by forty sites: the learned weights follow the true ones closely, with the same stripes in the same places, if somewhat paler."}}
network = trained.both.unknown
true = comparison.exact(trained.settings).weights
learned = network.learned_weights().double()
figure = unknown.two_maps({"true weights $W$": true, "learned weights $A$": learned})

# %%
spreading, inverse = network.learned_spreading().double(), true.pinverse()
agreement = {
    "A with W": np.corrcoef(learned.flatten(), true.flatten())[0, 1],
    "B with the pseudo-inverse of W": np.corrcoef(
        spreading.flatten(), inverse.flatten()
    )[0, 1],
}
for what, correlation in agreement.items():
    print(f"correlation of {what}, entry by entry: {correlation:.2f}")

# %% [markdown]
# **What to see** in {numref}`fig-unknown-maps`: $A$ has come close to the instrument's own operator, with a correlation of
# 0.88, though no one ever compared a channel with anything. $B$ resembles the pseudo-inverse but need not equal it. The
# pseudo-inverse takes channels at their word and all states for equally likely, a filter weighs noise and the forecast's
# own errors.

# %% [markdown]
# ## What it is worth
#
# A comparison must be fair: `AmEnF` and `AmEnF + instrument` start from the same stored filter and are trained for equally many
# steps. The EnKF {cite:p}`evensen1994` has fifty members, more than the ring has sites, and no localization, which channels
# without a place would not allow.

# %% mystnb={"figure": {"caption": "Analysis error over the first cycles of one test truth, at all cycles, of known observations and of channels.", "name": "fig-unknown-error"}, "image": {"alt": "Error against model time for three filters: the AmEnF without the instrument fluctuates highest, the one that has learned to read it lies between, and the EnKF that is told the weights far below both."}}
without = comparison.run_amenf(page, test, test_stream, trained.alone, None)
both = comparison.run_amenf(page, test, test_stream, trained.both.known, network)
told = comparison.Tuned(enkf_inflation, comparison.exact(page))
runs = {
    comparison.ALONE: without,
    comparison.BOTH: both,
    comparison.ENKF_KNOWN: comparison.run_enkf(page, test, test_stream, told),
}
errors = {
    name: spatial_rmse(run.mean.double(), test.truth)[:300, 0]
    for name, run in runs.items()
}
figure = draw.error_over_time(errors, page.burn_in, error_std=page.obs_error_std)

# %%
scored = comparison.score(page, runs, test)
at = test.observations.mask.any(1) & (torch.arange(len(test.truth)) >= page.burn_in)
scored["crps_known"] = [
    ensemble_crps(run.members[at], test.truth[at].to(run.members)).mean().item()
    for run in runs.values()
]
scored.round(3)

# %% [markdown]
# **What to see:** the learned reading lowers the error from 1.80 to 1.33, and CRPS, the score of the whole ensemble
# ({doc}`/book/notation`), from 1.17 to 0.90. It is far from all that the instrument has to give: ten accurate channels, a perfect
# model and fifty members with their covariances take the EnKF to 0.32. The bound is for who knows $W$; the AmEnF had two
# hundred steps, and does not use how its members vary together.
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
# By how much does an instrument change the error at known observations? For the AmEnF from the one without to the one
# that learned it, for the EnKF from the one without to the one that is told the weights. A column a seed:

# %%
cases = {}
for case, rows in stored.table.groupby(["channel_error_std", "n_channels"]):
    pairs = rows.pivot(index="seed", columns="method", values="rmse_known")
    cases[(*case, "learned")] = pairs[comparison.BOTH] - pairs[comparison.ALONE]
    cases[(*case, "known")] = pairs[comparison.ENKF_KNOWN] - pairs[comparison.ENKF]
names = ["noise", "channels", "weights"]
pd.DataFrame(cases).T.rename_axis(names).rename_axis(columns="seed").round(3)

# %% [markdown]
# Both seeds agree that a good instrument helps, with more channels more. Noise 30 buries the state eight times over. There
# the network gains 0.04 with either seed, while the EnKF that knows everything loses 0.09 with one seed and gains 0.11
# with the other. Two seeds allow no statement on differences so small.
#
# **An honest rival** is regression: run a filter on the known observations, and fit the channels to its states by least squares.
# For a *linear* instrument that is simple, and `EnKF, weights regressed` is what it gives: 0.91 against 1.33, well ahead of our
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
    comparison.ALONE: without,
}
after = comparison.score(page, cases, test)
after[["method", "rmse_known", "rmse_between"]].round(3)

# %% [markdown]
# The filter believes an instrument that now talks nonsense: 2.55 is worse than 1.80 without it. The quick repair is the last row:
# unplug it. A lasting one is to train again; it takes recordings and minutes, and nobody has to find out which cable went where.

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-unknown-noise
# The stored filter learned to read channels with little noise. Make the noise ten times as large. Which loses more, the
# `"learned"` filter or the `"EnKF"` that is told the weights and the new noise?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Which of the two owes more to the instrument?
# :::

# %% tags=["exercise"]
prediction = ...  # YOUR TURN: "learned" or "EnKF"
noisy = replace(page, channel_error_std=10 * page.channel_error_std)
size = {"n_cycles": page.burn_in + page.n_cycles, "batch": page.n_truths}
worse = comparison.recorded(noisy, **size, stream=test_stream)
knows = comparison.Tuned(enkf_inflation, comparison.exact(noisy))
pair, networks = (noisy, worse, test_stream), (trained.both.known, network)
noisier = {
    comparison.BOTH: comparison.run_amenf(*pair, *networks),
    comparison.ENKF_KNOWN: comparison.run_enkf(*pair, knows),
}
noisier = comparison.score(noisy, noisier, worse)
before = scored.set_index("method")["rmse_known"][noisier["method"]]
check(exercises.judge_noise, prediction, tuple(before), tuple(noisier["rmse_known"]))

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the EnKF, although it is told: from 0.32 to about 1.5, the learned one from 1.33 to
# about 1.7. Nearly all the EnKF's skill came from accurate channels, so it has the more to lose.
# The learned filter is not told and had used less of them.
print(noisier.round(3))
check(exercises.judge_noise, "EnKF", tuple(before), tuple(noisier["rmse_known"]))

# %% [markdown]
# :::{admonition} Exercise 2 · Write · 15 minutes · three lines
# :name: exercise-unknown-regression
# Write the honest rival: given states and channels, find the weights of a linear instrument with an offset by least squares. How
# well does it find the page's $W$, beside the learned $A$?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Take the means over time off both, then `torch.linalg.lstsq(states, channels).solution`. Its rows are sites.
# :::


# %% tags=["exercise"]
def regress(states, channels):
    """Return weights (channel, site) from states (time, site) and channels (time, channel)."""
    ...  # YOUR TURN


check(exercises.judge_regression, regress)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: its states here are the analyses of the AmEnF without the instrument, at the times of channels. The cosine with each
# true channel is 0.97 or more; that of the network's A is 0.82 to 0.94.
from torch.nn.functional import cosine_similarity


def least_squares(states, channels):
    centred = states - states.mean(0), channels - channels.mean(0)
    return torch.linalg.lstsq(*centred).solution.mT


between = slice(page.burn_in // 2 * 2 + 1, None, 2)
states = without.mean[between].flatten(-2).flatten(0, 1).double()
fit = least_squares(states, test.channels[between].flatten(0, 1).double())
regressed, agree = (cosine_similarity(one, true, dim=1) for one in (fit, learned))
print("regressed:", *(f"{one:.2f}" for one in regressed))
print("learned:  ", *(f"{one:.2f}" for one in agree))
check(exercises.judge_regression, least_squares)

# %% [markdown]
# ## Summary
#
# - An unknown instrument can be read by a network of its own, taught by later, known observations alone.
# - Its gradient comes through the simulator; without a known observation there is none, and one that comes too late says
#   nothing of the channels.
# - What it learns can be looked at: the operator that nobody told it. For a linear one regression does better.
#
# **Not shown:** an instrument that is not linear or that drifts, more than two seeds, systems other than Lorenz-96, training at the paper's size.
# The paper describes the idea and no experiment, so there is no published number to stand beside ours.
#
# **Next:** {doc}`/notebooks/ingredients` takes the network apart.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that the network is trained to predict the channels; no loss ever
# looks at them. If time is short, skip the swapped cables. Exercise 1 needs one word.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")

# %% tags=["remove-cell", "claims"]
from sparseobs.runs.claims import say_which_hold

rmse, crps = (scored.set_index("method")[one] for one in ("rmse_known", "crps_known"))
cosine, length = (waits.set_index("wait")[one] for one in ("cosine", "length"))
say_which_hold(
    {
        "a gradient within five cycles has a direction": lambda: (
            cosine[[1, 3, 5]].min() > 0.05
        ),
        "one from fifteen on has none": lambda: cosine[[15, 31]].abs().max() < 0.03,
        "and grows": lambda: (
            length.is_monotonic_increasing and length[31] > 50 * length[1]
        ),
        "three errors": lambda: rmse.round(2).tolist() == [1.80, 1.33, 0.32],
        "CRPS": lambda: crps.round(2).tolist()[:2] == [1.17, 0.90],
        "A correlates": lambda: agreement["A with W"].round(2) == 0.88,
        "swapped cables": lambda: after.loc[1, "rmse_known"].round(2) == 2.55,
        "noise 3": lambda: (noisier["rmse_known"] - [1.74, 1.5]).abs().lt(0.06).all(),
        "cosines": lambda: (
            regressed.min().round(decimals=2) >= 0.97
            and agree.min().round(decimals=2) >= 0.82
            and agree.max().round(decimals=2) <= 0.94
        ),
    }
)
