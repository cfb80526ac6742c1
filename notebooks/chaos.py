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
# (chaos)=
# # Twin experiments and chaos
#
# :::{admonition} On this page
# **You will be able to** say what a twin experiment tests and what it cannot, and measure how fast small errors grow.
# You can say why a site seen once in four cycles is hard to follow.
#
# **You need** ordinary differential equations, matrices with their eigenvalues, and logarithms; {doc}`/book/notation` lists
# the symbols.
#
# **Time** 15 minutes to read, half a minute to run at `lesson` size, 20 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic: there is no world but the simulators.
# :::
#
# If the weather were steady, one good look would do for ever. It is chaotic: what is not known exactly today is
# soon not known at all. That is why a filter must look again and again, and why testing one takes care.

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
# `.venv/bin/papermill notebooks/chaos.ipynb out.ipynb -p separation 1e-8`. The text speaks of these numbers as they
# are given. With others, go by what the cells print.

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (minutes)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: states, differences and first tangents follow from it
n_pairs = None  # pairs of nearly equal states, 2 or more (None: the preset's)
separation = None  # what a pair begins with, state units, 1e-12 to 1e-4
stride = None  # every how many sites is one observed: 1, 2, 4, 5, 8, 10, 20 or 40
n_trajectories = None  # trajectories of the spectrum measured here, 2 or more
duration = None  # time units of each of them, 0.5 or more

# %% tags=["hide-input"]
import math

import numpy as np
import torch
from sparseobs.dynamics.catalogue import CLIMATES, SYSTEMS
from sparseobs.dynamics.climate import attractor_states
from sparseobs.dynamics.integrate import advance
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.dynamics.lyapunov import kaplan_yorke_dimension, lyapunov_spectrum
from sparseobs.figures import style
from sparseobs.figures.filtering import observed_sites
from sparseobs.filtering.baselines import latest_observations
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import simulate
from sparseobs.randomness import torch_stream
from sparseobs.runs import claims, settings
from sparseobs.runs.results import about_result, read_result
from sparseobs.scores.ensemble import spatial_rmse, time_mean
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.chaos import exercises, lyapunov
from sparseobs_book.chaos import figures as draw
from sparseobs_book.chaos import run as chaos
from sparseobs_book.checking import check

style.use()
page = settings.resolve(
    chaos.PRESETS,
    preset,
    seed=seed,
    n_pairs=n_pairs,
    separation=separation,
    stride=stride,
    n_trajectories=n_trajectories,
    duration=duration,
)
print(settings.describe(page))

# %% [markdown]
# ## The result first: two nearly equal states part
#
# Take a state of a chaotic model and push it a little aside (`separation`), in a random direction. Run both. Repeat for
# many pairs. The next section introduces the three models.

# %% mystnb={"figure": {"caption": "Distance between two states that begin almost equal: each pair (thin) and their geometric mean (thick). Dashed: growth at the system's leading exponent, from the stored spectra. Dotted: distance between states that have nothing to do with each other.", "name": "fig-chaos-growth"}, "image": {"alt": "Three panels with logarithmic axes: thin curves rise along a straight dashed line and level off at a dotted line, after about ten time units in Lorenz-96 and Vissio-Lucarini and some two hundred in Kuramoto-Sivashinsky."}}
stored = read_result("lyapunov").table
growths = {
    name: chaos.error_growth(
        system, chaos.GROWTH_TIMES[name], page.n_pairs, page.separation, page.seed
    )
    for name, system in SYSTEMS.items()
}
leading = stored[stored["number"] == 1].groupby("system")["exponent"].mean()
figure = draw.error_growth(growths, leading)

# %%
doubling, cycle = {}, {}
for name, system in SYSTEMS.items():
    cycle[name] = system.schedule.step * system.schedule.steps_per_cycle
for name, growth in growths.items():
    rates = chaos.growth_rates(growth, 1e-4, 1e-2)
    doubling[name] = repeat_interval(math.log(2) / rates[~rates.isnan()])
    print(f"{draw.TITLES[name]:<21} doubling in {doubling[name]} time units", end=", ")
    print(f"{doubling[name].mean / cycle[name]:.1f} cycles;", end=" ")
    print(f"by the exponent {math.log(2) / leading[name]:.3f}")

