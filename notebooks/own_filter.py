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
# (own-filter)=
# # Write your own ensemble Kalman filter
#
# :::{admonition} On this page
# **You will be able to** write an ensemble Kalman filter in numpy, repair it by inflation and localization, and
# explain each line of the transform that moves its members.
#
# **You need** {doc}`/notebooks/one_number`, {doc}`/notebooks/chaos`, matrices and numpy; {doc}`/book/notation` lists
# the symbols.
#
# **Time** 35 minutes to read, half a minute to run at `lesson` size, 60 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic: the truth comes from the simulator.
# :::
#
# The Kalman filter of one number carries a mean and a variance. With forty numbers the variance becomes a matrix, and
# with a model that is not linear nobody can carry it exactly. An *ensemble* Kalman filter carries a handful of states
# instead, its *members* {cite:p}`evensen1994`. This page writes one with numpy alone.

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
# `.venv/bin/papermill notebooks/own_filter.ipynb out.ipynb -p ensemble_size 20`

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (half an hour)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number, 0 or more: truths, noise and first members follow from it
obs_error_std = 1.0  # standard deviation of the observation noise, 0.1 to 5
ensemble_size = 10  # members, 2 to 100
inflation = 1.1  # factor on the analysis anomalies, 1 to 2
perturbed_radius = 3.0  # localization radius with perturbed readings, 0.5 to 100 sites
radius = 4.0  # localization radius of the transform, 0.5 to 100 sites
n_cycles = None  # cycles scored, 2 or more (None: the preset's)

# %% tags=["hide-input"]
from functools import partial

import numpy as np
import pandas as pd
from sparseobs.figures import style
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.randomness import numpy_stream
from sparseobs.runs import claims, settings
from sparseobs_book.checking import check
from sparseobs_book.own_filter import exercises
from sparseobs_book.own_filter import figures as draw
from sparseobs_book.own_filter import run as own
from sparseobs_book.trained_filters.lorenz96 import CLIMATOLOGY

style.use()
page = settings.resolve(
    own.PRESETS,
    preset,
    seed=seed,
    obs_error_std=obs_error_std,
    ensemble_size=ensemble_size,
    inflation=inflation,
    perturbed_radius=perturbed_radius,
    radius=radius,
    n_cycles=n_cycles,
)
print(settings.describe(page))

# %% [markdown]
# ## The result first

# %% tags=["hide-input"] mystnb={"figure": {"caption": "One site of Lorenz-96 under the filter that this page builds, here the package's: ten members of the analysis, drawn from the climate at first, the truth, and the noisy readings of this site, one in four cycles.", "name": "fig-own-members"}, "image": {"alt": "Curves over six time units: ten thin lines start far apart, close up within one unit and from then on follow the thick black truth, with hollow circles of readings scattered about it."}}
figure = draw.followed(own.first_cycles(page))

# %% [markdown]
# {numref}`fig-own-members` shows where this page leads: ten members that know nothing of the truth at first find it
# from a few noisy readings, and stay with it. Their mean is the estimate, and their scatter says how sure it is.
#
# ## A world
#
# The model is Lorenz-96 with forty sites, as in {doc}`/notebooks/chaos`. Its slope is one line of numpy; a
# Runge-Kutta step makes a forecast of it. A cycle is two steps of 0.05 time units.


# %%
def slope(x):  # dx/dt of states (..., site)
    return (np.roll(x, -1, -1) - np.roll(x, 2, -1)) * np.roll(x, 1, -1) - x + 8.0


def forecast(x, n_cycles=1):
    for _ in range(2 * n_cycles):
        first = slope(x)
        second = slope(x + 0.025 * first)
        third = slope(x + 0.025 * second)
        fourth = slope(x + 0.05 * third)
        x = x + 0.05 / 6 * (first + 2 * second + 2 * third + fourth)
    return x


# %% [markdown]
# A *world* is a truth, its readings, and first members. These are states of the *climate*, which a free run of the
# model reaches by itself. Every fourth site is read, in the next cycle the sites one further: after four cycles each
# site has been read once.

# %%
m, sigma, n_sites = page.ensemble_size, page.obs_error_std, own.N_SITES
length = page.burn_in + page.n_cycles  # cycles, of which the first are not scored


