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
# (two-numbers)=
# # Two numbers, one reading
#
# :::{admonition} On this page
# **You will be able to** update two numbers when one of them is read, derive the Kalman gain as a matrix, and say when
# a linear filter settles.
#
# **You need** {doc}`/notebooks/one_number`, products and inverses of matrices, and numpy; {doc}`/book/notation` lists
# the symbols.
#
# **Time** 25 minutes to read, a few seconds to run at `lesson` size, 25 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic: there is no buoy.
# :::
#
# A buoy drifts along a straight channel. Once an hour a satellite reads its position. Nothing reads its speed. Still,
# each reading of the position corrects the speed as well. This page derives by how much.

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
# `.venv/bin/papermill notebooks/two_numbers.ipynb out.ipynb -p correlation 0`

# %% tags=["parameters"]
import os

# smoke, lesson (both seconds) or paper (half a minute)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number, 0 or more: the drift and the readings' errors follow from it
position_variance = 4.0  # of the forecast, km², 0.1 to 10
speed_variance = 1.0  # of the forecast, (km/h)², 0.1 to 10
correlation = 0.8  # of the forecast's two errors, -0.95 to 0.95
reading = 23.0  # of the position, km, 10 to 30
reading_variance = 1.0  # km², 0.1 to 10
memory = 0.9  # share of the speed that is left an hour later, 0 to 0.99
model_variance = 0.25  # of what an hour adds to the speed, (km/h)², 0.1 to 10

# %% tags=["hide-input"]
import numpy as np
import pandas as pd
from scipy.linalg import solve_discrete_are
from sparseobs.figures import style
from sparseobs.randomness import numpy_stream
from sparseobs.runs import claims, settings
from sparseobs_book.checking import check
from sparseobs_book.two_numbers import exercises
from sparseobs_book.two_numbers import figures as draw
from sparseobs_book.two_numbers import run as two_numbers

style.use()
page = settings.resolve(
    two_numbers.PRESETS,
    preset,
    seed=seed,
    position_variance=position_variance,
    speed_variance=speed_variance,
    correlation=correlation,
    reading=reading,
    reading_variance=reading_variance,
    memory=memory,
    model_variance=model_variance,
)
print(settings.describe(page))

# %% [markdown]
# ## The result first

# %% mystnb={"figure": {"caption": "What is believed of a buoy's position and speed: before the reading (prior), and after it (posterior). A cross is a mean. Each pair of ellipses is one and two standard deviations out. The reading, with a band of one standard deviation, says something of the position alone.", "name": "fig-two-bayes"}, "image": {"alt": "Ellipses in the plane of position and speed."}}
variances = np.array([page.position_variance, page.speed_variance])
xf = np.array([page.forecast_position, page.forecast_speed])  # km, km/h
y, R = np.array([page.reading]), np.array([[page.reading_variance]])  # km, km²
draw.moving_plane(xf, variances, page.correlation, page.reading, page.reading_variance)

# %% [markdown]
# The forecast says 20 km from the harbour and 1 km/h. The reading is 23 km. In {numref}`fig-two-bayes` the posterior
# has moved to 22.4 km, and its speed to 1.96 km/h. Both are surer than before. Move the slider to 0: now the reading
# leaves the speed alone. Below 0 it makes the speed *smaller*. The correlation of the forecast's errors decides.
#
# ## A covariance matrix
#
# The state $x$ is now a column of two numbers, the position $x_1$ and the speed $x_2$. The forecast $x^f$ errs in
# both. With two errors there are two variances, and one thing more: how the errors go together. All three stand in
# the *covariance matrix* ($\mathbb E$ is the mean over all errors that are possible)
#
# $$\begin{aligned}
# P &= \mathbb E\big[(x - x^f)(x - x^f)^\top\big] \\
# &= \begin{pmatrix} P_{11} & P_{12} \\ P_{12} & P_{22} \end{pmatrix} .
# \end{aligned}$$
#
# The variances are on the diagonal. $P_{12}$ is the mean product of the two errors, their *covariance*. Divided by
# both standard deviations it is the *correlation* $c = P_{12}/\sqrt{P_{11} P_{22}}$, between $-1$ and 1. Ours is 0.8:
# if the buoy is farther than thought, it is probably faster than thought.