# %% [markdown]
# **What to see** in {numref}`fig-chaos-growth`: after a short start, in which the difference turns towards what
# grows fastest, it grows by a fixed factor in equal times. Then it saturates: the two states have become strangers.
# Pairs scatter, for growth depends on where on the *attractor* one is, the set of states that the system keeps visiting. The doubling times printed are means over the
# pairs with 95 % intervals. Beside them stands what a stored *leading exponent* $\lambda_1$ says, the rate of growth over
# a long time. A difference grows by the factor $e^{\lambda_1 t}$ in $t$ time units, so it doubles in $\ln 2 / \lambda_1$. A
# *cycle* is the time between two looks of our instruments.
#
# :::{admonition} Check yourself: does a ten times better instrument give ten times longer forecasts?
# :class: dropdown
# No. It moves the start down by one factor of ten on a logarithmic axis: that buys $\ln 10 / \lambda_1$ time units,
# whatever the forecast's length was before.
# :::

# %% [markdown]
# ## Three worlds on a ring
#
# All three live on a ring of sites. *Lorenz-96* has forty values $x_k$, one at each site $k$. They carry each other, are
# damped, and are pushed by a constant force $F = 8$ {cite:p}`lorenz1996`:
#
# $$\frac{\mathrm d x_k}{\mathrm d t} = (x_{k+1} - x_{k-2})\,x_{k-1} - x_k + F .$$
#
# Lorenz called its time unit five days. With 36 sites he found a doubling time of 2.1 days: 0.42 units.
#
# *Kuramoto-Sivashinsky* is a partial differential equation,
# $u_t = -u\,u_x - u_{xx} - u_{xxxx}$, on an interval of length $32\pi$ with 128 points {cite:p}`kassam2005`: the
# second derivative feeds long waves, the fourth damps short ones. *Vissio-Lucarini* is Lorenz-96 with a temperature
# $\theta$ that the flow $X$ carries around and is driven by, 36 sites with two variables {cite:p}`vissio2020`.

# %%
free_runs = {}
for name, system in SYSTEMS.items():
    free_runs[name] = simulate(
        system, EveryKth(1), n_cycles=60, batch=1, obs_error_std=1.0, seed=page.seed
    ).truth[:, 0]

# %% mystnb={"figure": {"caption": "Sixty cycles of each system, time running down the page. Vissio-Lucarini has two variables at every site. The colour scales differ; all numbers are dimensionless.", "name": "fig-chaos-hovmoeller"}, "image": {"alt": "Four panels of coloured stripes over site and time: slanted wave packets in Lorenz-96, upright wavy cells that merge in Kuramoto-Sivashinsky, and slanted waves of momentum and patchier temperature in Vissio-Lucarini."}}
shown = {
    "Lorenz-96": ("lorenz96", 0, "$x_k$"),
    "Kuramoto-Sivashinsky": ("kuramoto_sivashinsky", 0, "$u_k$"),
    "Vissio-Lucarini, momentum": ("vissio_lucarini", 0, "$X_k$"),
    "Vissio-Lucarini, temperature": ("vissio_lucarini", 1, "$\\theta_k$"),
}
fields = {
    title: (free_runs[name][:, variable], cycle[name], symbol)
    for title, (name, variable, symbol) in shown.items()
}
figure = draw.hovmoeller(fields)

# %% [markdown]
# **What to see** in {numref}`fig-chaos-hovmoeller`: waves everywhere, and no two rows alike. Mind the time axes: a
# cycle is 0.1 units for the first and third system and a whole unit for the second.

