"""Filters on patterns that they were not made for: same data for both, and what happens where nobody looks."""

import numpy as np
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.run import FilterRun
from sparseobs.observing.patterns import EveryKth, Outage
from sparseobs.runs.settings import resolve
from sparseobs_book.sparse_world import run as world
from sparseobs_book.trained_filters.recipes import stored_filter

SETTINGS = resolve(world.PRESETS, "smoke", burn_in=30, n_cycles=20)


@pytest.fixture(scope="module")
def network():
    return stored_filter("lorenz96", 1.0).network


@pytest.fixture(scope="module")
def table(network):
    return world.score_patterns(SETTINGS, network, [EveryKth(4), EveryKth(10, "fixed")])


def test_both_filters_are_scored_on_every_truth_under_every_pattern(table):
    assert len(table) == 2 * 2 * SETTINGS.n_truths
    assert (table.groupby(["method", "stride"])["truth"].nunique() == SETTINGS.n_truths).all()


def test_fewer_eyes_larger_errors(table):
    error = table.groupby(["method", "stride"])["rmse"].mean()
    assert error["AmEnF", 4] < 1.2 < 2 < error["AmEnF", 10]
    assert error["LETKF", 4] < 2.5 < 3 < error["LETKF", 10]


def test_patterns_share_truth_and_noise():
    dense, sparse = (world.observe(SETTINGS, EveryKth(stride, "fixed")) for stride in (2, 8))
    assert torch.equal(dense.truth, sparse.truth)
    both = sparse.observations.mask[:, None, None]
    assert torch.equal(torch.where(both, dense.observations.values, 0), sparse.observations.values)


def test_skipping_is_the_filter_itself_where_something_is_seen_and_the_model_where_nothing_is(network):
    seen = world.observe(SETTINGS, EveryKth(4)).observations
    usual = world.run_filters(SETTINGS, network, seen)["AmEnF"]
    assert torch.equal(world.run_skipping(SETTINGS, network, seen).mean, usual.mean)
    blind = world.observe(SETTINGS, Outage(EveryKth(4), 0, 3)).observations
    free = world.SYSTEM.schedule.forecast(world.SYSTEM, world.first_ensemble(SETTINGS).float())
    run = world.run_skipping(SETTINGS, network, blind)
    torch.testing.assert_close(run.mean[0], free.mean(1))
    assert not torch.equal(run.mean[0], world.run_filters(SETTINGS, network, blind)["AmEnF"].mean[0])


def test_errors_by_site_are_of_the_site():
    truth = torch.zeros(6, 2, 1, 40, dtype=torch.float64)
    mean = truth.clone()
    mean[..., 7], mean[:3] = 3.0, 100.0
    experiment = world.TwinExperiment(truth, None)
    error = world.errors_by_site({"AmEnF": FilterRun(mean, mean[..., 0, 0])}, experiment, burn_in=3)["AmEnF"]
    assert error.tolist() == pytest.approx(np.where(np.arange(40) == 7, 3.0, 0.0))


def test_bad_input(network):
    with pytest.raises(InputError, match="stride: given 7; expected a divisor of the 40 sites"):
        resolve(world.PRESETS, "smoke", map_stride=7)
    with pytest.raises(InputError, match="n_truths"):
        resolve(world.PRESETS, "smoke", n_truths=1)
    with pytest.raises(InputError, match="tuned pair"):
        wrong = resolve(world.PRESETS, "smoke", ensemble_size=3)
        world.run_filters(wrong, network, world.observe(wrong, EveryKth(4)).observations)
