import dataclasses

import numpy as np
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.tasks import ReanalysisTasks, StationTasks, time_channels
from sparseobs.randomness import torch_stream

from .small_conv_cnp import make_grid

HOURS = torch.arange(6)


@pytest.fixture
def reanalysis():
    rows, columns = torch.meshgrid(torch.arange(50.1, 53.5, 0.4), torch.arange(0.1, 3.5, 0.4), indexing="ij")
    coordinates = torch.stack([rows.reshape(-1), columns.reshape(-1)], dim=-1)
    values = torch.randn(6, len(coordinates), generator=torch.Generator().manual_seed(0))
    return ReanalysisTasks(values, coordinates, torch.rand(6, 2), make_grid(), max_context=20)


@pytest.fixture
def network():
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(6, 9, generator=generator)
    values[0, :8] = torch.nan
    values[:, 3] = torch.nan
    coordinates = torch.rand(9, 2, generator=generator) * 3 + torch.tensor([50.2, 0.2])
    return StationTasks(values, coordinates, torch.rand(6, 2), np.zeros(9), make_grid())


def test_reanalysis_context_has_none_to_all_allowed_cells_and_true_values(reanalysis):
    batch = reanalysis.sample(HOURS, 400, torch_stream(0, "tasks"))
    counts = batch.context.mask.sum(1)
    assert counts.min() == 0 and counts.max() == 20
    assert batch.targets.mask.all() and batch.targets.values.shape == (400, len(reanalysis.coordinates))
    for task in range(5):
        for point in torch.nonzero(batch.context.mask[task]).squeeze(1):
            same = (reanalysis.coordinates == batch.context.coordinates[task, point]).all(1)
            assert batch.targets.values[task, same] == batch.context.values[task, point]


def test_a_task_carries_the_time_of_its_own_hour(reanalysis):
    batch = reanalysis.sample(HOURS, 30, torch_stream(0, "tasks"))
    for values, scalars in zip(batch.targets.values, batch.scalars, strict=True):
        hour = int((reanalysis.values == values).all(1).nonzero())
        assert (scalars == reanalysis.scalars[hour]).all()


def test_a_window_holds_only_its_own_cells(reanalysis):
    windowed = dataclasses.replace(reanalysis, window=(8, 8))
    generator = torch_stream(1, "tasks")
    sizes = set()
    for _ in range(20):
        batch = windowed.sample(HOURS, 2, generator)
        assert batch.grid.shape == (8, 8)
        assert batch.grid.inside(batch.targets.coordinates).all()
        sizes.add(float(batch.grid.y[0]))
    assert len(sizes) > 2


def test_stations_are_split_without_overlap_and_without_gaps(network):
    stations = torch.tensor([0, 1, 3, 5, 8])
    batch = network.sample(torch.arange(1, 6), stations, 300, torch_stream(0, "split"))
    shown, asked = batch.context.mask, batch.targets.mask
    assert not (shown & asked).any()
    assert not (shown | asked)[:, 2].any()  # station 3 never reports
    assert ((shown | asked).sum(1) == 4).all()
    assert (asked.sum(1) >= 1).all()
    assert shown.sum(1).min() == 0 and shown.sum(1).max() == 3


def test_an_hour_with_a_single_report_asks_for_it(network):
    batch = network.sample(torch.tensor([0]), torch.arange(9), 5, torch_stream(0, "split"))
    assert not batch.context.mask.any()
    assert (batch.targets.mask.sum(1) == 1).all()


def test_hours_without_reports_are_named_and_refused(network):
    stations = torch.tensor([0, 1, 2])
    assert network.reporting_hours(HOURS, stations).tolist() == [1, 2, 3, 4, 5]
    with pytest.raises(InputError, match="without any report"):
        network.sample(torch.tensor([0]), stations, 2, torch_stream(0, "split"))


def test_same_seed_same_tasks(reanalysis, network):
    for draw in (
        lambda generator: reanalysis.sample(HOURS, 4, generator).context.values,
        lambda generator: network.sample(HOURS, torch.arange(9), 4, generator).context.mask,
    ):
        one, again, other = (draw(torch_stream(seed, "tasks")) for seed in (3, 3, 4))
        assert torch.equal(one, again) and not torch.equal(one, other)


def test_time_channels_turn_once_a_day_and_once_a_year():
    times = np.array(["2019-01-01T00", "2019-01-01T06", "2019-01-02T00"], dtype="datetime64[ns]")
    channels = time_channels(times, ("hour", "day")).numpy()
    np.testing.assert_allclose(channels[:, :2], [[1, 0], [0, 1], [1, 0]], atol=1e-6)
    np.testing.assert_allclose(channels[0, 2:], [1, 0], atol=1e-6)
    np.testing.assert_allclose(channels[2, 3], np.sin(2 * np.pi / 365.25), atol=1e-6)
    assert time_channels(times, ()).shape == (3, 0)


def test_standardising_and_back_returns_the_temperature_at_its_height():
    standardisation = Standardisation.of([10.0, 0.0, np.nan], np.array([0.0, 1000.0, 0.0]))
    assert standardisation.mean == pytest.approx(8.25)
    normal = standardisation.normalise(3.5, 1000.0)
    assert normal == pytest.approx((10.0 - 8.25) / standardisation.std)
    mean, std = standardisation.temperature(normal, 4.0, 1000.0)
    assert mean == pytest.approx(3.5)
    assert std == pytest.approx(2 * standardisation.std)


def test_few_cells_are_shown_as_often_as_many_where_asked(reanalysis):
    """Of log-uniform numbers up to 20, a tenth is none and half of the rest is below the root of 21."""
    tasks = dataclasses.replace(reanalysis, log_uniform=True)
    batch = tasks.sample(torch.arange(6), 4000, torch.Generator().manual_seed(0))
    shown = batch.context.mask.sum(1)
    assert 0.08 < (shown == 0).float().mean() < 0.12
    some = shown[shown > 0]
    assert some.max() == 20 and some.min() == 1
    assert 0.45 < (some < 21**0.5).float().mean() < 0.55