# %%
c = page.correlation
P12 = c * np.sqrt(variances[0] * variances[1])
P = np.array([[variances[0], P12], [P12, variances[1]]])
print(P)
print(f"speed for each km of position: {P12 / variances[0]:.2f} km/h")

# %% [markdown]
# The Gaussian density of one number has the exponent $-(x - x^f)^2/2P$. With two numbers the division becomes an inverse
# matrix. The sign $\propto$ means: equal up to a factor that does not depend on $x$.
#
# $$p(x) \propto \exp\Big(-\tfrac12\,(x - x^f)^\top P^{-1}\,(x - x^f)\Big) .$$
#
# For $c = 0$ the inverse has $1/P_{11}$ and $1/P_{22}$ on its diagonal and zeros elsewhere. The exponent is then a
# sum, and the density the product of two bell curves. In general its lines of equal density are ellipses. The inner
# ellipse of the figure holds 39 % of the probability, the outer 86 %.
#
# The reading is $y = Hx + \varepsilon$. The *observation operator* is here $H = \begin{pmatrix} 1 & 0 \end{pmatrix}$,
# so that $Hx$ is the position. The error $\varepsilon$ is normal with mean zero and variance $R$. The formulas below
# hold for any $H$, and for several readings; then $R$ is the covariance matrix of their errors.
#
# ## Bayes' rule on a grid
#
# The recipe of {doc}`/notebooks/one_number` needs no change. Multiply prior and likelihood, and divide by the sum.
# Only the grid has two directions now, 1601 positions and as many speeds:

# %%
x1, x2 = np.linspace(-20, 60, 1601)[:, None], np.linspace(-39, 41, 1601)[None, :]


def by_grid(reading):  # mean and covariance of the posterior, by sums alone
    e1, e2 = x1 - xf[0], x2 - xf[1]
    W = np.linalg.inv(P)
    log_prior = -(W[0, 0] * e1**2 + 2 * W[0, 1] * e1 * e2 + W[1, 1] * e2**2) / 2
    log_likelihood = -((reading - x1) ** 2) / (2 * R[0, 0])  # the same for all speeds
    product = log_prior + log_likelihood
    posterior = np.exp(product - product.max())
    posterior = posterior / posterior.sum()
    mean = np.array([(posterior * x1).sum(), (posterior * x2).sum()])
    off = x1 - mean[0], x2 - mean[1]
    return mean, np.array([[(posterior * u * v).sum() for v in off] for u in off])


grid_mean, grid_covariance = by_grid(y[0])
print(f"mean: {grid_mean[0]:.3f} km, {grid_mean[1]:.3f} km/h")
print(grid_covariance.round(3))

