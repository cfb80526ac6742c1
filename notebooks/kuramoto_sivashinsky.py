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
# (kuramoto-sivashinsky)=
# # Seeing everything, badly
#
# :::{admonition} On this page
# **You will be able to** say what a filter gains from the past when every site is observed through heavy noise, read an
# error by its wavelength, and judge when a learned filter falls behind a tuned one.
#
# **You need** {doc}`/notebooks/lorenz96_filter`; Fourier series help.
#
# **Time** 10 minutes to read, under a minute to run at `lesson` size, 15 minutes for the exercises.
#
# **Runs on** two CPU cores and 1 GB of memory. Everything here is synthetic: the truth comes from the simulator.
# :::
#
# On Lorenz-96 three sites in four were unseen. Here the instrument sees *every* point of a flickering flame front, but the
# noise of an observation is nearly as large as the front's own variation. No single number is worth much. A filter has to
# use the neighbours, and to remember.

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
# `.venv/bin/papermill notebooks/kuramoto_sivashinsky.ipynb out.ipynb -p ensemble_size 20`.

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (an hour)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: truths, noise, first members, dropout and rotations
obs_error_std = 1.0  # noise of an observation: 1.0 or 2.5, for which filters are stored
ensemble_size = 10  # members of both filters: 5, 10 or 20, for which LETKF is tuned
n_cycles = None  # cycles scored, 4 or more (None: the preset's)

# %% tags=["hide-input"]
import math
from dataclasses import replace

import pandas as pd
import torch
from sparseobs.dynamics.climate import attractor_states
from sparseobs.errors import require_number
from sparseobs.figures import filtering, style
from sparseobs.randomness import torch_stream
from sparseobs.runs import settings
from sparseobs.runs.claims import say_which_hold
from sparseobs.runs.results import about_result, read_result
from sparseobs.scores.ensemble import spatial_rmse
from sparseobs.scores.spectrum import amplitude_spectrum
from sparseobs_book.trained_filters import beside_letkf as system_page
from sparseobs_book.trained_filters import figures as systems
from sparseobs_book.trained_filters import recipes
from sparseobs_book.trained_filters.stored import stored_filter
from sparseobs_book.trained_filters.tuning import tuned

# %% tags=["hide-input"]
style.use()
NAME = "kuramoto_sivashinsky"
require_number("obs_error_std", obs_error_std, above=0)
page = settings.resolve(
    system_page.presets(NAME, tuned(NAME, "LETKF", obs_error_std, ensemble_size)),
    preset,
    seed=seed,
    obs_error_std=obs_error_std,
    ensemble_size=ensemble_size,
    n_cycles=n_cycles,
)
print(settings.describe(page))

# %% [markdown]
# ## A front that never comes to rest
#
# $$u_t = -u\,u_x - u_{xx} - u_{xxxx}$$
#
# on a ring of length $32\pi$. The second derivative has the *wrong* sign: long waves grow. The fourth damps short ones, and
# the first term hands energy from one to the other. Cells are born, drift and merge for ever. On 128 points the linear
# part is stiff, so each step of 0.5 solves it exactly in Fourier space and only the rest by Runge and Kutta
# {cite:p}`kassam2005`.
#
# An observation comes every two steps: all points, each with independent noise of standard deviation $\sigma$.
# {cite:t}`mccabe2021` use the same setting, which is one of DAPPER's {cite:p}`raanes2024`.

# %%
experiment = system_page.test_data(page)
truth = experiment.truth
print(
    f"standard deviation of the front {truth.std().item():.2f}, of the noise {obs_error_std}"
)
runs = system_page.run_filters(page, experiment)
table = system_page.score(page, runs, experiment)
table.round(3)

# %% [markdown]
# `rmse` is the error of the analysis, a mean over the truths; its 95 % interval over them reaches from `low` to `high`. The
# CRPS (continuous ranked probability score, {doc}`/book/notation`) also counts whether the members are as far apart as they should be.
# `lost` counts the truths that a filter lost: its error was beyond half of climatology's for fifty cycles in a row.

