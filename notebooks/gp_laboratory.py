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
# (gp-laboratory)=
# # When the truth is known, what does adapting still lose?
#
# :::{admonition} On this page
# **You will be able to** score a network against the best possible prediction, tell what its simulator cost it from
# what its size costs it, and say when FiLM beats tuning all weights and when it does not.
#
# **You need** {doc}`/notebooks/film_against_fine_tuning`.
#
# **Time** 15 minutes to read, half a minute to run, 25 minutes for the exercises.
#
# **Runs on** one CPU core; networks come pre-trained with the package. All data are synthetic.
# :::
#
# At a station nobody knows how good a prediction could have been. On a line it can be known: draw functions from a Gaussian
# process, and the exact prediction is a formula. The process that a network is pre-trained on plays the part of the reanalysis: it is
# the *simulator* of this page. Scholz and colleagues {cite:p}`scholz2023` used such functions to ask when FiLM
# is enough. Their settings are in their code; their findings we have from a summary; their numbers we have not found.

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Synthetic functions on a line: log-likelihood of tasks of reality after adapting with FiLM, less that after adapting all weights, nats a target, by the number of tasks adapted with (∞: every batch is new). Mean and 95 % interval (Student's t) over seeds; one line a reality. Above zero FiLM is ahead.", "name": "fig-laboratory-lead"}, "image": {"alt": "Four panels of lines with intervals about a level line at zero, one panel a gap between simulator and reality, FiLM's lead against the number of tasks; in the upper two the line of the shortest length scale lies far below zero, in the panel of the noise all lines lie just above it."}}
from sparseobs.figures import style
from sparseobs.runs.results import about_result, read_result
from sparseobs_book.gp_laboratory import figures as draw
from sparseobs_book.gp_laboratory import summary

style.use()
table = read_result("gp_laboratory").table
titles = {
    "shrinking": "length scales shrink",
    "mixed": "shrink, from mixed",
    "growing": "length scales grow",
    "noise": "the noise changes",
}
leads = summary.film_lead(table)
figure = draw.film_lead(leads, titles)

# %% [markdown]
# Call a *place* one reality with one number of tasks, a marker of {numref}`fig-laboratory-lead`. Of 56 places FiLM is ahead at
# 14 and all weights at 21; at the others the interval contains zero. FiLM's largest lead is 0.026 nats, its largest lag 0.140.
#
# ## The numbers of this page
#
# The text speaks of these numbers as they are given. With others, go by what the cells print.
# Run with others: `.venv/bin/papermill notebooks/gp_laboratory.ipynb out.ipynb -p gap growing`

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (hours: it pre-trains a larger network)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
gap = "shrinking"  # shrinking, mixed or growing length scales, or noise
reality = 0  # whole number, 0 to 2 (3 for noise): which of the gap's realities
n_tasks = 16  # whole number, 1 to 256 (smoke 16; noise 1024): of reality, to adapt with
seed = 0  # whole number, 0 to 99: of reality's tasks
obs_error_std = None  # above 0: simulator's noise (None: 0.22; else it pre-trains here)
n_test = None  # whole number, 1 or more: tasks to score on (None: the preset's)

# %% tags=["hide-input"]
import math

from sparseobs.errors import require_choice, require_number
from sparseobs.runs import settings
from sparseobs_book.checking import check
from sparseobs_book.gp_laboratory import exercises
from sparseobs_book.laboratory import run as lab
from sparseobs_book.laboratory.settings import PRESETS, TUNING_SEED

numbers = {"gap": gap, "seed": seed, "n_test": n_test, "obs_error_std": obs_error_std}
page = settings.resolve(PRESETS, preset, **numbers)
require_number("seed", seed, least=0, most=TUNING_SEED - 1, whole=True)
require_number("n_tasks", n_tasks, least=1, most=page.most_tasks, whole=True)
require_number("reality", reality, least=0, most=len(page.realities) - 1, whole=True)
process = page.realities[reality]
world = lab.Reality.of(page, process)
print(f"preset {preset}, gap {gap}, seed {seed}\nsimulator: {page.simulator}")
print(f"reality:   {process}; {n_tasks} tasks, scored on {page.n_test} others")

# %% [markdown]
# A *task* is one new function: between $1/\ell$ and $10/\ell$ of its points are shown, at random places on an interval of four
# units of length, and $15/\ell$ others are asked for, $\ell$ being the length scale. All are read with noise.
#
# ## What the best possible prediction is
#
# Let functions have mean zero, variance one and correlation $k(d) = \exp(-d^2 / 2\ell^2)$, and readings $y$ a noise of variance
# $\sigma^2$. With $K$ the correlations among the places shown and $k_*$ those with the place asked, the reading there is
# Gaussian, with {cite:p}`rasmussen2006` (equations 2.25, 2.26 and 4.9)
#
# $$m_* = k_*^\top (K + \sigma^2 I)^{-1} y,\qquad s_*^2 = 1 + \sigma^2 - k_*^\top (K + \sigma^2 I)^{-1} k_*.$$
#
# The score is the logarithm of the predicted density at what was read. It is a proper one {cite:p}`gneiting2007`: no other
# prediction of single readings scores higher on average. Its distance below the exact prediction, in nats a target, is
# therefore what a network has *lost*, and zero cannot be beaten.

# %% mystnb={"figure": {"caption": "One task of reality: the pre-trained network, never adapted (line, and band of two standard deviations of a reading), and the exact prediction (dashes, its band dotted). Circles: what both were shown.", "name": "fig-laboratory-exact"}, "image": {"alt": "Circles along a line, with two curves and their bands through them: the network's curve is smoother than the exact one and its band narrower, so that circles fall outside."}}
from sparseobs.neural_process.laboratory import some_tasks
from sparseobs_book.gp_laboratory import run as shown
from sparseobs_book.laboratory.stored import page_pretraining

pretrained, how = page_pretraining(page)
models = {lab.ZERO_SHOT: pretrained}
readings = world.test[0].context.mask.sum(1).double()
middling = int((readings - readings.mean()).abs().argmin())
task = some_tasks(world.test[0], slice(middling, middling + 1))
seen = task.context.mask[0]
circles = task.context.coordinates[0, seen, 1], task.context.values[0, seen]
x, bands = shown.predictions(process, models, task)
figure = draw.one_task(x, bands, circles)

# %%
home = shown.at_home(page.simulator, pretrained, page.n_test, seed)
away = shown.score_table(process, models, world.test).loc[lab.ZERO_SHOT, "below_exact"]
print(f"network {page.architecture}; its negative log-likelihood at home")
print(f"was {how['loss_before']:.2f} before pre-training, {how['loss']:.2f} after")
print(f"below the exact prediction: {home:.3f} nats at home, {away:.3f} in reality")

# %% [markdown]
# **What to see** in {numref}`fig-laboratory-exact`: between the circles the network follows the functions it was taught, and it is as
# sure as they allowed it to be. *At home*, on new functions of its simulator, it loses little: that much is its size and its short
# training. What it loses in reality beyond that is the simulator's fault. (For mixed scales there is no number at home: the
# formula needs to know each function's scale.)
#
# :::{admonition} Check yourself: on a single task a network scored higher than the exact prediction. A mistake?
# :class: dropdown
# No. The exact prediction is the best on average over functions and noise. On one task another may be lucky.
# :::
#
# ## What is lost without adapting
#
# The stored table has four gaps between simulator and reality, with the length scales and noises of the authors' code. Its
# numbers are means over seeds, in nats below the exact prediction; the columns are numbers of tasks.

# %% tags=["hide-input"]
about_result("gp_laboratory")

# %%
recipe = PRESETS["lesson"].adapting
steps = recipe.max_epochs * recipe.batches_per_epoch
print(f"{steps} steps; unlimited: {steps * recipe.batch_size} different tasks")
below = summary.gap_to_exact(table)
ends = below[below["n_tasks"].isin([0, 16, float("inf")])]
columns = ["method", "n_tasks"]
lost = ends.pivot(index=summary.REALITY, columns=columns, values="mean")
lost = lost.reindex(ends[summary.REALITY].drop_duplicates().itertuples(index=False))
lost.sort_index(axis=1, level="n_tasks", sort_remaining=False).round(3)

# %% [markdown]
# **What to see:** sim-only (0 tasks) loses most where the length scale shrinks most: 2.56 nats from 0.25 to 0.05. The same
# factor of five upwards, from 0.2 to 1, costs 0.48. A network that expects smooth functions is sure where nothing was seen; one
# that expects rough functions only doubts too much. And with all the tasks one could want (`inf`) the loss is not zero: what is
# left is the network's size and its few steps.
#
# ## Few tasks against many
#
# Now adapt the same network, once all its weights, once FiLM's alone. The weights kept are those of the best epoch on
# 64 more tasks of reality, not adapting among them.

# %%
parts = (pretrained.parameters(), pretrained.film_parameters())
weights, film = (sum(each.numel() for each in part) for part in parts)
print(f"{weights} weights, {film} of them FiLM's")
for method in (lab.GLOBAL, lab.FILM):
    recipe = lab.adapting_recipe(page, process, method)
    models[method], training = lab.adapt(pretrained, world, method, n_tasks, recipe)
    print(f"{method:<16} {recipe}; kept epoch {training.best_epoch}")
adapted = shown.score_table(process, models, world.test)
adapted.round(3)

# %% mystnb={"figure": {"caption": "The task of the figure before, after adapting with the page's number of tasks: all weights (Sim2Real) and FiLM. Bands of two standard deviations; the exact prediction dashed and dotted.", "name": "fig-laboratory-task"}, "image": {"alt": "Three panels of one task: the network before adapting, after adapting all weights and after FiLM; in the lower two the bands come close to the exact one."}}
x, bands = shown.predictions(process, models, task)
figure = draw.one_task(x, bands, circles)

# %% mystnb={"figure": {"caption": "Synthetic functions: distance below the exact prediction by the number of tasks adapted with, for the realities of the page's gap. Mean and 95 % interval over seeds; level line: never adapted.", "name": "fig-laboratory-gaps"}, "image": {"alt": "One panel a reality: two lines with intervals that fall as tasks are added, below a level line for the network that was never adapted."}}
figure = draw.gaps_to_exact(below, gap)

# %%
before = lost[lab.ZERO_SHOT, 0]
won = 100 * (1 - lost.drop(columns=lab.ZERO_SHOT, level=0).div(before, axis=0))
print("won back of what sim-only had lost (per cent)")
won.sort_index(axis=1, level="n_tasks", sort_remaining=False).round(0)

# %% [markdown]
# **What to see:** where most was lost, sixteen tasks win most of it back: 91 to 95 per cent at a length scale of 0.05. Where
# the length scale grows to 1, less was lost, and no more than 47 per cent of it is won back even with unlimited tasks. Each
# task asks for only 15 points then, against 300 at a length scale of 0.05, so as many steps have less to learn from; whether
# that is the reason we have not tested.
#
# ## Where FiLM wins and where it loses
#
# Four findings of the paper, as far as they are known to us, beside the stored table. `ahead` counts places whose interval lies
# above zero, `behind` those below; by luck alone one place in forty would be ahead. The rule was written before the table: a
# finding that FiLM *can* win holds if one place is ahead, one that it *loses* holds if its mean lead is below zero.

# %% tags=["hide-input"]
findings = summary.findings(table).set_index("finding")
findings.drop(columns="n").round(3)

# %% [markdown]
# Three of the four hold. That FiLM can win where length scales grow does not: it is ahead at none of 12 places and behind at five.
# The same leads by number of tasks, averaged over a gap's realities seed by seed (means and 95 % intervals, nats):

# %%
by_tasks = summary.film_lead(table, ["gap", "n_tasks"]).set_index(["gap", "n_tasks"])
by_tasks[["mean", "low", "high"]].round(3)

# %% [markdown]
# **What to see** in {numref}`fig-laboratory-lead` and the tables: down to 0.05, FiLM is behind at every number of tasks, which
# fits the paper's reason: reality asks for filters that the simulator never taught. A changed noise asks for none, and FiLM is
# ahead there, by less than 0.01 nats. Where length scales grow it is ahead with sixteen tasks, by 0.016 nats on average, and
# falls behind as they become more: it has 452 numbers to overfit with, all weights 19,640.
#
# Hold these leads against the choice of the rate, made with 64 tasks. With 16, at a length scale of 0.05, the rate of all weights
# loses 0.03 nats against that of the pre-training (exercise 3), more than any lead of FiLM with 16 tasks. Rates tuned for each
# number of tasks might turn them around; they have not been tried.
#
# :::{admonition} Check yourself: where scales grow, FiLM's mean lead with 16 tasks is above zero. Is "does not hold" too hard?
# :class: dropdown
# For that number of tasks, yes: no single place is sure, but their mean is. The rule was written before the
# table was made, and we kept it; a rule chosen afterwards tests nothing. With few tasks one would choose FiLM.
# :::
#
# ## How the learning rates were chosen
#
# A comparison of two ways to train is only as fair as the choice of their rates. Each way was given seven, with 64 tasks of
# seeds that are never scored, and took the one with the best mean likelihood on these seeds' *validation* tasks.

# %% tags=["hide-input"]
about_result("gp_laboratory_rates")

# %% mystnb={"figure": {"caption": "Log-likelihood on validation tasks against the learning rate (its peak), for the realities of the page's gap; means over the tuning seeds, the chosen rate ringed.", "name": "fig-laboratory-rates"}, "image": {"alt": "One panel a reality: two hump-shaped curves against the learning rate on a logarithmic axis, FiLM's humped at a higher rate; the top of each is ringed."}}
from sparseobs_book.laboratory.rates import best_rates
from sparseobs_book.laboratory.settings import RATES

tried = read_result("gp_laboratory_rates").table
figure = draw.rates_tried(tried, gap)
best = best_rates(tried)
rates = best.pivot(index=summary.REALITY, columns="method", values="learning_rate")
ratio = rates[lab.FILM] / rates[lab.GLOBAL]
print(f"best rate of FiLM: {ratio.min():.0f} to {ratio.max():.0f} times all weights'")
tried_ends = {name: (min(each), max(each)) for name, each in RATES.items()}
edge = [each.learning_rate in tried_ends[each.method] for each in best.itertuples()]
print(f"{sum(edge)} of {len(best)} chosen rates are an end of what was tried")

# %% [markdown]
# **What to see** in {numref}`fig-laboratory-rates` and the lines below it: FiLM, with its few weights, wants a rate many times
# higher; the authors' code gives it 10 or 50 times. Far from home the rate matters more than the method; close to home almost
# any small one does. A rate chosen with 64 tasks serves every other number too: with 16 it may be so high that not adapting is
# best. From a length scale of 0.2 to 0.25, the smallest gap, every fourth adaptation keeps epoch 0, which is sim-only.
#
# ## Break it, repair it: believe the simulator
#
# The exact prediction is exact because it was told the truth. Tell it the simulator's length scale and noise instead.

# %%
from sparseobs.neural_process.laboratory import GaussianProcess, exact_scores

simulator = page.simulator  # of mixed length scales the shortest is believed
noise = simulator.noise_variance
believed = GaussianProcess(simulator.length_scale, noise_variance=noise)
wrong = exact_scores(believed, world.test).mean().item()
right = exact_scores(process, world.test).mean().item()
print(f"believes the simulator {wrong:.3f} nats")
print(f"believes reality       {right:.3f} nats")
print(f"network, sim-only      {right - away:.3f} nats")

# %% [markdown]
# The first line is the score of a perfect pupil of the simulator. Adapting does not make a better pupil; it changes the
# belief. The second line repairs it: the prediction is told what a network has to guess.
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-laboratory-growing
# From a length scale of 0.2 to one of 1, with 16 tasks: which of the two adaptations comes closer to the exact prediction on average,
# `"FiLM"` or `"all weights"`? Guess by how much, too.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Each task now asks for 15 points. How many numbers does each adaptation set by what 16 such tasks say?
# :::

# %% tags=["exercise"]
prediction = ...  # YOUR TURN: "FiLM" or "all weights"
check(exercises.judge_growing, prediction, summary.film_lead(table))

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: FiLM, with 452 numbers against 19,640, in the mean over the seeds of the stored
# table. It is not sure. The page runs one such seed with gap = "growing" and reality = 2.
check(exercises.judge_growing, "FiLM", summary.film_lead(table))

# %% [markdown]
# :::{admonition} Exercise 2 · Derive · 10 minutes
# :name: exercise-laboratory-belief
# The mean of a prediction is right. Readings scatter about it with a standard deviation $\sigma$, and the prediction says $s$. How many nats
# does it lose against one that says $\sigma$? What costs more, $s = \sigma / 2$ or $s = 2\sigma$?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Take the mean of $\log s + e^2 / 2s^2$ over readings, with $\langle e^2\rangle = \sigma^2$, and subtract the same for $s = \sigma$.
# :::


# %% tags=["exercise"]
def lost(believed, true):
    """Nats lost on average by saying one standard deviation where another is true."""
    return ...  # YOUR TURN


check(exercises.judge_belief, lost, (0.5, 1.0))


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: log(s / sigma) + sigma² / 2 s² - 1/2. Half as large costs 0.81 nats, twice as large
# 0.32. So a network that expects smooth curves pays more than one that expects rough ones.
def nats_lost(believed, true):
    return math.log(believed / true) + true**2 / (2 * believed**2) - 0.5


check(exercises.judge_belief, nats_lost, (0.5, 1.0))

# %% [markdown]
# :::{admonition} Exercise 3 · Modify · 10 minutes · one word
# :name: exercise-laboratory-fresh
# What was the pre-training worth? The starter names the adaptation of all weights. Begin with fresh weights instead, at the
# same rate as the pre-training. Guess first how much more is lost.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# That method is called `lab.REAL_ONLY`. What does the simulator know that helps in a reality so far from it?
# :::

# %% tags=["exercise"]
import dataclasses

method = lab.GLOBAL  # YOUR TURN
require_choice("method", method, (lab.GLOBAL, lab.REAL_ONLY))
rate = page.pretraining.learning_rate
at_rate = dataclasses.replace(page.adapting, learning_rate=rate)


def lost_by(way):
    own, _ = lab.adapt(pretrained, world, way, n_tasks, at_rate)
    return shown.score_table(process, {way: own}, world.test).loc[way, "below_exact"]


chosen_loses = adapted.loc[lab.GLOBAL, "below_exact"]
check(exercises.judge_fresh, method, lab.REAL_ONLY, lost_by, chosen_loses)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution, for the numbers as given: the pre-training was worth next to nothing. Fresh weights
# lose less than Sim2Real at its chosen rate, and a little more than Sim2Real at this rate.
compared = dict(models)
for name, way in (("Sim2Real, this rate", lab.GLOBAL), ("real-only", lab.REAL_ONLY)):
    compared[name] = lab.adapt(pretrained, world, way, n_tasks, at_rate)[0]
fresh = shown.score_table(process, compared, world.test)
of_fresh = {lab.REAL_ONLY: fresh.loc["real-only", "below_exact"]}
check(exercises.judge_fresh, lab.REAL_ONLY, lab.REAL_ONLY, of_fresh.get, chosen_loses)
fresh.round(3)

# %% [markdown]
# ## Summary
#
# - Where the exact prediction is known, a score becomes a loss. What a network loses at home is its own; what it loses beyond
#   that is its simulator's.
# - A length scale five times too long costs most, and sixteen tasks win most of it back. This far from home the pre-training is
#   worth nothing: fresh weights do as well in exercise 3. A length scale five times too short costs less, and less of it comes
#   back.
# - FiLM is for few tasks and small gaps: behind where length scales shrink far, a little ahead where only the noise changes.
#
# **Not shown:** the paper's network, its lengths of training and its 4,096 test tasks (the grid's size `paper` has them; it was
# not run). Ours is small and adapts for few steps, so that *unlimited* tasks are as few as printed above. Sixteen tasks are
# sixteen to train on: 64 more decide when to stop. The stored table has no network trained on reality alone (real-only), which
# exercise 3 shows to be a rival, and rates are not tuned for each number of tasks. Seeds share their few pre-trainings, the
# tuning seeds too, so intervals hold the luck of reality's tasks more than that of the start.
#
# **Next:** {doc}`/notebooks/adaptation_grid` has the scores of all adaptations on maps, for few and many stations and
# hours. {doc}`/notebooks/length_scales` measures the shortest wave that comes back.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that a log-likelihood of -0.5 is bad because it is negative; only its
# distance from the best possible means something. If time is short, skip the rates. Exercise 1 needs one word.
# :::

# %% tags=["hide-input"]
from sparseobs_book.laboratory.stored import checkpoint_command

for name in ("shrinking", "mixed", "growing"):  # noise has the first one's simulator
    print(checkpoint_command(name))
print("each takes about half a minute of one core")
print(
    f"sparseobs {sparseobs.__version__}, preset {preset}, gap {gap}, seed {seed}; synthetic data; "
    "computed on this page except where a table is named"
)

# %% tags=["remove-cell", "claims"]
from sparseobs.runs.claims import say_which_hold

say_which_hold(
    {
        "in reality the network loses far more than at home": lambda: away > 10 * home,
        "the rate of the pre-training beats the chosen one by 0.03 nats": lambda: (
            round(
                fresh["below_exact"][lab.GLOBAL]
                - fresh["below_exact"]["Sim2Real, this rate"],
                2,
            )
            == 0.03
        ),
        "fresh weights lie between the two": lambda: (
            fresh["below_exact"]["Sim2Real, this rate"]
            < fresh["below_exact"]["real-only"]
            < fresh["below_exact"][lab.GLOBAL]
        ),
        "the number of weights": lambda: (weights, film) == (19640, 452),
        "all 26 rates are inside what was tried": lambda: sum(edge) == 0,
    }
)