# %% [markdown]
# ## Completing the square, with matrices
#
# Now the formula. Take minus twice the logarithm of the product. The dots do not depend on $x$. $P$ and $R$ are
# symmetric, so $x^\top P^{-1} x^f$ and $(x^f)^\top P^{-1} x$ are the same number: that is where the factor 2 comes from.
#
# $$\begin{aligned}
# -2 \ln p(x \mid y) &= (x - x^f)^\top P^{-1} (x - x^f) \\
# &\quad + (y - Hx)^\top R^{-1} (y - Hx) + \dots \\
# &= x^\top \big(P^{-1} + H^\top R^{-1} H\big)\,x \\
# &\quad - 2\,x^\top \big(P^{-1} x^f + H^\top R^{-1} y\big) + \dots \\
# &= (x - x^a)^\top (P^a)^{-1} (x - x^a) + \dots
# \end{aligned}$$
#
# The last line, multiplied out, is $x^\top (P^a)^{-1} x - 2\,x^\top (P^a)^{-1} x^a + \dots$ Compare it with the line
# before. What stands between $x^\top$ and $x$ has to be equal, and so has what follows $-2\,x^\top$:
#
# $$\begin{gathered}(P^a)^{-1} = P^{-1} + H^\top R^{-1} H, \\
# (P^a)^{-1} x^a = P^{-1} x^f + H^\top R^{-1} y .\end{gathered}$$
#
# This is the *information form* of the analysis. Precisions add, as before, but they are matrices now. Three steps
# turn it into the form with the gain.
#
# **Step 1, the mean.** Put $y = Hx^f + d$ into the second equation. $d$ is the innovation.
#
# $$(P^a)^{-1} x^a = \big(P^{-1} + H^\top R^{-1} H\big)\,x^f + H^\top R^{-1} d .$$
#
# The bracket is $(P^a)^{-1}$. Multiply by $P^a$ from the left: $x^a = x^f + K d$ with $K = P^a H^\top R^{-1}$.
#
# **Step 2, the gain without $P^a$.** Multiply $PH^\top$ by the precision of the analysis:
#
# $$\begin{aligned}
# (P^a)^{-1} P H^\top &= H^\top + H^\top R^{-1} H P H^\top \\
# &= H^\top R^{-1} \big(R + H P H^\top\big) .
# \end{aligned}$$
#
# Multiply by $P^a$ from the left, and by the inverse of the bracket from the right. One side becomes
# $P H^\top (R + H P H^\top)^{-1}$. The other becomes $P^a H^\top R^{-1}$, which is $K$.
#
# **Step 3, the covariance.** Write $P^a (P^a)^{-1} = I$, the unit matrix, as $P^a P^{-1} + P^a H^\top R^{-1} H = I$.
# The second term is $KH$. Multiply by $P$ from the right: $P^a = P - KHP$. Together:
#
# $$\begin{gathered}K = P H^\top \big(H P H^\top + R\big)^{-1}, \\
# x^a = x^f + K\,(y - Hx^f), \qquad P^a = (I - KH)\,P .\end{gathered}$$
#
# The bracket has a row for each reading. With one reading it is a number, and its inverse a division. In Python:

# %%
I = np.eye(2)


def analyse(mean, P, y, H):
    K = P @ H.T @ np.linalg.inv(H @ P @ H.T + R)
    return mean + K @ (y - H @ mean), (I - K @ H) @ P


position = np.array([[1.0, 0.0]])  # H: the position is read
xa, Pa = analyse(xf, P, y, position)
print(f"analysis: {xa[0]:.2f} km, {xa[1]:.2f} km/h; standard deviations", end=" ")
print(f"{Pa[0, 0] ** 0.5:.2f} km, {Pa[1, 1] ** 0.5:.2f} km/h")
grid_gap = max(np.abs(grid_mean - xa).max(), np.abs(grid_covariance - Pa).max())
by_package = two_numbers.analysis(xf, P, y, position, R)
package_gap = max(np.abs(by_package[0] - xa).max(), np.abs(by_package[1] - Pa).max())
print(f"largest difference from the grid: {grid_gap:.0e},", end=" ")
print(f"from the package: {package_gap:.0e}")