# %% mystnb={"figure": {"caption": "One truth, the AmEnF's analysis mean and the difference, on its own scale, after the burn-in.", "name": "fig-ks-fields"}, "image": {"alt": "Three panels of the ring over time: wandering and merging cells of the truth, the same cells in the analysis, and a faint difference that follows the boundaries of the cells."}}
schedule = page.model.schedule
cycle_time = schedule.step * schedule.steps_per_cycle
shown = slice(page.burn_in, page.burn_in + 60)
figure = systems.truth_analysis_error(
    truth[shown, 0, 0],
    runs["AmEnF"].analysis[shown, 0, 0],
    cycle_time=cycle_time,
    label="$u$",
)

# %% [markdown]
# **What to see** in {numref}`fig-ks-fields`: the colour scale of the error is a fraction of the front's. What is wrong sits where
# cells meet and merge, the places where a small shift makes a large difference.

# %% [markdown]
# ## What one snapshot is worth
#
# An observation is all 128 points at once, and the front is smooth: it lives in some twenty waves, while the noise is spread
# evenly over all 64. Keep of every wave the share that is signal on average, and you have the best linear estimate from one
# snapshot alone, without any past. Its error follows from the front's spectrum, here from states of a free run:

# %%
states = attractor_states(page.model, 256, torch_stream(seed, "climate"))
signal = amplitude_spectrum(states).square()
noise = torch.full_like(signal, 2 * obs_error_std**2 / page.model.n_sites)
noise[[0, -1]] /= 2  # the mean and the shortest wave have one phase, all others two
snapshot = (signal * noise / (signal + noise)).sum().sqrt().item()
print(f"noise {obs_error_std}, best linear estimate from one snapshot {snapshot:.2f}")

# %% [markdown]
# ## How the past is used up
#
# Start both filters from random states of the climate, which know nothing.

# %% mystnb={"figure": {"caption": "Analysis error of both filters, the mean over the truths of this page. The thin line is the noise of one observation, the dotted one the best linear estimate from one snapshot.", "name": "fig-ks-error"}, "image": {"alt": "Error against model time: both filters begin just above the dotted line of one snapshot, at about half the noise. The AmEnF is at a quarter of that line after ten time units, LETKF after sixty, and both stay there."}}
errors = {name: spatial_rmse(run.analysis, truth).mean(1) for name, run in runs.items()}
figure = filtering.error_over_time(
    errors, page.burn_in, error_std=obs_error_std, time_step=cycle_time
)
axes = figure.axes[0]
axes.axhline(snapshot, color="black", linestyle=":", linewidth=1)
place = {"ha": "right", "va": "bottom", "transform": axes.get_yaxis_transform()}
_ = axes.text(0.99, snapshot, "one snapshot", **place)
# %% [markdown]
# **What to see** in {numref}`fig-ks-error`: after the first observation the filters are where a linear estimate from one
# snapshot is, at about 0.6. Space alone has halved the noise. Then the errors fall to 0.15 and about 0.14: the past takes away
# another factor of about four. Each analysis is the forecast of the one before plus a little of the new data, so many
# observations are averaged *along the trajectory*. That works because this system forgets slowly:

# %%
exponents = read_result("lyapunov").table
leading = exponents.query("system == @NAME and number == 1")["exponent"].mean()
doubling = math.log(2) / leading / cycle_time
print(f"leading Lyapunov exponent {leading:.3f} per time unit:")
print(f"a small error doubles in {doubling:.1f} cycles")

# %% [markdown]
# :::{admonition} Check yourself: how many observations does a filter average here?
# :class: dropdown
# If $n$ independent looks at a point are averaged, the error is $\sigma/\sqrt n$. Divide the noise by the error in the table and
# square it. This counts both the past and the neighbours: the front is smooth, so nearby points tell of each other.
# :::

