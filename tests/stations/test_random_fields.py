import numpy as np
import pytest

from sparseobs.stations.random_fields import MovingField, red_noise
from sparseobs.stations.twin_settings import Weather

AXIS = np.arange(0.0, 400.0, 10.0)  # km


def snapshots(weather, displacement, north=AXIS, east=AXIS, seed=0):
    field = MovingField(np.random.default_rng(seed), weather, displacement, north, east)
    return np.stack([field[hour] for hour in range(len(displacement))])


def test_standard_deviation_and_correlation_length():
    fields = snapshots(Weather(std=2.0, length=40.0, memory=0.2), np.zeros((600, 2)))
    assert fields.dtype == np.float32
    assert fields.mean() == pytest.approx(0, abs=0.1)
    assert fields.std() == pytest.approx(2.0, rel=0.03)
    for axis in (1, 2):  # the same northwards and eastwards
        for cells in (2, 4, 8):
            near, far = np.moveaxis(fields, axis, 0)[:-cells], np.moveaxis(fields, axis, 0)[cells:]
            expected = np.exp(-0.5 * (10 * cells / 40) ** 2)
            assert (near * far).mean() / fields.var() == pytest.approx(expected, abs=0.05)


def test_memory():
    fields = snapshots(Weather(std=1.0, length=40.0, memory=5.0), np.zeros((800, 2)))
    assert (fields[:-5] * fields[5:]).mean() / fields.var() == pytest.approx(np.exp(-1), abs=0.06)


def test_the_wind_carries_the_pattern_exactly():
    """With endless memory, what is here now was upwind before."""
    weather, moved = Weather(std=1.0, length=60.0, memory=1e12), np.array([[0.0, 0.0], [37.0, -21.0]])
    here = snapshots(weather, moved)
    upwind = snapshots(weather, moved, AXIS - 37.0, AXIS + 21.0)
    np.testing.assert_allclose(here[1], upwind[0], atol=2e-4)
    assert np.abs(here[1] - here[0]).max() > 0.1


def test_red_noise_is_stationary_with_its_correlation():
    noise = red_noise(np.random.default_rng(0), (400, 3000), memory=4.0)
    assert noise.std(axis=1)[[0, 10, -1]] == pytest.approx(1.0, abs=0.05)
    assert (noise[:-4] * noise[4:]).mean() == pytest.approx(np.exp(-1), abs=0.02)
