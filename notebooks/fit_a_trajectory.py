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
# (fit-a-trajectory)=
# # Fit a trajectory: 4D-Var and iEnKS
#
# :::{admonition} On this page
# **You will be able to** write the cost of a trajectory, differentiate it through the model, minimise it, choose a
# window, and say what an ensemble changes in it.
#
# **You need** the Kalman analysis of {doc}`/notebooks/classical_filters`, and Lorenz-96 from {doc}`/notebooks/chaos`.
#
# **Time** 30 minutes to read, half a minute to run at `lesson` size, 35 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic: the truth comes from the simulator.
# :::
#
# A filter corrects the state of now with what is seen now. One can also ask for a whole trajectory: where must the
# model start so that it passes near *all* observations of the last cycles? That is 4D-Var {cite:p}`ledimet1986`. Its
# gradient is computed as for a neural network.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Stored comparison on Lorenz-96, every fourth site observed: analysis error of LETKF, iEnKS and 4D-Var (a level line: it has no members) by ensemble size, all tuned on validation truths; windows of one cycle. Bars: 95 % intervals over five or six test runs that stayed finite.", "name": "fig-fit-compared"}, "image": {"alt": "Two panels of error against members. At noise 1 LETKF falls from 1.2 to 0.7; iEnKS lies above climatology at five and ten members and at 0.85 with twenty; 4D-Var is level at 1.0. At noise 2.5 LETKF lies lowest at ten and twenty members, and 4D-Var beside it at five."}}
from sparseobs.figures import style
from sparseobs.runs.results import about_result, read_result
from sparseobs_book.fit_a_trajectory import exercises
from sparseobs_book.fit_a_trajectory import figures as draw
from sparseobs_book.fit_a_trajectory import run as fit
from sparseobs_book.trained_filters.lorenz96 import CLIMATOLOGY

style.use()
stored = fit.compared(read_result("filter_comparison").table)
figure = draw.compared(stored, CLIMATOLOGY)

# %% [markdown]
# {numref}`fig-fit-compared` is where this page leads. At noise 1, 4D-Var errs by 1.02 and loses no run, without an
# ensemble. LETKF with five members errs by 1.16, with twenty by 0.72. The ensemble's version of 4D-Var, iEnKS, needs
# about twenty members, for it has no localization here.

# %% [markdown]
# ## The numbers of this page
#
# The text speaks of these numbers as they are given. With others, go by what the cells print. From a shell:
# `.venv/bin/papermill notebooks/fit_a_trajectory.ipynb out.ipynb -p window 8`

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (minutes)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: truths, noise, first guesses and ensembles follow from it
obs_error_std = 1.0  # standard deviation of the observation noise, state units
stride = 4  # every how many sites is one observed: 1, 2, 4, 5, 8, 10, 20 or 40
window = None  # cycles of the window fitted first, 1 to 40 (None: the preset's)
background_std = (
    1.5  # standard deviation of the first guess's error, state units, up to 4
)
ensemble_size = 20  # members of iEnKS, 3 to 200
n_truths = None  # windows of each experiment, 2 or more (None: the preset's)

# %% tags=["hide-input"]
import torch
from sparseobs.dynamics.tangent import jacobian
from sparseobs.filtering.ienks import TransformSettings, ienks_cycles
from sparseobs.filtering.var4d import VariationalSettings, var4d_cycles
from sparseobs.randomness import torch_stream
from sparseobs.runs import claims, settings
from sparseobs_book.checking import check
from sparseobs_book.trained_filters.stored import stored_filter

page = settings.resolve(
    fit.PRESETS,
    preset,
    seed=seed,
    obs_error_std=obs_error_std,
    stride=stride,
    window=window,
    background_std=background_std,
    ensemble_size=ensemble_size,
    n_truths=n_truths,
)
print(settings.describe(page))

