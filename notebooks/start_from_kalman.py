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
# (start-from-kalman)=
# # Start from what Kalman knew
#
# :::{admonition} On this page
# **You will be able to** write an ensemble Kalman filter in ten lines, make a smoother of it, say when looking back
# pays, and let a network learn the rest.
#
# **You need** {doc}`/notebooks/classical_filters` and {doc}`/notebooks/lorenz96_filter`; {doc}`/book/notation` lists
# the symbols.
#
# **Time** 30 minutes to read, about 2 minutes to run at `lesson` size, 30 minutes for the exercises.
#
# **Runs on** two CPU cores and 1 GB of memory. Everything here is synthetic: the truth comes from the simulator.
# :::
#
# The filter of {doc}`/notebooks/lorenz96_filter` had to learn everything, also what Kalman's equations give without
# learning. They weigh an observation against the forecast, and carry what was seen at one site to its neighbours.
# This page starts from these equations, applies them a few cycles back, and lets a network learn the rest.

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
# The text speaks of these numbers as they are given. With others, go by what the cells print. From a shell:
# `.venv/bin/papermill notebooks/start_from_kalman.ipynb out.ipynb -p lag 3`

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (two minutes) or paper (hours)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: truths, noise and first ensembles follow from it
ensemble_size = 10  # members, 2 to 200
lag = 5  # cycles back at which the ensemble is corrected, 0 to 20
radius = 5.5  # localization radius, sites
shift = 0.6  # sites a cycle by which the taper moves, -5 to 5
inflation = 1.05  # factor on the anomalies, 1 or more
reduction = 0.65  # share of the gain by which anomalies shrink, 0.5 to 1

# %% tags=["hide-input"]
import math
from dataclasses import replace

import pandas as pd
import torch
from sparseobs.figures import style
from sparseobs.figures.filter_scores import scores_by_ensemble_size
from sparseobs.filtering.amens import AmEnS, Turns, first_smoother_state, smooth
from sparseobs.filtering.fixed_lag_runs import fixed_lag_cycles
from sparseobs.filtering.letkf_analysis import gaspari_cohn
from sparseobs.randomness import seeded_weights
from sparseobs.runs import claims, settings
from sparseobs.runs.results import about_result, read_result
from sparseobs.scores.ensemble import spatial_rmse
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.checking import check
from sparseobs_book.start_from_kalman import exercises
from sparseobs_book.start_from_kalman import figures as draw
from sparseobs_book.start_from_kalman import run as kalman
from sparseobs_book.trained_filters.experiments import TEST_STREAM, VALIDATION_STREAM
from sparseobs_book.trained_filters.lorenz96 import (
    CLIMATOLOGY,
    SYSTEM,
    run_filter,
    scores,
)
from sparseobs_book.trained_filters.recipes import standard_recipe, training_command
from sparseobs_book.trained_filters.stored import stored_filter, stored_smoother
from sparseobs_book.trained_filters.tuning import tuned

style.use()
page = settings.resolve(
    kalman.PRESETS,
    preset,
    seed=seed,
    ensemble_size=ensemble_size,
    lag=lag,
    radius=radius,
    shift=shift,
    inflation=inflation,
    reduction=reduction,
)
print(settings.describe(page))

# %% [markdown]
# ## The result first
#
# Four filters run on the same test truths, with the same first members, drawn from the climate. Every fourth site is
# seen, a cycle later its right neighbour, with noise 1.

# %%
stored = stored_smoother("lorenz96", 1.0)
with seeded_weights(seed):  # the smoother that its training began with
    untrained = AmEnS(stored.network.config)
networks = {"AmEnF": stored_filter("lorenz96", 1.0).network}
networks |= {"fixed-lag smoother": untrained, "AmEnS": stored.network}
parts = []
for size in (5, 10, 20):
    test = kalman.twin(replace(page, ensemble_size=size), TEST_STREAM)
    filters = {"LETKF": tuned("lorenz96", "LETKF", 1.0, size)} | networks
    for name, one in filters.items():
        run = run_filter(one, *test.given, seed)
        table = scores(run, test.experiment, page.burn_in)
        named = {"method": name, "ensemble_size": size, "obs_error_std": 1.0}
        parts.append(table.assign(**named))
compared = pd.concat(parts)

# %% mystnb={"figure": {"caption": "Analysis RMSE of each test truth (circles), their mean (marker) and its 95 % interval (bar; Student's t over the truths on which a run stayed finite), against ensemble size. The AmEnS has one network for all sizes. LETKF is tuned for each.", "name": "fig-kalman-compared"}, "image": {"alt": "Analysis error against 5, 10 and 20 members for LETKF, the AmEnF, the fixed-lag smoother before training and the AmEnS: the two smoothers lie below the other two at every size, the AmEnS lowest, by most with five members."}}
figure = scores_by_ensemble_size(compared)