def world(random):  # truth and readings (cycle, site), members (member, site)
    start = 8 + random.normal(size=(1 + m, n_sites))
    states = forecast(start, 400)  # forty time units later the start is forgotten
    truth = np.empty((length, n_sites))
    for t in range(length):
        truth[t] = forecast(truth[t - 1] if t else states[0])
    return truth, truth + sigma * random.normal(size=truth.shape), states[1:]


streams = [
    numpy_stream(page.seed, f"world {number}") for number in range(page.n_truths)
]
worlds = [world(stream) for stream in streams]
states = worlds[0][2]
model_gap = np.abs(forecast(states) - own.model_by_package(states)).max()
print(f"largest difference from the package's model: {model_gap:.0e}")

# %% [markdown]
# ## The loop
#
# All filters of this page share one loop: forecast every member, read, analyse. Only the analysis is missing. It is a
# function that takes the members, the readings `y` and the sites `seen`, and returns members.


# %%
def run(analysis, world):  # error of the mean and spread, (2, cycle)
    truth, readings, members = world
    found = np.full((2, len(truth)), np.nan)
    for t in range(len(truth)):
        members = forecast(members)
        if not np.abs(members).max() < 1000:  # blown up
            break
        seen = np.arange(t % 4, n_sites, 4)
        members = analysis(members, readings[t, seen], seen)
        found[0, t] = np.sqrt(np.mean((members.mean(0) - truth[t]) ** 2))
        found[1, t] = np.sqrt(members.var(0, ddof=1).mean())
    return found


# %% [markdown]
# ## Three members and one reading
#
# What should the analysis do with the members? Take one number first, with three members as forecasts. The sample
# variance of $m$ members is $P$, with the divisor $m - 1$, for the mean is taken from the same sample. The gain is
# $K = P/(P + R)$, as in {doc}`/notebooks/one_number`; $R$ is the variance of the noise. If each member $x_i$ moves by
# $K\,(y - x_i)$, the new mean is right.
#
# The variance is not. All are pulled to the *same* reading, and end too close together (exercise 2 asks how close).
# The cure is to treat the members as possible truths. If a member were the truth, the reading would have had another
# error. So each gets a reading of its own, *perturbed* by a draw $\varepsilon_i$ of the observation noise
# {cite:p}`burgers1998`:
#
# $$x_i^a = x_i^f + K\,(y + \varepsilon_i - x_i^f) .$$

# %%
random = numpy_stream(page.seed, "three members")
three, y_one, R_one = np.array([3.0, 4.0, 5.0]), 6.0, 1.0
K_one = three.var(ddof=1) / (three.var(ddof=1) + R_one)
own_readings = y_one + np.sqrt(R_one) * random.normal(size=3)
columns = {"forecast": three, "perturbed reading": own_readings}
columns["innovation"] = own_readings - three
columns["analysis"] = three + K_one * (own_readings - three)
pd.DataFrame(columns, index=["member 1", "member 2", "member 3"]).round(2)

# %% [markdown]
# Three members are too few to see a variance. With a hundred thousand of the same mean and variance, $P = R = 1$,
# Bayes' rule wants the variance $(1 - K)\,P = 0.5$:

# %%
crowd = 4 + random.normal(size=100_000)
alike = crowd + K_one * (y_one - crowd)
perturbed = crowd + K_one * (y_one + random.normal(size=len(crowd)) - crowd)
print(f"one reading for all: mean {alike.mean():.2f}, variance {alike.var():.2f}")
print(f"perturbed readings:  mean {perturbed.mean():.2f}, variance", end=" ")
print(f"{perturbed.var():.2f}")

# %% [markdown]
# ## Forty sites
#
# Now $x$ is a vector. $H$ picks the sites that are seen. The rows of $X$ are the members' deviations from their mean,
# the *anomalies*; those of $Y = XH^\top$ are the part of them that is seen. (Many texts write members as columns.)
# The sample covariance and the gain are
#
# $$\begin{gathered}P = \frac{X^\top X}{m - 1}, \\
# K = P H^\top \big(H P H^\top + R\big)^{-1} .\end{gathered}$$
#
# {doc}`/notebooks/two_numbers` derives this gain for any number of sites and readings. $R$ is here $\sigma^2$, the
# noise variance, times the unit matrix $I$. $K$ is a matrix (site, reading): through the covariances in $P$ a reading
# also moves sites that were not seen. The factor `rho` on $P$ and the inflation are explained below; for now they are
# 1. The table has the RMSE on each truth, after the first cycles (NaN: the states blew up), and the mean spread of
# the members.