# %% [markdown]
# ## Which waves are wrong?
#
# A Fourier transform of the error tells its scales. The noise is white: every wavenumber has the same share.

# %% mystnb={"figure": {"caption": "Root-mean-square amplitude by wavenumber: the truth, the noise of the observations, and the analysis errors of both filters.", "name": "fig-ks-spectrum"}, "image": {"alt": "Spectra on logarithmic axes: the truth is broad with a bump near wavenumber eleven and falls steeply beyond twenty; the noise is flat; both filters' errors lie far below the noise and fall with the truth at high wavenumbers."}}
scored = slice(page.burn_in, None)
waves = {"truth": truth[scored], "observations": experiment.observations.values - truth}
waves |= {name: (run.analysis - truth)[scored] for name, run in runs.items()}
spectrum = {name: amplitude_spectrum(field) for name, field in waves.items()}
figure = systems.spectra(spectrum, {"observations": "noise of the observations"})

# %% [markdown]
# **What to see** in {numref}`fig-ks-spectrum`: where the truth lives, both filters are three to ten times below the noise.
# Beyond wavenumber thirty or so the truth has nothing left. LETKF's analysis is a sum of forecasts, which are smooth, with
# weights that change smoothly around the ring, and follows the truth down. The AmEnF's has a floor: what its convolutions and
# its dropout leave at every scale. It is small beside the whole error, and the model damps it in the next step.

# %% [markdown]
# ## When the learned filter falls behind
#
# The same two filters in a stored comparison, on five truths of four hundred cycles each:

# %%
every = read_result("filter_comparison").table
both = every.query("system == @NAME and method in ['AmEnF', 'LETKF']")
both = both[both["implementation"] == "batched"]
both.pivot_table(
    index=["obs_error_std", "ensemble_size"], columns="method", values=["rmse", "crps"]
).round(3)

# %% tags=["hide-input"]
about_result("filter_comparison")

# %% [markdown]
# **What to see** in the table: at noise 1 the tuned LETKF is ahead with ten and with twenty members, and with five the two are
# level. At noise 2.5 the AmEnF's mean is ahead by RMSE at every size. By CRPS its lead shrinks or is gone, for its spread is
# too small.
#
# The AmEnF cost this before its first use, and LETKF a tuning of half an hour for each noise:

# %%
stored = stored_filter(NAME, obs_error_std)
print(recipes.training_command(stored.recipe))
print(f"{stored.recipe.training.n_iterations} steps, {stored.minutes:.0f} minutes")

# %% [markdown]
# ## Break it, repair it
#
# Both filters are told the noise: LETKF as a number, the AmEnF only by what it was trained on. Give all of them
# observations of noise 2.5, and the AmEnF once the weights that were trained for noise 1.

# %%
noisy = replace(page, obs_error_std=2.5)
trial = system_page.test_data(noisy)
told = {
    noise: system_page.score(noisy, system_page.run_filters(noisy, trial, noise), trial)
    for noise in recipes.NOISES
}
pd.concat(told, names=["AmEnF trained for noise", "method"]).round(3)

# %% [markdown]
# The AmEnF for noise 1 believes each observation more than it deserves and follows the noise. The repair is a filter trained for
# the noise it meets. LETKF needs one number changed, but its tuning for noise 1 does not hold here: its error is larger, and
# its interval wide. A new tuning takes minutes, a new network an hour.

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict, then run · 5 minutes · no code
# :name: exercise-ks-noise
# Set `obs_error_std = 2.5` in the parameters cell. The noise is then almost twice the front's own variation. By what factor
# will the errors grow: less than 2.5, 2.5, or more?
# :::

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: for a linear filter with a fixed gain the error would grow by 2.5, and the AmEnF's grows by 2.6. LETKF's grows
# by three or more: it leans longer on its forecasts, in which errors grow by the flow, and not linearly.
means = both.groupby(["obs_error_std", "ensemble_size", "method"])["rmse"].mean()
(means.loc[2.5] / means.loc[1.0]).unstack("method").round(2)