# %%
by_size = compared.groupby(["ensemble_size", "method"], sort=False)
means = by_size[["rmse", "crps", "spread", "spread_skill"]].mean()
means["interval"] = by_size["rmse"].agg(
    lambda each: f"{repeat_interval(each.dropna()):.2f}" if each.count() > 1 else "none"
)
means.assign(lost=by_size["lost"].sum(), truths=by_size.size()).round(3)

# %% [markdown]
# {numref}`fig-kalman-compared` is where this page leads. The *fixed-lag smoother* has learned nothing: it is Kalman's
# algebra, applied some cycles back. With ten and twenty members most of the improvement comes from it. The AmEnS is
# the same with a network on top. We come back to the table, whose `spread_skill` is spread over error, once both have
# been built.

# %% [markdown]
# ## The filter, written out
#
# The members $x_1, \dots, x_m$ are forecasts. As in {doc}`/notebooks/own_filter` the rows of $X$ are their deviations
# from the mean, the *anomalies*, and those of $Y = XH^\top$ are the part that is observed. With the innovation
# $d = y - H\overline{x}^f$ the analysis is
#
# $$\begin{gathered}\overline{x}^a = \overline{x}^f + K d, \qquad X^a = \alpha\,\big(X - r\,Y K^\top\big), \\
# K = \big(\rho \circ X^\top Y\big)\,\big(\rho \circ Y^\top Y + (m - 1) R\big)^{-1}.\end{gathered}$$
#
# $\rho$ is a taper, a weight for each pair of sites that falls with their distance; $\circ$ multiplies entry by
# entry, which takes the spurious covariances of far sites away. $\alpha$ is the inflation. The observations are not
# perturbed; instead the anomalies shrink by a share $r$ of the gain. With $r = 1/2$ this is the deterministic
# ensemble Kalman filter of Sakov and Oke {cite:p}`sakov2008deterministic`, which follows Evensen's
# {cite:p}`evensen1994`. In tensors (truth, member, variable, site), with `then` and `now` one and the same ensemble
# for the moment:


# %%
def taper(seen, radius, moved=0.0):
    sites = torch.arange(40, dtype=torch.float64)[:, None]
    apart = (sites - seen + moved + 20) % 40 - 20  # the shorter way round
    return gaspari_cohn(apart.abs(), radius)


def corrected(then, now, y, seen, tuning, moved=0.0):
    X = then - then.mean(1, keepdim=True)
    Y = (now - now.mean(1, keepdim=True))[..., seen]
    d, m = (y - now.mean(1))[..., seen], now.shape[1]
    XY, YY = (torch.einsum("bmvi,bmvj->bvij", each, Y) for each in (X, Y))
    XY = taper(seen, tuning.radius, moved) * XY
    YY = taper(seen, tuning.radius)[seen] * YY + (m - 1) * torch.eye(len(seen))
    K = torch.linalg.solve(YY, XY.mT).mT  # the noise is 1, so R is the unit matrix
    mean = then.mean(1) + (K @ d[..., None])[..., 0]
    X = X - tuning.reduction * torch.einsum("bmvj,bvij->bmvi", Y, K)
    return mean[:, None] + tuning.inflation * X


# %% [markdown]
# The filter forecasts and corrects in turn:

# %%
trial = kalman.twin(page, VALIDATION_STREAM)
seen_then = trial.given[0]


def forecast(members):
    return SYSTEM.schedule.forecast(SYSTEM, members)


members, analyses = trial.ensemble, []
for y, mask in zip(seen_then.values, seen_then.mask, strict=True):
    now = forecast(members)
    members = corrected(now, now, y, mask.nonzero()[:, 0], kalman.FILTER)
    analyses.append(members.mean(1))
plain = trial.rmse(analyses, page.burn_in)
print(kalman.FILTER)
print(f"RMSE {plain.mean():.3f}, of each truth {plain.round(decimals=2).tolist()}")

# %% [markdown]
# For comparison: LETKF, tuned over 140 settings for the same case, has 0.81 on validation truths. These are other
# cycles of other truths, so the two are about equal. Radius and inflation of our filter were chosen by hand. All that
# this page chooses is chosen on validation truths; only the comparison runs on test truths.

# %% [markdown]
# ## One lag back
#
# Now let `then` be some cycles ago. How many is the *lag*. The model has made the members of now from those of
# then, so the ensemble has covariances of what was then with what is seen now. The same algebra, with $X$ from the
# past and $Y$ from the present forecast, corrects the past by what is seen now. Then the model carries the corrected
# members to now. Each observation is still used once. This is a *fixed-lag smoother*, run as a filter. It takes one
# of the steps that iEnKS repeats until they converge {cite:p}`bocquet2014`. Besides the ten lines it needs some more
# forecasts:


# %%
def smoothed(seen_by, members, tuning):
    past, lag = members, 0
    for cycle, (y, mask) in enumerate(zip(seen_by.values, seen_by.mask, strict=True)):
        now, seen, moved = forecast(members), mask.nonzero()[:, 0], tuning.shift * lag
        past = members = corrected(past if lag else now, now, y, seen, tuning, moved)
        grows = lag < tuning.lag and (cycle + 1) % tuning.growth == 0
        for step in range(lag):
            members = forecast(members)
            past = members if step == 0 and not grows else past
        lag += grows
        yield members.mean(1)


# %%
by_hand = list(smoothed(seen_then, trial.ensemble, page.smoother))
error = trial.rmse(by_hand, page.burn_in)
print(f"RMSE {error.mean():.3f}, of each truth {error.round(decimals=2).tolist()}")

no_way_back = replace(page.smoother, largest_surprise=math.inf)
runs = fixed_lag_cycles([no_way_back], SYSTEM, seen_then, trial.ensemble)
package = torch.stack([analyses.mean[0] for analyses in runs])
gap = (torch.stack(by_hand) - package).abs().max().item()
print(f"largest difference from the package's means: {gap:.0e}")

# %% [markdown]
# Nothing is known of the past at first, so a run begins without a lag, and the lag grows by one every `growth`
# cycles, twenty here. The package's smoother does this too. What else it does, when it has lost the truth, comes at
# the end of this page and is switched off in the comparison above.
#
# Why should this help? The filter's update is linear in the members of now. The smoother's is linear in those of
# *then*, and the model itself, which is not linear, makes the members of now from them. How much this helps depends
# on what is observed:

# %%
lags = (0, 1, 2, 3, 5)
tables = {
    "rotating, every 0.1": kalman.errors_by_lag(page, lags),
    "fixed, every 0.15": kalman.errors_by_lag(page, lags, "fixed_long_gap"),
}
by_lag = {
    name: table.pivot_table(index="reduction", columns="lag", values="rmse")
    for name, table in tables.items()
}
pd.concat(by_lag).round(2)

# %% mystnb={"figure": {"caption": "Analysis RMSE against the lag on two experiments, with a share of 0.65 of the gain for the anomalies (solid triangles) and with half of it (squares): each validation truth (circles), their mean (marker) and its 95 % interval (bar; Student's t over truths). Every fourth site is seen with noise 1. Settings were chosen by hand on such truths.", "name": "fig-kalman-lags"}, "image": {"alt": "Two panels of analysis error against lag 0 to 5. Left, where the observed sites rotate, the error falls from about 0.8 to below 0.6. Right, where they are fixed and the gap is longer, it stays between 1.8 and 2.6 with the larger share and climbs towards climatology with half the gain."}}
figure = draw.errors_by_lag(tables, CLIMATOLOGY)

# %% [markdown]
# **What to see** in {numref}`fig-kalman-lags`, left: each cycle further back lowers the error. It is about 0.8 at lag 0,
# 0.7 at lag 1, 0.57 at lag 3 and 0.55 at lag 5. From two cycles back on, half the gain ($r = 1/2$) leaves the
# anomalies too large: there a share of 0.65 is better, by 0.03 to 0.07. At lags 0 and 1 there is little
# between them. Inflation, radius and share were chosen together.
#
# Right, the same instrument stands still and looks more rarely. Three sites in four are never seen, and errors are
# near two. With half the gain every cycle back raises the error, from about 2 to 3.3, not far from climatology. With the
# larger share it lies between 1.8 and 2.6. One cycle back it is lower than at lag 0, five cycles back higher.
#
# Why? The algebra takes the model for linear between then and now. In a linear model opposite errors stay opposite,
# and their sum zero. The *asymmetry* is the size of this sum, divided by that of their difference:

# %%
cases = {"left, lag 5": (0.6, 10), "right, lag 1": (2.0, 3), "right, lag 3": (2.0, 9)}
bends = {name: kalman.asymmetry(page, *case) for name, case in cases.items()}
for name, (error_std, steps) in cases.items():
    print(f"{name:<13}errors of {error_std}, {steps:>2} steps: {bends[name]:.2f}")

# %% [markdown]
# On the left, errors of 0.6 have an asymmetry of 0.55 after five cycles. On the right, errors of 2 have one of 0.41
# after one cycle, but of 1.10 after three. What a linear model leaves out is then larger than what it has. So the lag
# is to be tuned, and the wider the ensemble, the shorter is the best one.
#
# ## The taper must move
#
# Information travels with groups of waves, to the right. What is seen now at site $j$ was therefore, some cycles ago,
# mostly to the left of $j$. An ensemble with many members shows it: the squared correlation between a site then and a
# site now, averaged over truths and sites.

