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
# (the-twin)=
# # The twin: a Germany whose truth we know
#
# :::{admonition} On this page
# **You will be able to** say what of the synthetic data behind these pages is invented and what is not, and judge where it
# resembles the real thing and where it does not.
#
# **You need** what a reanalysis is; {doc}`/notebooks/temperature_from_stations` says it in a paragraph.
#
# **Time** 10 minutes to read, seconds to run, 10 minutes for the exercises.
#
# **Runs on** one CPU core. Everything called *twin* is synthetic; the comparison reads a stored table of real measurements.
# :::
#
# An experiment needs an answer to compare with. Between real stations nobody knows it. So these pages use a *twin*: a nature
# run with invented weather over real coasts and roughly real ranges, a reanalysis-like view of it, and thermometers that read it.
# What wins on the twin need not win in Germany. How alike are they?

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "How far two stations differ, by their distance: root of half the mean squared difference, reduced to sea level. Real: 493 DWD stations in one hour (one realisation). Twin: the noons of June; the band spans the middle 80 % of them.", "name": "fig-twin-differences"}, "image": {"alt": "Two rising curves of difference against distance on a logarithmic axis, real and twin, lying close together within the twin's band."}}
from sparseobs.figures import style
from sparseobs.runs.results import about_result, read_result
from sparseobs_book.the_twin import figures as draw

style.use()
stored = read_result("twin")
figure = draw.differences(stored.table)

# %% [markdown]
# {numref}`fig-twin-differences`: stations in the twin differ with distance about as real ones did.
#
# ## The numbers of this page

# %% tags=["parameters"]
import os

# smoke (one day), lesson (three days) or paper (all 531 days, minutes)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number, 0 or more: terrain, weather, network and noise
hour = 6  # which hour of the run to draw, 0 to 23
obs_error_std = None  # K, 0 or more: noise of the thermometers (None: 0.3)
n_stations = None  # invented stations besides VALUE's (None: 550)

# %% tags=["hide-input"]
import numpy as np
from sparseobs.errors import require_number
from sparseobs.runs import settings
from sparseobs_book.the_twin import run as twin_page

page = settings.resolve(
    twin_page.PRESETS, preset, obs_error_std=obs_error_std, n_stations=n_stations
)
require_number("hour", hour, least=0, most=23, whole=True)
print(settings.describe(page))

# %% [markdown]
# ## A nature run
#
# Temperature is a sum of parts that one can name. A climate with seasons; synoptic and mesoscale fields that the wind carries; fronts;
# clouds that damp the daily cycle; a lapse rate that changes from air mass to air mass and inverts in calm winter weather; cold pools in
# valleys; a sea that follows late; cities. Each is a Gaussian random field or a formula. The grid has points every 4 km northward and 2.5 km
# eastward.

# %% mystnb={"figure": {"caption": "One winter hour of the twin: the nature run (left), and how far the reanalysis-like view, interpolated, is above it (right).", "name": "fig-twin-hour"}, "image": {"alt": "Two maps: the temperature of the nature run with ranges and valleys visible, and the view's error, positive on summits and in valleys at night."}}
from sparseobs.stations.twin import load_twin, truth

data = load_twin(page, seed=seed)
nature = truth([hour], page, seed=seed).isel(time=0)
view = data.reanalysis.isel(time=hour).interp_like(nature, kwargs={"fill_value": None})
figure = draw.truth_and_view(data.region, nature, view - nature)

# %%
error = (view - nature).values
print(
    f"view less truth: mean {np.nanmean(error):+.2f} K, standard deviation {np.nanstd(error):.2f} K"
)
assert np.isfinite(error).all()
print(data.notes)

# %% [markdown]
# The view averages over cells of a quarter of a degree and smooths further, so that summits are too warm and valleys at night too; it has
# a slow bias and analysis errors of its own.
#
# ## Stations that read it
#
# Thermometers stand at their own height, have a siting that stays, turbulence that passes, noise, and gaps in spells. Now and then
# a station moves by some km; then place and siting jump at once. The stations of the VALUE project {cite:p}`maraun2015` stand
# at their true places and never move. Nothing is ever learned on them.

# %%
network = data.stations
missing = float(np.isnan(network["temperature"]).mean())
value = int(network["value"].sum())
print(
    f"{network.sizes['station']} stations, {value} of them VALUE's; {missing:.1%} of the readings are missing"
)
print(f"{settings.describe(twin_page.summary(page))}")

# %% [markdown]
# :::{admonition} Check yourself: VALUE lists 53 German stations. Why are there 52 here?
# :class: dropdown
# List on Sylt lies at 55.01 N, outside the box of the published experiment, which ends at 54.95 N. In degrees on a plane it would be
# matched with whatever is nearest, however far; here a match further than 5 km is none.
# :::
#
# ## Beside reality
#
# The real numbers were measured once, on data that the book does not contain (a folder `SPARSEOBS_DATA`), and stored.

