"""What a smoothing keeps of a terrain, and what a small network may learn of it, by FiLM or by all its weights."""

import numpy as np
import pytest
import torch
import xarray as xr

from sparseobs.stations.regions import Region
from sparseobs_book.heights import filters

BOX = Region("middle", 48.0, 49.5, 8.0, 10.5)


@pytest.fixture(scope="module")
def ground():
    """Hills of many widths on nodes as of the twin's terrain."""
    generator = np.random.default_rng(0)
    axes = {"latitude": 47.0 + np.arange(100) / 28, "longitude": 7.0 + np.arange(120) / 28}
    rough = sum(
        filters.gaussian_filter(generator.normal(size=(100, 120)), width) * width * 200 for width in (1.0, 3.0, 9.0)
    )
    return xr.DataArray(600 + rough, axes, ("latitude", "longitude"))


@pytest.fixture(scope="module")
def taught(ground):
    return filters.taught_smoothing(ground, 3, seed=0)


def parameters(network, film):
    return {name: part for name, part in network.state_dict().items() if (".film." in name) == film}


def same(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


def test_smoothing_leaves_a_plain_alone_and_takes_short_waves_first(ground):
    np.testing.assert_allclose(filters.smoothed(ground * 0 + 300), 300)
    kept = filters.gains({"smooth": filters.smoothed(ground).values}, ground.values, filters.node_spacing(ground))[
        "smooth"
    ]
    kept = kept.dropna()
    assert kept.iloc[0] < 0.05 < 0.5 < kept.iloc[-1] < 1.05 and np.corrcoef(np.arange(len(kept)), kept)[0, 1] > 0.9


def test_gains_are_the_share_that_goes_with_the_ground(ground):
    other = np.random.default_rng(1).normal(0, 1e-6, ground.shape)
    answers = {"whole": ground.values + 50, "half": 0.5 * ground.values, "nothing": other}
    shares = filters.gains(answers, ground.values, filters.node_spacing(ground)).dropna()
    np.testing.assert_allclose(shares, np.tile([1.0, 0.5, 0.0], (len(shares), 1)), atol=1e-6)


def test_nodes_are_as_far_apart_as_the_twins(ground):
    north, east = filters.node_spacing(ground)
    assert north == pytest.approx(4.0, abs=0.05) and east == pytest.approx(2.6, abs=0.1)


def test_a_map_around_a_region_can_be_halved_and_its_middle_is_the_region(ground):
    box = filters.around(ground, BOX)
    rows, columns = filters.asked_for(box, BOX)
    assert all(size % 4 == 0 for size in box.shape)
    for part, name, low, high in ((rows, "latitude", 48.0, 49.5), (columns, "longitude", 8.0, 10.5)):
        inside = box[name].values[part]
        assert low <= inside[0] < low + 0.05 and high - 0.2 < inside[-1] <= high
        assert part.start >= filters.EDGE and part.stop <= box.sizes[name] - filters.EDGE + 4


def test_nodes_are_different_and_of_their_seed():
    parts = slice(12, 20), slice(12, 30)
    first, again, other = (filters.some_nodes(parts, 60, seed) for seed in (0, 0, 1))
    assert (
        len(set(zip(*first, strict=True))) == 60 and np.array_equal(first, again) and not np.array_equal(first, other)
    )
    assert first[0].min() >= 12 and first[0].max() < 20 and first[1].min() >= 12 and first[1].max() < 30


def test_teaching_lowers_the_distance_to_smooth_ground_and_leaves_film_the_identity(ground, taught):
    longer = filters.taught_smoothing(ground, 40, seed=0)
    smooth = filters.smoothed(ground).values[12:-12, 12:-12]
    away = [np.square(filters.answer(one, ground)[12:-12, 12:-12] - smooth).mean() for one in (taught, longer)]
    assert away[1] < 0.8 * away[0]
    for name, part in parameters(longer, film=True).items():
        assert (part == (1 if "scale" in name else 0)).all()


def test_each_way_changes_what_it_may_and_leaves_the_taught_network_alone(ground, taught):
    before = {name: part.clone() for name, part in taught.state_dict().items()}
    nodes = filters.some_nodes((slice(12, 80), slice(12, 100)), 50, seed=0)
    film, every = (filters.adapted(taught, ground, nodes, way, 2) for way in ("FiLM", "all weights"))
    assert same(before, taught.state_dict())
    assert same(parameters(taught, False), parameters(film, False))
    assert not same(parameters(taught, True), parameters(film, True))
    assert not same(parameters(taught, False), parameters(every, False))


def test_film_is_a_small_part_of_the_numbers(taught):
    assert filters.size_of(taught, film=True) == sum(part.numel() for part in parameters(taught, True).values())
    assert filters.size_of(taught, film=False) == sum(part.numel() for part in taught.parameters())