# %% [markdown]
# For $H = \begin{pmatrix} 1 & 0 \end{pmatrix}$ the product $PH^\top$ is the first column of $P$, and
# $HPH^\top = P_{11}$. So the two gains are
#
# $$\begin{gathered}K_1 = \frac{P_{11}}{P_{11} + R}, \\
# K_2 = \frac{P_{12}}{P_{11} + R} = \frac{P_{12}}{P_{11}}\,K_1 .\end{gathered}$$
#
# $K_1$ is the gain of one number. The position moves by $K_1 d$, here 2.4 km. For each of these km the speed moves by
# $P_{12}/P_{11}$, here 0.4 km/h: together 0.96 km/h.
#
# :::{admonition} Check yourself: what is left of the speed's variance if the position is read without error?
# :class: dropdown
# With $R = 0$ it is $P_{22} - P_{12}^2/P_{11} = (1 - c^2)\,P_{22}$. A correlation of 0.8 leaves 36 % of the variance.
# :::
#
# ## What a forecast does to the ellipse
#
# A correlation comes from the model. Let $x_t$ be the state in hour $t$. In an hour the buoy moves by its speed. Of
# the speed the share $a$ is left, and the wind adds something new, $\eta_t$, normal with mean zero. As a matrix $M$:
#
# $$\begin{gathered}x_{t+1} = M x_t + \begin{pmatrix} 0 \\ \eta_t \end{pmatrix}, \\
# M = \begin{pmatrix} 1 & 1 \\ 0 & a \end{pmatrix}, \quad Q = \begin{pmatrix} 0 & 0 \\ 0 & Q_{22} \end{pmatrix} .\end{gathered}$$
#
# $Q$ is the covariance of what is added, and $Q_{22}$ the variance of $\eta$. The speed alone is the AR(1) of
# {doc}`/notebooks/one_number`. Both numbers together are a *vector autoregressive* process, VAR(1).
#
# Nobody knows the wind to come, so the forecast is $x^f = M x^a$. Its error is $M$ times the error $e$ of the
# analysis, plus the new part. The two are independent, and their covariances add. The $P$ of the next hour is
#
# $$\begin{aligned}
# P &= \mathbb E\big[(Me)(Me)^\top\big] + Q \\
# &= M\,\mathbb E\big[e e^\top\big] M^\top + Q = M P^a M^\top + Q .
# \end{aligned}$$

# %%
M = np.array([[1.0, 1.0], [0.0, page.memory]])
Q = np.diag([0.0, page.model_variance])


def forecast(mean, P):
    return M @ mean, M @ P @ M.T + Q


def correlation_of(P):
    return P[0, 1] / np.sqrt(P[0, 0] * P[1, 1])


ahead = {0: (xa, Pa)}
for hour in range(1, 5):
    ahead[hour] = forecast(*ahead[hour - 1])
del ahead[3]  # too close to its neighbours in the figure
correlations = {hour: correlation_of(one[1]) for hour, one in ahead.items()}
for hour, found in correlations.items():
    print(f"correlation after {hour} h: {found:.2f}")

# %% mystnb={"figure": {"caption": "The analysis of the buoy (solid), and its forecasts for one, two and four hours (dashed), if nothing is read. Each ellipse is one standard deviation out.", "name": "fig-two-ahead"}, "image": {"alt": "Four ellipses in the plane of position and speed. The small solid one of the analysis is at the left. The dashed ones to its right grow with every hour, longest along the position, and all lean to the right: high speeds go with far positions."}}
figure = draw.ahead(ahead)

# %% [markdown]
# **What to see** in {numref}`fig-two-ahead`: the ellipse moves on, is stretched and turned. The upper half, the fast
# buoys, gets ahead, and the lower half stays behind. So the correlation rises from 0.51 to 0.72 in four hours. It
# would rise from zero as well.
#
# ## The filter settles
#
# Forecast and analysis in turn are the Kalman filter. A truth, readings of its position, and the filter:


# %%
def drift(n_hours, random):  # truth (hour, 2), readings of its position (hour, 1)
    truth = np.empty((n_hours, 2))
    now = np.linalg.cholesky(P) @ random.normal(size=2)
    wind = np.sqrt(Q[1, 1]) * random.normal(size=n_hours)
    for t in range(n_hours):
        truth[t] = now
        now = M @ now + [0, wind[t]]
    return truth, truth[:, :1] + np.sqrt(R[0, 0]) * random.normal(size=(n_hours, 1))


def kalman(readings, H, mean, P):
    means, kept = [], []  # of the analysis: means (hour, 2), variances (hour, 2)
    for y in readings:
        mean, after = analyse(mean, P, y, H)
        means.append(mean)
        kept.append(np.diag(after))
        mean, P = forecast(mean, after)
    return np.array(means), np.array(kept)


