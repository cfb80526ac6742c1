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
# (one-number)=
# # One number, two sources
#
# :::{admonition} On this page
# **You will be able to** combine a forecast and a reading by Bayes' rule, write a Kalman filter for one number, and
# notice when it is given a wrong variance.
#
# **You need** mean, variance, covariance, the normal distribution, and enough numpy to read a loop. Nothing of data
# assimilation; {doc}`/book/notation` lists the symbols.
#
# **Time** 25 minutes to read, a few seconds to run at `lesson` size, 35 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic: the temperatures are made up.
# :::
#
# Yesterday's forecast for noon was 12 °C. At noon a thermometer reads 15 °C. Forecasts are off by about 2 K, and this
# thermometer by about 1 K. How warm is it, and how sure are we?

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
# `.venv/bin/papermill notebooks/one_number.ipynb out.ipynb -p reading_variance 4`

# %% tags=["parameters"]
import os

# smoke, lesson (both seconds) or paper (half a minute)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number, 0 or more: weather, readings and particles follow from it
forecast_mean = 12.0  # degC, -60 to 60
forecast_variance = 4.0  # K², 0.01 to 100
reading = 15.0  # degC, -60 to 60
reading_variance = 1.0  # K², 0.01 to 100
memory = 0.9  # share of a departure that is left a cycle later, 0 to 0.99
model_variance = 1.0  # K², 0.01 to 100: of what a cycle adds to the departure

# %% tags=["hide-input"]
import numpy as np
import pandas as pd
from sparseobs.figures import style
from sparseobs.randomness import numpy_stream
from sparseobs.runs import claims, settings
from sparseobs_book.checking import check
from sparseobs_book.one_number import exercises
from sparseobs_book.one_number import figures as draw
from sparseobs_book.one_number import run as one_number

style.use()
page = settings.resolve(
    one_number.PRESETS,
    preset,
    seed=seed,
    forecast_mean=forecast_mean,
    forecast_variance=forecast_variance,
    reading=reading,
    reading_variance=reading_variance,
    memory=memory,
    model_variance=model_variance,
)
print(settings.describe(page))

# %% [markdown]
# ## The result first

# %% mystnb={"figure": {"caption": "What is believed of one temperature: by the forecast alone, by the reading alone, and by both together. Each curve is a normal density.", "name": "fig-one-bayes"}, "image": {"alt": "Three bell curves over temperature."}}
xf, P = page.forecast_mean, page.forecast_variance  # °C, K²
y, R = page.reading, page.reading_variance  # the letters of the next section
draw.moving_bayes(xf, P, y, R)

# %% [markdown]
# {numref}`fig-one-bayes` has the answer: about 14.4 °C, give or take 0.9 K. It lies between the two sources, nearer
# to the better one, and its uncertainty is smaller than either's. Move the sliders: a variance of 9 K² makes a source
# nearly worthless. The rest of this page derives this curve, repeats it over time, and shows what wrong numbers do to it.
#
# ## Bayes' rule
#
# The truth is $x$, the reading is $y$. What is believed of $x$ before the reading is used is the **prior**, a density
# $p(x)$. Here it is the forecast: normal, or *Gaussian*, with mean $x^f$ ($f$ for forecast) and variance $P$.
#
# The reading's error is normal, with mean zero and variance $R$, and independent of the forecast's. If the truth were
# $x$, the probability density of reading $y$ would be $p(y \mid x)$. The reading is known and the truth is not, so we
# look at this as a function of $x$: the **likelihood**.
#
# What is believed of $x$ afterwards is the **posterior**, $p(x \mid y)$. *Bayes' rule* says how it follows from the two
# {cite:p}`wikle2007`:
#
# $$p(x \mid y) = \frac{p(y \mid x)\,p(x)}{p(y)} .$$
#
# The denominator does not depend on $x$. It only makes the area under the curve one. So multiply the two curves and
# divide by the area. On a fine grid of temperatures (the logarithm makes the product a sum):

# %%
x = np.linspace(-150, 150, 60_001)  # degC


