"""The words of the page on the grid of stations by hours are true of the stored tables."""

import numpy as np
import pandas as pd
import pytest

from sparseobs.runs.results import read_result
from sparseobs.stations.twin_full import FULL
from sparseobs_book.temperature import headroom
from sparseobs_book.temperature import verdicts as told
from sparseobs_book.temperature.presets import grid_presets

PAGE, LEARNED, OPTIMAL = "adaptation_grid", "learned covariance", "optimal interpolation"
DRIFT, FROZEN = "kriging + elevation drift", "frozen high frequencies"
MANY = (100, 500)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return read_result("adaptation").table


@pytest.fixture(scope="module")
def known() -> pd.DataFrame:
    return read_result(headroom.NAME).table


def signed(number: float) -> str:
    """Return a difference as the page writes it; no zero is below zero."""
    return f"{number:+.2f}".replace("-0.00", "+0.00")


def listed(numbers, digits: int = 2) -> str:
    """Return numbers as "a, b and c"."""
    *first, last = (f"{number:.{digits}f}" for number in numbers)
    return f"{', '.join(first)} and {last}"


def number(count: int) -> str:
    return ("none", "one", "two", "three", "four")[count]


def span(gaps: pd.Series) -> str:
    return f"{signed(gaps.min())} to {signed(gaps.max())}"


def with_interval(row: pd.Series) -> str:
    return f"{signed(row['gap'])} K [{signed(row['low'])}, {signed(row['high'])}]"


def errors(table: pd.DataFrame, method: str, score: str = "mae") -> pd.DataFrame:
    """Return a method's scores: rows numbers of stations, columns numbers of hours, means over the seeds."""
    rows = table[table["method"] == method]
    return rows.pivot_table(index="n_stations", columns="n_times", values=score)


def in_cells(found: pd.DataFrame, least_hours: int = 0, stations: tuple[int, ...] = MANY) -> pd.DataFrame:
    return found[found["n_stations"].isin(stations) & (found["n_times"] >= least_hours)]


def of(found: pd.DataFrame, method: str) -> pd.DataFrame:
    return found[found["method"] == method]


def first_figure(table: pd.DataFrame) -> list[str]:
    alone = errors(table, "sim-only")[16]
    return [
        f"with 20, 100 and 500 stations sim-only errs {listed(alone)} K",
        f"with 10,000 hours it errs {listed(errors(table, 'Sim2Real')[10_000])} K",
        f"a learned covariance errs {listed(errors(table, LEARNED)[16])} K",
        f"interpolation errs {listed(errors(table, OPTIMAL)[16])} K",
        f"errs {alone[20] - alone[500]:.2f} K less with 500 than with 20",
    ]


def table_of_claims(table: pd.DataFrame) -> list[str]:
    mae, nll = (told.verdicts(table, score) for score in ("mae", "nll"))
    error, likelihood = (told.over_the_better(found) for found in (mae, nll))
    long = of(mae, "real-only").query("n_times == 10000")["gap"]
    rows = (
        ("the better of sim-only and real-only, MAE (K) | -0.2 to -0.1 | -0.15 to -0.05", in_cells(error, 400)["gap"]),
        ("the same, NLL (nats) | -1.0 to -0.5 | -2.0 to -0.3", in_cells(likelihood, 400)["gap"]),
        ("the same with 20 stations, MAE (K) | no gain | no gain", in_cells(error, stations=(20,))["gap"]),
        ("real-only, 10,000 hours, MAE (K) | no gain | ", long),
        ("FiLM, MAE (K) | far below 0 | -0.05 to +0.05", in_cells(of(mae, told.FILM))["gap"]),
        ("learned covariance, MAE (K) | | above 0", in_cells(of(mae, LEARNED))["gap"]),
    )
    return [f"| {claim} | {span(gaps)} |".replace("|  |", "| |") for claim, gaps in rows]