truth, readings = drift(page.n_long, numpy_stream(page.seed, "drift"))
means, kept = kalman(readings, position, np.zeros(2), P)
rmse = np.sqrt(np.mean((means - truth) ** 2, axis=0))
spread = np.sqrt(kept.mean(0))
table = pd.DataFrame({"RMSE": rmse, "spread": spread})
table.set_axis(["position (km)", "speed (km/h)"]).round(3)

# %% [markdown]
# Error and spread agree for both numbers. The speed was never read. Its error is 0.68 km/h; the standard deviation of
# the speed itself is 1.15 km/h.
#
# As with one number, the readings do not enter $P$. The $P$ that repeats itself after analysis and forecast solves
# the *Riccati equation*,
#
# $$P = M\,(I - KH)\,P M^\top + Q,$$
#
# with the gain $K$ from above. The loop finds its solution, the *steady state*. SciPy solves it without a loop, as an
# equation of control theory, in which $M$ and $H$ are transposed.


# %%
def riccati(P, H):
    return forecast(xf, analyse(xf, P, y, H)[1])[1]  # the means play no part


loop = [P]
for _ in range(page.n_hours):
    loop.append(riccati(loop[-1], position))
steady = solve_discrete_are(M.T, position.T, Q, R)
for hour in (1, 2, 4, 8):
    away = np.abs(loop[hour] - steady).max()
    print(f"after {hour} h: largest difference from the steady state {away:.0e}")
steady_gap = np.abs(loop[-1] - steady).max()
print(f"after {page.n_hours} h: {steady_gap:.0e}; the steady P is\n{steady.round(3)}")

# %% [markdown]
# When does a filter settle, from any start, at the same $P$? Two conditions are enough {cite:p}`anderson1979`:
#
# - **Detectable**: what the readings never show, not even through the model, dies out by itself.
# - **Stabilisable**: what does not die out by itself is stirred by the noise $Q$, directly or through the model.
#   Otherwise a filter may become certain of it and no longer use its readings.
#
# An error of our position does not die out: a buoy that was pushed a kilometre stays there. But the position is read.
# The noise stirs the speed, and the speed stirs the position. So both conditions hold.
#
# ## Break it, repair it
#
# Now read the wrong number. An instrument on board measures the speed, also with variance 1, and nobody reads the
# position. Without errors this hour's reading is $Hx$ and the next one $HMx$. If the rows $H$ and $HM$ are
# independent (rank 2), two readings determine both numbers:

# %%
speed = np.array([[0.0, 1.0]])  # H: the speed is read
for name, H in {"position": position, "speed": speed}.items():
    rows = np.vstack([H, H @ M])
    print(f"{name} is read: {rows.tolist()}, rank {np.linalg.matrix_rank(rows)}")
try:
    solve_discrete_are(M.T, speed.T, Q, R)
    refused = ""
except np.linalg.LinAlgError as error:
    refused = str(error)
print("SciPy, where the speed is read:", refused)

# %% [markdown]
# The speed's readings show nothing of the position, now or later, and an error of the position does not die out. So
# this case is not detectable, and SciPy finds no steady state. What does the loop do? After 48 hours we repair it:
# from then on the position is read instead of the speed.


# %%
def claimed(P, reads):  # variances of the analysis, hour by hour
    kept = []
    for H in reads:
        after = analyse(xf, P, y, H)[1]  # the means play no part
        kept.append(np.diag(after))
        P = forecast(xf, after)[1]
    return np.array(kept)


n = page.n_hours
seen = claimed(P, 2 * n * [position])
unseen = claimed(P, n * [speed] + n * [position])
growth = unseen[n - 1, 0] - unseen[n - 2, 0]  # km² an hour
print(f"speed read: variance of the position {unseen[0, 0]:.1f} km² at first,", end=" ")
print(f"{unseen[n - 1, 0]:.1f} km² after {n} h, {growth:.2f} km² more every hour")
print(f"position read: {unseen[n, 0]:.2f} km² with the first reading", end=", ")
print(f"{unseen[-1, 0]:.2f} km² at last")