# %% [markdown]
# ## What a twin experiment is
#
# Nobody knows the true state of the atmosphere, so nobody can say how wrong an analysis of it is. A *twin
# experiment* {cite:p}`carrassi2018` makes a world in which that is known. A simulator runs freely: that is the
# truth. An imagined instrument looks at it through noise, at some sites only. The filter is given these
# observations, the same simulator and nothing else; afterwards its analysis is held against the truth.
#
# The model is perfect, and so is what the filter is told of the noise. A filter that fails here has no excuse. One
# that succeeds may yet be undone by a wrong model, and no twin experiment says so.
#
# How much the instrument sees is ours to choose. "Every fourth site" still leaves open *which* sites, cycle by
# cycle.

# %% mystnb={"figure": {"caption": "Which sites are observed (marks), cycle by cycle, under three readings of “every fourth site” and the full pattern. The rotating one is used by most pages of this book.", "name": "fig-chaos-patterns"}, "image": {"alt": "Four panels of small squares over site and cycle: all sites; every fourth site in fixed columns; stripes that move one site a cycle; and rows shifted at random."}}
kinds = {"all sites": EveryKth(1)} | {
    movement: EveryKth(page.stride, movement, page.seed)
    for movement in ("fixed", "rotating", "random")
}
figure = observed_sites({title: kind.mask(20, 40) for title, kind in kinds.items()})

# %% [markdown]
# How much do they tell? The simplest estimate is each site's newest observation, or the climate's mean where it was
# never seen. Here is its error in Lorenz-96 with noise 1:

# %%
climate, newest_error = CLIMATES["lorenz96"], {}
length = {"n_cycles": 300, "batch": 4, "obs_error_std": 1.0, "seed": page.seed}
for title, kind in kinds.items():
    twin = simulate(SYSTEMS["lorenz96"], kind, **length)
    newest = latest_observations(twin.observations, climate.mean[0])
    error = time_mean(spatial_rmse(newest, twin.truth), 20).mean().item()
    newest_error[title] = error
    seen = kind.mask(1, 40).double().mean().item()
    print(f"{title:<10} {seen:4.0%} seen a cycle, newest value wrong by {error:.2f}")
print(f"the climate's mean is wrong by {climate.standard_deviation[0]:.2f}")

# %% [markdown]
# **What to see**: all sites at once leave only the noise. A rotating quarter does far worse, for old values go
# stale while the waves move on. A fixed pattern never sees most of the ring, and a random one forgets some sites
# for long: their newest values are little better, or no better, than the climate. What carries an observation to
# later times and other sites is a model. That is a filter's work.
#
# In Lorenz-96 an error of 1 becomes 2 in 0.42 units of time, which is 4.2 cycles. A rotating quarter comes back to a site
# after 4. So what an observation leaves wrong has doubled by the time its site is seen again.

# %% [markdown]
# ## A spectrum of exponents
#
# One number is not all. A cloud of states stretches along some directions and shrinks along others. Carry a set of
# small differences along with the state, by the model's derivative. Once a cycle make them orthogonal again by a QR
# factorization. The mean logarithms of R's diagonal are the Lyapunov exponents $\lambda_1 \ge \lambda_2 \ge \dots$
# {cite:p}`benettin1980`. For Lorenz-96, on this page:

# %%
spectrum = lyapunov_spectrum(
    SYSTEMS["lorenz96"],
    torch_stream(page.seed, "exponents"),
    n_trajectories=page.n_trajectories,
    duration=page.duration,
    settling=page.duration / 2,
)
first, error = spectrum.exponents[0].item(), spectrum.standard_error[0].item()
print(f"leading exponent {first:.2f}, standard error {error:.2f}")
print(f"sum of all {spectrum.exponents.sum().item():.3f}: friction alone, -1 a site")
print(f"dimension {kaplan_yorke_dimension(spectrum.exponents):.1f}")

# %% [markdown]
# **What to see**: the sum is a check that needs no reference. Volumes in state space shrink at the trace of the Jacobian,
# which is minus the number of sites. The *Kaplan-Yorke dimension* is how many leading exponents, the last in part, sum to
# zero: about how many numbers it takes to say where on the attractor the system is. Of Lorenz-96's forty directions 13
# grow, in the longer spectra that are stored. Filters of the next pages carry ten states, whose differences span nine
# directions. That this works at all is owed to a remedy called localization, in {doc}`/notebooks/own_filter`.

