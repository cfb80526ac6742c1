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
# (results)=
# # What was reproduced: filters
#
# :::{admonition} On this page
# **You will find** every number that the authors of the AmEnF {cite:p}`mccabe2021` left of other filters, what we measured
# beside it, and what we could not reproduce. The temperature half has its own page: {doc}`/notebooks/results_temperature`.
#
# **You need** {doc}`/notebooks/filter_comparison`, or an interest in how far to trust it.
#
# **Runs on** seconds of one CPU core: it only reads stored tables.
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

# smoke, lesson or paper: the same here, for the page only reads stored tables
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
system = "all"  # all, lorenz96 or kuramoto_sivashinsky
obs_error_std = 0.0  # 1.0 or 2.5 (0: both)

# %% tags=["hide-input"]
import pandas as pd
from IPython.display import display
from sparseobs.figures import style
from sparseobs.figures.style import TITLES
from sparseobs.figures.word_table import word_table
from sparseobs.runs import settings
from sparseobs.runs.results import about_result, read_result
from sparseobs.scores.intervals import Interval, repeat_interval
from sparseobs_book.reproduced import figures, filters, verdict
from sparseobs_book.trained_filters import recipes
from sparseobs_book.trained_filters.stored import stored_filter

# %% tags=["hide-input"]
page = settings.resolve(
    filters.PRESETS, preset, system=system, obs_error_std=obs_error_std
)
style.use()
shown = page.of(filters.beside_published())
ran = shown[shown["mean"].notna()]
print(
    f"theirs: {len(shown)} numbers; ours: {len(ran)}; reproduced: {(ran['verdict'] == 'reproduced').sum()}"
)

# %% [markdown]
# A row is *reproduced* if their number lies where one more seed of ours would fall with a probability of 95 %. That is 2.4 times as
# wide as the interval of our mean over five seeds, which the figure and the tables show. The rule is lenient where seeds
# differ: iEnKS with 20 members is reproduced on Lorenz-96 although our mean is a sixth above theirs. So read the two
# numbers, not the word.
#
# The measure is the root-mean-square error of the analysis (RMSE, {doc}`/book/notation`), in state units.

# %% tags=["hide-input"] mystnb={"figure": {"caption": "RMSE of the analysis: in the authors' repository (hollow circles) and ours (filled, with 95 % intervals over five seeds), by ensemble size. 4D-Var has no ensemble (–). With 15 and 30 members ours were not run.", "name": "fig-results-published"}, "image": {"alt": "Four panels of dots, a system and noise each: most of our intervals lie within or at the edge of the authors' circles; iEnKS with 20 members on Kuramoto-Sivashinsky at noise 1 lies well above its circle."}}
figure = figures.published_and_ours(shown[shown["method"] != "climatology"])

# %% [markdown]
# ## The classical filters, number by number
#
# The paper's figure 7 prints no numbers. These are from the history of its authors' repository
# (`mikemccabe210/amortizedassimilation`, commits `5a3f5f8` and `e3b69a7`), made before the paper. They are the best setting of a search,
# for Kuramoto-Sivashinsky of one seed, and with the noise inferred. They were never published elsewhere. There are none
# of Vissio-Lucarini 20.


# %% tags=["hide-input"]
def told(row):
    members = f", {row.ensemble_size} members" if row.ensemble_size > 1 else ""
    ours = f"{Interval(row.mean, row.low, row.high, row.runs):.3f}"
    lost = f", {row.lost} of {row.runs} lost" if row.lost else ""
    return row.method + members, f"{row.published:g}", ours + lost, row.verdict


for (name, noise), rows in ran.groupby(["system", "obs_error_std"], sort=False):
    table = pd.DataFrame(
        [told(row) for row in rows.itertuples()],
        columns=["filter", "theirs", "ours", "verdict"],
    )
    display(word_table(table).set_caption(f"{TITLES[name]}, noise {noise:g}"))

# %% tags=["hide-input"]
about_result("filter_comparison")

# %% [markdown]
# Their numbers are the best lines of a search, scored on the very truths it was searched on; our settings were chosen on other truths.
# Far off is iEnKS on Kuramoto-Sivashinsky at noise 1 with 20 members, 0.122 there and 0.175 here. LETKF on
# Kuramoto-Sivashinsky at noise 2.5 does worse here with five members, 0.470 beside 0.441, and with 20, 0.421 beside 0.346.
#
# **Not tested: the authors' own filter.** Their notebook has an AmEnF at 0.630 with five members, and a checkpoint's name says
# 0.611 (its number of members is inferred, not stated). Both are of another problem than ours. The authors' code runs
# Lorenz' ring the other way round, so that their observed sites move *backwards* against the waves, ours forwards, as DAPPER's do.
# A number of the one sense says nothing about the other. Their network also saw some fifty times as much training.
# With a GPU this is the command at the paper's size, forwards; nobody has run it:
#
# ```bash
# python -m sparseobs filters train --system lorenz96 --filters 64 --dropout 0.2 --protocol paper --round 47000 \
#     --batch 64 --micro-batch 64 --ensemble-size 10 --first-unroll 40 --last-unroll 40 --device cuda --compiled
# ```

