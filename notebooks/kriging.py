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
# (kriging)=
# # Kriging in an hour: how warm is it here, and how sure are we?
#
# :::{admonition} On this page
# **You will be able to** compute a variogram, write the kriging equations in numpy, add a drift and a background, and
# test whether the standard deviation can be believed.
#
# **You need** variance and covariance, and how a linear system is solved. {doc}`/notebooks/temperature_from_stations`
# says what the two sources of data are.
#
# **Time** 30 minutes to read, half a minute to run at `lesson` size, 40 minutes for the exercises.
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

# smoke (seconds), lesson (half a minute) or paper (minutes)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number, 0 or more: the twin's weather, and which stations are shown
n_stations = None  # stations shown, 10 to 150 (None: the preset's)
hour = 37  # hour of the run that is mapped, 0 to 47
obs_error_std = 0.3  # K, 0 or more: noise of the thermometers

# %% tags=["hide-input"]
import gstools
import numpy as np
import pandas as pd
from sparseobs.figures import style
from sparseobs.runs import settings
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.stations.geography import EARTH_RADIUS, Points, great_circle
from sparseobs_book.checking import check
from sparseobs_book.kriging import exercises
from sparseobs_book.kriging import figures as draw
from sparseobs_book.kriging import run as kriging

style.use()
numbers = {"n_stations": n_stations, "hour": hour, "obs_error_std": obs_error_std}
page = settings.resolve(kriging.PRESETS, preset, seed=seed, **numbers)
print(settings.describe(page))

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Synthetic data, one winter hour; the slider chooses how many stations are shown. Top: temperature kriged from them (circles: their readings), and the truth. Bottom: the standard deviation of a prediction (white: stations), and the error. Grey: sea, where nothing is asked.", "name": "fig-kriging-map"}}
world = kriging.winter(page)
here = kriging.network_of(world.data, world.shown)
grid = kriging.map_of(world, page.every)
tuned = kriging.first_look(here)
true = world.truth.values[:: page.every, :: page.every][grid.on_land]
by_number = {
    number: kriging.kriged_from(page, world, grid, tuned, number)
    for number in kriging.numbers_shown(page)
}
draw.moving_maps(world, grid, true, by_number, page.hour)

# %% [markdown]
# *Kriging* predicts by a weighted sum of readings, with the weights of least expected squared error.
# {numref}`fig-kriging-map` shows its answers at every place: how warm is it, and how sure are we? The data are a
# synthetic twin of Germany in ten days of January ({doc}`/notebooks/the_twin`). So the truth is known, and the error
# can be drawn beside the standard deviation. Move the slider from 5 to 100 stations: at the 102 stations that are never
# shown the error (RMSE) falls from 1.69 to 0.97 K. The standard deviation falls from 2.16 to 1.21 K. (How temperature
# varies with distance is taken from all hundred in every frame.) This page builds both maps, step by step.
#
# ## The numbers of this page
#
# The text speaks of these numbers as they are given. With others, go by what the cells print. From a shell:
# `.venv/bin/papermill notebooks/kriging.ipynb out.ipynb -p n_stations 50`
#
# A method reads only the stations that are *shown*. The twin's other stations are its *targets*, where it is judged.

# %%
stations, readings = here.places, here.readings
there = kriging.network_of(world.data, world.others)
targets, unseen = there.places, there.readings
print(
    f"{len(stations)} stations shown, {len(targets)} judged on, {len(readings)} hours"
)
print(f"missing readings: {np.isnan(readings).mean():.1%}")
everywhere = by_number[page.n_stations].mean - true
print(f"map: RMSE {np.sqrt(np.mean(everywhere**2)):.2f} K on land")

# %% [markdown]
# ## How unlike are two stations?
#
# Kriging needs to know one thing: by how much two readings $z$ differ when they are a distance $h$ apart. That is the
# *variogram* {cite:p}`cressie1993`: half the mean squared difference, or *semivariance*, of all pairs of places $x$ and
# $x'$ at this distance,
#
# $$\gamma(h) = \tfrac12 \big\langle (z(x) - z(x'))^2 \big\rangle .$$
#
# A high station is mostly colder than a low one, however near. So from each hour's readings we first subtract their
# least-squares line in height; height comes back below. Then we take all pairs, their distances, and the mean in each
# bin of distance.

# %%
rest = kriging.off_the_line(stations, readings)  # K, (hour, station)
first, second = np.triu_indices(len(stations), 1)  # every pair once
distance = great_circle(stations, stations)[first, second]  # km
which = np.digitize(distance, kriging.EDGES)
bins = [number for number in range(1, len(kriging.EDGES)) if (which == number).any()]


