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
# (observing-network)=
# # Capstone: design your observing network
#
# :::{admonition} On this page
# **You will be able to** design an observing network within a budget, score it fairly, improve it step by step, and
# enter it in a contest.
#
# **You need** masks from {doc}`/notebooks/sparse_world`, and LETKF from {doc}`/notebooks/classical_filters`.
#
# **Time** 20 minutes to read, half a minute to run at `lesson` size, 60 minutes for the exercises and the contest.
#
# **Runs on** one CPU core and 1 GB of memory. Everything here is synthetic: the truth comes from the simulator.
# :::
#
# Lorenz-96 has forty sites, and you have ten instruments. At each cycle ten sites may be observed, no more. Where do
# they stand, do they move, and which filter uses their readings? The score is the CRPS ({doc}`/book/notation`) on
# truths that you have not seen. Between the worst design of this page and the best it falls from 1.50 to 0.24, always
# with ten readings a cycle.

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
# `.venv/bin/papermill notebooks/observing_network.ipynb out.ipynb -p seed 3`

# %% tags=["parameters"]
import os

# smoke (seconds), lesson (half a minute) or paper (an hour)
preset = os.environ.get("SPARSEOBS_PRESET", "lesson")
seed = 0  # whole number: practice truths, noise and first members follow from it
obs_error_std = 1.0  # noise of an observation, state units: 1.0 or 2.5
n_truths = None  # independent practice truths, 2 or more (None: the preset's)
n_cycles = None  # cycles scored on each, 2 or more (None: the preset's)

# %% tags=["hide-input"]
import tempfile
from pathlib import Path

import pandas as pd
import torch
from sparseobs.figures import style
from sparseobs.figures.filtering import observed_sites
from sparseobs.observing.twin_experiment import simulate
from sparseobs.runs import claims, settings
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.checking import check
from sparseobs_book.observing_network import contest, exercises
from sparseobs_book.observing_network import figures as draw
from sparseobs_book.observing_network import run as network
from sparseobs_book.trained_filters.lorenz96 import SYSTEM, run_filter, scores

style.use()
page = settings.resolve(
    network.PRESETS,
    preset,
    seed=seed,
    obs_error_std=obs_error_std,
    n_truths=n_truths,
    n_cycles=n_cycles,
)
letkf = network.filter_of("LETKF", obs_error_std=page.obs_error_std)
print(settings.describe(page))
print(letkf, f"with {network.MEMBERS} members")

# %% [markdown]
# ## Four plain designs
#
# A network is a mask: one row for each cycle, one column for each site, true where an instrument looks. At most ten are
# true in a row; after the last row the first follows.


# %%
fixed, rotating, cluster, anywhere = (
    torch.zeros(n_rows, 40, dtype=torch.bool) for n_rows in (1, 4, 1, 200)
)
fixed[0, ::4] = cluster[0, :10] = True
for cycle in range(4):
    rotating[cycle, cycle::4] = True
stream = torch.Generator().manual_seed(page.seed)
for row in anywhere:
    row[torch.randperm(40, generator=stream)[:10]] = True

# %% mystnb={"figure": {"caption": "Four networks of ten instruments: which sites they see in the first twenty cycles.", "name": "fig-network-designs"}, "image": {"alt": "Four panels of sites against cycles: vertical lines for the fixed network, diagonals for the rotating one, a solid block at the left for the cluster, and scattered marks for the random one."}}
masks = {
    "every 4th, fixed": fixed,
    "every 4th, rotating": rotating,
    "a cluster": cluster,
    "random": anywhere,
}
designs = {name: network.ListedSites.of(mask) for name, mask in masks.items()}
figure = observed_sites({name: one.mask(20, 40) for name, one in designs.items()})

# %% [markdown]
# ## The score
#
# One network, by hand: simulate truths, observe them, and run the filter from members drawn from the climate. Score
# what follows the burn-in, the first cycles. The last line compares with the page's function, which does the same.

# %%
trial = simulate(
    SYSTEM,
    designs["every 4th, rotating"],
    n_cycles=page.burn_in + page.n_cycles,
    batch=page.n_truths,
    obs_error_std=page.obs_error_std,
    seed=page.stream,
)
run = run_filter(letkf, trial.observations, network.first_members(page), page.stream)
by_hand = scores(run, trial, page.burn_in)["crps"]
results = {name: network.score(page, one, letkf) for name, one in designs.items()}
gap = (by_hand - results["every 4th, rotating"]["crps"]).abs().max()
print(f"rotating: CRPS {repeat_interval(by_hand):.3f}, largest difference {gap:.0e}")