# %% [markdown]
# ## The cost of a trajectory
#
# A *window* is $K$ cycles. Let $x$ be the state at its start, $x_b$ a first guess of it (the *background*) with error
# covariance $B$, and $M_k$ the model's forecast over $k$ cycles. Observations $y_k$ are made by $H_k$, with
# independent noise of variance $\sigma^2$. The cost of starting at $x$ is
#
# $$\begin{aligned}J(x) &= \tfrac12 (x - x_b)^\top B^{-1} (x - x_b) \\ &+ \tfrac12 \sum_{k=1}^{K}
# \lVert y_k - H_k M_k(x) \rVert^2 / \sigma^2 .\end{aligned}$$
#
# The first term pulls towards what was known before, each *misfit* of the sum towards one cycle's observations. If
# all errors are normal, $J$ is the negative logarithm of the posterior density of $x$, up to a constant: its minimum
# is the most probable start. Here $B = \sigma_b^2 I$, with $\sigma_b$ the parameter `background_std`.

# %%
window_trial = fit.trial(page)
x_true, x_b = window_trial.start[0], window_trial.first_guess[0]
masks = window_trial.observations.mask[: page.window]
values = window_trial.observations.values[: page.window, 0]


def cost(x, x_b=x_b):
    J = ((x - x_b) / page.background_std).square().sum()
    for y_k, seen in zip(values, masks, strict=True):
        x = fit.model(x)
        J = J + ((y_k - x)[..., seen] / page.obs_error_std).square().sum()
    return J / 2


print(f"J at the first guess {cost(x_b):.0f}, at the truth {cost(x_true):.0f}")

# %% [markdown]
# ## The gradient is the adjoint
#
# To minimise $J$ we need its slope in all forty directions. *Automatic differentiation*, one run backwards through
# the computation, gives them:

# %%
x = x_b.clone().requires_grad_()
(gradient,) = torch.autograd.grad(cost(x), x)

stream = torch_stream(page.seed, "directions")
u, v = torch.randn(2, *x_b.shape, generator=stream, dtype=x_b.dtype)
h = 1e-5
numerical = (cost(x_b + h * u) - cost(x_b - h * u)) / (2 * h)
print(f"slope along u: {(gradient * u).sum():.6f} by autograd,", end=" ")
print(f"{numerical:.6f} by a finite difference")

# %% [markdown]
# Weather centres, which run 4D-Var, write this program by hand and call it the *adjoint* {cite:p}`talagrand1987`. Let
# $\mathbf M$ be the derivative of $M_K$ at $x_b$, the *tangent linear* model: a matrix that turns a small change at
# the start into the change at the end. By the chain rule its transpose $\mathbf M^\top$ turns slopes by the end into
# slopes by the start. Both are right only if the scalar products $\langle \mathbf M u, v\rangle$ and
# $\langle u, \mathbf M^\top v\rangle$ are equal for any $u$ and $v$. This is the *dot-product test* of adjoint codes:


# %%
def to_the_end(x):
    for _ in range(page.window):
        x = fit.model(x)
    return x


_, Mu = torch.func.jvp(to_the_end, (x_b,), (u,))
_, transposed = torch.func.vjp(to_the_end, x_b)
forwards, backwards = (Mu * v).sum().item(), (u * transposed(v)[0]).sum().item()
print(f"<Mu, v> = {forwards:.12f}")
print(f"<u, M'v> = {backwards:.12f}, difference {abs(forwards - backwards):.0e}")

# %% [markdown]
# ## Minimise
#
# $J$ is a sum of squares, so *Gauss-Newton* steps suit it: replace $H_k M_k$ by its linear approximation at $x$, with
# the slopes $G$ (in units of the noise). The cost is then quadratic. Its slope and its second derivative, the
# *Hessian*, give the step to its minimum, where the next begins:


# %%
def expected(x):
    return fit.expected(masks, x)


y = window_trial.readings(page.window)[0]
x = x_b
for step in range(5):
    G = jacobian(expected, x) / page.obs_error_std
    departure = (y - expected(x)[0]) / page.obs_error_std
    slope = (x - x_b)[0] / page.background_std**2 - G.mT @ departure
    hessian = torch.eye(40, dtype=x.dtype) / page.background_std**2 + G.mT @ G
    x = x - torch.linalg.solve(hessian, slope)
    print(f"step {step + 1}: J = {cost(x):.3f}")

# %% mystnb={"figure": {"caption": "The window that was fitted. Above: one site, with the trajectories that begin at the first guess (before) and at the minimum of the cost (after). Below: the error over all sites.", "name": "fig-fit-trajectory"}, "image": {"alt": "Two panels over the window: the trajectory from the first guess runs away from the truth, and its error grows to more than three; the fitted one stays beside the truth, with an error below one throughout."}}
paths = [x_true, x_b, x]
for _ in range(page.window):
    paths = [torch.cat([path, fit.model(path[-1:])]) for path in paths]