def semivariance(values, number):  # K², of one bin
    half = 0.5 * (values[:, first] - values[:, second])[:, which == number] ** 2
    return np.nanmean(half) if np.isfinite(half).any() else np.nan


# %%
variogram = pd.DataFrame(
    {
        "distance (km)": [distance[which == number].mean() for number in bins],
        "pairs": [(which == number).sum() for number in bins],
        "one hour (K²)": [semivariance(rest[[hour]], number) for number in bins],
        "all hours (K²)": [semivariance(rest, number) for number in bins],
    }
)
_, gstools_says, _ = kriging.semivariances(stations, rest)
gap = np.abs(variogram["all hours (K²)"] - gstools_says).max()
print(f"largest difference from gstools' estimate: {gap:.0e} K²")
variogram.round(2)

# %% [markdown]
# One hour has few close pairs, and its curve is rough. Pooled over all hours the curve is smooth, but it is then the
# mean of many kinds of weather. The package gstools {cite:p}`muller2022` fits an exponential model to it, by least
# squares in which each pair of stations counts alike {cite:p}`cressie1985`:
#
# $$\begin{gathered}\gamma(h) = c_0 + c\,(1 - e^{-h/\ell}) \quad (h > 0), \\
# \gamma(0) = 0 .\end{gathered}$$
#
# Here $h$ is the chord, straight through the Earth: with it the model is valid on a sphere. $c_0$ is the **nugget**:
# half the mean squared difference of two thermometers side by side. $c_0 + c$ is the **sill**, the level that the curve
# approaches. The **range** is the distance at which it has made 95 % of its rise $c$: three length scales $\ell$.

# %%
names = "distance (km)", "all hours (K²)", "pairs"
model = kriging.fitted(*(variogram[name].to_numpy() for name in names))
print(f"nugget {model.nugget:.2f} K², sill {model.sill:.0f} K²,", end=" ")
print(f"range {3 * model.len_scale:.0f} km")


def gamma(h, model):  # K², at great-circle distances h (km)
    chord = 2 * EARTH_RADIUS * np.sin(h / (2 * EARTH_RADIUS))  # through the Earth
    rise = model.var * (1 - np.exp(-chord / model.len_scale))
    return np.where(h > 0, model.nugget + rise, 0.0)


# %% mystnb={"figure": {"caption": "Variogram of the twin's readings without their line in height: one hour (squares), all hours pooled (dots), the fitted model, and its nugget.", "name": "fig-kriging-variogram"}, "image": {"alt": "Semivariance against distance: pooled dots rise almost in a straight line from half a square kelvin to about five at 400 kilometres, on the fitted curve; the squares of one hour level off below them."}}
apart = np.linspace(1, 400, 200)
found = {name: variogram[name] for name in ("one hour (K²)", "all hours (K²)")}
found = {name: (variogram["distance (km)"], half) for name, half in found.items()}
figure = draw.variograms(found, (apart, gamma(apart, model)), model.nugget)

# %% [markdown]
# **What to see** in {numref}`fig-kriging-variogram`: the pooled variogram starts at 0.6 K² and still rises at 400 km.
# That of the mapped hour rises by 1.7 K² only. The fitted sill (25 K²) and range (some 5,100 km) lie far outside the
# map and mean nothing by themselves. Averaged over ten days of fronts and air masses the variogram reaches no sill
# here. Kriging among a hundred stations uses the first hundred kilometres of the curve, and those are supported by 365
# pairs. The nugget, 0.68 K², is more than the square of the thermometers' noise (0.09 K²). Siting, turbulence, and
# weather smaller than the distance of the nearest pairs are in it as well.
#
# ## Three stations, four equations
#
# The estimate is a weighted sum of readings, $\hat z = \sum_i w_i z_i$. It is *unbiased* whatever the mean is if
# $\sum_i w_i = 1$. Write $\gamma_{ij}$ for the variogram between stations $i$ and $j$, $\gamma_{i0}$ for that between
# station $i$ and the target. The error then has the variance
# $2 \sum_i w_i \gamma_{i0} - \sum_{ij} w_i w_j \gamma_{ij}$. To find its minimum under the condition, subtract
# $2\mu\,(\sum_i w_i - 1)$ with a Lagrange multiplier $\mu$. Derivatives of zero leave a linear system
# {cite:p}`wackernagel2003`:
#
# $$\begin{gathered}\sum_j w_j\,\gamma_{ij} + \mu = \gamma_{i0}, \qquad \sum_j w_j = 1, \\
# \sigma^2 = \sum_i w_i\,\gamma_{i0} + \mu .\end{gathered}$$
#
# An example: three stations on a line, A at 0, B at 40 and C at 140 km; the target is at 70 km.