def by_grid(reading):  # posterior mean and variance, from the two curves alone
    log_prior = -((x - xf) ** 2) / (2 * P)
    log_likelihood = -((reading - x) ** 2) / (2 * R)
    product = log_prior + log_likelihood
    posterior = np.exp(product - product.max())
    posterior = posterior / posterior.sum()
    mean = posterior @ x
    return mean, posterior @ (x - mean) ** 2


grid_mean, grid_variance = by_grid(y)
print(f"mean {grid_mean:.3f} °C, standard deviation {grid_variance**0.5:.3f} K")

# %% [markdown]
# ## The product of two Gaussians
#
# For normal densities no grid is needed. Minus twice the logarithm of the product is a sum of two parabolas, and a sum of
# parabolas is a parabola. We complete the square; the dots do not depend on $x$.
#
# $$\begin{aligned}
# -2 \ln p(x \mid y) &= \frac{(x - x^f)^2}{P} + \frac{(y - x)^2}{R} + \dots \\
# &= \Big(\frac1P + \frac1R\Big)\,x^2 - 2\,\Big(\frac{x^f}{P} + \frac{y}{R}\Big)\,x + \dots \\
# &= \frac{(x - x^a)^2}{P^a} + \dots
# \end{aligned}$$
#
# The posterior is therefore normal. Comparing the factors of $x^2$ and of $x$ gives its variance $P^a$ and its mean
# $x^a$:
#
# $$\frac{1}{P^a} = \frac1P + \frac1R, \qquad x^a = P^a\,\Big(\frac{x^f}{P} + \frac{y}{R}\Big) .$$
#
# One over a variance is a *precision*. Precisions add, and the mean is weighted by them. As $P^a = PR/(P + R)$, both
# can be written with one number, the *gain* $K$ {cite:p}`kalman1960`:
#
# $$\begin{gathered}K = \frac{P}{P + R}, \\
# x^a = x^f + K\,(y - x^f), \qquad P^a = (1 - K)\,P .\end{gathered}$$
#
# The posterior mean $x^a$ is called the **analysis**. The difference $d = y - x^f$ between the reading and its
# forecast is the *innovation*. The estimate moves by the share $K$ of the innovation, and the share $K$ of the
# variance is gone.

# %%
K = P / (P + R)
analysis = xf + K * (y - xf)
analysis_variance = (1 - K) * P
print(f"gain {K:.2f}, innovation {y - xf:.1f} K")
print(f"analysis {analysis:.2f} °C, standard deviation {analysis_variance**0.5:.2f} K")
grid_gap = max(abs(grid_mean - analysis), abs(grid_variance - analysis_variance))
print(f"largest difference from the grid: {grid_gap:.0e}")

# %% [markdown]
# The reading's variance is a quarter of the forecast's, so its weight is four times as large: 0.8 against 0.2. A perfect
# instrument, $R = 0$, has $K = 1$, and the forecast no longer counts. A useless one, $R \to \infty$, has $K = 0$.
#
# This is the exact posterior if both errors are normal. If only their variances are known, the weighted mean with
# this $K$ still has the smallest error variance of all weighted means.
#
# :::{admonition} Check yourself: two thermometers read at once. In which order should they be used?
# :class: dropdown
# In any order. The posterior after the first is the prior of the second, precisions are added, and a sum does not
# depend on the order.
# :::
#
# ## Forecast, analysis, forecast
#
# A *filter* repeats this: a forecast and an analysis are a *cycle*. It needs a model that takes the analysis to the
# next reading. Now let $x_t$ be the departure of the temperature from what is usual in the season, in cycle $t$. A
# cycle later the share $a$ of it is left, and the weather adds something new, $\eta_t$, normal with mean zero and
# variance $Q$:
#
# $$x_{t+1} = a\,x_t + \eta_t, \qquad y_t = x_t + \varepsilon_t .$$
#
# A series that keeps a share of its last value is an *autoregressive process* of order one, AR(1). In the long run
# its variance, the *climate*'s, is $Q/(1 - a^2)$: of it $a^2$ is left, and $Q$ is added. The errors $\varepsilon_t$
# of the readings have the variance $R$. A truth and its readings:

# %%
a, Q = page.memory, page.model_variance
climate = Q / (1 - a**2)  # K², the variance of departures when nothing is read


