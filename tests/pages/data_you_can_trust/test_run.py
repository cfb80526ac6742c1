import dataclasses

import numpy as np
import pytest
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations import titan
from sparseobs.stations.regions import REGIONS
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs_book.data_you_can_trust import run as trusted_data

MARK = xr.DataArray(np.arange(82) == 4, dims="station")


@pytest.fixture(scope="module")
def clean():
    return load_twin(TwinSettings(days=2, n_stations=30, missing_share=0.05), seed=3).stations


def test_an_unread_code_costs_most_and_the_check_mends_it(clean):
    unread, late = clean["temperature"].fillna(-999), clean["temperature"].copy()
    late[:, 4] = np.roll(late[:, 4], 6)
    networks = {"none": clean, "code": clean.assign(temperature=unread), "late": clean.assign(temperature=late)}
    table = trusted_data.costs(networks, clean, 6.0)
    given, after = table["error as given (K)"], table["error after the check (K)"]
    assert given.idxmax() == "code"
    assert given.max() > 5 * given["none"]
    assert after[given.idxmax()] == pytest.approx(after["none"], abs=0.05)
    assert (given[1:] >= given["none"] - 1e-9).all()


def test_the_error_of_a_level_field_is_nothing(clean):
    level = clean.assign(temperature=0 * clean["temperature"] - 6.5e-3 * clean["height"].astype(np.float32))
    assert trusted_data.cross_validated_error(level, level) < 1e-4
    assert trusted_data.cross_validated_error(
        level.assign(temperature=level["temperature"] + 2), level
    ) == pytest.approx(2, abs=1e-4)


def test_a_map_takes_the_value_of_a_station_it_meets(clean):
    hour = clean.isel(time=5, station=slice(0, 1))
    region = dataclasses.replace(REGIONS["germany"], south=50, north=51, west=8, east=9)
    field = trusted_data.interpolated(hour, region)
    np.testing.assert_allclose(field, float(hour["temperature"].values[0]), atol=1e-4)


def test_networks_that_differ_are_refused(clean):
    with pytest.raises(InputError, match="stations"):
        trusted_data.cross_validated_error(clean.isel(station=slice(0, 5)), clean)


@pytest.fixture(scope="module")
def mistakes(clean):
    fahrenheit, heights = clean["temperature"].copy(), clean["height"].values.copy()
    fahrenheit[:, 4] = 1.8 * fahrenheit[:, 4] + 32
    heights[4] += 1000
    return {
        "none": clean,
        "code": clean.assign(temperature=clean["temperature"].fillna(-999)),
        "unit": clean.assign(temperature=fahrenheit),
        "height": clean.assign_coords(height=("station", heights)),
    }


def test_what_each_check_finds_is_counted_among_the_wrong_readings(clean, mistakes):
    found = trusted_data.found_by(mistakes, clean, 6.0)
    assert found.index.tolist() == list(mistakes)
    assert ((found >= 0) & (found <= 100)).all(axis=None)
    own = found["eight neighbours"]
    assert own["code"] == own["unit"] == 100 and own["none"] < 2
    if titan.available():
        assert list(found) == ["eight neighbours", *titan.CHECKS]
        assert found.loc["unit", "spatial consistency test"] > 90


def test_without_titanlib_our_own_check_stands_alone(clean, mistakes, monkeypatch):
    monkeypatch.setattr(titan, "available", lambda: False)
    assert list(trusted_data.found_by(mistakes, clean, 6.0)) == ["eight neighbours"]


def test_only_wrong_readings_are_counted(clean, monkeypatch):
    """A check that marks one station alone finds all of its wrong readings, or none of another's."""
    monkeypatch.setattr(titan, "available", lambda: True)
    monkeypatch.setattr(titan, "CHECKS", {"one": lambda part: (part["temperature"] * 0).fillna(0) + MARK == 1})
    for station, expected in ((4, 100.0), (5, 0.0)):
        temperature = clean["temperature"].copy()
        temperature[:, station] += 3
        networks = {"warm": clean.assign(temperature=temperature)}
        assert trusted_data.found_by(networks, clean, 6.0).loc["warm", "one"] == expected
