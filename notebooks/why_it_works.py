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
# (why-it-works)=
# # Why noise is a good enough teacher
#
# :::{admonition} On this page
# **You will be able to** take a loss against noisy observations apart, say which of its parts a filter can change,
# tell when the argument fails, and say how far back in time a gradient teaches anything.
#
# **You need** {doc}`/notebooks/lorenz96_filter`, expectation and variance, and what a Lyapunov exponent is.
#
# **Time** 25 minutes to read, half a minute to run at `lesson` size, 25 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic: it takes the truth to take losses apart.
# :::
#
# The AmEnF learns from observations that are wrong, every one of them. McCabe and Brown give a lemma and two
# propositions for why that works {cite:p}`mccabe2021`. This page measures all three.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Stored: the parts of the squared difference between a trained filter's estimate and the observations, in units of the noise variance; means and 95 % intervals (Student's t) over repeats with truths of their own. Left: the forecast against the observations that come next. Right: the analysis against those it has just read.", "name": "fig-why-parts"}, "image": {"alt": "Two panels of four horizontal bars. For the forecast the true squared error and the noise variance add up to the loss and the cross term is nearly zero; for the analysis a negative cross term almost as large as the noise variance makes the loss small."}}
from sparseobs.figures import style
from sparseobs.runs.results import about_result, read_result
from sparseobs_book.why_it_works import figures as draw
from sparseobs_book.why_it_works import store as theory_store

style.use()
stored_parts = read_result("theory").table
figure = draw.decomposition(theory_store.summary(stored_parts, obs_error_std=1.0))

# %% [markdown]
# In {numref}`fig-why-parts` the forecast's loss is its true error plus the noise variance, which no training can change:
# lowering the loss lowers the error. The analysis's loss has a third part.

# %% tags=["hide-input"]
about_result("theory")

# %% [markdown]
# ## The numbers of this page

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (hours)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: truths, noise, first ensembles and dropout follow from it
obs_error_std = 1.0  # observation noise, state units: 1.0 or 2.5, which have a filter
ensemble_size = None  # members of the filter, 2 or more (None: the preset's)
n_trajectories = None  # independent truths, 2 or more (None: the preset's)
n_cycles = None  # assimilation cycles scored on each, 8 or more (None: the preset's)
n_gradient_cycles = None  # cycles whose gradients are compared, 4 or more
longest_lag = None  # cycles that a gradient is followed back, 4 or more

# %% tags=["hide-input"]
from dataclasses import replace

import numpy as np
import pandas as pd
from sparseobs.runs import settings
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.trained_filters.recipes import stored_filter
from sparseobs_book.why_it_works import run as theory
from sparseobs_book.why_it_works import terms as theory_terms