# %% [markdown]
# ## Break it, repair it
#
# Lengthen Lorenz-96's step. Each line compares one step with a nearly exact one, then lets the model run on for 20
# time units:

# %%
lorenz, wrong, later = SYSTEMS["lorenz96"], {}, {}
states = attractor_states(lorenz, 64, torch_stream(page.seed, "long steps"))
for step in (0.3, 0.2, 0.15, 0.1, 0.05):
    exact = advance(lorenz, states, step / 16, 16)
    wrong[step] = (lorenz.step(states, step) - exact).square().mean().sqrt().item()
    later[step] = advance(lorenz, states, step, round(20 / step)).std().item()
    print(f"step {step:<4}  one step wrong by {wrong[step]:7.4f}", end=", ")
    print(f"standard deviation later {later[step]:.2f}")

# %% [markdown]
# The longest steps end in NaN, which nobody overlooks. A step of 0.15 is worse: its waves look right, and so does their
# standard deviation, but one step is wrong by 0.12, which matters beside a good analysis. At 0.1 it is 0.02. The code
# published with {cite:p}`mccabe2021` makes its truth with steps of 0.1 and its forecasts with two of 0.05. So its
# filter meets a model error of 0.02 a cycle that nobody asked for. The repair: a step whose error is far below the
# noise, in *one* schedule that truth and forecasts share.

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-chaos-separation
# Pairs of Lorenz-96 begin a hundred times closer, with a separation of 1e-8 instead of 1e-6. By how many time units
# longer do they stay together?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The dashed line in {numref}`fig-chaos-growth` is moved down by two factors of ten. How long does it take to climb
# back?
# :::

# %% tags=["exercise"]
longer = ...  # YOUR TURN: time units, one decimal
check(exercises.time_bought, longer, leading["lorenz96"])

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: by ln(100) / 1.69 = 2.7 units, whatever the separation was before. The pairs below
# are counted until their difference is 0.01: with 64 of them the measured time is near it.
reached = {}
for apart in (1e-6, 1e-8):
    pairs = chaos.error_growth(SYSTEMS["lorenz96"], 16.0, 64, apart, seed=0)
    typical = pairs.difference.log().mean(1).exp()
    reached[apart] = pairs.times[(typical > 0.01).nonzero()[0]].item()
print(f"measured: {reached[1e-8] - reached[1e-6]:.1f} units longer")
check(exercises.time_bought, math.log(100) / leading["lorenz96"], leading["lorenz96"])

# %% [markdown]
# :::{admonition} Exercise 2 · Derive · 5 minutes
# :name: exercise-chaos-doubling
# Below saturation a difference obeys $\mathrm d\delta/\mathrm dt = \lambda\delta$. Derive the time in which it grows by a
# given factor, and write it down as a function. A factor of two gives the doubling time.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The solution is $\delta(t) = \delta(0)\,e^{\lambda t}$. Which $t$ makes the ratio the factor?
# :::


# %% tags=["exercise"]
def growth_time(factor, exponent):
    """Return the time units in which a difference grows by the factor, at the exponent per time unit."""
    return ...  # YOUR TURN


check(exercises.growth_time, growth_time)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the logarithm of the factor over the exponent. With Lorenz-96's 1.69 a factor of
# two takes 0.41 units, 4.1 cycles.
check(exercises.growth_time, lambda factor, exponent: np.log(factor) / exponent)
print(f"doubling in {np.log(2) / leading['lorenz96'] / cycle['lorenz96']:.1f} cycles")

# %% [markdown]
# :::{admonition} Exercise 3 · Modify · 5 minutes
# :name: exercise-chaos-forcing
# Lorenz reports that errors double faster at $F = 10$, in 1.5 days instead of 2.1. Does our model agree? Start from
# the cell below, which measures $F = 8$, and remember that his unit is five days.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Only the forcing changes. The cell turns time units into days by itself.
# :::