# %%
many = kalman.many_members(page)
now, profiles = many, {}
for cycles in range(6):
    profiles[cycles] = kalman.squared_correlations(many, now)
    now = forecast(now)
centres = {cycles: kalman.centre(profile) for cycles, profile in profiles.items()}
print("centre of the correlation, sites:", end=" ")
print(", ".join(f"{place:.2f} (lag {cycles})" for cycles, place in centres.items()))

shifts = (0.0, 0.3, 0.6, 0.9, 1.2)
moved = [replace(page.smoother, shift=each) for each in shifts]
by_shift = kalman.errors_of(page, moved)
by_shift.groupby("shift")["rmse"].mean().round(3).to_dict()

# %% mystnb={"figure": {"caption": "Left: squared correlation of a site then with a site now, in an ensemble of many members, at four lags; triangles mark the centre of each. Right: analysis RMSE of the page's smoother when its taper moves by so many sites a cycle: each validation truth (circles), their mean (marker) and its 95 % interval (bar).", "name": "fig-kalman-taper"}, "image": {"alt": "Left, curves of squared correlation against offset: a sharp peak at zero without lag, which becomes lower, wider and moves to the left with the lag, by about half a site a cycle. Right, error against shift: a shallow valley near 0.6."}}
shown = {cycles: profiles[cycles] for cycles in (0, 1, 3, 5)}
figure = draw.then_and_now(shown, centres, by_shift)

# %% [markdown]
# **What to see** in {numref}`fig-kalman-taper`, left: five cycles ago, what is now seen at a site was spread over
# some ten of them, centred 2.8 sites to the left. That is 0.56 sites a cycle. A taper centred on the observation
# gives little weight to the side where most of it is. Right: with a taper moved by 0.6 sites a cycle the smoother
# errs by 0.55; not moved, or moved twice as far, by 0.62 and about 0.65. Localization that moves with the flow is known
# from iterative smoothers {cite:p}`bocquet2016`.
#
# :::{admonition} Check yourself: and if the observed sites stood still?
# :class: dropdown
# The taper would have to move all the same. It follows the waves, not the instrument.
# :::
#
# ## What is left to learn
#
# The smoother's update is linear. Its radius, its inflation and its share $r$ are the same everywhere and always, and
# ten members leave noise in $K$ that no taper takes away. The *amortized ensemble smoother* (AmEnS) learns this
# remainder. It is a network $f_\theta$ of circular convolutions, like the AmEnF's. It reads the ensemble's means and
# spreads then and now, the innovation, the smoother's increment, local covariances, the number of members and a
# memory $c$. It runs once for the whole ensemble, not once a member. It returns a correction $\Delta$ of the mean
# *then*, the logarithm $b$ of an inflation at each site, and (the dots) the next memory:
#
# $$\begin{gathered}\overline{x} \leftarrow \overline{x} + K d + \tfrac{1}{10}\, s\,\Delta, \qquad
# X \leftarrow e^{b}\,\alpha\,\big(X - r\,Y K^\top\big), \\
# (\Delta,\, b,\, \ldots) = f_\theta\big(\overline{x},\, X,\, \overline{x}^f,\, Y,\, d,\, K d,\, c\big),\end{gathered}$$
#
# and the model carries both to now. Here $s$ is the spread then, so $\Delta$ counts in tenths of the spread. The
# network's last layer begins at zero: before training the AmEnS *is* the smoother. $\alpha$ and $r$ are learned too;
# radius and shift stay as tuned. Members enter only through means, spreads and covariances, so that one network
# serves an ensemble of any size.
#
# The loss reads no true state either. It is the `likelihood` of {doc}`/notebooks/objectives`: up to a constant, minus
# twice the log-likelihood of the *next* observations. They are taken for normal about the mean of the forecast
# members, with the variance $v = \sigma^2 + (1 + 1/m)\,s^2$, where $s$ is now the spread of the forecast:
#
# $$L(\theta) = \Big\langle \frac{\big(y_{t+1} - H\overline{x}^f_{t+1}\big)^2}{v} + \ln\frac{v}{\sigma^2} \Big\rangle .$$
#
# Unlike the squared error it asks for an honest spread. {doc}`/notebooks/ensembles` tries it on the AmEnF. Here is
# one unroll, written out, after the untrained AmEnS has found its truths:

# %%
lesson = kalman.twin(page, 0)  # a training stream; its truth is not read
y, mask = lesson.given[0].values.float(), lesson.given[0].mask
state, loss = first_smoother_state(untrained, lesson.ensemble.float()), 0.0
for t in range(page.burn_in + 1):
    with torch.set_grad_enabled(t >= page.burn_in - 4):
        state = state.advanced(SYSTEM, SYSTEM.schedule)
        if t > page.burn_in - 4:
            misfit = (state.forecast.mean(1) - y[t])[..., mask[t]]
            v = 1 + (1 + 1 / page.ensemble_size) * state.forecast.var(1)[..., mask[t]]
            loss = loss + (misfit.square() / v + v.log()).mean() / 4
        now = SYSTEM, SYSTEM.schedule, state, y[t], mask[t]
        state = smooth(untrained, *now, Turns(None))
loss.backward()

# %%
slopes = {name: one.grad for name, one in untrained.named_parameters()}
touched = [name for name, slope in slopes.items() if slope is not None and slope.any()]
print(f"loss {loss.item():.2f}; what it would change first: {', '.join(touched)}")

# %% [markdown]
# A perfect forecast would have a loss of 1; the untrained AmEnS begins near one and a half. `loss.backward()` has
# gone back through four forecasts, four gains and the forecasts inside each analysis. Only the last layer, which
# still is zero, and the smoother's learned numbers get a slope. The layers before it follow once the last one has
# moved.
#
# The rest is an optimiser, as in {doc}`/notebooks/lorenz96_filter`, and four precautions:
#
# - Training streams, the trajectories that it learns from, begin at the climate. Their lag grows as in use, so that
#   the network meets every lag.
# - A stream that has lost its truth counts in the loss as a fixed number and gives no gradient.
# - The inflation is bounded: $|b| < 0.3$, so that no cycle multiplies the spread by more than 1.35 times the
#   smoother's own factor.
# - If the loss rises by half, the training goes back to the last good weights.

# %%
made = stored.recipe
print(training_command(made))
print(
    f"{made.training.n_iterations} steps at most, {stored.minutes:.0f} minutes", end=" "
)
print(f"on {stored.threads} CPU thread(s); ensembles of {made.training.sizes}")

# %% [markdown]
# What the start is worth shows early. Here a small AmEnS and a small AmEnF learn from eight streams each:

# %% mystnb={"figure": {"caption": "Two short trainings; the slider chooses the steps done. Above: the error on validation truths of the AmEnS, which begins as the smoother, and of the AmEnF, which begins from nothing. Below: one truth and both analyses at the last cycle.", "name": "fig-kalman-training"}}
short_trainings = kalman.learned_from(page)
draw.moving_training(short_trainings, CLIMATOLOGY)

# %% [markdown]
# **What to see** in {numref}`fig-kalman-training`: move the steps from 0 to 100. The AmEnS errs by 0.63 before its
# first step, and so short a training changes that by 0.03 at most. The AmEnF begins at climatology's error and comes
# down to 1.94. The two differ in their losses and rates, too.
#
# ## Side by side
#
# Back to {numref}`fig-kalman-compared` and the table below it. With ten members tuned LETKF errs by 0.84 and the
# AmEnF by 0.80. The smoother, which has learned nothing, errs by less than 0.6, and its spread agrees with that to a
# tenth. With twenty it is better still, and the AmEnF is not, for it hardly uses its ensemble. With five members the
# smoother and the AmEnF err alike: so small an ensemble knows too little of the covariances that Kalman's algebra
# needs.
#
# What the training has added stands in the rows of the AmEnS: one network, the same for all three sizes. It adds most
# where members are few. With five the error falls from about 0.8 to 0.62, with ten from 0.57 to 0.54, with twenty from
# 0.51 to 0.50. The spread becomes honest at five, where it was a fifth too large. With twenty members, which training
# never had, it is 6 % too small.
#
# The next table has a hundred starts from the climate, on other truths, each exchanged for another after 2,200 cycles.
# A truth is *found* when the error first stays below twice its usual value for ten cycles. By cycle `found` half of
# the truths are, by `at_last` all that ever are; the next two columns count from the exchange. `kept` counts the
# truths never lost between cycle 200 and the exchange, `lost` those lost at the end:

# %%
hundred = read_result("finding").table.groupby(["ensemble_size", "method"], sort=False)
hundred.agg(
    found=("found", "median"),
    at_last=("found", "max"),
    found_again=("found_again", "median"),
    again_at_last=("found_again", "max"),
    kept=("kept", "sum"),
    lost=("lost", "sum"),
)

# %% tags=["hide-input"]
about_result("finding")

# %% [markdown]
# Both smoothers keep all hundred truths at every size and find all hundred again, the AmEnS within 47 cycles. LETKF
# with ten members has lost 15 at the end.
#
# ## Break it, repair it
#
# Exchange the truth for another one in mid-run, as if the weather had jumped. The lag now does harm: the ensemble of
# five cycles ago follows the old truth, and the innovations come from the new one.
#
# The innovations show it. The package keeps a running mean of $d^\top(HPH^\top + R)^{-1}d$ per observation, which is
# 1 for an honest ensemble. Above 4 a run counts as lost and takes the *way back*: its lag falls to 0, and its members
# are spread out as far as the innovations say. Here with the way back, and with the bound at infinity, which switches
# it off:

# %%
after_exchange, cut = kalman.exchanged(page)
never = AmEnS(replace(stored.network.config, largest_surprise=math.inf))
never.load_state_dict(stored.network.state_dict())
filters = {
    "fixed-lag smoother": page.smoother,
    "fixed-lag smoother, no way back": no_way_back,
    "AmEnS": stored.network,
    "AmEnS, no way back": never,
}

# %%
errors, noted = {}, {}
for name, one in filters.items():
    note = kalman.Noted()
    run = run_filter(one, *after_exchange.given, seed, note)
    errors[name] = spatial_rmse(run.mean.double(), after_exchange.experiment.truth)
    noted[name] = note.lags

# %% mystnb={"figure": {"caption": "The truth is exchanged for another (vertical line). Above: analysis error, a mean over the test truths. Below: the lag, a mean over the same. With the way back a filter that notices its loss drops its lag and spreads its members.", "name": "fig-kalman-exchange"}, "image": {"alt": "Two panels over cycles. At the exchange all errors leap to between four and five. With the way back they fall below one within some sixty cycles, the lag dropping to zero and climbing in steps; without it the lag stays and the errors come down slowly or not at all."}}
start = max(0, cut - 40)
figure = draw.error_and_lag(errors, noted, cut, start)

# %%
last = len(noted["AmEnS"]) - 1
moments = {"before": cut - 1, "at once": cut, "20 after": cut + 20, "last cycle": last}
curves = pd.DataFrame({name: each.mean(1) for name, each in errors.items()}).T
exchange = curves[[min(cycle, last) for cycle in moments.values()]]
exchange.columns = list(moments)
far = {name: int((each[-1] > CLIMATOLOGY / 2).sum()) for name, each in errors.items()}
exchange.assign(**{"still far": far}).round(2)

# %% [markdown]
# **What to see** in {numref}`fig-kalman-exchange`: the error leaps to between 4 and 5. With the way back the
# smoother's lag falls to 0 at once, and climbs again, a step every twenty cycles. By the last cycle the error is what
# it was before the exchange. Without the way back it still is near 3 after twenty cycles, and not all of the five
# truths are found again.
#
# At a start from the climate the truth is not known either. Here are forty starts, with a lag that grows every cycle
# or every twenty:

# %%
begin = [replace(page.smoother, growth=each) for each in (1, 20)]
begin += [replace(each, largest_surprise=math.inf) for each in begin]
starts = kalman.starts_lost(page, begin)
starts.set_index(["growth", "way_back"])

# %% [markdown]
# Without the way back about one start in ten is still lost after 150 cycles, whether the lag grew fast or slowly. With
# it none is. The repair costs nothing otherwise: with an honest ensemble the running mean hardly ever passes 4.

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-kalman-lag
# Look twice as far back: a lag of ten cycles (`lag = 10` in the parameters cell). Is the error *smaller* than with
# five, *equal* or *larger*?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The printed asymmetry says how far the model is from linear over five cycles. Think of ten.
# :::

# %% tags=["exercise"]
twice_as_far = ...  # YOUR TURN: "smaller", "equal" or "larger"
check(exercises.twice_the_lag, twice_as_far)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: larger. Over ten cycles, one unit of time, even small errors do not grow
# linearly. Seven cycles are about as good as five.
usual = kalman.PRESETS[preset]  # whatever the parameters cell says
far_back = [replace(usual.smoother, lag=each) for each in (3, 5, 7, 10)]
longer = kalman.errors_of(usual, far_back).groupby("lag")["rmse"].agg(["mean", "max"])
check(exercises.twice_the_lag, "larger")
longer.round(2)

# %% [markdown]
# :::{admonition} Exercise 2 · Modify · 10 minutes · one number
# :name: exercise-kalman-gap
# On the left of {numref}`fig-kalman-lags` the instrument looks every two steps of 0.05, and looking back lowers the
# error. From which gap on, in whole steps, does it no longer do so? The cell below compares lags 0 and 3 at the gap
# that you give.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Make the gap longer, step by step. Errors grow until the next look, and the larger they are, the less linearly they
# grow.
# :::


# %% tags=["exercise"]
def by_lag_at(n_steps):
    rarer = standard_recipe("lorenz96", steps_per_cycle=n_steps)
    moving = replace(kalman.PRESETS[preset].smoother, lag=3, shift=0.3 * n_steps)
    two = [kalman.WITHOUT_LAG["standard", kalman.MORE], moving]
    found = kalman.errors_of(kalman.PRESETS[preset], two, rarer)
    return found.groupby("lag")["rmse"].mean()