# %% mystnb={"figure": {"caption": "Standard deviations that two filters claim for their analyses, from the same start. One reads the position every hour. The other reads the speed for 48 hours (up to the grey line) and the position from then on.", "name": "fig-two-settle"}, "image": {"alt": "Two panels over 96 hours. Above, the spread of the position: flat near 0.8 km where the position is read; where the speed is read it climbs to 7 km, and falls to the flat line at once when the position is read. Below, the spread of the speed is flat in both cases, a little lower while the speed itself is read."}}
figure = draw.settling(seen, unseen, n)

# %% [markdown]
# **What to see** in {numref}`fig-two-settle`: the filter that reads the speed is a little surer of it, 0.59 instead
# of 0.68 km/h. But its variance of the position grows by 0.96 km² every hour, without end. A single reading of the
# position repairs this: from 49 km² to 0.98 km². A few hours later both filters claim the same.

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-two-no-surprise
# Suppose the satellite had read 20 km, just what the forecast expects. What would this reading change about the
# *speed*: its `"mean"`, its `"variance"`, `"both"` or `"neither"`?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The innovation is zero. Which of the two formulas holds the innovation?
# :::

# %% tags=["exercise"]
no_surprise = analyse(xf, P, position @ xf, position)
speeds = (xf[1], P[1, 1]), (no_surprise[0][1], no_surprise[1][1, 1])
prediction = ...  # YOUR TURN: "mean", "variance", "both" or "neither"
check(exercises.no_surprise, prediction, *speeds)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the variance. A reading that confirms the forecast still rules out much of what
# was possible, and through the correlation it does so for the speed as well. Without a
# correlation neither changes.
expected = "variance" if page.correlation else "neither"
check(exercises.no_surprise, expected, *speeds)

# %% [markdown]
# :::{admonition} Exercise 2 · Derive · 10 minutes
# :name: exercise-two-gain
# The satellite's reading arrives late. It shows where the buoy was half an hour ago, about $x_1 - x_2/2$. In general
# one reading holds something of each number: $y = h_1 x_1 + h_2 x_2 + \varepsilon$. Derive the two gains without
# matrices, as functions of the six numbers in the cell.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# With $H = \begin{pmatrix} h_1 & h_2 \end{pmatrix}$ write $PH^\top$ out, then $HPH^\top$, which is the variance of
# $h_1 x_1 + h_2 x_2$. It has three terms.
# :::


# %% tags=["exercise"]
def my_gain(P11, P12, P22, h1, h2, R):
    """Return the gain of the first and of the second number."""
    ...  # YOUR TURN


check(exercises.gain_of_one_reading, my_gain)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: above the line stands the covariance of each number with the reading, below it
# the variance of the reading as the forecast expects it.
def gain_without_matrices(P11, P12, P22, h1, h2, R):
    below = h1**2 * P11 + 2 * h1 * h2 * P12 + h2**2 * P22 + R
    return (h1 * P11 + h2 * P12) / below, (h1 * P12 + h2 * P22) / below


late = gain_without_matrices(P[0, 0], P[0, 1], P[1, 1], 1, -0.5, R[0, 0])
print(f"half an hour late: gains {late[0]:.2f} and {late[1]:.2f}")
check(exercises.gain_of_one_reading, gain_without_matrices)

# %% [markdown]
# :::{admonition} Exercise 3 · Write · 10 minutes · four lines
# :name: exercise-two-information
# Write the analysis in the information form, for any number of readings. It is checked against the form with the gain.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Begin with the precision $P^{-1} + H^\top R^{-1} H$. Its inverse is $P^a$. The weighted sum
# $P^{-1} x^f + H^\top R^{-1} y$ is still to be multiplied by $P^a$.
# :::


# %% tags=["exercise"]
def my_information(mean, P, y, H, R):
    """Return the mean (n,) and the covariance (n, n) of the analysis.

    mean (n,); P (n, n); y (reading,); H (reading, n); R (reading, reading).
    """
    ...  # YOUR TURN