# %% tags=["exercise"]
forcing = 8.0  # YOUR TURN: a stronger forcing
pushed = chaos.error_growth(Lorenz96(forcing=forcing), 16.0, 64, 1e-6, seed=0)
rates_found = chaos.growth_rates(pushed, 1e-4, 1e-2)
days = 5 * (math.log(2) / rates_found).nanmean().item()
print(f"F = {forcing:g}: {days:.1f} days")
check(exercises.stormier, forcing, days)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: it agrees. His numbers come from the leading exponent, these from 64 pairs:
# expect some tenths of a day of scatter.
stormy = chaos.error_growth(Lorenz96(forcing=10.0), 16.0, 64, 1e-6, seed=0)
stormy_days = (
    5 * (math.log(2) / chaos.growth_rates(stormy, 1e-4, 1e-2)).nanmean().item()
)
check(exercises.stormier, 10.0, stormy_days)

# %% [markdown]
# :::{admonition} Exercise 4 · Predict · 5 minutes · no code
# :name: exercise-chaos-zero
# Each spectrum crosses zero. Which of these small differences neither grows nor shrinks in the long run? The same
# trajectory a moment *later*, the same state made a little *larger*, or a push in a *random* direction?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Two runners on the same track, one a second behind the other: what is their distance after an hour?
# :::

# %% tags=["exercise"]
neither = ...  # YOUR TURN: "later", "larger" or "random"
check(exercises.neutral, neither)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: later. The same trajectory a moment later stays a moment later for ever. On a
# continuous interval, as Kuramoto-Sivashinsky's, a shift in space does the same; on the ring
# of forty sites one can only shift by a whole site, which is not small. That equation has a
# third: add c to u everywhere, and the pattern also travels with speed c. Such a difference
# grows in proportion to time, so its exponent is zero. Our spectrum leaves the mean out.
ring, stream = SYSTEMS["lorenz96"], torch_stream(0, "neutral differences")
here = attractor_states(ring, 64, stream)
pushes = 1e-6 * torch.randn(here.shape, generator=stream, dtype=here.dtype)
others = {"later": advance(ring, here, 0.01, 1), "larger": here * (1 + 1e-6)}
for difference, other in (others | {"random": here + pushes}).items():
    ends = advance(ring, other, 0.01, 500) - advance(ring, here, 0.01, 500)
    grown = (ends.norm(dim=-1) / (other - here).norm(dim=-1)).log().mean() / 5
    print(f"{difference:<7} grows at {grown:5.2f} a time unit")
check(exercises.neutral, "later")

# %% [markdown]
# ## If you have time: all three spectra, and steps that are short enough
#
# Nothing on the later pages needs this section. The stored spectra are longer than the one above, and repeated from other
# states to give intervals.

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Stored Lyapunov spectra: the rate at which small differences grow (above zero) or shrink (below) along each of the state's directions, largest first. Dots are means over independent repeats; bars, mostly hidden behind the dots, are their 95 % intervals (Student's t).", "name": "fig-chaos-spectra"}, "image": {"alt": "Three panels of Lyapunov exponents against their number for Lorenz-96, Kuramoto-Sivashinsky and Vissio-Lucarini: each starts above zero, crosses zero after a quarter to a third of those shown and falls below."}}
intervals = {
    system: lyapunov.exponent_intervals(part)
    for system, part in stored.groupby("system", sort=False)
}
figure = draw.spectra(intervals)

# %%
lyapunov.summary(stored)

# %% tags=["hide-input"]
about_result("lyapunov")