def what_came(table: pd.DataFrame, known: pd.DataFrame) -> list[str]:
    mae = told.verdicts(table, "mae")
    error, pooled = told.over_the_better(mae).set_index(told.CELL), told.pooled(mae)
    film, learned = (pooled.loc[method] for method in (told.FILM, LEARNED))
    ahead = [
        f"{row['gap']:.2f} K [{row['low']:.2f}, {row['high']:.2f}]" for row in (learned.loc[number] for number in MANY)
    ]
    realist, best = headroom.summary(known).loc[headroom.REALIST], error["gap"].idxmin()
    most = errors(table, "Sim2Real")[10_000]
    likelihood = in_cells(told.over_the_better(told.verdicts(table, "nll")), 400)
    missed, in_four = number((likelihood["gap"] > -0.3).sum()), in_cells(error.reset_index(), 400)
    return [
        f"The best cell has {best[0]} stations and {best[1]:,} hours: {with_interval(error.loc[best])}",
        f"it errs {most[100]:.2f} and {most[500]:.2f} K with 100 and 500 stations, the realist {realist[100]:.2f} and "
        f"{realist[500]:.2f} K",
        f"The predicted 0.05 K are reached in {number((in_four['gap'] <= -0.05).sum())} of the four cells",
        f"Sim2Real is ahead in {number(in_four['verdict'].eq(told.AHEAD).sum())} and equal in "
        f"{number(in_four['verdict'].eq(told.EQUAL).sum())}.",
        f"by less than the paper's lead, in {missed} by less than predicted",
        f"does harm: {with_interval(error.loc[20, 10_000])} with 10,000 hours",
        f"it errs {errors(table, 'sim-only').loc[20, 16]:.2f} K, kriging with elevation drift "
        f"{errors(table, DRIFT).loc[20, 16]:.2f} K",
        f"is as good, as predicted: {with_interval(film.loc[100])} with 100 stations and "
        f"{with_interval(film.loc[500])} with 500",
        f"ahead of Sim2Real by {ahead[0]} and {ahead[1]}",
        f"It wins {-error['gap'].min():.2f} K at best",
    ]


def epochs_kept(table: pd.DataFrame) -> list[str]:
    kept = in_cells(of(table, "Sim2Real"), 400).set_index("n_stations")["best_epoch"].astype(int)
    many = "the last is kept" if kept[500].min() == 15 else f"{kept[500].min()} to {kept[500].max()} are kept"
    return [
        f"Of 15 epochs {many} with 500 stations",
        f"stations epochs {kept[100].min()} to {kept[100].max()} are kept",
    ]


def how_sure(table: pd.DataFrame) -> list[str]:
    many = table[table["n_stations"] == 500].groupby("method")[["nll", "nll_offset", "coverage"]].mean()
    alone, ours = (many.loc[method] for method in ("sim-only", "Sim2Real"))
    return [
        f"with 500 stations sim-only has an NLL of {alone['nll']:.2f}",
        f"90 % intervals cover {100 * alone['coverage']:.0f} % of the readings",
        f"Sim2Real's NLL is then {errors(table, 'Sim2Real', 'nll').loc[500, 16]:.2f}",
        f"{alone['nll_offset']:.2f} for sim-only, {ours['nll_offset']:.2f} for Sim2Real",
        f"seeds ends at {of(table, 'Sim2Real').query('n_stations == 20 and n_times == 16')['nll'].max():.2f} nats",
    ]


def what_is_known(known: pd.DataFrame) -> list[str]:
    mae, nll = (headroom.summary(known, score) for score in ("mae", "nll"))
    steps = {name: mae.loc[name] for name in headroom.METHODS}
    hourly, realist, pupil = (steps[name] for name in (headroom.HOURLY, headroom.REALIST, headroom.PUPIL))
    nugget = known.pivot_table(index="method", columns="n_stations", values="nugget").loc[headroom.NUGGET]
    error = FULL.siting**2 + FULL.turbulence**2 + FULL.obs_error_std**2
    rest, smoother = steps[headroom.NUGGET] - realist, steps[headroom.SMOOTH] - pupil
    words = ("six", "eight") if [round(number / error) for number in (min(nugget), max(nugget))] == [6, 8] else ("?",)
    return [
        f"the nugget wins {listed(nll.loc[headroom.PUPIL] - nll.loc[headroom.NUGGET], 1)} nats",
        f"with 500 the error is {(steps[headroom.NUGGET] - pupil)[500]:.2f} K higher",
        f"nugget is {min(nugget):.1f} to {max(nugget):.1f} K², {' to '.join(words)} times the variance of a",
        f"wins {min(rest):.2f} to {max(rest):.2f} K",
        f"lapse rate wins kelvins: {listed(realist - hourly)} K",
        f"there are {listed(pupil - hourly)} K to win",
        f"even the perfect pupil ({pupil[500]:.2f} K)",
        f"begins {min(smoother):.2f} to {max(smoother):.2f} K worse",
    ]