# %% mystnb={"figure": {"caption": "CRPS of four networks of ten instruments, read by LETKF with twenty members, tuned for the rotating one: a mark a truth, and the 95 % interval of their mean (bars). “Lost”: truths of eight that were lost.", "name": "fig-network-crps"}, "image": {"alt": "Four rows of marks: the rotating network lies lowest near 0.38, the random one near 0.43; the fixed one scatters from 0.4 to 1.1; the cluster lies near 1.5 and loses all truths."}}
figure = draw.crps_by_network(results, dict.fromkeys(results, "LETKF"))


# %%
def summary(tables):
    rows = {
        name: {
            "CRPS": f"{repeat_interval(each['crps']):.3f}",
            "RMSE": each["rmse"].mean().round(2),
            "spread": each["spread"].mean().round(2),
            "lost": int(each["lost"].sum()),
        }
        for name, each in tables.items()
    }
    return pd.DataFrame(rows).T


summary(results)

# %% [markdown]
# **What to see** in {numref}`fig-network-crps`: four networks with the same number of readings have CRPS from 0.38 to
# 1.50. Ten instruments side by side *lose* all eight truths: for 50 cycles or more the error is beyond half of the
# climate's. Every fourth site, fixed, never sees three sites in four: 0.70. Let the same ten move on by one site each
# cycle, and the score nearly halves, to 0.38. Random places come close, 0.43. The intervals are over truths; all
# networks meet the same ones, so differences are more certain than the intervals suggest.
#
# ## Improve it, a step at a time
#
# Change one thing at a time, and compare truth by truth (*paired*). Here: the sense of the rotation, then the filter.
# *Backwards* the observed sites move by one to the left each cycle. LETKF and the fixed-lag smoother
# ({doc}`/notebooks/start_from_kalman`) take settings of your own. The learned filters AmEnF and AmEnS are stored
# networks that *were taught one pattern*, every fourth site rotating forwards; they accept any mask.

# %%
backwards = network.ListedSites.of(rotating[[0, 3, 2, 1]])
steps = {
    "rotating": ("LETKF", designs["every 4th, rotating"]),
    "backwards": ("LETKF", backwards),
    "backwards, smoother": ("fixed-lag smoother", backwards),
    "backwards, AmEnS": ("AmEnS", backwards),
    "random, AmEnS": ("AmEnS", designs["random"]),
}
improved = {"rotating": results["every 4th, rotating"]}
for name, (filter_, one) in list(steps.items())[1:]:
    made = network.filter_of(filter_, obs_error_std=page.obs_error_std)
    improved[name] = network.score(page, one, made)

# %%
table = summary(improved)
usual = improved["rotating"]["crps"]
table["CRPS less, paired"] = [
    ""
    if each is improved["rotating"]
    else f"{repeat_interval(usual - each['crps']):.3f}"
    for each in improved.values()
]
table.fillna("")

# %% [markdown]
# **What to see**: with LETKF eight truths show no difference between the two senses. The smoother, on the backward
# network, lowers 0.38 to 0.29, and AmEnS to 0.28, though it was taught the other sense. Even at random places AmEnS has
# a lower CRPS than LETKF on any of the four plain designs.
#
# ## What a network may know
#
# A plan is made beforehand: it may depend on time, not on the truth. A mask that looks where the truth is largest would
# be unfair, since nobody has the truth. But *forecasts* are at hand, and an instrument that can be moved may go where
# the members disagree. This is *targeted observing* {cite:p}`lorenz1998`. It uses past observations and nothing else.
# Exercise 3 writes the rule; here it runs:


# %%
def most_uncertain(members):
    mask = torch.zeros(40, dtype=torch.bool)
    mask[members.std(0).topk(10).indices] = True
    return mask


targeted, looked = network.run_targeted(page, most_uncertain, letkf)
gain = repeat_interval(improved["rotating"]["crps"] - targeted["crps"])
print(f"targeted, LETKF: CRPS {repeat_interval(targeted['crps']):.3f}")
print(f"less than the rotating network by {gain:.3f}, paired")

# %% mystnb={"figure": {"caption": "Where ten instruments look during twenty cycles on one truth: the rotating plan, and ten that go where the forecast's members disagree most.", "name": "fig-network-targeted"}, "image": {"alt": "Two panels of sites against cycles: regular diagonals for the rotating network; for the targeted one irregular marks, with some places seen again and again and wide gaps elsewhere."}}
last = page.n_cycles + page.burn_in
shown = slice(max(0, last - 20), last)
figure = observed_sites(
    {
        "rotating": designs["every 4th, rotating"].mask(last, 40)[shown],
        "targeted": looked[shown, 0],
    }
)

# %% [markdown]
# **What to see** in {numref}`fig-network-targeted`: the instruments come back to some places again and again, and leave
# others alone for long. With the same ten readings a cycle and the same LETKF the CRPS falls from 0.38 to 0.24. That is
# less than every plan above, with every filter tried. The contest is for plans alone: a submission holds no code.
#
# ## Break it, repair it
#
# The cluster failed: all its readings are of one quarter of the ring. Keep the ten side by side, but let them move on
# by ten sites each cycle.

