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
# (failure-signatures)=
# # Does it know when it errs? Looking for failures near the stations
#
# :::{admonition} On this page
# **You will be able to** recognise two failures that a neural process shows close to its context points, measure them by
# distance, and say which of two cures mends which.
#
# **You need** {doc}`/notebooks/temperature_from_stations` and {doc}`/notebooks/how_a_convcnp_sees`.
#
# **Time** 12 minutes to read, half a minute to run at `lesson` size, 30 minutes for the exercises.
#
# **Runs on** one CPU core and 1 GB of memory. All data are synthetic: the offline twin of Germany, whose truth is known.
# :::

# %% tags=["remove-cell"]
try:
    import sparseobs
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "sparseobs: given a Python without it; expected the book's own environment. "
        "Try make book, or pip install -e . in a clone, and choose that kernel."
    ) from error

# %% tags=["hide-input"]
import numpy as np
from sparseobs.figures import style
from sparseobs.runs.results import about_result, read_result
from sparseobs.scores.calibration import pit, pit_shares, widened
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.stations.temperature import measured
from sparseobs_book.checking import check
from sparseobs_book.failure_signatures import exercises
from sparseobs_book.failure_signatures import figures as draw
from sparseobs_book.failure_signatures import run as failures
from sparseobs_book.temperature import experiment as experiments
from sparseobs_book.temperature import figures as maps
from sparseobs_book.temperature import views
from sparseobs_book.temperature.scores import network_predict, validation_offset

style.use()

# %% mystnb={"figure": {"caption": "Standard deviation that is predicted, and the one that would fit (errors of the map and of the thermometers together), by distance to the nearest station. Synthetic twin, truth known everywhere; means and 95 % intervals (Student's t) over splits, each with its own adaptation; all start from one pre-training.", "name": "fig-failures-spread"}, "image": {"alt": "Three panels of two lines each against distance. Sim-only: the predicted spread, 0.37 to 0.49 K, lies far below the needed one, 1.07 to 1.38 K, at every distance. Widened: level at 1.4 K, above the needed one near stations. Sim2Real: a little above it near stations and a little below it far from them. Bars of both are long."}}
stored = read_result("failure_signatures")
rows = failures.ring_intervals(stored.table)
figure = draw.spread_and_need(rows, ("sim-only", failures.WIDENED, "Sim2Real"))