# %%
three, target = kriging.on_a_line([0, 40, 140]), kriging.on_a_line([70])
z = np.array([2.0, 3.0, 6.0])  # °C
left = np.ones((4, 4))
left[:3, :3], left[3, 3] = gamma(great_circle(three, three), model), 0.0
right = np.append(gamma(great_circle(three, target), model)[:, 0], 1.0)
*w, mu = np.linalg.solve(left, right)
estimate, sigma = np.dot(w, z), np.sqrt(np.dot([*w, mu], right))
print("weights", np.round(w, 2), f"sum {sum(w):.2f}, multiplier {mu:.2f} K²")
print(f"estimate {estimate:.2f} °C, standard deviation {sigma:.2f} K")

ordinary = kriging.by_package(model, "ignored")
package = [
    float(part) for part in np.ravel(ordinary.interpolate(three, z[None], target))
]
gap = np.abs(np.subtract(package, [estimate, sigma])).max()
print(f"largest difference from the package (gstools): {gap:.0e} K")

# %% [markdown]
# The variance contains the nugget: what is predicted is a *reading*, not the air without a thermometer. The readings
# $z$ are not in it. The standard deviation of kriging depends on where stations are, not on what they read.
#
# Now for any number of stations and targets. The ones become a matrix $F$, to which the next section adds a column:


# %%
def system(places, columns, model):  # the left side
    F = columns(places)
    zeros = np.zeros((F.shape[1], F.shape[1]))
    return np.block([[gamma(great_circle(places, places), model), F], [F.T, zeros]])


def weights(places, targets, columns, model):  # (station, target), and (target,), K
    distances = great_circle(places, targets)
    right = np.vstack([gamma(distances, model), columns(targets).T])
    solved = np.linalg.solve(system(places, columns, model), right)
    return solved[: len(places)], np.sqrt(np.sum(solved * right, axis=0))


def level(places):  # ordinary kriging: one unknown mean
    return np.ones((len(places), 1))


# %% mystnb={"figure": {"caption": "Weights of three stations (rings on the line) as the target moves along their line, with the nugget as fitted and without one.", "name": "fig-kriging-weights"}, "image": {"alt": "Two panels of three bent lines. With the nugget each weight is largest at its own station, at most 0.83, and never zero. Without it each weight is one at its own station and zero at the others, and a station behind another has none."}}
line = np.arange(-59.5, 200)
bare = gstools.Exponential(var=model.var, len_scale=model.len_scale)  # no nugget
cases = {"nugget as fitted": model, "no nugget": bare}
along = {
    case: weights(three, kriging.on_a_line(line), level, one)[0]
    for case, one in cases.items()
}
figure = draw.weights_along(line, along, {"A": 0.0, "B": 40.0, "C": 140.0})

# %%
at_90 = {case: rows[:, np.argmin(np.abs(line - 90.5))] for case, rows in along.items()}
pd.DataFrame(at_90, index=["A", "B", "C"]).T.round(2)

# %% [markdown]
# **What to see** in {numref}`fig-kriging-weights` and the table, whose target is half way between B and C. Without a
# nugget B and C have a half each, and A, which stands behind B, has no weight. It is *screened*. With a nugget every
# reading has an error of its own, so a second reading near the first helps: A has 0.14, B 0.38, and C 0.48.
#
# ## Height as a drift
#
# The mean need not be a constant. In *universal kriging* it is a sum of known functions with unknown factors, a
# **drift**: here a constant and the height. Unbiased then means $\sum_i w_i f(x_i) = f(x_0)$ for each such function
# $f$, at stations $x_i$ and target $x_0$. The values $f(x_i)$ are a column of $F$. So the system has one more row and
# column, and every hour gets a lapse rate of its own.


# %%
def level_and_height(places):  # universal kriging: a straight line in height
    return np.column_stack([np.ones(len(places)), places.height / 1e3])  # per km


def kriged(places, values, targets, columns, model):  # (hour, target): °C and K
    mean, std = np.empty((2, len(values), len(targets)))
    for row, reading in enumerate(values):
        reports = np.isfinite(reading)
        w, std[row] = weights(places[reports], targets, columns, model)
        mean[row] = reading[reports] @ w
    return mean, std