# %% [markdown]
# ## What the paper says in words

# %% tags=["hide-input"]
word_table(filters.claims())

# %% [markdown]
# The first is {doc}`/notebooks/objectives`, every site observed, noise 1; the second {doc}`/notebooks/ensembles`; the third
# {doc}`/notebooks/unknown_instrument`: the RMSE between the observed sites, with the instrument less without it, over two
# trainings. What the paper does not say: the spread that dropout leaves is far too small. Spread over error, which an honest ensemble has near one:

# %%
learned = read_result("filter_comparison").table.query("method == 'AmEnF'")
means = learned.groupby(["system", "obs_error_std"])[["rmse", "spread"]].mean()
means.assign(ratio=means["spread"] / means["rmse"]).round(3)

# %% [markdown]
# ## Are the classical filters right?
#
# Before a comparison means anything, its baselines have to be right. DAPPER lists the errors that published settings should give
# {cite:p}`raanes2024`; this is what comes out of our bridge to it. Members start near the truth here, as DAPPER's do. In all
# other tables they start from the climate; this is why LETKF stands lower here than above.

# %% tags=["hide-input"]
rows = read_result("published_rows").table
ours = [
    Interval(*values) for values in rows[["rmse", "low", "high", "repeats"]].to_numpy()
]
words = [
    verdict(low <= number <= high)
    for (_, low, high, _), number in zip(ours, rows["published"], strict=True)
]
word_table(
    rows[["row", "published"]]
    .round(2)
    .astype(str)
    .assign(ours=[f"{one:.3f}" for one in ours], verdict=words)
)

# %% tags=["hide-input"]
about_result("published_rows")

# %% [markdown]
# ## What we set out to reach, and missed
#
# Three aims were set before the work began. One was an RMSE of at most 0.79 on Lorenz-96 with ten members at noise 1, from
# a network trained on a CPU. The others were to be no worse than a tuned LETKF on Kuramoto-Sivashinsky and on Vissio-Lucarini 20. All three were missed.
# The network reaches 0.81, and LETKF with ten members is ahead on both other systems at noise 1. These are the cases in which LETKF is ahead of it, seed by seed:

# %% tags=["hide-input"]
keys = ["system", "obs_error_std", "ensemble_size"]
measured = read_result("filter_comparison").table.query("implementation != 'DAPPER'")
wide = measured.pivot_table(
    index=[*keys, "seed"], columns="method", values="rmse", sort=False
)
gaps = (wide["AmEnF"] - wide["LETKF"]).dropna().groupby(level=keys, sort=False)
found = {case: repeat_interval(gap) for case, gap in gaps}
behind = [
    (TITLES[s], f"{noise:g}", f"{n}", f"{gap:+.3f}")
    for (s, noise, n), gap in found.items()
    if gap.low > 0
]
word_table(
    pd.DataFrame(
        behind, columns=["system", "noise", "members", "AmEnF's RMSE less LETKF's"]
    )
)

# %% [markdown]
# They are the cases of low noise and many members. By the CRPS, which judges the spread as well, LETKF is ahead in more of them
# ({doc}`/notebooks/filter_comparison`). Aims about speed are in {ref}`rerun-speed`.
#
# The AmEnF missed them. The filter of {doc}`/notebooks/start_from_kalman`, the AmEnS, starts from a tuned smoother and meets the first: 0.55
# on Lorenz-96 with ten members at noise 1, over ten seeds of 1,000 cycles:

# %% tags=["hide-input"]
aim = "experiment == 'standard' and system == 'lorenz96' and obs_error_std == 1"
long = read_result("long_comparison").table.query(aim)
errors = long[long["ensemble_size"] > 1].pivot_table(
    index="ensemble_size", columns="method", values="rmse"
)
errors.round(3)

# %% tags=["hide-input"]
about_result("long_comparison")

# %% [markdown]
#
# ## The numbers of this page
#
# The text speaks of these numbers as they are given. With others, go by what the cells print.
#
# ```bash
# .venv/bin/papermill notebooks/results_filters.ipynb out.ipynb -p system lorenz96 -p obs_error_std 2.5
# ```
#
# The learned filters come from these commands, each on one core of a CPU that others used as well:

# %% tags=["hide-input"]
for name in recipes.STANDARD:
    for noise in recipes.NOISES:
        made = stored_filter(name, noise)
        print(recipes.training_command(made.recipe))
        print(f"  # {made.recipe.training.n_iterations} steps, {made.minutes:.0f} min")

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}")