# %% tags=["hide-input"]
about_result("twin")

# %% mystnb={"figure": {"caption": "Power of temperature by wavelength along circles of latitude, inland between 48 and 53 N, at midnight in June. Real: one analysis of the weather model ICON-EU at 0.0625 degrees. Twin: nature run, and its view at 0.25 degrees, fourteen nights.", "name": "fig-twin-spectrum"}, "image": {"alt": "Falling lines of power against wavelength: the nature run and the weather model close to each other, the view below both at short waves."}}
from sparseobs_book.temperature.figures import spectra

part = stored.table[stored.table["quantity"] == "power spectrum"]
figure = spectra(
    part.rename(columns={"source": "name", "x": "wavelength", "value": "power"})
)

# %%
ratio = twin_page.spectrum_ratio(stored.table)
assert np.isfinite(ratio["nature run / weather model"]).all()
ratio.round(2)

# %% mystnb={"figure": {"caption": "One real station (DWD 44, September 2019 to March 2021) and the twin's nearest: mean temperature of every month (left) and mean daily range (right).", "name": "fig-twin-months"}, "image": {"alt": "Two panels by month: both stations warm in summer; daily ranges larger in summer than in winter for both, with differences."}}
figure = draw.months(stored.table)

# %%
errors = twin_page.reanalysis_table(stored.table)
errors.round(2)

# %% [markdown]
# **What to see.** Daily means of the reanalysis in March err by about as much at the twin's lowland stations as ERA5's
# {cite:p}`hersbach2020` do at ten lowland stations of the Thames basin; in the hills the twin's view errs more. Between 60 and 120 km the nature run has more
# power than the one real field, below 30 km less. The seasons agree to a few degrees, but the twin's winter days have too wide a range, and
# its spring days too narrow a one: the real year 2020 had a dry spring, and real winters have more cloud.

# %%
lowland = errors.loc[
    [name for name in errors.index if "below" in name], "RMSE (K)"
].iloc[0]
era5 = errors.loc[[name for name in errors.index if "MIDAS" in name], "RMSE (K)"].iloc[
    0
]
assert 0.75 < lowland / era5 < 1.33, "the text above is wrong"
assert (
    ratio["nature run / weather model"].iloc[0]
    < 1
    < ratio["nature run / weather model"].iloc[2]
)
print(f"lowland error of the twin's view: {lowland:.2f} K; of ERA5: {era5:.2f} K")

# %% [markdown]
# ## Break it, repair it
#
# Take the thermometers' errors away, one by one, and see what remains of their distance to the reanalysis.

# %%
twin_page.errors_without(page, seed=seed).round(2)

# %% [markdown]
# Most of it remains: it is not the instruments, but what a cell cannot know about a place.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict, then run · 5 minutes · no code
# :name: exercise-twin-hour
# Set `hour = 14`. Where will the view's error be smaller, in valleys or on summits?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Cold pools need a night, unless it is winter. Ground that is too low is too warm at any hour.
# :::
#
# :::{admonition} Exercise 2 · Modify · 5 minutes · one line
# :name: exercise-twin-season
# How warm would this day be in July? The weather of a seed is the same whatever the date.
# :::

# %%
import dataclasses

july = dataclasses.replace(page, start="2001-01-01", days=1)  # YOUR TURN: the date
print(f"{float(load_twin(july, seed=seed).reanalysis.mean()):.1f} °C on average")

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution:
july = dataclasses.replace(page, start="2001-07-19", days=1)
print(f"{float(load_twin(july, seed=seed).reanalysis.mean()):.1f} °C on average")

# %% [markdown]
# ## Summary
#
# - The twin's truth is a sum of named parts; coast, VALUE stations and rough relief are real, all weather is invented.
# - Its stations differ with distance much as real ones, and its view errs in the lowlands about as ERA5 does; its finest scales
#   are too weak and its winter days too bright.
# - It has seasons, gaps and moves, and 531 days: enough for the published numbers of hours.
#
# **Not shown:** rain, snow, fog, real fronts; that errors of a real reanalysis depend on the weather.
#
# **Next:** {doc}`/notebooks/pretraining` teaches a network by the view alone.
#
# :::{admonition} For instructors
# :class: dropdown
# 20 minutes. Common misconception: that a twin that looks right is right. Ask which of the comparisons would have failed
# for a twin without mesoscale fields.
# :::

# %% tags=["hide-input"]
print(
    f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}; synthetic data, stored table of real ones"
)