# %%
moving = torch.zeros(4, 40, dtype=torch.bool)
for cycle in range(4):
    moving[cycle, 10 * cycle : 10 * cycle + 10] = True
plan = network.ListedSites.of(moving)
repaired = {
    "a cluster": results["a cluster"],
    "a cluster that moves": network.score(page, plan, letkf),
}
summary(repaired)

# %% [markdown]
# **What to see**: the same ten neighbours have 1.50 if they stay and 0.47 if they move, and then none of the eight
# truths is lost. It matters more that every site is seen now and then than how the ten are spread.
#
# ## The contest
#
# A submission is a small file: a name, the rows of sites, a filter and, if you like, settings of it.
# {numref}`tab-network-keys` says what it may hold.
#
# ```{list-table} A submission's keys
# :header-rows: 1
# :name: tab-network-keys
#
# * - Key
#   - What it holds
# * - `name`
#   - 1 to 40 letters, digits, spaces, `.`, `'` or `-`
# * - `sites`
#   - up to 1000 rows, each of at most ten different sites from 0 to 39
# * - `filter`
#   - `LETKF`, `fixed-lag smoother`, `AmEnF` or `AmEnS`, with 20 members
# * - `settings`
#   - may be left out. LETKF: `inflation`, `radius`, `rotation`; the smoother: these, and `lag` (up to 8), `shift`,
#     `reduction`, `growth`, `largest_surprise`
# ```

# %%
room = Path(tempfile.mkdtemp())  # a folder that the room shares
entries = [
    {"name": "Ada", "sites": designs["every 4th, fixed"].rows, "filter": "LETKF"},
    {"name": "Ben", "sites": plan.rows, "filter": "fixed-lag smoother"},
    {"name": "Cleo", "sites": backwards.rows, "filter": "AmEnS"},
]
for entry in entries:
    print("wrote", contest.write(entry, room).name)
_ = (room / "dora.json").write_text(
    '{"name": "Dora", "filter": "LETKF", "sites": [[40]]}'
)
_ = (room / "emil.json").write_text('{"name": "Emil", "sites": [[0, 4')

# %% [markdown]
# When all have submitted, the lecturer chooses a number, and one command draws the hidden truths from it:
# `python -m sparseobs network leaderboard FOLDER --seed 7 --csv board.csv`. Whoever runs it with the same number gets
# the same table. It does this:

# %%
hidden = page.hidden(7)
board = contest.leaderboard(room, hidden)
print(contest.said(board, hidden))

# %% [markdown]
# Dora's site does not exist and Emil's file is cut off: both are named, with the reason, and the others are ranked. A
# run whose states do not stay finite gets the score of members of the climate. A run takes a second or two.
#
# :::{admonition} Check yourself: why must the number be told after the deadline?
# :class: dropdown
# The truths follow from it. Whoever knows it can try a thousand plans on the very truths of the contest and send in
# the luckiest. That is tuning on test data.
# :::
#
# ## Exercises
#
# :::{admonition} Exercise 1 · Predict · 5 minutes · no code
# :name: exercise-network-five
# Half the budget: five instruments, every eighth site, that move on by one site each cycle. Or ten side by side that
# stay. Which has the lower CRPS with LETKF? Write your answer before you run the cell.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# How many sites does each of the two ever see?
# :::

# %% tags=["exercise"]
prediction = ...  # YOUR TURN: "five that move" or "ten that stay"
check(exercises.judge_five_or_ten, prediction)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the five, with half the readings, since they see every site once in eight
# cycles. The ten see a quarter of the ring, over and over, and lose the rest.
check(exercises.judge_five_or_ten, "five that move")

# %% [markdown]
# :::{admonition} Exercise 2 · Write · 10 minutes
# :name: exercise-network-moving
# Write the mask of a cycle for a network of ten that moves, other than the page's own, such that every site is seen
# within four cycles, wherever one begins.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Cut the ring into four sets of ten, and let `cycle % 4` choose one.
# :::


# %% tags=["exercise"]
def my_mask(cycle):
    """Return (40,) of booleans: where the ten instruments look at a cycle, 0, 1, 2, ..."""
    return ...  # YOUR TURN


check(exercises.judge_moving, my_mask)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: five pairs of neighbours, eight sites apart, that move on by two sites a cycle.
# After four cycles they have been everywhere.
def pairs(cycle):
    mask = torch.zeros(40, dtype=torch.bool)
    first = (torch.arange(0, 40, 8) + 2 * cycle) % 40
    mask[first] = mask[(first + 1) % 40] = True
    return mask


check(exercises.judge_moving, pairs)

