"""The page's tables of its stored comparison, and its calm day."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sparseobs.stations.twin_full import FULL
from sparseobs.stations.twin_weather import settled_of
from sparseobs_book.the_twin.networks import LEFT_OUT
from sparseobs_book.the_twin.reality import MODEL, OTHER, SETTLED
from sparseobs_book.the_twin.run import CALM_DAY, by_time, spectrum_ratio, view_errors


def test_hours_are_averaged_by_the_time_of_day_and_sources_keep_their_order():
    rows = [(LEFT_OUT, source, hour, base + hour) for source, base in (("b", 0), ("a", 100)) for hour in range(24)]
    table = pd.DataFrame([*rows, ("other", "a", 0, -1.0)], columns=["quantity", "source", "x", "value"])
    found = by_time(table)
    assert list(found.index) == ["b", "a"]
    np.testing.assert_allclose(found.to_numpy(), [[1, 9.5, 14.5], [101, 109.5, 114.5]])


def test_power_is_told_in_units_of_the_models_band_by_band():
    wavelengths = (10.0, 25.0, 100.0)
    factors = {MODEL: 1.0, SETTLED: 4.0, OTHER: 2.0, "twin reanalysis": 0.5}
    rows = [("power spectrum", source, x, factor * x**2) for source, factor in factors.items() for x in wavelengths]
    found = spectrum_ratio(pd.DataFrame(rows, columns=["quantity", "source", "x", "value"]))
    np.testing.assert_allclose(found.to_numpy(), [[4.0, 2.0, 0.5]] * 3)


def test_errors_of_means_minima_and_maxima_stand_side_by_side():
    rows = [(f"{name} error", "twin", 0, value) for name, value in (("maximum", 3), ("daily", 1), ("minimum", 2))]
    found = view_errors(
        pd.DataFrame([*rows, ("daily bias", "twin", 0, 9)], columns=["quantity", "source", "x", "value"])
    )
    assert found.loc["twin"].to_dict() == {"daily mean": 1, "daily minimum": 2, "daily maximum": 3}


@pytest.mark.parametrize("seed", range(12))
def test_the_calm_day_is_settled_until_its_evening(seed):
    assert settled_of(dataclasses.replace(FULL, **CALM_DAY), seed)[:18].min() > 0.5