page = settings.resolve(
    theory.PRESETS,
    preset,
    seed=seed,
    obs_error_std=obs_error_std,
    ensemble_size=ensemble_size,
    n_trajectories=n_trajectories,
    n_cycles=n_cycles,
    n_gradient_cycles=n_gradient_cycles,
    longest_lag=longest_lag,
)
half = replace(page, n_trajectories=max(2, page.n_trajectories // 2))
filter_ = stored_filter("lorenz96", page.obs_error_std)
print(settings.describe(page))

# %% [markdown]
# ## New noise knows nothing of old knowledge
#
# Write $e = H\hat x - Hx$ for an estimate's error at the observed sites and $\varepsilon = y - Hx$ for the noise. Then,
# always,
#
# $$\|H\hat x - y\|^2 = \|e\|^2 + \|\varepsilon\|^2 - 2\,e\cdot\varepsilon .$$
#
# *Lemma 1.* If the noise has mean zero and is independent of the estimate, the last term, the *cross term*, has mean
# zero. The forecast for time $t+1$ was made from observations up to time $t$. If each time's noise is new, the lemma
# holds for it, in any filter, good or bad; the idea comes from image denoising {cite:p}`batson2019`.
#
# The *analysis* at time $t$ has read $y_t$, noise and all. For Gaussian noise its cross term is known too
# {cite:p}`stein1981`:
#
# $$-2\,\mathbb E\,[e\cdot\varepsilon] = -2\,\sigma^2\, \mathbb E\Big[\sum_i \partial \hat x_i/\partial y_i\Big].$$
#
# The derivative is an observation's *influence* on the analysis at its own site {cite:p}`cardinali2004`. We measure it
# by moving the observations a little and running the analysis again.

# %%
run = theory.recorded_run(filter_.network, page)
parts = theory_terms.terms_of(run)
table = theory_terms.terms_table(parts)
influence = repeat_interval(run.influence.mean(0))
print(f"influence of an observation on its own analysis: {influence}")
print(f"cross term that it foretells: {-2 * influence.mean:.3f}")
cross = repeat_interval(parts["forecast"]["cross term"].mean(0))
print(f"the forecast's cross term: {cross} here,", end=" ")
many = theory_store.summary(stored_parts, page.obs_error_std)
many = many.query("estimate == 'forecast' and term == 'cross term'").iloc[0]
print(f"{many['mean']:.3f} [{many['low']:.3f}, {many['high']:.3f}] stored")
table.round(3)

# %% [markdown]
# **What to see** in the table (intervals over independent truths): the forecast's cross term is near zero. A 95 %
# interval misses zero once in twenty, so one short run proves little; the stored repeats, printed beside it, are
# sharper. The analysis's is near what the influence foretells, and that prediction reads no truth.
#
# How long must one average?

# %% mystnb={"figure": {"caption": "How the mean of each part of the forecast loss scatters over stretches of so many cycles. Thin lines: what independent cycles would do.", "name": "fig-why-precision"}, "image": {"alt": "Standard deviation against cycles averaged on logarithmic axes: cross term and noise variance follow the thin lines of the inverse square root, the true squared error falls more slowly."}}
lengths = [length for length in (1, 2, 4, 8, 16, 32) if length <= page.n_cycles // 4]
scatter = {
    name: theory_terms.standard_errors(part, lengths)
    for name, part in parts["forecast"].items()
}
figure = draw.precision(scatter, lengths)

# %% [markdown]
# **What to see** in {numref}`fig-why-precision`: the cross term averages out as fast as independent numbers do, since
# each cycle's noise is new. The true error does not: a cycle in trouble is followed by others. Weather, not
# noise, makes a loss slow to settle.
#
# :::{admonition} Check yourself: the loss on the validation set reads 1.9 noise variances. How good is the forecast?
# :class: dropdown
# Take one off: a mean squared error of 0.9 noise variances, at the sites about to be observed. Without a truth you
# know a filter's error only where somebody looks.
# :::

# %% [markdown]
# ## What each objective asks for
#
# Move every analysis towards its observations: pull 0 leaves it, pull 1 repeats them. Which would each objective choose?

# %% mystnb={"figure": {"caption": "Objectives of analyses pulled towards their observations, and the true squared errors beneath them; rings mark the lowest points. One is taken off the losses: the noise variance that Lemma 1 promises.", "name": "fig-why-pull"}, "image": {"alt": "Two panels. For the forecast objective loss and true error run in parallel and are lowest at the same small pull. For the analysis objective the loss falls all the way to pull one, where the true error is largest."}}
from sparseobs_book.why_it_works import targets as theory_targets

pulls = theory_targets.pulled_losses(run, np.arange(-2, 11) / 10)
figure = draw.pulled(pulls)

# %%
best = pulls.loc[pulls.groupby("objective")["self_supervised"].idxmin()]
best.round(3)

# %% [markdown]
# **What to see** in {numref}`fig-why-pull`: on the left the curves are parallel. What lies between them is chance,
# nearly the same at every pull. On the right the loss is best where the filter merely repeats: influence one, cross
# term $-2$, loss zero. A network trained so learns the identity (the paper's figure 6).
#
# The pull that is best for the forecast need not be best for the analysis (dashed, right): the two are related, not
# the same.

# %% [markdown]
# ## The same gradient, at a price
#
# Training follows gradients, not losses. The gradient of the cross term is $-2\,\nabla_\theta(H\hat x)\cdot\varepsilon$,
# and $\nabla_\theta (H\hat x)$ knows as little of the new noise as $\hat x$ does. So the noisy gradient is an unbiased
# estimate of the true one. At the trained filter the true gradient is about zero, so we first knock all weights by 3 %.

# %% mystnb={"figure": {"caption": "Gradients by all weights of a filter knocked off its optimum, averaged over cycles (means over stretches that do not overlap). Left: cosine between the gradient against noisy observations and the true one. Right: length of their difference.", "name": "fig-why-gradient"}, "image": {"alt": "Left: for the forecast objective the cosine rises towards one as more cycles are averaged, for the analysis objective it does not. Right: the noise's part of the forecast gradient falls like the inverse square root of the cycles, that of the analysis gradient levels off."}}
from sparseobs_book.why_it_works import gradients as theory_gradients

off_optimum = theory_gradients.knocked(filter_.network, 0.03, seed)
gradients = theory_gradients.gradient_parts(off_optimum, half)
most = page.n_gradient_cycles // 2
averaged = [length for length in (1, 2, 4, 8, 16, 32) if length <= most]
figure = draw.gradients(theory_gradients.agreement(gradients, averaged))
error = parts["forecast"]["true squared error"].mean().item()
print(f"price of the noise: {theory_gradients.price_of_noise(gradients):.2f}", end=" ")
print(f"(1 + 1 / true squared error: {1 + 1 / error:.2f})")

# %% [markdown]
# **What to see** in {numref}`fig-why-gradient`: averaged over enough cycles the forecast's noisy gradient points where
# the true one does. The analysis's does not: its noise has a mean. Noisy targets need the printed number of times as
# many cycles for the same scatter; were errors as patternless as noise, it would be the number in brackets.

# %% [markdown]
# ## From a good forecast back to a good analysis
#
# We train for forecasts but want analyses. What follows is our own derivation after the paper's words. Let $\tau$ be the
# length of a cycle and $M$ the model over it.
#
# *Proposition 1.* Solutions of a smooth system never meet, so $M(x^a) = M(x)$ leaves only $x^a = x$: a perfect forecast
# comes from a perfect analysis.
#
# *Proposition 2.* If the tendency's slope is at most $L$ (its Lipschitz constant), no two solutions approach each other
# faster than $e^{-Lt}$. Hence for any single state
#
# $$\|x^a - x\|^2 \le e^{2L\tau}\,\|M(x^a) - M(x)\|^2 .$$
#
# For the mean of an ensemble this is true only as far as the model is linear over its spread.

# %% mystnb={"figure": {"caption": "Left: error of the mean of forecasts from this page's analyses, all sites, and the leading Lyapunov exponent's growth. Right: by how much the analysis's squared error may exceed that of the forecast one cycle later, from what was measured to what is certain.", "name": "fig-why-bound"}, "image": {"alt": "Left: forecast error rising with lead time, close to the exponential of the leading exponent at first and then below it. Right: factors on a logarithmic axis, from below one as measured, through the smallest exponent and the one-cycle tangent, to the Lipschitz constant's, almost a hundred."}}
from sparseobs_book.why_it_works import bounds as theory_bounds

spectra = read_result("lyapunov").table
errors = theory_bounds.lead_errors(run, 20)
ladder = theory_bounds.ladder(errors, spectra, seed)
bounds = theory_bounds.bounds(spectra, seed)
leading = bounds.loc["lorenz96", "leading exponent"]
figure = draw.bounds(errors, leading, ladder)

# %%
bounds.round(3)

# %% [markdown]
# **What to see** in {numref}`fig-why-bound`: the analysis is *better* than the forecast, a factor below one: in a
# chaotic system errors mostly grow. The paper's proof passes through the smallest Lyapunov exponent. That is a mean over
# a long time; within one cycle the worst direction shrinks faster, as the next rung shows. Only the last is a bound.
#
# Shorter cycles tighten it, as the paper says. For Kuramoto-Sivashinsky its logarithm (in the table) is enormous:
# diffusion wipes out short waves within a cycle, and no forecast can tell what they were. There the bound is
# empty, and cannot be why training works.

# %% [markdown]
# ## How far back a gradient sees
#
# A loss depends on the analyses of all cycles before it. Through a *free run* its gradient by an earlier state grows as
# errors do, at the leading exponent: long unrolls explode. But a filter is corrected each cycle. Give two copies the
# same observations and random numbers, start them apart, and see.

# %% mystnb={"figure": {"caption": "Left: growth of a small difference between two copies that get the same observations and random numbers. Right: length of the gradient of a forecast loss by the members so many cycles earlier. Lines: geometric means; bands: 10 % to 90 % of the trajectories.", "name": "fig-why-growth"}, "image": {"alt": "Two panels on logarithmic axes. Forwards and backwards alike the free run grows steeply, the untrained filter slowly, and the trained filter decays."}}
from sparseobs_book.why_it_works import stability as theory_stability

found = theory_stability.stability(filter_.network, half)
cycle_time = theory_stability.CYCLE_TIME
figure = draw.stability(found.growth, found.gradients, cycle_time)

# %%
exponents = theory_stability.exponents(found.growth)
print(f"stored leading exponent of the free run: {leading:.2f}")
seen_as = exponents.set_index("case")["mean"][theory_stability.AS_GRADIENT]
horizon = np.log(0.01) / (seen_as * cycle_time)
print(f"a gradient is down to 1 % after {horizon:.0f} cycles")
exponents.round(3)

# %% [markdown]
# **What to see** in {numref}`fig-why-growth` and the table (exponents per time unit): the trained filter's own leading
# exponent is negative. It forgets where it started. So gradients fade instead of exploding, and cycles further back
# than the printed number hardly teach. Before training a filter hardly corrects, and gradients grow: a reason to begin
# with short unrolls and to clip.
#
# The last row falls faster than the one above it. Where nobody looked, members are shown each other's forecasts, and
# training cuts the gradient there. Real differences travel by that road too, and die more slowly.
#
# :::{admonition} Check yourself: what would the filter's exponent be without observations?
# :class: dropdown
# If it then did nothing, that of the free run. Observations have to beat the growth over a cycle, which is in the
# table's last column.
# :::

# %% [markdown]
# ## Break it, repair it
#
# Let the noise have a memory of one cycle, $\varepsilon_t = \sigma(\eta_t + \eta_{t-1})/\sqrt 2$. The forecast has then read
# part of the noise that it is held against. Instruments *move* (every fourth site, as always) or *stand* (every site,
# each cycle; the filter was not made for that, but the lemma does not ask).

# %% mystnb={"figure": {"caption": "The forecast loss's cross term when the noise has a memory of one cycle: against the next observations, those after next, and a second instrument of its own noise. Bars: 95 % intervals over truths (Student's t).", "name": "fig-why-break"}, "image": {"alt": "Two panels of cross terms with intervals: against the next cycle the standing instruments' is clearly negative and the moving ones' slightly off zero; two cycles on, and against a second instrument, they are close to zero."}}
broken = theory_targets.broken_lemma(filter_.network, page)
figure = draw.cross_terms(broken)

# %%
broken.round(3)

# %% [markdown]
# Standing instruments break the lemma: the loss reports less error than there is, and rewards forecasting an
# instrument's mistakes. Moving ones nearly escape, as their mistakes move on to other sites. The repair is to find noise
# that is new: skip a cycle, or ask another instrument.

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict, then run · 5 minutes · no code
# :name: exercise-why-noise
# Set `obs_error_std = 2.5`. In units of the noise variance, which parts of the two losses stay, which shrink?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Noisier observations are trusted less. What does that do to their influence?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the noise variance stays one and the forecast's cross term zero. The true
# error grows, but less than the noise does, so its share shrinks, and so does the
# influence, with it the analysis's cross term.
both = [theory_store.summary(stored_parts, noise) for noise in (1.0, 2.5)]
pd.concat(both, keys=["noise 1", "noise 2.5"]).round(3)

# %% [markdown]
# :::{admonition} Exercise 2 · Modify · 10 minutes · one line
# :name: exercise-why-skewed
# The cell below has lopsided, exponential noise. Does the lemma hold? And with a bias of half a standard deviation?
# :::

# %%
short = replace(half, n_cycles=min(page.n_cycles, 64))
clean = theory.unseen_experiment(short, short.burn_in + short.n_cycles)
bias = 0.0  # YOUR TURN: 0.5
odd = theory_targets.skewed(clean, seed, bias)
odd_parts = theory_terms.terms_of(theory.recorded_run(filter_.network, short, odd))
theory_terms.terms_table(odd_parts).query("estimate == 'forecast'").round(3)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: without a bias the lemma holds, whatever the noise's shape. With one the part
# called noise variance is 1 + bias^2, and the cross term no longer has to vanish: it is
# below zero as far as the forecast has taken the bias over.
odd = theory_targets.skewed(clean, seed, 0.5)
odd_parts = theory_terms.terms_of(theory.recorded_run(filter_.network, short, odd))
theory_terms.terms_table(odd_parts).query("estimate == 'forecast'").round(3)

# %% [markdown]
# :::{admonition} Exercise 3 · Think, then measure · 10 minutes · two lines
# :name: exercise-why-paired
# Is the knocked filter worse than the stored one? Decide without the truth. The cell gives each one's loss with its
# interval; compare them in a better way.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Both were held against the same observations. Which part of the loss is the same in both?
# :::

# %%
name, losses = "self-supervised loss", {}
for case, network in {"stored": filter_.network, "knocked": off_optimum}.items():
    trial = theory.recorded_run(network, short)
    losses[case] = theory_terms.loss_terms(
        trial.forecast, trial.truth, trial.observations
    )[name]
    print(f"{case:<8} {repeat_interval(losses[case].mean(0))}")

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: take the difference first. The noise variance drops out of it, and most of
# the weather; what is left has a far narrower interval than either loss.
difference = (losses["knocked"] - losses["stored"]).mean(0)
print(f"difference {repeat_interval(difference)}")

# %% [markdown]
# ## Summary
#
# - A forecast's loss is its true error, plus the noise variance, plus a cross term of mean zero; the analysis's cross
#   term is minus twice its influence, and repeating the observations wins.
# - The argument needs noise that is new. It survives lopsided noise, not a bias or a memory.
# - The forecast's error bounds the analysis's, but loosely, and for Kuramoto-Sivashinsky not at all.
# - A trained filter is stable: gradients fade through it, at a measured rate, where a free run's explode.
#
# **Not shown:** that training finds the best filter, a wrong model, bounds for the mean of a wide ensemble, a filter's
# exponents in the other systems, and sites that are never observed: the loss says nothing about them.
#
# **Next:** {doc}`/notebooks/ensembles` asks what keeps the members apart.
#
# :::{admonition} For instructors
# :class: dropdown
# 50 minutes with the exercises. Common misconception: that noise in the targets biases the filter; it costs data, not
# accuracy. If time is short, skip the bounds.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")