def weather(n_cycles, random):  # truth and readings, K
    added = np.sqrt(Q) * random.normal(size=n_cycles)
    truth, now = np.empty(n_cycles), np.sqrt(climate) * random.normal()
    for t in range(n_cycles):
        truth[t] = now = a * now + added[t]
    return truth, truth + np.sqrt(R) * random.normal(size=n_cycles)


truth, readings = weather(page.n_cycles, numpy_stream(page.seed, "weather"))

# %% [markdown]
# The model also takes the variance along. The error of the analysis is multiplied by $a$, so its variance by $a^2$,
# and the new weather adds $Q$. Forecast and analysis in turn are the *Kalman filter*. Two numbers are printed: the *root
# mean square error* (RMSE) of the analysis, and its *spread*, the standard deviation that the filter claims.


# %%
def kalman(readings, R):  # of forecast and analysis: mean, variance, cycle by cycle
    mean, variance, kept = 0.0, climate, []
    for reading in readings:
        ahead, wider = a * mean, a**2 * variance + Q  # forecast
        K = wider / (wider + R)
        mean, variance = ahead + K * (reading - ahead), (1 - K) * wider  # analysis
        kept.append((ahead, wider, mean, variance))
    return np.array(kept).T


_, forecast_var, estimate, estimate_var = kalman(readings, R)
rmse = np.sqrt(np.mean((estimate - truth) ** 2))
print(f"RMSE {rmse:.2f} K, spread {np.sqrt(estimate_var.mean()):.2f} K")
print(f"the readings alone: {np.sqrt(np.mean((readings - truth) ** 2)):.2f} K")

# %% mystnb={"figure": {"caption": "Above: a true departure from the usual temperature, its readings, and the analysis of a Kalman filter. Below: the absolute error of the analysis, and the spread, the standard deviation that the filter claims.", "name": "fig-one-cycle"}, "image": {"alt": "Two panels over fifty cycles. Above, the dashed analysis follows the black truth within a band of about one and a half kelvin to each side, closer than the scattered readings. Below, the error jumps between zero and two and a half while the spread is a flat line near 0.8."}}
figure = draw.filter_in_time(truth, readings, estimate, np.sqrt(estimate_var))

# %% [markdown]
# **What to see** in {numref}`fig-one-cycle`: the error differs from cycle to cycle, and the spread does not: it says
# how large errors are *on average*. Fifty cycles are too few to test that. Here are many more, in which RMSE and
# spread must agree.

# %%
long_truth, long_readings = weather(page.n_long, numpy_stream(page.seed, "long"))
_, _, long_mean, long_var = kalman(long_readings, R)
long_rmse = np.sqrt(np.mean((long_mean - long_truth) ** 2))
print(f"{page.n_long} cycles: RMSE {long_rmse:.3f} K", end=", ")
print(f"spread {np.sqrt(long_var.mean()):.3f} K")

# %% [markdown]
# The readings never enter the variance. It can be computed before the first of them comes, and it soon stays the
# same. The forecast's variance $P$ that stays solves the *Riccati equation* of this filter,
#
# $$P = a^2\,\frac{P\,R}{P + R} + Q .$$
#
# Put any number in on the right, take the left for the next one, and so on. This loop finds the solution:

# %%
steps = [climate]
for _ in range(12):
    steps.append(a**2 * steps[-1] * R / (steps[-1] + R) + Q)
print("P:", ", ".join(f"{step:.3f}" for step in steps[:7]), "... K²")
print(f"{steps[-1]:.6f} K² after twelve cycles, the filter has", end=" ")
print(f"{forecast_var[-1]:.6f} K²")

# %% [markdown]
# From the climate's 5.26 K² the variance falls to 1.48 K² and stays there, with a gain of 0.60. The better the model, the
# smaller are $Q$ and the gain.
#
# ## Break it, repair it
#
# All this needs the right $R$ and $Q$. What if the filter is told a wrong $R$? We tell it values from a 64th of the
# right one to 64 times as much, on the long series. Every third is shown, with what came and what the filter
# expected:

# %%
told = R * 2.0 ** np.arange(-6, 7)
rows = []
for value in told:
    ahead, wider, mean, variance = kalman(long_readings, value)
    rows.append(
        {
            "told (K²)": value,
            "RMSE (K)": np.sqrt(np.mean((mean - long_truth) ** 2)),
            "spread (K)": np.sqrt(variance.mean()),
            "innovations² (K²)": np.mean((long_readings - ahead) ** 2),
            "expected (K²)": np.mean(wider + value),
        }
    )
outcome = pd.DataFrame(rows).set_index("told (K²)")
outcome.iloc[::3].round(2)

# %% mystnb={"figure": {"caption": "Filters that are told other variances of the readings than the right one (dotted). Above: the RMSE of the analysis, and the spread. Below: the mean square of the innovations, and what each filter expects of it.", "name": "fig-one-told"}, "image": {"alt": "Two panels over the told variance on a logarithmic axis. Above, the true error has a shallow valley at the right variance while the claimed spread climbs from near zero to two; the curves cross at the right value. Below, on a logarithmic axis, the innovations stay between two and five while what is expected climbs from one to beyond sixty; they cross there too."}}
came, claimed, seen, expected = outcome.to_numpy().T
figure = draw.told(told, (came, claimed), (seen, expected), R)

# %% [markdown]
# **What to see** in {numref}`fig-one-told`: told too small a variance the filter is *overconfident*. It follows the
# noise, errs by 0.99 K and claims 0.12 K. Told too large a one it is *underconfident*. It hardly uses the readings,
# errs by 1.73 K and claims 1.98 K. Only at the right value are error and claim the same, and there the error is
# smallest.
#
# The upper panel needs the truth, the lower one does not. If a filter is *honest*, its variances right, its
# innovations have the mean square $P + R$: the errors of forecast and reading are independent. If they are larger,
# the filter is too sure. So multiply the told variance by the ratio of what came to what was expected, and repeat
# {cite:p}`desroziers2005`:

# %%
learned, path = R / 64, []
for _ in range(40):
    ahead, wider, _, _ = kalman(long_readings, learned)
    ratio = np.mean((long_readings - ahead) ** 2) / np.mean(wider + learned)
    path.append(learned)
    learned = learned * ratio
shown = ", ".join(f"{value:.3f}" for value in path[::5])
print(f"every fifth value: {shown}; at last {learned:.3f} K²")

# %% [markdown]
# From a 64th of the right value the filter finds it to a few per cent, from readings alone. But the innovations tell
# only a *sum* of variances. If $Q$ were wrong instead, the same loop would change $R$ all the same. To tell the two
# apart one must also look at the correlation of neighbouring innovations.
#
# ## Where the formula ends
#
# Bayes' rule holds for any prior. The Kalman formula is the posterior for Gaussian ones only. Here is a prior that is
# bent. The wind's speed is well known: 10 m/s, with a standard deviation of 0.5. Its direction is hardly known: east,
# with one of 40 degrees. An instrument reads the part of the wind that blows towards east: 6 m/s, give or take 0.5.
#
# Draw many winds from the prior, the *particles*, and give each a weight, the likelihood of the reading. That is
# Bayes' rule once more {cite:p}`vanleeuwen2009`.
#
# Beside it stands the Kalman formula for two numbers, one of them read. Each part of the wind has its own gain:
# its covariance with the part that is read, divided by that part's variance plus $R$. For the part that is read this
# is the $K$ from above; {doc}`/notebooks/two_numbers` derives the other.

# %%
random = numpy_stream(page.seed, "wind")
speed = random.normal(10, 0.5, page.n_particles)  # m/s
direction = np.radians(random.normal(0, 40, page.n_particles))  # from east
wind = np.stack([speed * np.cos(direction), speed * np.sin(direction)], axis=1)
eastward, eastward_var = 6.0, 0.5**2  # m/s, (m/s)²

weight = np.exp(-((eastward - wind[:, 0]) ** 2) / (2 * eastward_var))
drawn = random.choice(page.n_particles, 200, p=weight / weight.sum())

C = np.cov(wind.T)
gains = C[:, 0] / (C[0, 0] + eastward_var)
kalman_wind = wind.mean(0) + gains * (eastward - wind[:, 0].mean())
kalman_C = C - np.outer(gains, C[0])