# %% [markdown]
# :::{admonition} Exercise 3 · Write · 10 minutes
# :name: exercise-network-place
# Write the rule of targeted observing: from the members of a forecast, place ten instruments where their standard
# deviation is largest. Do it without looking at `most_uncertain` above, then compare. Think further: what would you
# change so that no two stand side by side?
# :::
#
# :::{admonition} Hint
# :class: dropdown
# A standard deviation over members, then the places of its ten largest values: `torch.topk` or `argsort`.
# :::


# %% tags=["exercise"]
def place(members):
    """Return (site,) of booleans from the forecast's members (member, site)."""
    return ...  # YOUR TURN


check(exercises.judge_place, place)


# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: the ten largest of forty standard deviations. To keep them apart, take the
# largest, strike out its two neighbours, and go on with what is left.
def where_members_disagree(members):
    order = members.std(0).argsort(descending=True)
    return torch.zeros(40, dtype=torch.bool).index_fill(0, order[:10], True)


check(exercises.judge_place, where_members_disagree)

# %% [markdown]
# :::{admonition} Exercise 4 · Modify · 20 minutes
# :name: exercise-network-submit
# Change the submission below until it beats every fourth site, fixed, with LETKF, on practice truths. Then set `folder`
# to the one that your lecturer names, and write it there.
# :::
#
# :::{admonition} Hint
# :class: dropdown
# Two changes on this page were large: instruments that move, and another filter.
# :::

# %% tags=["exercise"]
folder = room  # YOUR TURN: Path("the folder that the room shares")
mine = {
    "name": "Your name",
    "sites": [list(range(0, 40, 4))],  # YOUR TURN: a row a cycle
    "filter": "LETKF",  # YOUR TURN
    "settings": {"inflation": 1.04},
}
check(exercises.judge_submission, mine)
# contest.write(mine, folder)

# %% tags=["hide-cell", "solution"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
# Solution: one that moves, and the smoother. There are better ones.
solved = {
    "name": "The book",
    "sites": [pairs(cycle).nonzero()[:, 0].tolist() for cycle in range(4)],
    "filter": "fixed-lag smoother",
}
check(exercises.judge_submission, solved)
print("wrote", contest.write(solved, room).name)

# %% [markdown]
# ## Summary
#
# - A network within the budget is a mask with at most ten true in each cycle; instruments that move see the whole ring.
# - Score on several truths, compare them in pairs, change one thing at a time, and leave hidden truths hidden.
# - Targeting the forecast's spread beat every plan here; a plan may not know the truth.
#
# **Not shown:** instruments of different noise or cost, networks in a wrong model, filters retrained for each network,
# and whether the ranking holds at other noise.
#
# **Next:** {doc}`/notebooks/temperature_from_stations` leaves the simulator's ring.
#
# :::{admonition} For instructors
# :class: dropdown
# 80 minutes with the contest, which works in a room with a shared folder. Collect the files, choose a number, run the
# command on a screen. Common misconception: that evenly spread instruments are best. If time is short, skip the
# improvements.
# :::

# %% tags=["hide-input"]
print(f"sparseobs {sparseobs.__version__}, preset {preset}, seed {seed}")

# %% tags=["remove-cell", "claims"]
crps = {name: each["crps"].mean() for name, each in (results | improved).items()}
at = board.table.set_index("name")
claims.say_which_hold(
    {
        "by hand as by the page": lambda: gap < 1e-12,
        "from 0.38 to 1.50": lambda: (
            [round(crps[name], 2) for name in ("every 4th, rotating", "a cluster")]
            == [0.38, 1.50]
        ),
        "0.70 fixed, 0.43 random": lambda: (
            [round(crps[name], 2) for name in ("every 4th, fixed", "random")]
            == [0.70, 0.43]
        ),
        "a cluster loses all": lambda: results["a cluster"]["lost"].all(),
        "backwards alone: nothing to show": lambda: (
            repeat_interval(usual - improved["backwards"]["crps"]).low < 0
        ),
        "smoother 0.29, AmEnS 0.28": lambda: (
            round(crps["backwards, smoother"], 2) == 0.29
            and round(crps["backwards, AmEnS"], 2) == 0.28
        ),
        "AmEnS at random places is ahead of LETKF anywhere": lambda: (
            crps["random, AmEnS"] < min(crps[name] for name in designs)
        ),
        "targeted: 0.24, less than all": lambda: (
            round(targeted["crps"].mean(), 2) == 0.24
            and targeted["crps"].mean() < min(crps.values())
        ),
        "a cluster that moves: 0.47, none lost": lambda: (
            round(repaired["a cluster that moves"]["crps"].mean(), 2) == 0.47
            and not repaired["a cluster that moves"]["lost"].any()
        ),
        "two are refused, three ranked": lambda: (
            len(board.refused) == 2 and set(at.index) == {"Ada", "Ben", "Cleo"}
        ),
    }
)