gap_steps = 2  # YOUR TURN: steps between observations, 1 or more
print(by_lag_at(gap_steps).round(2).to_dict())
check(exercises.gap_without_gain, gap_steps)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: at four steps nothing is gained any more. The more often the instrument
# looks, the smaller and the more nearly linear are the errors, and the more the past
# is worth.
by_gap = pd.DataFrame({n_steps: by_lag_at(n_steps) for n_steps in (1, 3, 4)})
check(exercises.gap_without_gain, 4)
by_gap.rename_axis(columns="steps").round(2)

# %% [markdown]
# :::{admonition} Exercise 3 · Derive · 10 minutes
# :name: exercise-kalman-half
# Without a taper and inflation, which covariance do the anomalies $X - r\,YK^\top$ have? Which $r$ gives $(I - KH)P$
# in the one-variable case $H = 1$, with the gain $k = P/(P + R)$? Write it as a function of $k$.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# An anomaly $a$ becomes $(1 - rk)\,a$, and its variance should become $(1 - k)\,P$.
# :::


# %% tags=["exercise"]
def share_of_gain(k):
    """Return the share r of the gain k by which an anomaly has to shrink; k is between 0 and 1."""
    return ...  # YOUR TURN


check(exercises.share_of_gain, share_of_gain)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: (I - r K H) P (I - r K H)'. With r = 1/2 that is (I - KH) P + K HPH' K' / 4: too much, by
# little where K is small. For one variable (1 - r k)^2 = 1 - k, so r = (1 - sqrt(1 - k)) / k, which
# is 1 / (1 + sqrt(1 - k)): from 1/2 for a useless observation to 1 for a perfect one.
check(exercises.share_of_gain, lambda k: 1 / (1 + math.sqrt(1 - k)))
print(", ".join(f"k = {k}: {1 / (1 + math.sqrt(1 - k)):.2f}" for k in (0.1, 0.4, 0.7)))

# %% [markdown]
# :::{admonition} Exercise 4 · Modify · 5 minutes · one number
# :name: exercise-kalman-sizes
# The network was trained with five and ten members. Does it work with seven, or forty? Put another number in below,
# and compare with {numref}`fig-kalman-compared`.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Members enter the network through means, spreads and covariances only.
# :::

# %% tags=["exercise"]
n_members = 10  # YOUR TURN: another number of members
other_size = replace(kalman.PRESETS[preset], ensemble_size=n_members)
test_of_size = kalman.twin(other_size, TEST_STREAM)
run_of_size = run_filter(stored.network, *test_of_size.given, seed)
of_size = scores(run_of_size, test_of_size.experiment, other_size.burn_in)
check(exercises.other_sizes, n_members, of_size["lost"].sum())
of_size.round(2)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: it does. Nothing in it depends on the number of members but the smoother's own
# numbers, which are interpolated between the sizes that it was tuned at.
sizes = {}
for size in (7, 40):
    test = kalman.twin(replace(usual, ensemble_size=size), TEST_STREAM)
    run = run_filter(stored.network, *test.given, seed)
    sizes[size] = scores(run, test.experiment, usual.burn_in)
    check(exercises.other_sizes, size, sizes[size]["lost"].sum())
pd.DataFrame(
    {size: table.mean(numeric_only=True) for size, table in sizes.items()}
).round(2)

# %% [markdown]
# ## Summary
#
# - An ensemble Kalman filter is ten lines of algebra and two tuned numbers.
# - Applied some cycles back, with the model in between and a taper that moves with the waves, the same algebra errs
#   by more than a quarter less. The lag is to be tuned: it pays where errors grow nearly linearly from then to now.
# - A network that starts from the smoother need not learn what Kalman knew, reads no true state, and serves any
#   ensemble size.
# - A smoother needs a way back when it has lost the truth. Its own innovations say when.
#
# **Not shown:** a model that is wrong, which a lag would carry into its correction, and noise that is not Gaussian. Nor
# the other two systems, nor what more than one pass over the same observations would bring.
#
# **Next:** {doc}`/notebooks/ensembles` asks what keeps the members of the first network apart.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that a smoother must wait for later observations. This one corrects
# the past in order to know the present. If time is short, skip the taper. Exercise 3 suits the blackboard.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")