figure = draw.trajectory(*paths, values[:, 0], masks, site=20)

# %%
before, after = (
    (path - paths[0]).square().mean(1).sqrt()[[0, -1]].tolist() for path in paths[1:]
)
print("first guess: RMSE {:.2f} at the start, {:.2f} at the end".format(*before))
print("fitted:      RMSE {:.2f} at the start, {:.2f} at the end".format(*after))

# %% [markdown]
# **What to see** in {numref}`fig-fit-trajectory`: site 20 is observed once in four cycles, yet its whole path is
# drawn to the truth. The model alone links the sites and times: $B$ has no correlations.
#
# The package's 4D-Var has windows of one cycle, and stops when a step is shorter than 0.03 $\sigma_b$. Does this
# page's arithmetic agree with it?

# %%
first = window_trial.experiment.part(slice(1), slice(1)).observations
seen, b = first.mask[0], page.background_std
x, step = x_b[0], torch.full((40,), torch.inf)
while (step / b).square().mean() >= 1e-3:
    M, forecast = jacobian(fit.model, x[None]), fit.model(x[None])[0]
    G = M[seen] / page.obs_error_std
    departure = (first.values[0, 0, 0] - forecast)[seen] / page.obs_error_std
    hessian = torch.eye(40, dtype=x.dtype) / b**2 + G.mT @ G
    step = torch.linalg.solve(hessian, G.mT @ departure - (x - x_b[0]) / b**2)
    x, by_hand = x + step, forecast + M @ step
twice = x_b[None, None].repeat(1, 2, 1, 1)  # an ensemble, of which the mean is used
how = VariationalSettings("identity", b**2)
package = next(var4d_cycles([how], fit.SYSTEM, first, twice)).mean[0, 0, 0]
agreement = (package - by_hand).abs().max().item()
print(f"largest difference of the analyses: {agreement:.0e}")

# %% [markdown]
# ## How long a window?
#
# Draw a straight line through the truth (0) and the first guess (1), and look at the misfits on it:

# %% mystnb={"figure": {"caption": "Mean squared misfit of trajectories that begin on a line through the truth (0) and the first guess (1), for windows of four lengths, without the background term.", "name": "fig-fit-curves"}, "image": {"alt": "Four panels: for one and four cycles the misfit is one smooth valley; for ten cycles it is steeper and has a few bends; for the longest window a narrow notch at the truth stands in a plateau of many small valleys."}}
lengths = sorted({1, min(4, page.longest), min(10, page.longest), page.longest})
places, curves = fit.along_a_line(window_trial, lengths, reach=2.0)
valleys = {length: fit.valleys(curve) for length, curve in curves.items()}
figure = draw.cost_curves(places, curves)

# %%
print("valleys on the line, by cycles in the window:", valleys)

# %% mystnb={"figure": {"caption": "Error of 4D-Var's state at the start and at the end of the window against its length, five Gauss-Newton steps from the first guess; means over the truths. Dashed: the forecast of the first guess.", "name": "fig-fit-windows"}, "image": {"alt": "Error against window: both curves of the fit fall from 1.4 at one cycle to about 0.9 at six, then rise; at 24 cycles the error at the end is near five, that of a forecast without any fit."}}
by_window = fit.errors_by_window(page)
figure = draw.errors_by_window(by_window)

# %% [markdown]
# **What to see** in {numref}`fig-fit-curves` and {numref}`fig-fit-windows`: one cycle shows ten numbers of forty. Its
# valley is wide and flat, and the error falls only to 1.4. Each further cycle adds ten readings, and six bring the
# error down to 0.9. Chaos stretches small differences by a factor of about five in ten cycles, so a long window's
# misfit has many valleys: one for one cycle, dozens for twenty-four. Gauss-Newton steps then end in a wrong one.
#
# ## Why the background matters
#
# Without the first term, ten readings cannot determine forty numbers: the one-cycle $G^\top G$ has thirty eigenvalues
# of zero. The background fills in what nobody saw. The more $B$ resembles the real errors, the better it does so.
# Below, first guesses are forecasts, whose errors the model has correlated. Each row takes another $B$ of nearly the
# same total variance, for windows of four cycles. `saved` is how much lower the error is than with independent
# errors, truth by truth:

# %%
backgrounds = fit.errors_by_background(page, min(4, page.longest), (10, 20, 40, 200))
backgrounds.round(3)

# %% [markdown]
# **What to see**: independent errors and the climate's covariance are as good as each other. Both are *static*: the
# same whatever the weather. Covariances of 200 members of the forecast are today's, and bring the error from 0.95 to
# 0.72. Ten members do harm, since all corrections are then combinations of nine differences.
#
# ## iEnKS: the same cost in the ensemble's span
#
# Let the rows of $X$ be the deviations of $m$ members from their mean. Look for the start only among
# $x = \overline x + X^\top w$, with a weight for each member, and take $B = X^\top X / (m - 1)$. Among these $x$ the
# first term of $J$ becomes one of the weights:
#
# $$\begin{aligned}J(w) &= \tfrac{m - 1}{2}\, w^\top w \\ &+ \tfrac12 \sum_k \lVert y_k - H_k M_k(\overline x + X^\top w)
# \rVert^2 / \sigma^2 .\end{aligned}$$
#
# Forty unknowns have become $m$ weights ($m - 1$ that count: equal weights change nothing). The derivative needs no
# adjoint: run the $m$ members through the model, and take the deviations of what is observed of them, $Y$. That is
# the *iterative ensemble Kalman smoother*, iEnKS {cite:p}`bocquet2014`. By hand, beside the package:

# %%
ensemble_trial, members = fit.forecast_members(page, page.ensemble_size, 2)
newest = ensemble_trial.experiment.part(slice(1), slice(1)).observations
E0, m = members[0, :, 0], page.ensemble_size
mean, X = E0.mean(0), E0 - E0.mean(0)
ahead = fit.model(E0) - fit.model(E0).mean(0)

# %%
w, T, one = torch.zeros(m, dtype=X.dtype), torch.eye(m, dtype=X.dtype), torch.eye(m)
for _ in range(10):
    E = fit.model(mean + (w + T) @ X)  # the members about the present guess
    Y = torch.linalg.inv(T) @ (E - E.mean(0))[:, seen] / page.obs_error_std
    d = (newest.values[0, 0, 0] - E.mean(0))[seen] / page.obs_error_std
    curvature = (m - 1) * one + Y @ Y.mT
    change = torch.linalg.solve(curvature, Y @ d - (m - 1) * w)
    strength, direction = torch.linalg.eigh(curvature / (m - 1))
    previous, T = T, direction @ torch.diag(strength**-0.5) @ direction.mT
    w = w + change
mine = E + (change + T - previous) @ ahead  # the last step, carried ahead linearly

# %%
theirs = next(
    ienks_cycles([TransformSettings()], fit.SYSTEM, newest, E0[None, :, None])
)
ienks_gap = (theirs.members[0, 0, :, 0] - mine).abs().max().item()
print(f"largest difference of a member: {ienks_gap:.0e}")
smoothed = mean + (w + T) @ X
print(
    f"spread at the start {E0.std(0).mean():.2f}, fitted {smoothed.std(0).mean():.2f}"
)

# %% [markdown]
# $T$ narrows the members to what the observations leave uncertain, so the next cycle begins with a new $B$. Its
# covariances are today's, at $m$ model runs a step, but in $m - 1$ directions only.
#
# The stored comparison, tuned and tested alike for all ({numref}`fig-fit-compared`):

# %%
stored.set_index(["obs_error_std", "method", "ensemble_size"]).round(2)

# %% tags=["hide-input"]
about_result("filter_comparison")

# %% [markdown]
# **What to see**: with five or ten members iEnKS loses every run, and 4D-Var at noise 1 loses none. With twenty, iEnKS
# is ahead of 4D-Var at noise 1, and behind it at noise 2.5, where both lose most runs. LETKF, which localizes, is ahead
# of both from ten members on.
#
# ## AmEnF: 4D-Var, amortized
#
# 4D-Var differentiates a misfit *through the model* to find one state, and begins anew at each cycle. The *amortized
# ensemble filter* of {doc}`/notebooks/lorenz96_filter`, AmEnF {cite:p}`mccabe2021`, differentiates the misfit of the
# next observations through the same model. It does so once, to find the weights $\theta$ of a network. The network
# then makes the analysis of every cycle.

