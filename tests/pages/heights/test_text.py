"""The words of the page on heights are true of the stored table."""

import pandas as pd
import pytest

from sparseobs.runs.results import read_result
from sparseobs_book.heights import summary as told
from sparseobs_book.heights.settings import PRESETS
from sparseobs_book.temperature.exam import MARGIN
from sparseobs_book.temperature.verdicts import FILM

PAGE, DRIFT = "heights", "kriging + elevation drift"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return read_result("heights").table


def signed(number: float) -> str:
    """Return a difference as the page writes it; no zero is below zero."""
    return f"{number:+.2f}".replace("-0.00", "+0.00")


def with_interval(row: pd.Series) -> str:
    return f"{signed(row['gap'])} K [{signed(row['low'])}, {signed(row['high'])}]"


def with_each_number(rows: pd.DataFrame) -> str:
    """Return the gaps with few and with many hours, in words."""
    few, many = (row for _, row in rows.sort_values("n_times").iterrows())
    return f"{with_interval(few)} with {few['n_times']:,} hours and {with_interval(many)} with {many['n_times']:,}"


def held(rows: pd.DataFrame) -> str:
    """Say with which numbers of hours a prediction holds."""
    rows = rows.sort_values("n_times")
    if rows["holds"].nunique() == 1:
        return "with both numbers of hours" if rows["holds"].all() else "with neither number of hours"
    return f"with {rows.loc[rows['holds'], 'n_times'].item():,} hours alone"


def first_figure(table: pd.DataFrame) -> dict[str, str]:
    mae = told.errors(table)

    def says(method: str, places: str, heights: str) -> str:
        return f"{mae.loc[method, (places, heights)]:.2f}"

    alone, ours = (
        [says(method, places, "withheld") for places in (told.ORDINARY, told.VALUE)]
        for method in ("sim-only", "Sim2Real")
    )
    given = [says(method, told.ORDINARY, "given") for method in ("sim-only", "Sim2Real")]
    return {
        "first": f"with heights withheld sim-only errs {alone[0]} K at ordinary stations and {alone[1]} K at VALUE's, "
        f"Sim2Real {ours[0]} and {ours[1]} K. With heights given they err {given[0]} and {given[1]} K at ordinary "
        f"stations. Kriging with elevation drift errs {says(DRIFT, told.ORDINARY, 'given')} K there."
    }


def what_came(table: pd.DataFrame) -> dict[str, str]:
    beside = told.beside_predicted(table).set_index(["heights", "method"])
    withheld, given, film = (
        beside.loc[[where]] for where in (("withheld", "sim-only"), ("given", "sim-only"), ("withheld", FILM))
    )
    most = told.verdicts(told.most_hours(table), "mae").set_index(["method", "places", "heights"])
    value, kriged = (
        [with_interval(most.loc[(method, places, heights)]) for heights in ("withheld", "given")]
        for method, places in (("sim-only", told.VALUE), (DRIFT, told.ORDINARY))
    )
    hours = f"{table['n_times'].max():,}"
    return {
        "withheld": f"**Withheld.** Sim2Real less sim-only is {with_each_number(withheld)}. Predicted were -0.20 to "
        f"-0.15 K; that holds {held(withheld)}.",
        "given": f"**Given.** Sim2Real less sim-only is {with_each_number(given)}. Within 0.05 K of zero was "
        f"predicted; that holds {held(given)}.",
        "film": f"**FiLM**, withheld. Sim2Real less FiLM is {with_each_number(film)}. At most -0.15 K was predicted; "
        f"that holds {held(film)}.",
        "value": f"At VALUE's stations, of which nothing was predicted, Sim2Real less sim-only is {value[0]} with "
        f"heights withheld and {value[1]} with heights given ({hours} hours).",
        "kriged": f"Sim2Real less kriging with elevation drift, at ordinary stations, is {kriged[0]} and {kriged[1]}.",
    }


def exam(table: pd.DataFrame) -> dict[str, str]:
    withheld, given = (table.loc[table["heights"] == heights, "exam"].max() for heights in ("withheld", "given"))
    says = {True: "passes", False: "fails"}
    return {
        "exam": f"that with heights withheld errs at worst {withheld:.2f} times as much as ordinary kriging, and "
        f"{says[withheld <= MARGIN]}",
        "other exam": f"That with heights given errs at worst {given:.2f} times as much, and {says[given <= MARGIN]}",
    }


def at_the_end(table: pd.DataFrame) -> dict[str, str]:
    most = told.verdicts(told.most_hours(table), "mae").set_index(["method", "places", "heights"])["gap"]
    withheld, given = (signed(most["sim-only", told.ORDINARY, heights]) for heights in ("withheld", "given"))
    seeds = {1: "one seed", 2: "two seeds"}[table["seed"].nunique()]
    return {
        "summary": f"With {table['n_times'].max():,} hours, at ordinary stations, Sim2Real less sim-only is {withheld} "
        f"K with heights withheld and {given} K with heights given.",
        "seeds": f"more than {seeds} of the grid",
    }


def sentences(table: pd.DataFrame) -> dict[str, str]:
    """Return all that the page says of its stored table, by name."""
    return first_figure(table) | what_came(table) | exam(table) | at_the_end(table)


def test_the_page_says_what_the_grid_found(unsaid, table):
    assert not unsaid(PAGE, *sentences(table).values())


def test_both_parents_are_behind_at_ordinary_stations(table):
    found = told.verdicts(table, "mae")
    found = found[(found["places"] == told.ORDINARY) & found["method"].isin(["sim-only", "real-only"])]
    assert len(found) == 8 and (found["verdict"] == "ahead").sum() == 3
    assert (-found["gap"]).round(2).agg(["min", "max"]).tolist() == [0.05, 0.09]


def test_no_number_of_the_table_is_still_to_come(unsaid):
    assert unsaid(PAGE, "TODO") == ["TODO"]


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_every_sentence_is_made_of_one_seed_as_of_two(heights_table, seeds):
    said = sentences(heights_table(seeds))
    assert said["withheld"].endswith("that holds with both numbers of hours.")
    assert said["film"].endswith("that holds with neither number of hours.")
    assert said["seeds"] == f"more than {('one seed', 'two seeds')[len(seeds) - 1]} of the grid"


def test_the_network_is_as_the_page_says(unsaid):
    """Nodes 4.3 km apart, four stations in five to train on, forty ordinary ones held out."""
    lesson = PRESETS["lesson"]
    assert round(111.2 / lesson.architecture.points_per_degree, 1) == 4.3 and lesson.n_ordinary == 40
    assert "elevation" in lesson.architecture.fields
    assert not unsaid(PAGE, "17 of VALUE's and 40 ordinary ones are held out", "Nodes are 4.3 km apart")