# %%
sea_level = 1e-3 * kriging.FIXED * stations.height
above = 1e-3 * kriging.FIXED * targets.height
fixed, fixed_std = kriged(stations, readings + sea_level, targets, level, model)
answers = {
    "heights ignored": kriged(stations, readings, targets, level, model),
    "fixed lapse rate": (fixed - above, fixed_std),
    "height as a drift": kriged(stations, readings, targets, level_and_height, model),
}
drift = kriging.by_package(model, "drift").interpolate(stations, readings, targets)
gap = np.abs(np.subtract(drift, answers["height as a drift"])).max()
print(f"largest difference from the package (gstools): {gap:.0e} K")

# %% [markdown]
# Which lapse rate did it find? Ask for two targets at one place, one a kilometre above the other. All but the height is
# the same, so the difference is the rate. The twin's own is known.

# %% mystnb={"figure": {"caption": "Lapse rate that kriging finds in each hour from the stations shown, and the twin's own, of the air (black). Dotted: the fixed one.", "name": "fig-kriging-lapse"}, "image": {"alt": "Lapse rate against the day of the run: the twin's own wanders between three and seven kelvin per kilometre; kriging's follows it within about a kelvin, but falls below zero in two nights; the fixed rate lies above nearly all."}}
tower = Points([51.0, 51.0], [10.0, 10.0], [0.0, 1000.0])
ends, _ = kriged(stations, readings, tower, level_and_height, model)
rate = ends[:, 0] - ends[:, 1]  # K per km
days = np.arange(len(rate)) / 24
rates = {"truth": world.lapse_rates, draw.DRIFT: rate}
figure = draw.lapse_rates(days, rates, kriging.FIXED)

# %%
by_line = kriging.line_rates(stations, readings)  # least squares, hour by hour
weak = rate < 3  # K per km, as kriging finds it: mountains hardly colder than plains
when = {"all hours": np.ones_like(weak), "weak lapse rate": weak, "other hours": ~weak}
when = {name: hours for name, hours in when.items() if hours.any()}
off = {
    name: [
        np.sqrt(np.mean((one - world.lapse_rates)[part] ** 2)) for part in when.values()
    ]
    for name, one in {"kriging": rate, "least squares": by_line}.items()
}
print(f"kriging's rate is below 3 K per km in {weak.sum()} of {weak.size} hours")
off = pd.DataFrame(off, index=list(when)).T.rename_axis("off the twin's (K per km)")
off.round(2)


# %%
def rmse(answer, hours=slice(None)):
    return np.sqrt(np.nanmean((answer[0] - unseen)[hours] ** 2))


def by_lapse_rate(answers):
    table = {
        name: [rmse(one, hours) for hours in when.values()]
        for name, one in answers.items()
    }
    return pd.DataFrame(table, index=list(when)).T.rename_axis("RMSE (K)").round(2)


by_lapse_rate(answers)

# %% [markdown]
# **What to see** in {numref}`fig-kriging-lapse`: kriging's rate comes from each hour's readings alone. In 53 hours it
# is *weak*, below 3 K per km; in the others it is off the twin's by 0.66 K per km. In two calm nights it falls to -1.6
# and -2.8 K per km, while the twin's stays above 4. The twin's rate is that of the air, without the ground's cooling.
# Kriging's includes the cold hollows: in such a night low stations read less than high ones. In the weak hours a fixed
# 6.5 K per km errs by 2.09 K and the drift by 1.47 K; in the others by 1.02 K and 0.93 K.
#
# :::{admonition} Check yourself: why is the rate of the least-squares line off by 2.29 K per km in the other hours, from the same readings?
# :class: dropdown
# Least squares treats the deviations from the line as independent. They are not: those of neighbours are alike. A warm
# air mass over the northern plain then looks like a lapse rate. The kriging system weighs the stations by $\gamma$
# (generalised least squares), and its standard deviation includes the doubt about the rate. The variogram above was
# computed after the least-squares line, so it is a little too low at large distances.
# :::
#
# ## A background of the hour
#
# Where a weather model has an answer $b$ already, the *background*, krige the departures $z - b$ and add $b$ again.
# Their mean is near zero, so no sum of weights has to be prescribed: this is *simple* kriging, with covariances
# $C(h) = c_0 + c - \gamma(h)$ in the place of $\gamma$. Meteorologists call it *optimal interpolation*
# {cite:p}`gandin1965`, and its weights the gain. Here $b$ is the twin's reanalysis, brought to the height of each
# station at 6.5 K per km.

# %%
departures = readings - here.background  # K
of_departures = kriging.fitted(*kriging.semivariances(stations, departures))
nugget, sill = of_departures.nugget, of_departures.sill
print(f"departures: nugget {nugget:.2f} K², sill {sill:.2f} K²,", end=" ")
print(
    f"range {3 * of_departures.len_scale:.0f} km; mean {np.nanmean(departures):+.2f} K"
)