# %%
network = stored_filter("lorenz96", 1.0).network
n_weights = sum(each.numel() for each in network.parameters())
print(f"4D-Var: {x_b.numel()} numbers for one window, then again")
print(f"AmEnF: {n_weights} weights for all cycles to come, then no gradient")

# %% [markdown]
# Such work done beforehand is called *amortization*. What 4D-Var finds for this window, the network must have learned
# from windows like it; {doc}`/notebooks/sparse_world` shows what happens where they differ.
#
# :::{admonition} Check yourself: 4D-Var has no spread. What tells how sure it is?
# :class: dropdown
# The second derivative of the cost. For normal errors and a nearly linear model the inverse of the Hessian at the
# minimum, `hessian` above, is the covariance of the fitted start.
# :::
#
# ## Break it, repair it
#
# Fit the longest window at once from the first guess. Then repair it: fit a short window, where there is one valley,
# and let it grow by a cycle at a time {cite:p}`pires1996`. The truth's own misfit is about one noise variance.

# %%
at_once = fit.grown(window_trial, (page.longest,), page.background_std, iterations=10)
straight = at_once[page.longest]
growing = fit.grown(
    window_trial, range(1, page.longest + 1), page.background_std, iterations=1
)
fits = {
    name: int((each < fit.FITS).sum())
    for name, each in {"at once": straight, "grown": growing[page.longest]}.items()
}
print(f"of {page.n_truths} truths fitted to {fit.FITS} noise variances: {fits}")

# %% mystnb={"figure": {"caption": "Misfit of the fitted trajectories, a line a truth, while the window grows by a cycle a step. Crosses: the whole window fitted at once, by ten steps. Dotted: the misfit that the truth has on average.", "name": "fig-fit-grown"}, "image": {"alt": "Misfit against window on a logarithmic axis: the lines of the grown windows stay near one up to the longest; the crosses of the fits at once lie at six to twenty."}}
figure = draw.grown(straight, growing)

# %% [markdown]
# **What to see** in {numref}`fig-fit-grown`: at once, none of eight truths is fitted, and the misfit stays at 6 to 20
# noise variances. If the window grows, all eight are, with one step a cycle. Each short fit starts the next one
# inside its valley.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-fit-first-guess
# Take two first guesses, one wrong by 1, the other by 3.6, like the climate's mean. For each, one window has the
# smallest error at its end. Is that of the second shorter, longer or the same? Write your answer before you run the
# cell.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Two things limit a window: what it sees, and how far from the truth its valley reaches.
# :::

# %% tags=["exercise"]
prediction = ...  # YOUR TURN: "shorter", "the same" or "longer"
check(exercises.judge_best_window, prediction)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: shorter. A bad first guess would need more observations, but it stands outside
# the valley of a long window, and the steps end in a wrong one.
check(exercises.judge_best_window, "shorter")

# %% [markdown]
# :::{admonition} Exercise 2 · Derive · 10 minutes
# :name: exercise-fit-gradient
# Take a model of one number, $x_k = a^k x$ with a known factor $a$, observed at $k = 1, \dots, K$. Derive on paper
# the derivative of $J(x) = (x - x_b)^2 / 2\sigma_b^2 + \sum_k (y_k - a^k x)^2 / 2\sigma^2$, and type it; `b` is
# $\sigma_b$.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# By the chain rule each misfit is multiplied by the derivative of $a^k x$.
# :::


# %% tags=["exercise"]
def scalar_gradient(x, x_b, y, a, b, sigma):
    """Return dJ/dx, a number; y is an array (cycle,), all else numbers."""
    return ...  # YOUR TURN


check(exercises.judge_gradient, scalar_gradient)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: each misfit is carried back to the start by a**k, the transpose of k steps of
# the model, which for one number is the same factor.
def derived_gradient(x, x_b, y, a, b, sigma):
    powers = a ** torch.arange(1, len(y) + 1).numpy()
    return (x - x_b) / b**2 - (powers * (y - powers * x)).sum() / sigma**2


check(exercises.judge_gradient, derived_gradient)

