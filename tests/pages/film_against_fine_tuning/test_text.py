"""The words on Gaussian processes are true of the stored tables."""

import pytest

from sparseobs.runs.results import read_result
from sparseobs_book.laboratory import summary
from sparseobs_book.laboratory.rates import best_rates
from sparseobs_book.laboratory.settings import PRESETS, RATES

PAGE, FILM, GLOBAL = "film_against_fine_tuning", "Sim2Real (FiLM)", "Sim2Real"


@pytest.fixture(scope="module")
def table():
    return read_result("gp_laboratory").table


@pytest.fixture(scope="module")
def tried():
    return read_result("gp_laboratory_rates").table


def test_the_first_paragraph(unsaid, table):
    leads = summary.film_lead(table)
    ahead, behind = (leads["low"] > 0).sum(), (leads["high"] < 0).sum()
    assert not unsaid(
        PAGE,
        f"Of {len(leads)} places FiLM is ahead at {ahead} and all weights at {behind};",
        f"FiLM's largest lead is {leads['mean'].max():.3f} nats, its largest lag {-leads['mean'].min():.3f}",
    )
    assert (table["seed"].nunique(), table["pretraining_seed"].nunique()) == (10, 3)


def test_what_is_lost_without_adapting(unsaid, table):
    lost = summary.gap_to_exact(table).query("n_tasks == 0").set_index(["gap", "length_scale", "noise_variance"])
    down, up = lost.loc[("shrinking", 0.05, 0.05), "mean"], lost.loc[("growing", 1.0, 0.05), "mean"]
    assert not unsaid(PAGE, f"{down:.2f} nats from 0.25 to 0.05", f"from 0.2 to 1, costs {up:.2f}")
    assert down > 3 * up and lost["mean"].idxmax()[1] == 0.05


def test_sixteen_tasks_win_most_of_it_back(unsaid, table):
    rows = summary.gap_to_exact(table).query("length_scale == 0.05").set_index(["gap", "n_tasks"])["mean"]
    assert all((rows[gap, 16] < 0.1 * rows[gap, 0]).all() for gap in ("shrinking", "mixed"))
    recipe = PRESETS["lesson"].adapting
    steps = recipe.max_epochs * recipe.batches_per_epoch
    assert not unsaid(PAGE, f"(`inf`, {steps * recipe.batch_size:,} in {steps} steps)")


def test_three_of_four_findings_hold(table):
    rows = summary.findings(table).set_index("finding")
    wins, loses = rows.filter(like="win", axis=0), rows.drop(rows.filter(like="win", axis=0).index)
    assert (loses["high"] < 0).all() and len(loses) == 2
    grow, noise = wins.filter(like="grow", axis=0).iloc[0], wins.filter(like="noise", axis=0).iloc[0]
    assert noise["ahead"] > 0
    assert (grow["ahead"], grow["behind"], grow[["ahead", "behind", "open"]].sum()) == (0, 5, 12)


def test_where_film_wins_and_where_it_loses(unsaid, table):
    leads, by_tasks = summary.film_lead(table), summary.film_lead(table, ["gap", "n_tasks"])
    growing = by_tasks[by_tasks["gap"] == "growing"].set_index("n_tasks")
    assert growing.loc[16, "low"] > 0 > growing.loc[64, "high"] and growing.loc[64, "mean"] > growing.loc[256, "mean"]
    assert not unsaid(PAGE, f"with sixteen tasks, by {growing.loc[16, 'mean']:.3f} nats on average")
    assert leads.loc[leads["length_scale"] == 0.05, "high"].max() < 0
    noise = by_tasks[by_tasks["gap"] == "noise"]
    assert (noise["low"] > 0).all() and noise["mean"].max() < 0.01
    assert leads.loc[leads["n_tasks"] == 16, "mean"].max() < 0.03, "no lead with 16 tasks is as large as the rate's"


def test_rates(unsaid, tried):
    best = best_rates(tried)
    rates = best.pivot(index=summary.REALITY, columns="method", values="learning_rate")
    ratio = rates[FILM] / rates[GLOBAL]
    assert not unsaid(PAGE, f"FiLM wants a rate {ratio.min():.0f} to {ratio.max():.0f} times higher")
    ends = {method: (min(each), max(each)) for method, each in RATES.items()}
    assert not [each for each in best.itertuples() if each.learning_rate in ends[each.method]]