check(exercises.information_form, my_information)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: two precisions, two weighted sources. That this is (I - K H) P is steps 2 and 3;
# the identity is known as Woodbury's. It pays where readings outnumber the state's numbers.
def by_information(mean, P, y, H, R):
    precision, weights = np.linalg.inv(P), H.T @ np.linalg.inv(R)
    covariance = np.linalg.inv(precision + weights @ H)
    return covariance @ (precision @ mean + weights @ y), covariance


informed = by_information(xf, P, y, position, R)
form_gap = max(np.abs(informed[0] - xa).max(), np.abs(informed[1] - Pa).max())
print(f"largest difference from the form with the gain: {form_gap:.0e}")
check(exercises.information_form, by_information)

# %% [markdown]
# ## Summary
#
# - A covariance matrix says how errors go together. Through it a reading of one number moves the other, by the slope
#   $P_{12}/P_{11}$.
# - The gain as a matrix comes from completing the square. It holds for a state of any size.
# - A linear model turns $P^a$ into $M P^a M^\top + Q$. The filter settles if what does not die out is both seen and
#   stirred by noise.
#
# **Not shown:** noise that differs from hour to hour, a model that is not linear, and states too large for their matrix.
#
# **Next:** {doc}`/notebooks/chaos` has forty numbers, and errors that grow by themselves.
# {doc}`/notebooks/own_filter` then takes $P$ from a handful of states.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that a number which is not read cannot become surer, or that a reading which agrees with the
# forecast changes nothing; exercise 1 asks for both. If time is short, do step 1 to step 3 on the blackboard for one
# reading and leave out the steady state.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")

# %% tags=["remove-cell", "claims"]
claims.say_which_hold(
    {
        "22.4 km and 1.96 km/h, both surer": lambda: (
            (round(xa[0], 1), round(xa[1], 2)) == (22.4, 1.96)
            and (np.diag(Pa) < np.diag(P)).all()
        ),
        "0.4 km/h for each km, 2.4 km, 0.96 km/h": lambda: (
            (P12 / variances[0], *(xa - xf).round(2)) == (0.4, 2.4, 0.96)
        ),
        "grid, package and information form agree": lambda: (
            max(grid_gap, package_gap, form_gap) < 1e-9
        ),
        "the ellipses hold 39 and 86 %": lambda: (
            [round(100 * (1 - np.exp(-(k**2) / 2))) for k in (1, 2)] == [39, 86]
        ),
        "a correlation of 0.8 leaves 36 %": lambda: round(1 - c**2, 2) == 0.36,
        "the correlation rises from 0.51 to 0.72": lambda: (
            [round(correlations[hour], 2) for hour in (0, 4)] == [0.51, 0.72]
        ),
        "error and spread agree": lambda: np.abs(rmse / spread - 1).max() < 0.03,
        "the speed to 0.68, where it varies by 1.15 km/h": lambda: (
            round(spread[1], 2) == round(rmse[1], 2) == 0.68
            and round(np.sqrt(Q[1, 1] / (1 - page.memory**2)), 2) == 1.15
        ),
        "the loop and SciPy agree": lambda: steady_gap < 1e-9,
        "SciPy finds no steady state where the speed is read": lambda: refused != "",
        "the speed to 0.59 instead of 0.68": lambda: (
            [round(each[n - 1, 1] ** 0.5, 2) for each in (unseen, seen)] == [0.59, 0.68]
        ),
        "0.96 km² more every hour": lambda: (
            round(growth, 2) == 0.96 and (np.diff(unseen[:n, 0]) > 0).all()
        ),
        "from 49 to 0.98 km²": lambda: (
            [round(unseen[n - 1, 0]), round(unseen[n, 0], 2)] == [49, 0.98]
        ),
        "a few hours later nothing is left": lambda: (
            np.abs(unseen[n + 12 :] - seen[n + 12 :]).max() < 0.01
        ),
    }
)