# %% [markdown]
# :::{admonition} Exercise 3 · Write · 10 minutes
# :name: exercise-fit-step
# Write one Gauss-Newton step in the ensemble's span. From the weights `w`, the observed deviations `Y` and `d`, the
# observations less what the present guess expects, return the change of the weights. `Y` and `d` are in units of the
# noise.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Linearized, the cost of $w + \delta$ is
# $\tfrac{m-1}{2} \lVert w + \delta\rVert^2 + \tfrac12 \lVert d - Y^\top\delta\rVert^2$. Where is its derivative zero?
# :::


# %% tags=["exercise"]
def ensemble_step(w, Y, d):
    """Return the change (member,) of w (member,); Y is (member, reading), d (reading,)."""
    return ...  # YOUR TURN


check(exercises.judge_ensemble_step, ensemble_step)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: curvature times change equals minus the slope, and both have a term of the
# weights and a term of the misfits.
def written_step(w, Y, d):
    degrees = len(w) - 1
    curvature = degrees * torch.eye(len(w), dtype=w.dtype) + Y @ Y.mT
    return torch.linalg.solve(curvature, Y @ d - degrees * w)


check(exercises.judge_ensemble_step, written_step)

# %% [markdown]
# :::{admonition} Exercise 4 · Modify · 10 minutes · one line
# :name: exercise-fit-growth
# Windows of the lengths that you list are fitted one after the other, with two steps each, up to one of 20 cycles.
# Change the list so that at least three of four truths are fitted. How few lengths are enough?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Each fit must begin inside the valley of the next window.
# :::

# %% tags=["exercise"]
growth = (20,)  # YOUR TURN: lengths in cycles; the last is 20
check(exercises.judge_growth, growth)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: steps of four cycles, in which errors double or so, are enough here: five fits.
# Doubling the window, (5, 10, 20), is too fast at its end.
check(exercises.judge_growth, (4, 8, 12, 16, 20))

# %% [markdown]
# ## Summary
#
# - A trajectory's cost is the distance from the background plus the misfits of a window. Automatic differentiation
#   gives its gradient, as an adjoint does; the dot-product test checks it.
# - Short windows see too little, long ones have many minima. Growing the window leads to the right one.
# - A static $B$ is the same every day; the ensemble of iEnKS has today's, in $m - 1$ directions.
#
# **Not shown:** model errors within the window, overlapping windows, iEnKS with localization, and 4D-Var windows of
# several cycles in a whole run.
#
# **Next:** {doc}`/notebooks/lorenz96_filter` lets a network learn the analysis.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that more observations always help 4D-Var. If time is short, skip
# the comparison with the package. Exercise 2 needs paper.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")

# %% tags=["remove-cell", "claims"]
errors_at = by_window.set_index("window")
rows = stored.set_index(["obs_error_std", "method", "ensemble_size"])
claims.say_which_hold(
    {
        "autograd and a finite difference": lambda: (
            abs(numerical - (gradient * u).sum()) < 1e-4 * abs(numerical)
        ),
        "the dot-product test": lambda: abs(forwards - backwards) < 1e-9,
        "by hand and by the package, 4D-Var": lambda: agreement < 1e-9,
        "by hand and by the package, iEnKS": lambda: ienks_gap < 1e-9,
        "the fit is near the truth, the first guess runs away": lambda: (
            max(after) < 1.2 and before[1] > 3
        ),
        "one valley, and dozens": lambda: valleys[1] == 1 and valleys[24] > 24,
        "1.4 for one cycle, 0.9 for six": lambda: (
            round(errors_at.loc[1, "end"], 1) == 1.4
            and round(errors_at.loc[6, "end"], 1) == 0.9
        ),
        "the longest window is no better than no fit": lambda: (
            errors_at.loc[24, "end"] > 0.9 * errors_at.loc[24, "end, no fit"]
        ),
        "ten readings hold ten directions": lambda: torch.linalg.matrix_rank(G) == 10,
        "from 0.95 to 0.72": lambda: (
            backgrounds.loc[["independent errors", "200 members'"], "RMSE"].round(2)
            == [0.95, 0.72]
        ).all(),
        "static ones alike, ten members do harm": lambda: (
            abs(backgrounds.loc["the climate's", "RMSE"] - 0.95) < 0.03
            and backgrounds.loc["10 members'", "RMSE"] > 1.1
        ),
        "at once none, grown all": lambda: fits == {"at once": 0, "grown": 8},
        "at once 6 to 20": lambda: 6 <= straight.min() and straight.max() < 20.5,
    }
)