# %% [markdown]
# **What to see** in {numref}`fig-chaos-spectra`: each dot is a direction in which an error can point. An exponent
# counts as positive if its interval lies above zero. Kuramoto-Sivashinsky doubles its errors more slowly, in time units
# and in cycles. Our small differences of it have a mean of zero, which it keeps. A count that lets the mean differ has
# one more exponent of zero, and a dimension larger by one.
#
# *DAPPER* {cite:p}`raanes2024` is a package that compares methods of data assimilation on small models; this book
# checks its filters against it. Its `mods/explore_props.py` (version 1.7.1) notes exponents from $-4.87$ to $1.66$ for
# Lorenz-96 with 36 sites. For Kuramoto-Sivashinsky at our size it notes leading ones of 0.08, 0.07 and 0.06. The first,
# 0.08, lies outside our interval. It is of one run of 1,000 time units, printed to two decimals; each of our repeats
# averages 1,600, and they scatter by 0.004. For Vissio-Lucarini, with flow and temperature both forced by 10, we found
# no published value.
#
# A twin experiment's truth is what the integrator makes of the equations. How good is it? Against torchdiffeq's
# adaptive eighth-order method at a tolerance of $10^{-12}$ {cite:p}`chen2018`:

# %%
steps = [0.1 / 2**k for k in range(6)]
lorenz_errors = chaos.integration_errors(SYSTEMS["lorenz96"], steps, 0.4, page.seed)
lorenz_errors.map("{:.1e}".format)

# %% [markdown]
# The largest error at any site after 0.4 time units; NaN: beyond ten. “Ours” is the classic Runge-Kutta method. When the
# step is halved, the error of a scheme of *order* $p$ falls by $2^p$, once the step is short enough. The orders from row
# to row:

# %%
np.log2(lorenz_errors.shift(1) / lorenz_errors).iloc[1:].round(2)

# %% [markdown]
# **What to see**: two different methods of order four, midpoint of order two. Euler's order is one, which only the
# shortest steps show. Kuramoto-Sivashinsky after four units:

# %%
steps = [1, 0.5, 0.25, 0.125, 1 / 128]
stiff = SYSTEMS["kuramoto_sivashinsky"]
stiff_errors = chaos.integration_errors(stiff, steps, 4.0, page.seed)
stiff_errors.map("{:.1e}".format)

# %% [markdown]
# **What to see**: this equation is *stiff*. Its short waves decay so fast that explicit methods blow up at every step
# tried but the shortest. Ours, exponential time differencing, solves the linear part exactly and bears longer steps.

# %% [markdown]
# ## Summary
#
# - A twin experiment hides a truth made by the model; it tests a filter under a perfect model, and nothing else.
# - Small differences grow at the leading Lyapunov exponent until they saturate. In Lorenz-96 they double in four
#   cycles, and 13 of its 40 directions grow.
# - A rotating quarter comes back to a site after four cycles, when what was wrong there has doubled. Only a model carries
#   an observation to later times and other sites.
#
# **Not shown:** exponents that belong to finite errors or to single moments, covariant directions, and what a wrong
# model does.
#
# **Next:** {doc}`/notebooks/own_filter` puts observations and forecasts together, in a filter that you write yourself.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that chaos makes a system unpredictable at once; small errors
# stay small for a time that grows with the logarithm of the accuracy. Exercise 2 suits the blackboard; exercises 1 and 4
# need no code.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")

# %% tags=["remove-cell", "claims"]
above_zero = spectrum.exponents.gt(0).double().mean().item()
claims.say_which_hold(
    {
        "a rotating quarter errs by 3": lambda: abs(newest_error["rotating"] - 3) < 0.1,
        "fixed and random are little better than the climate": lambda: (
            min(newest_error["fixed"], newest_error["random"]) > 3
        ),
        "doubling in 0.42 units, 4.2 cycles": lambda: (
            round(doubling["lorenz96"].mean, 2) == 0.42
        ),
        "a third of the directions grow": lambda: 0.27 < above_zero < 0.4,
        "a step of 0.15 looks right": lambda: abs(later[0.15] - later[0.05]) < 0.2,
        "and is wrong by 0.12": lambda: 0.11 < wrong[0.15] < 0.135,
        "a step of 0.1 by 0.02": lambda: 0.015 < wrong[0.1] < 0.022,
        "a hundred times closer: 2.7 units": lambda: (
            abs(reached[1e-8] - reached[1e-6] - 2.7) < 0.3
        ),
        "Lorenz: 1.5 days": lambda: abs(stormy_days - 1.5) < 0.3,
    }
)