# %%
def enkf(members, y, seen, rho, inflation, random):
    X = members - members.mean(0)
    P = rho * (X.T @ X) / (len(X) - 1)
    S = P[np.ix_(seen, seen)] + sigma**2 * np.eye(len(seen))
    K = np.linalg.solve(S, P[seen]).T
    perturbed = y + sigma * random.normal(size=(len(X), len(seen)))
    analysis = members + (perturbed - members[:, seen]) @ K.T
    mean = analysis.mean(0)
    return mean + inflation * (analysis - mean)


def on_all_worlds(analysis, **numbers):
    noise = numpy_stream(page.seed, "perturbations")
    return [run(partial(analysis, random=noise, **numbers), each) for each in worlds]


runs = {"EnKF, bare": on_all_worlds(enkf, rho=1.0, inflation=1.0)}
own.scores(runs, page.burn_in).round(2)

# %% [markdown]
# It does not work. The climate's mean alone would err by 3.64. On some truths the filter
# errs by about five, on others it grows without bound. It claims 0.35.
#
# ## What ten members invent
#
# The formula is exact, but $P$ is a sample. To see what that does, make thousands of members around one state. Let
# the model run for four cycles, so that their errors are correlated as forecast errors are. Then compute the gain of
# a single reading at site 20, from all of them and from ensembles of our size.


# %%
def gain_of_one(members, site=20):  # (..., member, site) to (..., site)
    X = members - members.mean(-2, keepdims=True)
    P = np.einsum("...mk,...m->...k", X, X[..., site]) / (X.shape[-2] - 1)
    return P / (P[..., site, None] + sigma**2)