# %% tags=["remove-cell", "claims"]
of, left = means["rmse"], by_lag["rotating, every 0.1"]
right = by_lag["fixed, every 0.15"]
taught = exchange.loc["fixed-lag smoother"]
never_back = exchange.loc["fixed-lag smoother, no way back"]
claims.say_which_hold(
    {
        "the two smoothers below the others": lambda: all(
            of[size][["fixed-lag smoother", "AmEnS"]].max()
            < of[size][["LETKF", "AmEnF"]].min()
            for size in (5, 10, 20)
        ),
        "ten members: 0.84, 0.80, below 0.6": lambda: (
            of[10].round(2)[["LETKF", "AmEnF"]].tolist() == [0.84, 0.80]
            and of[10]["fixed-lag smoother"] < 0.6
            and abs(means["spread_skill"][10]["fixed-lag smoother"] - 1) < 0.1
        ),
        "twenty better still, but for the AmEnF": lambda: (
            of[20]["fixed-lag smoother"] < of[10]["fixed-lag smoother"] - 0.02
            and abs(of[20]["AmEnF"] - of[10]["AmEnF"]) < 0.01
        ),
        "five: the smoother and the AmEnF alike": lambda: (
            abs(of[5]["fixed-lag smoother"] - of[5]["AmEnF"]) < 0.05
        ),
        "what training adds": lambda: all(
            abs(of[size]["fixed-lag smoother"] - start) < about
            and abs(of[size]["AmEnS"] - learned) < 0.008
            for size, start, about, learned in (
                (5, 0.8, 0.04, 0.62),
                (10, 0.57, 0.008, 0.54),
                (20, 0.51, 0.008, 0.50),
            )
        ),
        "the AmEnS's spread": lambda: (
            abs(means["spread_skill"][5]["AmEnS"] - 1) < 0.02
            and abs(means["spread_skill"][20]["AmEnS"] - 0.94) < 0.01
            and abs(means["spread_skill"][5]["fixed-lag smoother"] - 1.2) < 0.05
        ),
        "the filter written out is LETKF's equal": lambda: (
            abs(plain.mean() - 0.81) < 0.03
        ),
        "by hand and by the package": lambda: gap < 1e-6,
        "by lag, left": lambda: (
            (left.loc[0.65][[0, 1]] - [0.8, 0.7]).abs().max() < 0.05
            and (left.loc[0.65][[3, 5]] - [0.57, 0.55]).abs().max() < 0.015
            and left.loc[0.65].is_monotonic_decreasing
            and (left.loc[0.5] - left.loc[0.65])[[2, 3, 5]].between(0.03, 0.07).all()
            and (left.loc[0.5] - left.loc[0.65])[[0, 1]].abs().max() < 0.06
        ),
        "by lag, right": lambda: (
            right.loc[0.5][[0, 5]].round(1).tolist() == [2.0, 3.3]
            and right.loc[0.5].is_monotonic_increasing
            and right.loc[0.65].between(1.75, 2.65).all()
            and right.loc[0.65, 1] < right.loc[0.65, 0] < right.loc[0.65, 5]
        ),
        "asymmetry": lambda: (
            [round(each, 2) for each in bends.values()] == [0.55, 0.41, 1.10]
        ),
        "the centre moves": lambda: (
            round(centres[5], 1) == -2.8 and round(centres[5] / 5, 2) == -0.56
        ),
        "the shift": lambda: (
            (by_shift.groupby("shift")["rmse"].mean()[::2] - [0.62, 0.55, 0.65])
            .abs()
            .max()
            < 0.02
        ),
        "the loss near one and a half": lambda: 1.3 < loss.item() < 1.8,
        "short trainings: 0.63 from the start, from climatology to 1.94": lambda: (
            short_trainings.steps[-1] == 100
            and all(
                abs(each - 0.63) < 0.035 for each in short_trainings.errors["AmEnS"]
            )
            and abs(short_trainings.errors["AmEnF"][0] - CLIMATOLOGY) < 0.1
            and abs(short_trainings.errors["AmEnF"][-1] - 1.94) < 0.05
        ),
        "at once": lambda: exchange["at once"].between(4, 5).all(),
        "back with the way back": lambda: (
            abs(taught["last cycle"] - taught["before"]) < 0.1
            and abs(taught["before"] - never_back["before"]) < 0.05
            and noted["fixed-lag smoother"][cut].max() == 0
        ),
        "not without": lambda: (
            never_back["20 after"] > 2.5 and far["fixed-lag smoother, no way back"] > 0
        ),
        "starts": lambda: (
            starts[starts["way_back"]]["lost"].max() == 0
            and starts[~starts["way_back"]]["lost"].between(2, 7).all()
        ),
        "lag 10 is worse, 7 as good": lambda: (
            longer["mean"][10] > longer["mean"][5] + 0.1
            and abs(longer["mean"][7] - longer["mean"][5]) < 0.03
        ),
        "the gap at which looking back stops to pay": lambda: (
            by_gap.loc[3, 1] < by_gap.loc[0, 1] - 0.05
            and by_gap.loc[3, 4] > by_gap.loc[0, 4] - 0.05
        ),
        "seven and forty": lambda: all(
            each["rmse"].max() < 1 for each in sizes.values()
        ),
    }
)