# %% [markdown]
# {numref}`fig-failures-spread` is the page in one picture. The network that has only met the reanalysis, *sim-only*, is
# far too sure of itself, and at every distance. Its central 90 % interval holds 55 % of the thermometers within 4 km of a
# station. At 20 to 25 km it holds 51 %, from 30 km on 55 %.
#
# A summary of the paper, which we could not check against the paper itself, lists two signatures {cite:p}`scholz2023`:
# *short-range temperature artifacts around context points, visible in the predicted mean*, and *overconfident predictive
# uncertainties near context*. It shows no numbers. Here are ours, for a smaller network on a synthetic twin.
#
# ## The numbers of this page
#
# The text speaks of these numbers as they are given. With others, go by what the cells print.
# `.venv/bin/papermill notebooks/failure_signatures.ipynb out.ipynb -p obs_error_std 1.5` runs the page with another.

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or study (the stored table's: minutes)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number, 0 or more: the split, the weights and the tasks follow from it
obs_error_std = None  # K, 0 or more: thermometer noise (None: 0.15)
n_bins = 10  # 2 to 50: bars of the histograms
offset_std = None  # K, 0 or more: added to every spread (None: fitted on validation)

# %% tags=["hide-input"]
from sparseobs.errors import require_number

require_number("n_bins", n_bins, least=2, most=50, whole=True)
if offset_std is not None:
    require_number("offset_std", offset_std, least=0)
experiment, pretrained = failures.prepare_one(preset, seed, obs_error_std)
hour = views.station_hour(experiment)
print(f"preset {preset}: {experiment.settings.architecture}")
print(f"adapting: {experiment.settings.fine_tuning}")
print(experiment.data.notes)

# %% [markdown]
# ## The network before and after
#
# Its pre-training, on a month of hours, passes the exam of {doc}`/notebooks/pretraining`: with 10, 30 and 100 cells of a
# held-out hour it errs by 1.11, 0.70 and 0.45 K, ordinary kriging by 1.13, 0.66 and 0.39 K. We adapt it to the stations,
# briefly.

# %% mystnb={"figure": {"caption": "One test hour mapped by the network that met the reanalysis only. Left: mean, and what stations read. Right: standard deviation; white dots are stations.", "name": "fig-failures-map"}, "image": {"alt": "Two maps of Germany: temperature with station circles, and the predicted standard deviation, low where stations are dense and high along the edges."}}
adapted, training = experiments.adapt(experiment, "Sim2Real", pretrained)
print(f"adapted: best after epoch {training.best_epoch} ({training.stopped})")
readings = experiment.data.stations.isel(time=hour)
figure = maps.prediction_map(
    experiment.data.region, views.map_at(experiment, pretrained, hour), readings
)

# %% [markdown]
# What should the spread be right beside a thermometer? Not zero. Thermometers of the twin err by 0.35 K in all: their siting,
# eddies and noise. And in a clear night each place has a temperature of its own, which a cell averages away. In pre-training
# the network met neither. What it never saw, it cannot reckon with, near a station or far from it.
#
# ## Failure one: overconfidence, by distance
#
# Outside a twin only stations can be judged, and few stand close to another. Here the truth is known at every point, so we
# can ask for the expected share of thermometers within the central 90 % interval at any distance.

# %% tags=["hide-input"]
about_result("failure_signatures")

# %% mystnb={"figure": {"caption": "By distance to the nearest station: share of thermometers that the central 90 % interval would contain (above; the line is 90 %), and share of the nearest station's own error that the map repeats (below). Means and 95 % intervals over splits, of the coverage on the logit scale.", "name": "fig-failures-distance"}, "image": {"alt": "Two panels of five lines. Coverage: sim-only lowest, 0.51 to 0.55; the others between 0.83 and 0.96, widened sim-only highest. Echo: level over all distances, 0.20 to 0.21 for sim-only, 0.17 to 0.18 for the adapted networks, 0.08 for real-only."}}
labels = {
    "coverage": "coverage of the 90 % interval",
    "echo": "echo of the station's error",
}
figure = draw.by_method(rows, labels, {"coverage": 0.9})

# %%
near = rows[rows["low_km"] == 0].pivot(index="method", columns="score", values="mean")
nearest = near.loc[
    list(rows["method"].unique()), ["rmse", "spread", "needed", "coverage", "echo"]
]
print(f"nearest ring, up to {rows['high_km'].min():g} km; K, and shares")
nearest.round(2)

# %% [markdown]
# **What to see** in the table and in {numref}`fig-failures-distance`, above: `spread` against `needed`, and `coverage`
# against 0.9. Most of what is needed is the map's own error, 1.01 K. In the nearest ring sim-only covers 0.55, real-only 0.84,
# FiLM 0.87, Sim2Real 0.93, and sim-only with a single number added to its variance 0.96.
#
# With distance coverage changes by 0.04 at most. The nodes of this network's grid are 28 km apart, and the first five rings
# lie within one node of a station. The long bars of the two repairs say that both depend on the split: twenty validation
# stations decide them.
#
# ## Failure two: a thermometer's error in the map
#
# An *artifact* is something in the map that is not in the weather. The plainest one is an echo: the station at hand reads
# too warm, and so the map is too warm around it. A twin knows these errors. We take them out of all readings, predict again,
# and regress the difference of the two maps on the error of the nearest station. A slope of 1 copies it whole; 0 ignores
# it. Some echo is unavoidable: who uses a reading uses its error too.
#
# The lower panel of {numref}`fig-failures-distance` shows a weak echo that does not fade over the distances drawn: for
# sim-only it is 0.203 in the nearest ring and 0.200 in the farthest, for Sim2Real 0.172 and 0.170. A narrow artifact
# around a station, as the paper's summary describes, is **not reproduced** here: a grid of this spacing cannot hold one.
# Widening changes nothing, for it leaves the mean alone.

# %%
error = rows[rows["score"] == "rmse"].pivot(
    index="low_km", columns="method", values="mean"
)
print("error of the mean against the truth (K), by distance (km)")
error[list(failures.ADAPTED)].round(2)

# %% [markdown]
# ## Break it, repair it
#
# *Sim-only* is the broken one. The first repair costs one number: the variance that, added to every prediction, suits the
# *validation* stations best. (The authors' evaluation script adds one too, chosen on the test set.) The second repair is to
# adapt. Here they are on this page's single run, at stations that were held out.

# %%
sim_only = network_predict(experiment, pretrained)
offset = (
    offset_std**2 if offset_std is not None else validation_offset(experiment, sim_only)
)
held_out = experiments.observed(experiment, experiment.stations.held_out)
asked = experiment.shown, experiment.stations.held_out, experiment.hours.test
predictions = {
    name: network_predict(experiment, model)(*asked)
    for name, model in (("sim-only", pretrained), ("Sim2Real", adapted))
}
mean, std = predictions["sim-only"]
predictions[failures.WIDENED] = mean, widened(std, offset)
print(f"added: a standard deviation of {offset**0.5:.2f} K")
for name, (mean, std) in predictions.items():
    scores = score_gaussian(mean, std, held_out)
    print(
        f"{name:<18} MAE {scores.mae:.2f} K, NLL {scores.nll:.2f}, coverage {scores.coverage:.0%}"
    )

# %% [markdown]
# Both raise the coverage from 45 % to 90 % or more. Neither lowers the error.

# %% mystnb={"figure": {"caption": "Where observations at held-out stations fall in their predicted distributions, this page's single run. Flat (line) is calibrated, high ends are overconfident, a slope is a bias.", "name": "fig-failures-pit"}, "image": {"alt": "Three histograms: sim-only with high bars at both ends, Sim2Real and the widened sim-only closer to flat."}}
shares = {
    name: pit_shares(pit(*pair, held_out), n_bins) for name, pair in predictions.items()
}
figure = maps.pit_histograms(shares)

# %% [markdown]
# ## Exercises
#
# :::{admonition} Exercise 1 · Derive · 10 minutes
# :name: exercise-failures-noise
# The thermometers become noisier: their error's standard deviation goes from $s_0$ to $s_1$. By how much does the variance have to grow that is added to *sim-only*?
# And does the adapted network need a new one?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Pre-training never reads a station: what does *sim-only* know of the new noise? Independent errors add up as variances.
# :::


# %% tags=["exercise"]
def added_variance(before, after):
    """Return by how much (K²) the variance grows, from standard deviations (K)."""
    ...  # YOUR TURN


check(exercises.judge_added, added_variance)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: s1**2 - s0**2, from 0.3 to 1.5 K by 2.16 K². Sim-only knows nothing of it, so its outermost bars grow. Sim2Real learns the noise
# from the readings while it adapts. The variance fitted on validation stations grows by about what was derived:


def gained(before, after):
    return after**2 - before**2


fitted = {}
for noise in (0.3, 1.5):
    other, _ = failures.prepare_one(preset, seed, noise)
    fitted[noise] = validation_offset(other, network_predict(other, pretrained))
print(f"fitted {fitted[1.5] - fitted[0.3]:.2f} K², derived {gained(0.3, 1.5):.2f} K²")
check(exercises.judge_added, gained)

# %% [markdown]
# :::{admonition} Exercise 2 · Derive · 10 minutes
# :name: exercise-failures-coverage
# A Gaussian forecast says a standard deviation, and its Gaussian errors have another. What does its central 90 % interval
# cover? In the nearest ring sim-only says 0.37 K, where 1.07 K would fit. Does the formula give what was found there?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The interval reaches 1.645 said standard deviations to either side. How many true ones is that? `scipy.stats.norm.cdf` has the share below.
# :::


# %% tags=["exercise"]
def coverage(said, true):
    """Return the share of errors within the interval, from both deviations (K)."""
    ...  # YOUR TURN


check(exercises.judge_coverage, coverage)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: twice the share below 1.645 times the ratio, less one. It gives 0.43 in the nearest ring, where 0.55 was found:
# errors are not Gaussian. A few are large, of clear nights most likely, and most are smaller than a Gaussian's of that deviation.
from scipy.stats import norm


def covered(said, true):
    return 2 * norm.cdf(norm.ppf(0.95) * said / true) - 1


ring = nearest.loc["sim-only"]
derived = covered(ring["spread"], ring["needed"])
print(f"nearest ring: derived {derived:.2f}, found {ring['coverage']:.2f}")
wrong = predictions["sim-only"][0] - held_out
typical = np.nanmedian(np.abs(wrong)) / np.sqrt(np.nanmean(wrong**2))
print(f"held-out stations: median error over RMSE {typical:.2f}, Gaussian 0.67")
check(exercises.judge_coverage, covered)

# %% [markdown]
# :::{admonition} Exercise 3 · Write · 10 minutes · three lines
# :name: exercise-failures-offset
# One number for every place is crude. Multiply the standard deviation by a factor instead of adding a variance. Write what finds the factor that
# makes the coverage 90 %, and find it at validation stations. Does it hold at the held-out ones?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# The interval holds 90 % of the readings if its half width is the 90 % quantile of the errors' sizes. `np.nanquantile` leaves gaps out.
# :::


# %% tags=["exercise"]
def factor_for(error, std):
    """Return the factor, from errors and standard deviations (K), NaN in gaps."""
    ...  # YOUR TURN


check(exercises.judge_factor, factor_for)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the 90 % quantile of |error| / std over the Gaussian's own. Found at the held-out stations their coverage is 90 % by
# construction, which proves nothing; found at validation stations it is a prediction.


def needed_factor(error, std):
    return np.nanquantile(np.abs(error) / std, 0.9) / norm.ppf(0.95)


split = experiment.stations
there = split.train, split.validation, experiment.hours.validation
at_validation = sim_only(*there)
read_there = measured(experiment.data.stations).values[np.ix_(there[2], there[1])]
mean, std = predictions["sim-only"]
factor = needed_factor(held_out - mean, std)
fair = needed_factor(read_there - at_validation[0], at_validation[1])
for where, value in {"held-out": factor, "validation": fair}.items():
    scores = score_gaussian(mean, value * std, held_out)
    print(f"found at {where} stations: {value:.2f}, coverage {scores.coverage:.0%}")
check(exercises.judge_factor, needed_factor)

# %% [markdown]
# ## Summary
#
# - A network that met only a reanalysis is overconfident at every distance: it saw neither a thermometer's error nor a place's
#   own night. The paper's claim that it is so near the context holds; that it is worst there does not, at this grid's spacing.
# - A thermometer's error echoes in the map. That is seen by taking it out and predicting again. Here it is weak and wide.
# - One variance fitted on validation stations mends the confidence and leaves the echo. Adapting mends as much and lowers
#   the echo of the nearest ring from 0.203 to 0.172. The mean's error stays: 1.01 K there before, 1.05 K after.
#
# **Not shown:** real stations, whose errors nobody knows; the paper's larger network and finer grid, on which an artifact
# could be narrower. A cure that we have not tried is noise on the context in pre-training.
#
# **Next:** {doc}`/notebooks/open_questions` turns three questions of the paper into experiments.
#
# :::{admonition} For instructors
# :class: dropdown
# Common misconception: that a small standard deviation near data is a virtue. If time is short, skip the echo.
# Exercises 1 and 2 need paper.
# :::

# %% tags=["remove-cell", "claims"]
from sparseobs.runs.claims import say_which_hold

judged = {name: score_gaussian(*pair, held_out) for name, pair in predictions.items()}
ends = {name: share[0] + share[-1] for name, share in shares.items()}
say_which_hold(
    {
        "widening leaves the mean": lambda: (
            judged["sim-only"].mae == judged[failures.WIDENED].mae
        ),
        "both repairs raise the coverage": lambda: (
            judged["sim-only"].coverage
            < min(judged[failures.WIDENED].coverage, judged["Sim2Real"].coverage)
        ),
        "sim-only's outermost bars are the highest": lambda: (
            max(ends, key=ends.get) == "sim-only"
        ),
        "coverage at held-out stations: 45 %, repaired 90 % or more": lambda: (
            round(judged["sim-only"].coverage, 2) == 0.45
            and min(judged[name].coverage for name in (failures.WIDENED, "Sim2Real"))
            >= 0.895
        ),
        "no repair lowers the error": lambda: (
            judged["sim-only"].mae
            == min(judged[name].mae for name in ("sim-only", "Sim2Real"))
        ),
        "derived 0.43, found 0.55": lambda: (
            [round(derived, 2), round(ring["coverage"], 2)] == [0.43, 0.55]
        ),
        "most errors are smaller than a Gaussian's": lambda: typical < 0.67,
        "the fitted variance grows by about what was derived": lambda: (
            abs(fitted[1.5] - fitted[0.3] - gained(0.3, 1.5)) < 0.5
        ),
        "the needed factor makes coverage 90 %": lambda: (
            abs(
                score_gaussian(
                    predictions["sim-only"][0],
                    factor * predictions["sim-only"][1],
                    held_out,
                ).coverage
                - 0.9
            )
            < 0.01
        ),
    }
)

# %% tags=["hide-input"]
print(
    f"sparseobs {sparseobs.__version__}, preset {preset}, synthetic twin, seed {seed}; "
    "computed on this page except where a table is named"
)
