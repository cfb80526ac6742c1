"""A reanalysis of daily means: closed forms, and what is refused."""

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.reanalysis import daily_means
from sparseobs.stations.temperature import gridded

LATITUDE, LONGITUDE = np.array([50.0, 50.25]), np.array([8.0, 8.25, 8.5])


def hourly(values, start="2001-03-01"):
    values = np.asarray(values, float)
    times = np.datetime64(start, "ns") + np.arange(len(values)) * np.timedelta64(1, "h")
    cells = np.arange(6.0).reshape(2, 3)
    return gridded(values[:, None, None] + cells, times, LATITUDE, LONGITUDE)


def test_a_daily_cycle_vanishes_and_a_trend_becomes_steps():
    """A wave of 24 hours has the mean 0; a rise of 0.1 a hour has the mean of its hours 0 to 23, then a day's more."""
    hours = np.arange(72)
    field = hourly(5 * np.cos(2 * np.pi * hours / 24) + 0.1 * hours)
    found = daily_means(field)
    expected = 0.1 * 11.5 + 2.4 * (hours // 24)
    np.testing.assert_allclose(found.values[:, 1, 2] - 5, expected, atol=1e-5)
    np.testing.assert_allclose(found.values[:, 0, 0], expected, atol=1e-5)


def test_hours_places_and_units_stay_and_the_attributes_say_so():
    field = hourly(np.arange(48))
    found = daily_means(field)
    assert found.coords.equals(field.coords) if hasattr(found.coords, "equals") else found["time"].equals(field["time"])
    assert found.attrs == {**field.attrs, "cell_methods": "time: mean (interval: 1 day)"}
    assert "cell_methods" not in field.attrs, "the input is left as it was"
    np.testing.assert_allclose(daily_means(found).values, found.values)


def test_less_varies_than_before_by_what_varied_within_days():
    """The law of total variance."""
    field = hourly(np.random.default_rng(0).standard_normal(240))
    within = (field.values - daily_means(field).values).var(axis=0).mean()
    assert field.values.var(axis=0).mean() == pytest.approx(daily_means(field).values.var(axis=0).mean() + within)


@pytest.mark.parametrize(
    "field",
    [
        hourly(np.zeros(47)),
        hourly(np.zeros(24), start="2001-03-01T01"),
        hourly(np.zeros(48)).isel(time=slice(None, None, 2)),
        hourly(np.zeros(49)).isel(time=np.delete(np.arange(49), 5)),
        hourly(np.zeros(0)),
        hourly(np.zeros(24)).transpose("latitude", "time", "longitude"),
    ],
    ids=["not whole", "from 1 UTC", "two-hourly", "an hour missing", "nothing", "another order"],
)
def test_what_has_no_daily_means_is_refused(field):
    with pytest.raises(InputError, match="every hour of whole days"):
        daily_means(field)
