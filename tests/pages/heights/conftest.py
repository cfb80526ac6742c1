"""A made-up table of heights withheld or given."""

from collections.abc import Callable

import pandas as pd
import pytest

from sparseobs_book.heights.run import METHODS, PLACES
from sparseobs_book.heights.settings import LAPSE_RATES
from sparseobs_book.temperature.verdicts import FILM

GAPS = {
    ("withheld", "sim-only"): -0.17,
    ("given", "sim-only"): -0.01,
    ("withheld", FILM): -0.1,
    ("given", FILM): 0.0,
}


def _row(seed: int, heights: str, n_times: int, places: str, method: str) -> dict:
    """Return scores where Sim2Real errs 1 K and another method more by its gap, thrice as much at VALUE's."""
    gap = 0.0 if method == "Sim2Real" else GAPS.get((heights, method), -0.5)
    gap *= (1 + 0.1 * seed) * (1 if places == "ordinary" else 3)
    row = {"seed": seed, "heights": heights, "n_times": n_times, "method": method, "places": places, "exam": 1.0}
    for number, score in enumerate(("mae", "nll"), 1):
        row |= {score: number - gap, f"{score}_gap": gap, f"{score}_low": gap - 0.02, f"{score}_high": gap + 0.02}
    return row


@pytest.fixture(scope="session")
def heights_table() -> Callable[..., pd.DataFrame]:
    """Return what makes a table as the grid's."""

    def make(seeds: tuple[int, ...] = (0, 1)) -> pd.DataFrame:
        cells = [(seed, heights, n_times) for seed in seeds for heights in LAPSE_RATES for n_times in (400, 10_000)]
        return pd.DataFrame([_row(*cell, places, method) for cell in cells for places in PLACES for method in METHODS])

    return make