@pytest.mark.parametrize("sentences", [first_figure, table_of_claims, epochs_kept, how_sure])
def test_the_page_says_what_the_grid_found(unsaid, table, sentences):
    assert not unsaid(PAGE, *sentences(table))


def test_the_page_says_what_came_of_the_prediction(unsaid, table, known):
    assert not unsaid(PAGE, *what_came(table, known))


def test_the_page_says_what_there_is_to_win(unsaid, known):
    assert not unsaid(PAGE, *what_is_known(known))


def test_the_nugget_wins_no_kelvin_and_the_lapse_rate_many(known):
    mae = headroom.summary(known)
    assert (mae.loc[headroom.NUGGET] >= mae.loc[headroom.PUPIL]).all()
    assert (mae.loc[headroom.REALIST] - mae.loc[headroom.HOURLY] > 0.05).all()


def test_the_papers_leads_are_not_there_and_that_in_nll_is_sure_in_three_of_four(table):
    mae, nll = (told.over_the_better(told.verdicts(table, score)) for score in ("mae", "nll"))
    error, likelihood = in_cells(mae, 400), in_cells(nll, 400)
    assert error["method"].eq("sim-only").all() and (error["gap"] > -0.1).all(), "the paper's lead"
    assert likelihood["verdict"].value_counts().to_dict() == {told.AHEAD: 3, told.OPEN: 1}
    assert likelihood["method"].eq("real-only").all()
    assert (likelihood["gap"] > -0.5).all(), "less than the paper's lead"


def test_with_500_stations_sim_only_is_behind_its_perfect_pupil(table, known):
    gap = errors(table, "sim-only")[16] - headroom.summary(known).loc[headroom.PUPIL]
    assert gap[500] > told.MARGIN


def test_with_20_stations_adapting_does_harm_and_sim_only_is_level_with_kriging(table):
    few = in_cells(told.over_the_better(told.verdicts(table, "mae")), stations=(20,))
    assert few["method"].eq("sim-only").all() and few.query("n_times == 10000")["verdict"].eq(told.BEHIND).all()
    assert abs(errors(table, "sim-only").loc[20, 16] - errors(table, DRIFT).loc[20, 16]) < told.MARGIN


def test_film_is_within_the_margin_and_the_learned_covariance_ahead_of_every_network(table):
    found = told.verdicts(table, "mae")
    assert in_cells(of(found, told.FILM))["gap"].abs().max() < told.MARGIN
    networks = ["sim-only", "real-only", "Sim2Real", told.FILM, FROZEN]
    best = np.min([errors(table, method) for method in networks], axis=0).min(axis=1)
    assert (errors(table, LEARNED)[16].to_numpy() < best).all()
    ahead = told.pooled(found).loc[LEARNED]["low"] > 0
    assert ahead.to_dict() == {20: False, 100: True, 500: True}
    assert table.pivot_table(index="method", columns="n_stations", values="mae").idxmin().eq(OPTIMAL).all()


def test_adapting_has_so_many_steps_and_tasks(unsaid):
    lesson = grid_presets()["lesson"]
    ours, fresh = (part.max_epochs * part.batches_per_epoch for part in (lesson.fine_tuning, lesson.real_only))
    assert (ours, fresh, lesson.fine_tuning.batch_size, lesson.fine_tuning.max_epochs) == (450, 900, 8, 15)
    assert not unsaid(PAGE, f"meets at most {ours * lesson.fine_tuning.batch_size:,} hours")