def analysed(places, departure, targets, model):  # one hour: K and K, (target,)
    C = model.sill - gamma(great_circle(places, places), model)
    c = model.sill - gamma(great_circle(places, targets), model)
    gain = np.linalg.solve(C, c)
    return departure @ gain, np.sqrt(model.sill - np.sum(gain * c, axis=0))


# %%
analysis, spread = np.empty((2, *unseen.shape))
for row, departure in enumerate(departures):
    reports = np.isfinite(departure)
    some = stations[reports], departure[reports]
    analysis[row], spread[row] = analysed(*some, targets, of_departures)
seen, wanted = ((each.latitude, each.longitude) for each in (some[0], targets))
simple = gstools.krige.Simple(of_departures, seen, some[1])  # a mean of zero
gap = np.abs(simple(wanted)[0] - analysis[-1]).max()
print(f"largest difference from gstools in the last hour: {gap:.0e} K")

# %%
more, more_std = kriged(stations, departures, targets, level_and_height, of_departures)
answers["background"] = there.background, None
answers["background and stations"] = there.background + analysis, spread
answers["the same with a drift"] = there.background + more, more_std
by_lapse_rate(answers)

# %% [markdown]
# **What to see:** the departures have a sill of 1.99 K², of which 0.50 K² are nugget. The background has taken the
# large weather away. In hours that are not weak it errs by 1.16 K alone, kriging without it by 0.93 K, the two together
# by 0.77 K. In the weak ones the two err by 1.76 K, more than kriging with a drift. The background lacks half of a calm
# night's contrasts, and 6.5 K per km is not its rate. So give the departures a drift as well, by `kriged`. Then the
# error is 0.86 K in all hours and 1.27 K in the weak ones, the least of all. Our package does optimal interpolation by
# the library gridpp.
#
# ## Is the standard deviation honest?
#
# Leave each station out and predict it from the others. That does not take a hundred systems an hour: the inverse of
# *one* contains them all {cite:p}`dubrule1983`. Let $M$ be its rows and columns of the stations, and $v_i = -M_{ii}$.
# Then the error at station $i$, prediction less reading, is $(Mz)_i / v_i$, and its variance $1/v_i$.


# %%
def leave_one_out(places, values, columns, model):  # (hour, station): error, std, K
    error, std = np.full((2, *values.shape), np.nan)
    for row, reading in enumerate(values):
        seen = np.flatnonzero(np.isfinite(reading))
        inverse = np.linalg.inv(system(places[seen], columns, model))
        M = inverse[: len(seen), : len(seen)]
        error[row, seen] = M @ reading[seen] / -np.diag(M)
        std[row, seen] = np.sqrt(1 / -np.diag(M))
    return error, std


# %%
error, std = leave_one_out(stations, readings, level_and_height, model)
last = np.flatnonzero(np.isfinite(readings[-1]))[-1]
others = np.arange(len(stations)) != last
without = kriged(
    stations[others], readings[-1:, others], stations[[last]], level_and_height, model
)
gap = np.ravel(without) - [readings[-1, last] + error[-1, last], std[-1, last]]
print(f"largest difference from leaving a station out: {np.abs(gap).max():.0e} K")

# %% mystnb={"figure": {"caption": "Leave-one-out over the stations shown, by hour of the day: the error that came (circles) and the standard deviation that kriging said (line).", "name": "fig-kriging-honest"}, "image": {"alt": "Two lines against the hour of the day: the standard deviation is level at 1.2 kelvin; the error is about 1 kelvin by day and rises to 1.7 before midnight."}}
clock = world.data.stations["time"].dt.hour.values
inside = np.where(np.isfinite(error), np.abs(error) < 1.645 * std, np.nan)
of_hours = {"said": std**2, "came": error**2, "coverage": inside}
of_hours = {name: np.nanmean(values, axis=1) for name, values in of_hours.items()}
by_clock = pd.DataFrame(of_hours).groupby(clock).mean()
by_clock[["said", "came"]] **= 0.5  # K
figure = draw.said_and_found(by_clock)

