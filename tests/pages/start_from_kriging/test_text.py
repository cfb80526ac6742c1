"""The words of the page on networks that start from kriging are true of the stored tables."""

import pandas as pd
import pytest

from sparseobs.runs.results import read_result
from sparseobs_book.start_from_kriging import summary
from sparseobs_book.temperature import verdicts as told

PAGE, OPTIMAL = "start_from_kriging", "optimal interpolation"
MANY = (100, 500)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return read_result(summary.NAME).table


@pytest.fixture(scope="module")
def means(table) -> pd.DataFrame:
    both = summary.together(table, read_result("adaptation").table)
    return both.pivot_table(index="method", columns="n_stations", values=["mae", "nll"])


def signed(number: float) -> str:
    """Return a difference as the page writes it; no zero is below zero."""
    return f"{number:+.2f}".replace("-0.00", "+0.00")


def listed(numbers) -> str:
    """Return numbers as "a, b and c"."""
    *first, last = (f"{number:.2f}" for number in numbers)
    return f"{', '.join(first)} and {last}"


def span(gaps: pd.Series) -> str:
    return f"{signed(gaps.min())} to {signed(gaps.max())}"


def won(table: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return what each network wins over its start, cell by cell."""
    found = told.verdicts(table, score, summary.START, "start_")
    return found[found["method"].str.endswith(" from kriging")]


def of(found: pd.DataFrame, stations: tuple[int, ...]) -> pd.DataFrame:
    return found[found["n_stations"].isin(stations)]


def table_of_predictions(table: pd.DataFrame) -> list[str]:
    mae, nll = (won(table, score) for score in ("mae", "nll"))
    real_only = told.verdicts(table, "mae", summary.OURS).query("method == 'real-only from kriging'")["gap"]
    errors = table.pivot_table(index=["n_stations", "n_times"], columns="method", values="mae")
    networks = errors[[name for name in errors if name.endswith(" from kriging")]].min(axis=1)
    gap = (errors[OPTIMAL] - networks)[[20, 100]]
    rows = (
        ("won over the start, MAE (K), 100 and 500 stations | 0.00 to 0.04", of(mae, MANY)["gap"]),
        ("the same, NLL (nats) | 0.05 to 0.20", of(nll, MANY)["gap"]),
        ("the same, MAE (K), 20 stations | -0.02 to +0.02", of(mae, (20,))["gap"]),
        ("Sim2Real less real-only, MAE (K) | -0.02 to +0.02", real_only),
        ("optimal interpolation less the best network, MAE (K), 20 and 100 | below 0", gap),
    )
    return [f"| {claim} | {span(gaps)} |" for claim, gaps in rows]


def first_figure(means: pd.DataFrame) -> list[str]:
    mae = means["mae"]
    return [
        f"with 20, 100 and 500 stations kriging errs {listed(mae.loc[summary.START])} K.",
        f"only the fields have taught errs {listed(mae.loc['sim-only from kriging'])} K. Adapted to stations it errs "
        f"{listed(mae.loc[summary.OURS])} K; Sim2Real without a start errs {listed(mae.loc['Sim2Real'])} K.",
        f"Optimal interpolation errs {listed(mae.loc[OPTIMAL])} K; it alone",
    ]


def what_a_start_is_worth(means: pd.DataFrame) -> list[str]:
    lead = (means["mae"].loc["Sim2Real"] - means["mae"].loc[summary.OURS]).round(2)
    sure = means["nll"].loc["sim-only from kriging"]
    return [
        f"takes {lead[20]:.2f} K off Sim2Real's error with 20 stations, {lead[100]:.2f} with 100 and "
        f"{lead[500]:.2f} with 500",
        f"its NLL is {listed(sure)} nats",
    ]


def with_interval(row: pd.Series, digits: int = 2) -> str:
    return f"{row['gap']:.{digits}f} K [{row['low']:.{digits}f}, {row['high']:.{digits}f}]"


def what_came(table: pd.DataFrame) -> list[str]:
    mae, nll = (told.pooled(won(table, score)) for score in ("mae", "nll"))
    few = mae.loc["sim-only from kriging", 20]
    found = told.verdicts(table, "mae", summary.OURS)
    better = told.over_the_better(found, summary.PARENTS).set_index(told.CELL)
    least, most = better.loc[[100, 500], "gap"].min(), better.loc[[100, 500], "gap"].max()
    return [
        f"Sim-only wins {with_interval(few)} with 20 stations",
        f"Sim2Real wins {with_interval(mae.loc[summary.OURS, 500], 3)} with 500",
        f"real-only wins {nll.loc['real-only from kriging', 500]['gap']:.2f} nats with 500 stations and Sim2Real "
        f"{nll.loc[summary.OURS, 500]['gap']:.2f};",
        f"loses {-nll.loc[summary.OURS, 100]['gap']:.2f} with 100",
        f"differs by {signed(least)} to {signed(most)} K",
    ]


def test_the_page_says_what_was_predicted_and_found(unsaid, table):
    assert not unsaid(PAGE, *table_of_predictions(table), *what_came(table))


def test_the_page_says_what_the_tables_have(unsaid, means):
    assert not unsaid(PAGE, *first_figure(means), *what_a_start_is_worth(means))


def test_a_network_from_kriging_is_the_best_without_a_background_at_every_number(means):
    best = means["mae"].drop(OPTIMAL).idxmin()
    assert best.to_dict() == {20: "sim-only from kriging", 100: "sim-only from kriging", 500: summary.OURS}
    assert means["mae"].idxmin().eq(OPTIMAL).all()
    names = [name for name in means.index if f"{name} from kriging" in means.index]
    for name in names:
        assert (means["mae"].loc[name] > means["mae"].loc[f"{name} from kriging"]).all()


def test_over_its_parents_sim2real_is_level_with_many_and_behind_with_few(table):
    better = told.over_the_better(told.verdicts(table, "mae", summary.OURS), summary.PARENTS).set_index(told.CELL)
    assert better.loc[[100, 500], "verdict"].eq(told.EQUAL).all()
    assert better.loc[20, "verdict"].to_dict() == {400: told.OPEN, 10_000: told.BEHIND}
    likelihood = told.over_the_better(told.verdicts(table, "nll", summary.OURS), summary.PARENTS)
    assert likelihood["verdict"].eq(told.OPEN).all()


def test_what_is_won_over_the_start_is_small_and_mostly_open(table):
    mae = told.pooled(won(table, "mae"))
    clear = mae[mae["low"] > 0].index.tolist()
    assert sorted(clear) == [
        ("Sim2Real from kriging", 500),
        ("frozen high frequencies from kriging", 20),
        ("sim-only from kriging", 20),
    ]
    assert not (mae["high"] < 0).any()