# %% mystnb={"figure": {"caption": "Winds before a reading of their part towards east (dots), 200 draws of the posterior by Bayes' rule with particles (crosses), and the analysis of the Kalman formula: its mean (square) and two standard deviations (dashed).", "name": "fig-one-wind"}, "image": {"alt": "Scatter of winds on an arc like a banana. The posterior is two clusters of crosses at its upper and lower end. The Kalman formula's long ellipse lies between them, around a place in the hollow of the arc where there is no dot."}}
figure = draw.bent_prior(wind, wind[drawn], kalman_wind, kalman_C, eastward)

# %%
speeds = np.hypot(*wind[drawn].T)
print(f"speed: posterior {speeds.mean():.1f} m/s, Kalman's mean", end=" ")
print(f"{np.hypot(*kalman_wind):.1f} m/s")
print(f"posterior winds to the north: {np.mean(wind[drawn, 1] > 0):.0%}")

# %% [markdown]
# **What to see** in {numref}`fig-one-wind`: 6 m/s towards east at a speed of 10 leave 8 m/s, either to the north or
# to the south, and the posterior has both. The Kalman formula knows means and covariances only, and in this bent
# prior the two parts of the wind are hardly correlated. Its mean is a wind of some 6 m/s, which the prior had
# excluded.
#
# In large systems particles do not help, for nearly all their weights soon are zero. This book stays with Gaussian
# formulas, and with networks that start from them. Where errors are large, the Gaussian formulas may fail as they do
# here.

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-one-surprise
# Suppose the thermometer had read ten kelvin more. Is the posterior variance then larger, smaller or the same? Write
# down `"grows"`, `"shrinks"` or `"stays"` before you run the cell.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Which letters does $(1 - K)\,P$ hold?
# :::

# %% tags=["exercise"]
prediction = ...  # YOUR TURN: "grows", "shrinks" or "stays"
check(exercises.surprise, prediction, by_grid(y)[1], by_grid(y + 10)[1])

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: it stays. Neither K nor P knows the reading. That is true of two Gaussians and
# of nothing else: other priors may get wider by a surprise.
check(exercises.surprise, "stays", by_grid(y)[1], by_grid(y + 10)[1])

# %% [markdown]
# :::{admonition} Exercise 2 · Derive · 10 minutes
# :name: exercise-one-weight
# Let the errors of forecast and reading go together, with covariance $C$. Which weight $w$ gives
# $(1 - w)\,x^f + w\,y$ the smallest error variance? Derive it on paper and type it in.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The variance is $(1 - w)^2 P + w^2 R + 2\,w\,(1 - w)\,C$. Its derivative with respect to $w$ is zero at the minimum.
# With $C = 0$ the weight has to be $K$.
# :::


# %% tags=["exercise"]
def my_weight(P, R, C):
    """Return the weight of the reading; variances P and R and covariance C in K²."""
    ...  # YOUR TURN


check(exercises.best_weight, my_weight)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: -(1 - w) P + w R + (1 - 2 w) C = 0 gives w (P + R - 2 C) = P - C. The
# denominator is the variance of the innovation.
def weight_with_covariance(P, R, C):
    return (P - C) / (P + R - 2 * C)


check(exercises.best_weight, weight_with_covariance)

# %% [markdown]
# :::{admonition} Exercise 3 · Write · 10 minutes · three lines
# :name: exercise-one-analysis
# A thermometer may read in another unit. Its reading is $y = h\,x + \varepsilon$ with a known factor $h$, 1.8 for
# departures in degrees Fahrenheit, and an error of variance $R$ in its own unit. Write the analysis step.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The forecast expects the reading $h\,x^f$, with variance $h^2 P + R$. The gain is the covariance of $x$ with the
# reading over that variance, and the share $K h$ of $P$ is gone.
# :::


# %% tags=["exercise"]
def my_analysis(mean, variance, reading, h, R):
    """Return the mean (K) and the variance (K²) of the analysis."""
    ...  # YOUR TURN: the gain, the mean, the variance


