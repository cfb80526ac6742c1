"""Filters on patterns that they were not made for: same data for both, and what happens where nobody looks."""

import pandas as pd
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.run import FilterRun
from sparseobs.observing.patterns import EveryKth, Outage
from sparseobs.observing.twin_experiment import TwinExperiment
from sparseobs.runs.settings import resolve
from sparseobs_book.sparse_world import run as world
from sparseobs_book.trained_filters.experiments import TEST_STREAM, climate_ensemble
from sparseobs_book.trained_filters.stored import stored_filter

SETTINGS = resolve(world.PRESETS, "smoke", burn_in=30, n_cycles=20)


@pytest.fixture(scope="module")
def network():
    return stored_filter("lorenz96", 1.0).network


@pytest.fixture(scope="module")
def table(network):
    parts = []
    for pattern in (EveryKth(4), EveryKth(10, "fixed")):
        trial = world.observe(SETTINGS, pattern)
        runs = world.run_filters(SETTINGS, network, trial.observations)
        parts.append(world.score(runs, trial, SETTINGS.burn_in).assign(stride=pattern.stride))
    return pd.concat(parts)


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


def free_while_blind(mask):
    return lambda analysis: lambda state, cycle: analysis(state, cycle) if mask[cycle].any() else state


def test_left_alone_a_filter_is_itself_where_something_is_seen_and_the_model_where_nothing_is(network):
    seen = world.observe(SETTINGS, EveryKth(4)).observations
    usual = world.run_filters(SETTINGS, network, seen)
    left = world.run_filters(SETTINGS, network, seen, free_while_blind(seen.mask))
    blind = world.observe(SETTINGS, Outage(EveryKth(4), 0, 3)).observations
    shape, seed = (SETTINGS.n_truths, SETTINGS.ensemble_size), TEST_STREAM + SETTINGS.seed
    ensemble = climate_ensemble(world.SYSTEM, shape, seed)
    free = world.SYSTEM.schedule.forecast(world.SYSTEM, ensemble)
    alone = world.run_filters(SETTINGS, network, blind, free_while_blind(blind.mask))
    at_work = world.run_filters(SETTINGS, network, blind)
    for method in ("AmEnF", "LETKF"):
        assert torch.equal(left[method].members, usual[method].members)
        torch.testing.assert_close(alone[method].mean[0].double(), free.mean(1), rtol=1e-5, atol=1e-4)
        assert not torch.equal(alone[method].members[0], at_work[method].members[0]), "blind, it does something"
    # What LETKF does while blind is to inflate.
    inflated = at_work["LETKF"].spread[0] / alone["LETKF"].spread[0]
    assert inflated.tolist() == pytest.approx([SETTINGS.letkf.inflation] * SETTINGS.n_truths)


def test_scores_are_of_the_scored_cycles_and_lost_truths_are_counted():
    truth = torch.zeros(6, 2, 1, 40, dtype=torch.float64)
    mean = truth.clone()
    mean[:, 1], mean[:3] = 3.0, 100.0
    members = mean[:, :, None].expand(-1, -1, 4, -1, -1)
    run = FilterRun(mean, torch.ones(6, 2), members.float())
    table = world.score({"AmEnF": run}, TwinExperiment(truth, None), burn_in=3)
    assert table["rmse"].tolist() == table["crps"].tolist() == [0, 3]
    assert table["lost"].tolist() == [False, True] and table["spread"].tolist() == [1, 1]


def test_bad_input():
    with pytest.raises(InputError, match="map_stride: given 7; expected a divisor of the 40 sites"):
        resolve(world.PRESETS, "smoke", map_stride=7)
    with pytest.raises(InputError, match="n_truths"):
        resolve(world.PRESETS, "smoke", n_truths=1)
    with pytest.raises(InputError, match="tuned pair"):
        assert resolve(world.PRESETS, "smoke", ensemble_size=3).letkf
