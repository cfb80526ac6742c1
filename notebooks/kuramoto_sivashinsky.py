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
# noise of an observation is nearly as large as the front's own variation. No single observation is worth much. A
# filter has to remember.

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

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (an hour)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: truths, noise, first members, dropout and rotations
obs_error_std = 1.0  # noise of an observation: 1.0 or 2.5, for which filters are stored
ensemble_size = 10  # members of both filters: 5, 10 or 20, for which LETKF is tuned
n_cycles = None  # cycles scored, 2 or more (None: the preset's)

# %% tags=["hide-input"]
from dataclasses import replace

import torch
from sparseobs.figures import filtering, style
from sparseobs.runs import settings
from sparseobs.runs.results import about_result, read_result
from sparseobs.scores.spectrum import amplitude_spectrum
from sparseobs_book.trained_filters import beside_letkf as system_page
from sparseobs_book.trained_filters import figures as systems
from sparseobs_book.trained_filters import recipes as filters
from sparseobs_book.trained_filters.tuning import tuned

style.use()
NAME = "kuramoto_sivashinsky"
letkf = tuned(NAME, "LETKF", obs_error_std, ensemble_size)
page = settings.resolve(
    system_page.presets(NAME, **vars(letkf)),
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
# {cite:t}`mccabe2021` use the same setting, which is one of DAPPER's {cite:p}`raanes2018`.

# %%
experiment = system_page.test_data(page)
truth = experiment.truth
climate = truth.std().item()
print(f"standard deviation of the front {climate:.2f}, of the noise {obs_error_std}")
runs = system_page.run_filters(page, experiment)
table = system_page.score(page, runs, truth)
table.round(3)

# %% mystnb={"figure": {"caption": "One truth, the AmEnF's analysis mean and the difference, on its own scale, after the burn-in.", "name": "fig-ks-fields"}, "image": {"alt": "Three panels of the ring over time: wandering and merging cells of the truth, the same cells in the analysis, and a faint difference that follows the boundaries of the cells."}}
schedule = page.model.schedule
cycle_time = schedule.step * schedule.steps_per_cycle
shown = slice(page.burn_in, page.burn_in + 60)
figure = systems.truth_analysis_error(
    truth[shown, 0, 0],
    runs["AmEnF"].mean[shown, 0, 0],
    cycle_time=cycle_time,
    label="$u$",
)

# %% [markdown]
# **What to see** in {numref}`fig-ks-fields`: the colour scale of the error is a fraction of the front's. What is wrong sits where
# cells meet and merge, the places where a small shift makes a large difference.

# %% [markdown]
# ## How the past is used up
#
# Start both filters from random states of the climate, which know nothing.

# %% mystnb={"figure": {"caption": "Analysis error of both filters, the mean over the truths of this page. The thin line is the noise of one observation.", "name": "fig-ks-error"}, "image": {"alt": "Error against model time: both filters fall within some tens of time units from the size of the front to a small fraction of the noise line, and stay there."}}
errors = {
    name: error.mean(1) for name, error in system_page.errors(runs, truth).items()
}
figure = filtering.error_over_time(
    errors, page.burn_in, error_std=obs_error_std, time_step=cycle_time
)

# %% [markdown]
# **What to see** in {numref}`fig-ks-error`: after one observation no method could be better than a little below the noise. Yet
# the errors end far below it. Each analysis is the forecast of the one before plus a little of the new data, so many
# observations are averaged *along the trajectory*. That works because this system forgets slowly:

# %%
exponents = read_result("lyapunov").table
leading = exponents[(exponents["system"] == NAME) & (exponents["number"] == 1)]
rate = leading["exponent"].mean()
print(f"leading Lyapunov exponent {rate:.3f} per time unit:")
print(f"a small error doubles in {torch.tensor(2.0).log().item() / rate:.1f} cycles")

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
waves |= {name: run.mean.double()[scored] - truth[scored] for name, run in runs.items()}
figure = systems.spectra(
    {name: amplitude_spectrum(field) for name, field in waves.items()},
    labels={"observations": "noise of the observations"},
)

# %% [markdown]
# **What to see** in {numref}`fig-ks-spectrum`: where the truth lives, both filters are an order of magnitude below the noise.
# Beyond wavenumber thirty or so the truth has nothing left. LETKF's analysis is a sum of forecasts, which are smooth, and
# follows the truth down. The AmEnF's has a floor: what its convolutions and its dropout leave at every scale. It is small
# beside the whole error, and the model damps it in the next step.

# %% [markdown]
# ## In the stored comparison
#
# The tuning that LETKF has here, and what it reached on validation truths:

# %%
tuning = read_result("filter_tuning").table
case = (tuning["system"] == NAME) & (tuning["method"] == "LETKF")
tuning = tuning[case].sort_values(["n_cycles", "rmse"], ascending=[False, True])
tuning.groupby(["obs_error_std", "ensemble_size"]).head(1).sort_values(
    ["obs_error_std", "ensemble_size"]
)[["obs_error_std", "ensemble_size", "inflation", "radius", "rotation", "rmse"]].round(
    4
)

# %% tags=["hide-input"]
about_result("filter_tuning")

# %% [markdown]
# The learned filter was trained by
# two members at a time, on the CPU:

# %%
stored = filters.stored_filter(NAME, obs_error_std)
print(filters.training_command(stored.recipe))
print(f"{stored.recipe.training.n_iterations} steps, {stored.minutes:.0f} minutes")

# %% [markdown]
# ## Break it, repair it
#
# Both filters are told the noise: LETKF as a number, the AmEnF only by what it was trained on. Give the filter for
# noise 1 observations with more noise than that.

# %%
noisy = replace(page, obs_error_std=2.5)
trial = system_page.test_data(noisy)
members = system_page.first_ensemble(noisy)
for trained_for in filters.NOISES:
    network = filters.stored_filter(NAME, trained_for).network
    run = system_page.assimilate(
        network,
        noisy.model,
        trial.observations,
        members.float(),
        torch.Generator().manual_seed(seed),
    )
    error = system_page.spatial_rmse(run.mean.double(), trial.truth)[noisy.burn_in :]
    print(
        f"noise 2.5, filter trained for {trained_for}: RMSE {error.mean().item():.3f}"
    )

# %% [markdown]
# The first one believes each observation more than it deserves and follows the noise. The repair is a filter trained for the noise
# it meets. LETKF needs one number changed, and a new tuning to be at its best; that ease is a real advantage of a formula
# over a network.

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict, then run · 5 minutes · no code
# :name: exercise-ks-noise
# Set `obs_error_std = 2.5` in the parameters cell. The noise is then almost twice the front's own variation. By what factor
# will the errors grow: less than 2.5, 2.5, or more?
# :::
#
# :::{admonition} Solution
# :class: dropdown
# For a linear filter with a fixed gain the error would grow by 2.5. A filter that knows of the noise leans more on its forecast, which
# helps; but longer memory means that the nonlinear growth of errors has more time, which hurts. Compare with the
# table above.
# :::
#
# :::{admonition} Exercise 2 · Modify · 10 minutes · one line
# :name: exercise-ks-members
# The AmEnF never saw more than two members in training. Does it gain from twenty? Start from the cell below.
# :::

# %%
few = replace(page, ensemble_size=ensemble_size)  # YOUR TURN: 2, 5, 20
system_page.score(few, system_page.run_filters(few, experiment), truth).round(3)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: more members average the dropout away and help the mean a little; LETKF
# (with the tuning of the page's ensemble size) loses its footing with few members.
for members in (2, 20):
    case = replace(page, ensemble_size=members)
    scores = system_page.score(case, system_page.run_filters(case, experiment), truth)
    print(members, "members:", scores[["method", "rmse", "spread"]].round(3).values)

# %% [markdown]
# ## Summary
#
# - With every site seen and little signal in each observation, a filter is as good as its use of the past.
# - The error's spectrum shows where: far below the noise at all scales, with a floor of its own in the learned filter.
# - A learned filter is bound to the noise that it was trained for; a formula takes it as a number.
#
# **Not shown:** sparse observations of this system, a longer training, other lengths of the ring (which change its chaos).
#
# **Next:** {doc}`/notebooks/vissio_lucarini`, where two variables drive each other.
#
# :::{admonition} For instructors
# :class: dropdown
# 30 minutes with the exercises. Common misconception: that seeing everything makes filtering easy. Ask for the error of the
# best estimate from a single observation before showing {numref}`fig-ks-error`.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")