# %%
by_clock.groupby(by_clock.index // 6 * 6).mean().round(2).rename_axis("from hour (UTC)")

# %% [markdown]
# **What to see** in {numref}`fig-kriging-honest`: over all hours 93 % of the left-out readings lie within their 90 %
# interval. On average kriging is honest. But its standard deviation is 1.2 K at every hour, because stations and
# variogram are the same. The error is 1.69 K at 21 UTC and 0.98 K at 9 UTC. In a clear calm night stations near each
# other differ more, and one variogram for all hours cannot say so. {doc}`/notebooks/the_twin` sets such nights beside
# real ones.
#
# ## Break it, repair it
#
# Multiply a variogram by a number: no weight changes, and the standard deviation is multiplied by the square root of
# the number. So we keep the mean and multiply the standard deviation by a factor: the root mean squared ratio of error
# to standard deviation at the stations shown. Is a factor for each hour of the day enough, or does each hour of the run
# need its own? We also break the variogram: a quarter of it. Targets judge; nothing was fitted to them.

# %%
mean, std_there = answers["height as a drift"]
ratio = pd.Series(np.nanmean((error / std) ** 2, axis=1))  # of each hour
factors = {
    "by the clock": ratio.groupby(clock).transform("mean"),
    "hour by hour": ratio,
}
factors = {name: np.sqrt(one.to_numpy())[:, None] for name, one in factors.items()}
stds = {"as fitted": std_there, "a quarter of the variogram": std_there / 2}
for name, factor in factors.items():
    stds[f"mended {name}"] = std_there * factor
    print(f"factors {name}: {factor.min():.2f} to {factor.max():.2f}")


# %%
def scored(one, hours):
    return score_gaussian(mean[hours], one[hours], unseen[hours])._asdict()


judged = pd.DataFrame({name: scored(one, slice(None)) for name, one in stds.items()}).T
judged = judged[["rmse", "nll", "crps"]]
for part, hours in when.items():
    judged[f"coverage, {part}"] = [
        scored(one, hours)["coverage"] for one in stds.values()
    ]
judged.round(3)

# %% [markdown]
# The error is the same in all rows. With the variogram as fitted 94 % of the readings lie within the 90 % interval, but
# 86 % where the lapse rate is weak. A factor for each hour of the day hardly helps there: 87 %, because most nights are
# not calm. A factor for each hour of the run, between 0.59 and 2.58, gives 93 % there and 92 % over all hours. The NLL
# falls from 1.48 to 1.41. With a quarter of the variogram 69 % lie within; factors found with it lead to the same
# mended rows. The relative error of a factor from $n$ left-out stations is $1/\sqrt{2n}$ at best, 7 % for a hundred.
# {doc}`/book/notation` defines the scores.
#
# ## What comes next
#
# The variogram was fitted to squared differences, before any kriging. One can also fit it by gradient to the likelihood
# of left-out readings, and its distance may count height beside kilometres. {doc}`/notebooks/real_stations` does that
# on hundreds of real stations.
#
# Kriging is linear in the readings, and its weights follow from distances alone. A network may let them depend on the hour, the terrain and the
# readings themselves, and has to learn all that kriging is given. {doc}`/notebooks/own_convcnp` writes one.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-kriging-fewer
# Take half the stations away. By which factor does the error at the other stations grow: `"2"`, `"sqrt 2"`, or `"less"`?
# And does the standard deviation follow?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Half the stations on the same land are $\sqrt 2$ times as far apart. Which part of $\gamma$ grows with distance?
# :::

# %% tags=["exercise"]
prediction = ...  # YOUR TURN: "2", "sqrt 2" or "less"
halved = {}
for part in (slice(None), slice(None, None, 2)):
    few = kriged(stations[part], readings[:, part], targets, level_and_height, model)
    halved[len(stations[part])] = rmse(few), np.sqrt(np.mean(few[1] ** 2))
check(exercises.judge_fewer, prediction, halved)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: by less. The nugget does not depend on the distance, and half way between two stations
# it is most of the variance. The standard deviation knows it.
check(exercises.judge_fewer, "less", halved)

# %% [markdown]
# :::{admonition} Exercise 2 · Modify · 5 minutes · one line
# :name: exercise-kriging-nights
# Set `chosen_hours` to the hours from 0 to 5 UTC alone. The check compares with the afternoon. Which changes more, the
# nugget or the rise up to 100 km?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# `clock` holds the hour of the day, UTC, of each row of `rest`. A comparison of an array is an array of true and false.
# :::


# %% tags=["exercise"]
def fit(hours):  # nugget, and the rise up to 100 km, K²
    of_hours = kriging.fitted(*kriging.semivariances(stations, rest[hours]))
    return of_hours.nugget, gamma(100.0, of_hours) - of_hours.nugget


chosen_hours = clock >= 0  # YOUR TURN
check(exercises.judge_nights, chosen_hours, clock, fit)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: with the numbers as given both grow at night, and the rise more. A hollow is unlike the crest beside it.
check(exercises.judge_nights, clock < 6, clock, fit)

# %% [markdown]
# :::{admonition} Exercise 3 · Derive · 10 minutes
# :name: exercise-kriging-one
# A departure $y$ was read at one station, and the departure $z$ at a distance $h$ from it is wanted. Both have mean zero and variance
# $C(0)$, the sill; their covariance is $C(h)$. Which weight $w$ makes the variance of $z - w y$ least, and what is this variance?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The variance of a difference is both variances less twice the covariance. Its derivative by $w$ is zero at the
# minimum.
# :::


# %% tags=["exercise"]
def simple(nugget, sill, covariance):
    """Weight, and variance of the error (K²), from one reading; covariance is C(h)."""
    return ...  # YOUR TURN: weight, variance


check(exercises.judge_one_reading, simple)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: -2 C(h) + 2 w C(0) = 0, so w = C(h) / C(0), and the variance is C(0) - C(h)² / C(0).
# The nugget is in the sill already.
def one_reading(nugget, sill, covariance):
    return covariance / sill, sill - covariance**2 / sill


check(exercises.judge_one_reading, one_reading)
by_formula = one_reading(nugget, sill, sill - gamma(40.0, of_departures))
two = kriging.on_a_line([0, 40])
by_page = analysed(two[[0]], np.ones(1), two[[1]], of_departures)
print(f"weight at 40 km {by_formula[0]:.3f}, of the page's system {by_page[0][0]:.3f}")

# %% [markdown]
# :::{admonition} Exercise 4 · Write · 10 minutes · three lines
# :name: exercise-kriging-plane
# Temperature also changes from place to place across the map, and the variogram reaches no sill. Add latitude and
# longitude, a plane, to the drift. What does the error become?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# `np.column_stack` takes more columns. Subtract 51 and 10 degrees, so that numbers stay small.
# :::


# %% tags=["exercise"]
def columns(places):
    """Ones, height, latitude and longitude of places: (place, 4)."""
    return ...  # YOUR TURN


def rmse_with(drift):
    return rmse(kriged(stations, readings, targets, drift, model))


without_plane = rmse(answers["height as a drift"])
check(exercises.judge_plane, columns, rmse_with, without_plane)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: next to nothing changes. Between stations the neighbours already say where the gradient leads.
def plane(places):
    position = [places.latitude - 51, places.longitude - 10]
    return np.column_stack([np.ones(len(places)), places.height / 1e3, *position])


check(exercises.judge_plane, plane, rmse_with, without_plane)

# %% [markdown]
# :::{admonition} Exercise 5 · Write · 10 minutes · one line
# :name: exercise-kriging-blocks
# A left-out station often has another near it, a village rarely has. Leave out, with each station, all that are within
# 50 km of it. How much does the error grow, and does the standard deviation follow? Noon of each day is enough.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# `apart_km[station]` holds the distances of all stations to this one, its own being 0.
# :::

# %% tags=["exercise"]
apart_km = great_circle(stations, stations)


def kept(station):
    """(station,) true where a station may be used when this one is left out."""
    return apart_km[station] > 0  # YOUR TURN


def left_out(rule):  # RMSE and standard deviation, K
    found = []
    for i in range(len(stations)):
        near = rule(i)
        asked = readings[12::24, near], stations[[i]]
        found.append(kriged(stations[near], *asked, level_and_height, model))
    mean, std = np.array(found)[..., 0].swapaxes(0, 1)
    apart_by = mean - readings[12::24].T
    return np.sqrt(np.nanmean(apart_by**2)), np.sqrt(np.mean(std**2))


check(exercises.judge_blocks, kept, apart_km, left_out)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the error grows, and the standard deviation knows it: it is told the distances.
def far_enough(station):
    return apart_km[station] > 50


check(exercises.judge_blocks, far_enough, apart_km, left_out)

# %% [markdown]
# ## Summary
#
# - A variogram is half the mean squared difference of pairs by distance. Here its first hundred kilometres matter, and its sill does not.
# - Weights that sum to one are unbiased, and a Lagrange multiplier finds the best of these. A column for heights adds a
#   drift: every hour finds its lapse rate. A background of the hour, where there is one, is worth more, if the
#   departures have a drift too.
# - The standard deviation depends on where stations are, not on what they read. Leave-one-out tests it with one inverse
#   an hour, and mends it hour by hour where a factor for the hour of the day does not suffice.
#
# **Not shown:** variograms that depend on direction, terrain or weather; moving neighbourhoods for thousands of stations; temperatures
# that are not Gaussian; real readings, which {doc}`/notebooks/real_data` interpolates.
#
# **Next:** {doc}`/notebooks/own_convcnp` writes a network that learns to predict from readings. More on kriging: {cite:t}`chiles2012`.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that the standard deviation is large where readings disagree. If time is short,
# skip the background. Exercise 1 needs one number.
# :::

# %% tags=["hide-input"]
print(
    f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}; synthetic data"
)