# %% [markdown]
# :::{admonition} Exercise 2 · Modify · 10 minutes · one line
# :name: exercise-ks-members
# The AmEnF never saw more than two members in training. Does it gain from twenty? Start from the cell below.
# :::

# %%
few = replace(page, ensemble_size=ensemble_size)  # YOUR TURN: 2, 5, 20
system_page.score(few, system_page.run_filters(few, experiment), experiment).round(3)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: more members average the dropout away and help the mean a little. LETKF has the tuning of
# the page's ensemble size in both, and with two members it does not hold.
tried = {}
for members in (2, 20):
    case = replace(page, ensemble_size=members)
    tried[members] = system_page.score(
        case, system_page.run_filters(case, experiment), experiment
    )
pd.concat(tried, names=["members", "method"]).round(3)

# %% [markdown]
# ## Summary
#
# - With every site seen and little signal in each number, space halves the noise and the past takes away a factor of about four.
# - The error's spectrum shows where: far below the noise at all scales, with a floor of its own in the learned filter.
# - At noise 1 the tuned filter is ahead once it has ten members; at noise 2.5 the learned one has the better mean.
# - A learned filter is bound to the noise that it was trained for. A formula takes it as a number, its tuning is bound too.
#
# **Not shown:** sparse observations of this system, a longer training, other lengths of the ring (which change its chaos).
#
# **Next:** {doc}`/notebooks/vissio_lucarini`, where two variables drive each other.
#
# :::{admonition} For instructors
# :class: dropdown
# 30 minutes with the exercises. Common misconception: that one noisy snapshot is worth no more than its noise. Ask for the error
# of the best estimate from a single snapshot before it is computed: 0.53, because neighbours tell of each other.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")

# %% tags=["remove-cell", "claims"]
last, first = table["rmse"], {name: error[0] for name, error in errors.items()}
say_which_hold(
    {
        "the best linear estimate from one snapshot errs by 0.53": lambda: (
            abs(snapshot - 0.53) < 0.01
        ),
        "after one cycle both filters are near one snapshot": lambda: (
            max(first.values()) < 1.4 * snapshot and min(first.values()) > snapshot
        ),
        "the past takes away another factor of about four": lambda: (
            (snapshot / last).between(3.3, 4.5).all()
        ),
        "errors end at 0.15 and about 0.14": lambda: (
            abs(last["AmEnF"] - 0.15) < 0.005 and abs(last["LETKF"] - 0.14) < 0.02
        ),
        "filters are three to ten times below the noise where the truth lives": lambda: (
            (spectrum["observations"] / spectrum["AmEnF"])[1:20].min() > 2.9
            and (spectrum["observations"] / spectrum["AmEnF"])[1:20].max() < 15
        ),
        "LETKF tuned for noise 1 errs more at noise 2.5 than the AmEnF trained for it": lambda: (
            told[2.5].loc["LETKF", "rmse"] > told[2.5].loc["AmEnF", "rmse"]
        ),
        "no truth is lost": lambda: (table["lost"] == 0).all(),
        "trained for another noise the AmEnF errs more": lambda: (
            told[1.0].loc["AmEnF", "rmse"] > 1.2 * told[2.5].loc["AmEnF", "rmse"]
        ),
        "the AmEnF gains a little from twenty members": lambda: (
            0.9 < tried[20].loc["AmEnF", "rmse"] / tried[2].loc["AmEnF", "rmse"] < 1
        ),
        "LETKF with two members does not hold": lambda: (
            not (tried[2].loc["LETKF", "rmse"] < 2 * tried[20].loc["LETKF", "rmse"])
        ),
    }
)