check(exercises.analysis_step, my_analysis)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the factor h stands wherever the forecast is held against the reading. With
# vectors it becomes the observation operator H of the next pages.
def analysis_in_another_unit(mean, variance, reading, h, R):
    K = variance * h / (h**2 * variance + R)
    return mean + K * (reading - h * mean), (1 - K * h) * variance


check(exercises.analysis_step, analysis_in_another_unit)

# %% [markdown]
# :::{admonition} Exercise 4 · Derive · 10 minutes
# :name: exercise-one-stationary
# Solve the Riccati equation: give the forecast's variance $P$ that repeats itself as a function of $a$, $Q$ and $R$.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Multiply by $P + R$. What is left is a quadratic equation in $P$, and one of its roots is negative.
# :::


# %% tags=["exercise"]
def my_variance(a, Q, R):
    """Return the variance of the forecast, K²; Q and R in K²."""
    ...  # YOUR TURN


check(exercises.stationary_variance, my_variance)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: P² + b P - Q R = 0 with b = (1 - a²) R - Q; the positive root. No reading was
# needed to say how well this filter will do.
def repeated_variance(a, Q, R):
    b = (1 - a**2) * R - Q
    return (-b + np.sqrt(b**2 + 4 * Q * R)) / 2


print(f"{repeated_variance(a, Q, R):.6f} K², the loop above had {steps[-1]:.6f} K²")
check(exercises.stationary_variance, repeated_variance)

# %% [markdown]
# ## Summary
#
# - Bayes' rule multiplies the prior, what was believed, by the likelihood, what the reading says. For Gaussians the
#   posterior has the weighted mean and the sum of the precisions.
# - A Kalman filter repeats this with a model in between. Its variance can be computed in advance.
# - A filter that is told wrong variances is too sure or not sure enough. Its innovations show it, without any truth.
#
# **Not shown:** a model that is not linear, and how to tell wrong $Q$ from wrong $R$.
#
# **Next:** {doc}`/notebooks/two_numbers` derives the gain for two numbers of which one is read.
# {doc}`/notebooks/chaos` has forty, and errors that grow by themselves.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that a reading far from the forecast makes the posterior wider; exercise 1 asks
# for it. If time is short, skip the wind. Exercises 2 and 4 suit the blackboard.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")

# %% tags=["remove-cell", "claims"]
claims.say_which_hold(
    {
        "14.4 degrees, give or take 0.9 K": lambda: (
            (round(analysis, 1), round(analysis_variance**0.5, 1)) == (14.4, 0.9)
        ),
        "the grid says the same": lambda: grid_gap < 1e-6,
        "the weights 0.8 and 0.2": lambda: abs(K - 0.8) < 1e-9,
        "the filter is better than its readings": lambda: (
            rmse < np.sqrt(np.mean((readings - truth) ** 2))
        ),
        "error and spread agree": lambda: (
            abs(long_rmse / np.sqrt(long_var.mean()) - 1) < 0.02
        ),
        "from 5.26 to 1.48, with a gain of 0.60": lambda: (
            (round(climate, 2), round(steps[-1], 2)) == (5.26, 1.48)
            and round(steps[-1] / (steps[-1] + R), 2) == 0.6
        ),
        "the loop finds the filter's variance": lambda: (
            abs(steps[-1] - forecast_var[-1]) < 1e-5
        ),
        "overconfident: 0.99 and 0.12": lambda: (
            (round(came[0], 2), round(claimed[0], 2)) == (0.99, 0.12)
        ),
        "underconfident: 1.73 and 1.98": lambda: (
            (round(came[-1], 2), round(claimed[-1], 2)) == (1.73, 1.98)
        ),
        "the error is smallest at the right value": lambda: came.argmin() == 6,
        "found again to a few per cent": lambda: abs(learned / R - 1) < 0.05,
        "8 m/s either to the north or to the south": lambda: (
            abs(np.abs(wind[drawn, 1]).mean() - 8) < 0.3
            and 0.35 < np.mean(wind[drawn, 1] > 0) < 0.65
        ),
        "speed: 10 by Bayes, some 6 by Kalman": lambda: (
            abs(speeds.mean() - 10) < 0.2 and abs(np.hypot(*kalman_wind) - 6) < 0.7
        ),
    }
)
