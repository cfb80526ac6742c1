import numpy as np
import pytest
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations import sources
from sparseobs.stations.downloads import FILES
from sparseobs.stations.regions import REGIONS, Region
from sparseobs.stations.sources import SOURCES, load
from sparseobs.stations.temperature import gridded
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_settings import TwinSettings


def test_every_source_can_be_fetched():
    assert set(SOURCES) <= set(FILES)


@pytest.mark.parametrize("source", ["uk", "Twin", "", None])
def test_an_unknown_source_names_those_there_are(source):
    with pytest.raises(InputError, match="source: given .*; expected one of germany, local, synop, twin, uk_ireland"):
        load(source)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("std", [-0.5, float("nan"), "much"])
def test_bad_noise_stops_before_anything_is_read(source, std):
    with pytest.raises(InputError, match="obs_error_std"):
        load(source, obs_error_std=std)


def test_noise_on_real_data_is_added_and_owned_up_to(monkeypatch):
    exact = load_twin(TwinSettings(days=4))
    monkeypatch.setattr(sources, "load_uk_ireland", lambda: exact)
    assert load("uk_ireland") is load("uk_ireland", obs_error_std=0) is exact
    noisy = load("uk_ireland", seed=3, obs_error_std=2.0)
    difference = noisy.stations["temperature"] - exact.stations["temperature"]
    assert float(difference.std()) == pytest.approx(2.0, rel=0.02)
    assert noisy.notes.endswith("Synthetic noise of 2 K was added to the stations.")
    assert noisy.stations["temperature"].dtype == np.float32
    assert noisy.stations["temperature"].attrs == exact.stations["temperature"].attrs
    xr.testing.assert_identical(noisy.reanalysis, exact.reanalysis)


def test_regions():
    inside = REGIONS["germany"].contains(np.array([50.0, 50.0, 40.0]), np.array([10.0, 20.0, 10.0]))
    assert inside.tolist() == [True, False, False]


@pytest.mark.parametrize("box", [(50, 40, 0, 1), (40, 50, 5, 5), (-100, 50, 0, 1), (40, 50, 0, 400)])
def test_an_impossible_region(box):
    with pytest.raises(InputError, match="south < north"):
        Region("nowhere", *box)


def test_a_grid_must_ascend():
    with pytest.raises(InputError, match="latitude.*ascending"):
        gridded(np.zeros((1, 2, 2)), ["2017-03-01"], [51, 50], [0, 1])