# %% tags=["remove-cell", "claims"]
from sparseobs.runs.claims import say_which_hold

exact = {name: rmse(one) for name, one in answers.items()}
by_hours = {
    part: [round(rmse(one, hours), 2) for one in list(answers.values())[1:]]
    for part, hours in when.items()
}
nights = slice(96, 144), slice(168, 216)  # of the hours
scores = judged.round(2)
close = variogram["distance (km)"] < 100
night, afternoon = (
    kriging.fitted(*kriging.semivariances(stations, rest[clock // 6 == part]))
    for part in (0, 2)
)
say_which_hold(
    {
        "the factors of the hours": lambda: (
            (round(factor.min(), 2), round(factor.max(), 2)) == (0.59, 2.58)
        ),
        "half the stations: less than sqrt 2, and said": lambda: (
            1.05 < halved[50][0] / halved[100][0] < 1.3
            and abs(halved[50][1] / halved[50][0] - 1) < 0.15
        ),
        "at night both grow, the rise more": lambda: (
            0.1
            < night.nugget - afternoon.nugget
            < 0.5 * (gamma(100.0, night) - gamma(100.0, afternoon))
        ),
        "a plane changes nothing": lambda: (
            abs(rmse_with(plane) - exact["height as a drift"]) < 0.005
        ),
        "without neighbours the error grows, and is said": lambda: np.greater(
            left_out(far_enough), np.multiply(1.05, left_out(kept))
        ).all(),
        "the map errs by less than 1 K": lambda: np.sqrt(np.mean(everywhere**2)) < 1,
        "five stations 1.69 and 2.16 K, a hundred 0.97 and 1.21 K": lambda: (
            [
                round(one, 2)
                for n in (5, 100)
                for one in (by_number[n].rmse, by_number[n].said)
            ]
            == [1.69, 2.16, 0.97, 1.21]
        ),
        "365 pairs within 100 km": lambda: variogram["pairs"][close].sum() == 365,
        "nugget, sill and range": lambda: (
            (round(model.nugget, 2), round(model.sill)) == (0.68, 25)
            and abs(3 * model.len_scale - 5100) < 50
        ),
        "one hour rises by 1.7 K²": lambda: (
            round(np.ptp(variogram["one hour (K²)"].iloc[[0, -1]]), 1) == 1.7
        ),
        "weights half way": lambda: (
            np.allclose(at_90["nugget as fitted"], [0.14, 0.38, 0.48], atol=0.005)
            and np.allclose(at_90["no nugget"], [0, 0.5, 0.5], atol=0.01)
        ),
        "lapse rates are off by 0.66 and 2.29": lambda: (
            off["other hours"].round(2).tolist() == [0.66, 2.29]
        ),
        "two nights below zero, the twin's above 4": lambda: (
            [round(rate[night].min(), 1) for night in nights] == [-1.6, -2.8]
            and min(world.lapse_rates[rate < 0]) > 4
        ),
        "weak lapse rates": lambda: (
            weak.sum() == 53
            and by_hours["weak lapse rate"] == [2.09, 1.47, 1.81, 1.76, 1.27]
        ),
        "other hours": lambda: by_hours["other hours"] == [1.02, 0.93, 1.16, 0.77, 0.7],
        "with a drift 0.86 K, the least": lambda: (
            round(exact["the same with a drift"], 2)
            == 0.86
            == round(min(exact.values()), 2)
        ),
        "departures' nugget and sill": lambda: (
            (round(nugget, 2), round(sill, 2)) == (0.50, 1.99)
        ),
        "93 % covered": lambda: round(np.nanmean(inside), 2) == 0.93,
        "said and came": lambda: (
            by_clock["said"].round(1).eq(1.2).all()
            and by_clock["came"].round(2)[[21, 9]].tolist() == [1.69, 0.98]
        ),
        "coverage": lambda: (
            scores["coverage, all hours"].tolist()[:2] == [0.94, 0.69]
            and scores["coverage, all hours"].iloc[3] == 0.92
            and scores["coverage, weak lapse rate"].iloc[[0, 2, 3]].tolist()
            == [0.86, 0.87, 0.93]
        ),
        "NLL falls": lambda: (
            judged["nll"].iloc[[0, 3]].round(2).tolist() == [1.48, 1.41]
        ),
    }
)