near = worlds[0][0][-1] + 0.5 * random.normal(size=(page.n_many, n_sites))
many = forecast(near, 4)
groups = many[: page.n_many // m * m].reshape(-1, m, n_sites)
exact, sampled = gain_of_one(many), gain_of_one(groups)

# %% mystnb={"figure": {"caption": "The gain of one reading at site 20: by how much it moves each site, for an innovation of one. From many members (black), from one ensemble of the page's size (dashed), and the range of 90 % of such ensembles (shaded).", "name": "fig-own-gain"}, "image": {"alt": "Gain against site: the black line swings up to 0.4 within some seven sites of site 20 and is zero elsewhere. The dashed line of one small ensemble swings by a quarter all around the ring, and the shaded range is as wide far from site 20 as close to it."}}
figure = draw.gains(exact, sampled, site=20)

# %%
far = np.abs(np.arange(n_sites) - 20) >= 12


def size(gains):  # root mean square at the far sites
    return np.sqrt(np.mean(gains[..., far] ** 2))


print(f"sites 12 or more away: {size(sampled):.3f} with {m} members,", end=" ")
print(f"{size(exact):.3f} with {page.n_many}")

# %% [markdown]
# **What to see** in {numref}`fig-own-gain`: half the ring away a reading says nothing, and the gain from many members
# is zero. Ten members show gains of some 0.25 there, of either sign. They come from *spurious correlations*, which
# have nothing to do with the system. These scatter around zero by $1/\sqrt{m - 1}$, whatever the distance.
#
# They do harm twice. Each reading adds noise to all forty sites. And it draws the members together everywhere, as if
# something had been learned there. After a few cycles the ensemble is so narrow that $K$ is small, and the filter
# hardly uses the readings.
#
# ## Inflation
#
# First remedy: give spread back. *Inflation* multiplies the anomalies of the analysis by a factor a little above one.

# %%
runs["EnKF, inflation alone"] = on_all_worlds(enkf, rho=1.0, inflation=page.inflation)
own.scores(runs, page.burn_in).round(2)

# %% [markdown]
# The factor 1.1 acts each cycle in all directions, also where no reading holds the
# members back. Inflation alone does not take the noise away.
#
# ## Localization
#
# Second remedy: give little weight to far covariances, for they are mostly noise. *Localization* multiplies each
# covariance by a weight $\rho$ that falls with the distance of the two sites: $P$ becomes $\rho \circ P$, entry by
# entry. The usual curve, the *taper*, is bell-shaped and made of polynomials {cite:p}`gaspari1999`. Its *radius*, in
# the sense of this book, is the distance at which the weight has fallen to about 0.6. At twice the radius it is 0.1,
# and it is zero from 3.64 radii on.


# %%
def apart(i, j):  # distance on the ring, sites
    one_way = np.abs(i - j) % n_sites
    return np.minimum(one_way, n_sites - one_way)


def taper(distance, radius):
    r = distance / (1.82 * radius)
    near = 1 - 5 / 3 * r**2 + 5 / 8 * r**3 + r**4 / 2 - r**5 / 4
    s = np.clip(r, 1, 2)  # for the outer half of the bell
    outer = 4 - 5 * s + 5 / 3 * s**2 + 5 / 8 * s**3 - s**4 / 2 + s**5 / 12
    weight = np.where(r <= 1, near, outer - 2 / (3 * s))
    return np.where(weight > 0.001, weight, 0)  # the rest is not worth computing


# %%
sites = np.arange(n_sites)
rho = taper(apart(sites[:, None], sites), page.perturbed_radius)
both = {"rho": rho, "inflation": page.inflation}
runs["EnKF"] = on_all_worlds(enkf, **both)
print(f"far sites: gain of {size(rho[20] * sampled):.3f} instead of", end=" ")
print(f"{size(sampled):.3f}")
own.scores(runs, page.burn_in).round(2)

# %% [markdown]
# With both remedies ten members follow every truth. The error is close to that of a single reading, though only a
# quarter of the sites is read at a time. Error and spread are alike: the filter knows how good it is.
#
# ## No noise in the analysis: the transform
#
# Perturbed readings are right on average, but with ten members the perturbations are a noise of their own. The
# members can be moved without chance. Their mean has to be the analysis, and their covariance $P^a = (I - KH)\,P$,
# which {doc}`/notebooks/two_numbers` derives.
#
# Put the sample covariance in. With $R = \sigma^2 I$, and $Y$ from now on divided by $\sigma\sqrt{m - 1}$, this is
# the first line below. The second has an inverse over members, not readings. To check this step, *Woodbury's
# identity*, multiply the bracket by $I + Y Y^\top$:
#
# $$\begin{aligned}
# P^a &= \frac{1}{m - 1}\,X^\top \big(I - Y (I + Y^\top Y)^{-1} Y^\top\big)\,X \\
# &= \frac{1}{m - 1}\,X^\top \big(I + Y Y^\top\big)^{-1} X .
# \end{aligned}$$
#
# So the anomalies $X^a = T X$ have this covariance if $T$ is the symmetric root of the inverse
# {cite:p}`bishop2001,hunt2007`:
#
# $$T = \big(I + Y Y^\top\big)^{-1/2} .$$
#
# For one number this is the factor $\sqrt{R/(P + R)}$, smaller than one, on each deviation. With $m$ members $T$ is
# an $m \times m$ matrix. The anomalies sum to zero over the members. Those of $TX$ still do, so $T$ does not move the
# mean.
#
# The mean's *increment*, by which the analysis moves it, is a mixture of anomalies too. With $d$ the innovation of
# the mean, also divided by $\sigma\sqrt{m - 1}$,
#
# $$\overline{x}^a - \overline{x}^f = X^\top w, \qquad w = \big(I + Y Y^\top\big)^{-1} Y d .$$
#
# *Local* means: every site has its own analysis, in which each reading has a weight. The weights stand between $Y$
# and what follows it: $I + Y \rho Y^\top$ and $Y \rho\,d$, with $\rho$ a diagonal matrix. The root of a symmetric
# matrix has the same eigenvectors, and the roots of the eigenvalues:


# %%
def scaled(members, y, seen, sigma):  # what is seen of the anomalies, and d
    scale = sigma * np.sqrt(len(members) - 1)
    mean = members.mean(0)
    return (members - mean)[:, seen] / scale, (y - mean[seen]) / scale


def mixture(Y, d, weight, inflation):  # of anomalies, (member, member)
    strength, direction = np.linalg.eigh((Y * weight) @ Y.T)
    strength = 1 + strength.clip(min=0)  # eigenvalues of I + Y Y'
    w = direction @ (direction.T @ (Y * weight) @ d / strength)
    T = (direction / np.sqrt(strength)) @ direction.T  # each column by its own root
    return w + inflation * T  # a row a member: w is added to each


# %% [markdown]
# `strength` says how much the readings tell of each direction that the members span. Where they tell nothing it is 1,
# and the direction is left as it is. The filter mixes the anomalies site by site:


# %%
def letkf(members, y, seen, radius, inflation, random=None):  # nothing is drawn
    Y, d = scaled(members, y, seen, sigma)
    mean = members.mean(0)
    X = members - mean
    analysis = np.empty_like(members)
    for site in range(n_sites):
        weight = taper(apart(seen, site), radius)
        mixed = mixture(Y, d, weight, inflation)
        analysis[:, site] = mean[site] + mixed @ X[:, site]
    return analysis


# %% [markdown]
# This is the *local ensemble transform Kalman filter*, LETKF. Two checks before it runs. Without localization and
# inflation the anomalies must have the covariance $(I - KH)\,P$. And the package's LETKF must give the same members.

# %%
seen = np.arange(0, n_sites, 4)
y = worlds[0][1][0, seen]
X = states - states.mean(0)
P = X.T @ X / (m - 1)
H = np.eye(n_sites)[seen]
K = P @ H.T @ np.linalg.inv(H @ P @ H.T + sigma**2 * np.eye(len(seen)))
Y, d = scaled(states, y, seen, sigma)
after = mixture(Y, d, np.ones(len(seen)), 1.0) @ X
covariance_gap = np.abs(np.cov(after.T) - (P - K @ H @ P)).max()
print(f"largest difference of covariances: {covariance_gap:.0e}")

ours = letkf(states, y, seen, page.radius, page.inflation)
tuning = LETKFSettings(page.inflation, page.radius)
letkf_gap = np.abs(ours - own.letkf_by_package(states, y, seen, sigma, tuning)).max()
print(f"largest difference from the package's LETKF: {letkf_gap:.0e}")

# %% [markdown]
# Both differences are rounding. Now all worlds:

# %%
numbers = {"radius": page.radius, "inflation": page.inflation}
runs["LETKF"] = on_all_worlds(letkf, **numbers)
scores = own.scores(runs, page.burn_in)
scores.round(2)

# %% mystnb={"figure": {"caption": "Analysis RMSE of the four filters of this page over time, on the first truth and from the same members of the climate. A cross: the states blew up.", "name": "fig-own-ladder"}, "image": {"alt": "Error over thirty time units: the bare filter and the one with inflation alone stay above climatology's line at 3.6, the latter ending in a cross; the EnKF with both remedies and LETKF fall below one within a few units and stay there, LETKF lowest."}}
figure = draw.errors({name: found[0] for name, found in runs.items()}, CLIMATOLOGY)

# %% [markdown]
# **What to see** in {numref}`fig-own-ladder` and the table: LETKF errs by 0.77 to 0.80 where perturbed readings err
# by about 1.0. The transform has no such noise, and therefore bears a larger radius, 4 instead of 3.
#
# ## Break it, repair it
#
# Take one remedy away from LETKF, then the other. Without localization every reading counts fully everywhere.

# %%
broken = {
    "LETKF": runs["LETKF"],
    "LETKF, no inflation": on_all_worlds(letkf, radius=page.radius, inflation=1.0),
    "LETKF, no localization": on_all_worlds(
        letkf, radius=1e6, inflation=page.inflation
    ),
}
broken_scores = own.scores(broken, page.burn_in)
broken_scores.round(2)

# %% mystnb={"figure": {"caption": "LETKF as it is, without inflation and without localization, on the first truth. Above: the error of the analysis; below: the spread, which is what the filter claims. A cross: the states blew up.", "name": "fig-own-break"}, "image": {"alt": "Two panels over thirty time units. LETKF's error and spread settle near one. Without inflation the error climbs to five while the spread stays near 0.6. Without localization the error stays above climatology's and ends in a cross after some ten units, with a spread of about one."}}
figure = draw.errors_and_spreads(
    {name: found[0] for name, found in broken.items()}, 2 * CLIMATOLOGY
)

# %% [markdown]
# **What to see** in {numref}`fig-own-break`: without inflation the filter is sure of itself and wrong. Of the two
# panels only the error shows it, which needs a truth. Without localization it never finds the truth, and blows up
# sooner or later. The repair, both remedies, is in the first row of the table. How both numbers are tuned, and how
# innovations warn, is the subject of {doc}`/notebooks/classical_filters`.

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Write · 15 minutes · five lines
# :name: exercise-own-perturbed
# The page's `enkf` reads single sites, with a noise that is the same everywhere. Write the members' update with
# perturbed readings for any matrix $H$ and any noise covariance $R$.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Without a taper the products suffice: with $Y = XH^\top$ the gain is $X^\top Y\,(Y^\top Y + (m - 1) R)^{-1}$.
# `random.multivariate_normal(mean, covariance, size)` draws perturbations with that covariance.
# :::


# %% tags=["exercise"]
def my_update(members, y, H, R, random):
    """Return the analysis, as members (member, n).

    y (reading,); H (reading, n); R (reading, reading); random: numpy's generator.
    """
    ...  # YOUR TURN


check(exercises.perturbed_update, my_update)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: every member has a perturbation of its own, drawn with the covariance R. The
# judge holds 40,000 members against the exact Kalman analysis.
def update_any(members, y, H, R, random):
    X = members - members.mean(0)
    Y = X @ H.T
    K = X.T @ Y @ np.linalg.inv(Y.T @ Y + (len(members) - 1) * R)
    noise = random.multivariate_normal(np.zeros(len(y)), R, len(members))
    return members + (y + noise - members @ H.T) @ K.T


check(exercises.perturbed_update, update_any)

# %% [markdown]
# :::{admonition} Exercise 2 · Derive · 10 minutes
# :name: exercise-own-unperturbed
# One number: all members get the same reading, $x_i^a = x_i^f + K\,(y - x_i^f)$. Which variance do they have then?
# Type it as a function of $P$ and $R$.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Subtract the mean of all members from both sides. The reading drops out.
# :::


# %% tags=["exercise"]
def my_spread(P, R):
    """Return the variance of the members after the analysis."""
    ...  # YOUR TURN


check(exercises.unperturbed_variance, my_spread)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: each deviation is multiplied by 1 - K, the variance by its square. Bayes' rule
# wants (1 - K) P. What is missing is K² R, which the perturbations add:
# (1 - K)² P + K² R = (1 - K) P.
def spread_without_noise(P, R):
    return (1 - P / (P + R)) ** 2 * P


check(exercises.unperturbed_variance, spread_without_noise)

# %% [markdown]
# :::{admonition} Exercise 3 · Write · 15 minutes · five lines
# :name: exercise-own-taper
# An instrument may read between the sites: the mean of sites 4 and 5 lies at place 4.5. Write a gain that tapers the
# covariance of site with reading, and of reading with reading, by the distance of their places.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# `apart(sites[:, None], places)` holds the distances of all sites to all readings. `taper` makes weights of
# distances. Both sample covariances, $X^\top Y$ and $Y^\top Y$, are over $m - 1$.
# :::


# %% tags=["exercise"]
def my_gain(members, H, places, R, radius):
    """Return the gain (site, reading).

    members (member, site); H (reading, site); places (reading,); R (reading, reading).
    """
    ...  # YOUR TURN


check(exercises.localized_gain, my_gain)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: two tapers, for both covariances are samples. Tapering the finished gain is
# not the same: the inverse would still mix readings of the whole ring.
def gain_between_sites(members, H, places, R, radius):
    X = members - members.mean(0)
    Y = X @ H.T
    XY = taper(apart(sites[:, None], places), radius) * (X.T @ Y) / (len(X) - 1)
    YY = taper(apart(places[:, None], places), radius) * (Y.T @ Y) / (len(X) - 1)
    return XY @ np.linalg.inv(YY + R)


check(exercises.localized_gain, gain_between_sites)

# %% [markdown]
# :::{admonition} Exercise 4 · Write · 20 minutes · ten lines
# :name: exercise-own-smoother
# `mixture` says how members are to be mixed. The members of now are those of three cycles ago, run by the model. So
# find the mixture from what is read *now*, mix the members of *then*, and run the model again. This is a *smoother*,
# used as a filter {cite:p}`evensen2000`. Take a radius of 4. Yours is run for 200 cycles with ten members and noise
# 1; the error has to be below 0.72.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Forecast the past by one cycle: it is then three cycles old. Forecast that by three: that is now. `scaled` takes the
# members of now. The loop over sites is LETKF's, with mean and anomalies of the past. An inflation of 1.05 is enough,
# for less spread is lost.
# :::


# %% tags=["exercise"]
def my_smoother(past, y, seen):
    """Return the corrected members three cycles before the reading, and those of now.

    past (member, site): the members four cycles before the reading; y, seen (reading,).
    """
    ...  # YOUR TURN


check(exercises.lagged_smoother, my_smoother)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: LETKF with the anomalies of the past. The update is linear then, and what comes
# after it is the model itself, which is why the error is smaller.
def smoother(past, y, seen):
    past = forecast(past)
    Y, d = scaled(forecast(past, 3), y, seen, 1.0)
    mean, corrected = past.mean(0), np.empty_like(past)
    for site in range(n_sites):
        mixed = mixture(Y, d, taper(apart(seen, site), 4.0), 1.05)
        corrected[:, site] = mean[site] + mixed @ (past - mean)[:, site]
    return corrected, forecast(corrected, 3)


check(exercises.lagged_smoother, smoother)

# %% [markdown]
# ## Summary
#
# - An ensemble Kalman filter is a loop of forecast and analysis, with covariances taken from the members.
# - Few members invent correlations with far sites and grow too sure. Localization mends the first fault, inflation
#   the second.
# - The transform moves the members without noise. Its matrix mixes anomalies, also those of an earlier time.
#
# **Not shown:** how to choose inflation and radius ({doc}`/notebooks/classical_filters`), a model that is wrong, and
# observations that depend on many sites in a non-linear way.
#
# **Next:** {doc}`/notebooks/classical_filters` tunes this filter and learns to see when it fails.
# {doc}`/notebooks/start_from_kalman` begins where exercise 4 ends.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that perturbed readings add information; they only keep the members apart. If time is
# short, give exercise 3 as homework. Exercise 4 makes a good end: its error is lower than that of the tuned filter.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")

# %% tags=["remove-cell", "claims"]
truths = [column for column in scores if column.startswith("truth")]
errors, breaks = scores[truths], broken_scores[truths]
claims.say_which_hold(
    {
        "the model and LETKF are the package's": lambda: (
            max(model_gap, letkf_gap) < 1e-11
        ),
        "the transform has the covariance asked for": lambda: covariance_gap < 1e-10,
        "without and with perturbations: 0.25 and 0.5": lambda: (
            abs(alike.var() - 0.25) < 0.01 and abs(perturbed.var() - 0.5) < 0.01
        ),
        "the bare filter errs by about five, or grows, and claims 0.35": lambda: (
            errors.loc["EnKF, bare"].dropna().between(4.5, 5.6).all()
            and abs(scores["spread"]["EnKF, bare"] - 0.35) < 0.02
        ),
        "climatology of 3.64": lambda: round(CLIMATOLOGY, 2) == 3.64,
        "weights of about 0.6, 0.1 and 0 at 1, 2 and 3.64 radii": lambda: (
            taper(np.array([1.0, 2.0, 3.64]), 1.0).round(1).tolist() == [0.6, 0.1, 0.0]
        ),
        "far gains of 0.25": lambda: round(size(sampled), 2) == 0.25,
        "inflation alone blows up": lambda: (
            errors.loc["EnKF, inflation alone"].isna().any()
            and not (errors.loc["EnKF, inflation alone"] < 3.6).any()
        ),
        "with both it follows every truth, honestly": lambda: (
            errors.loc["EnKF"].max() < 1.2
            and abs(scores["spread"]["EnKF"] / errors.loc["EnKF"].mean() - 1) < 0.2
        ),
        "LETKF errs by 0.77 to 0.80": lambda: (
            errors.loc["LETKF"].round(2).agg(["min", "max"]).tolist() == [0.77, 0.80]
        ),
        "without localization it blows up": lambda: (
            breaks.loc["LETKF, no localization"].isna().all()
        ),
        "without localization it never finds the truth": lambda: all(
            np.nanmean(found[0, 10:]) > CLIMATOLOGY
            for found in broken["LETKF, no localization"]
            if np.isfinite(found[0, 10])
        ),
        "without inflation sure and wrong": lambda: (
            np.nanmax(broken["LETKF, no inflation"][0][0]) > 4
            and broken["LETKF, no inflation"][0][1, page.burn_in :].mean() < 0.8
        ),
        "the smoother is below 0.72": lambda: (
            exercises.smoother_errors(smoother)[exercises.SETTLING :].mean() < 0.68
        ),
    }
)
