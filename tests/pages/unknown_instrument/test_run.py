"""Filters with an instrument nobody described: what they are given, what they make of it, what is stored."""

from dataclasses import replace

import pytest
import torch
from torch.nn.functional import cosine_similarity

from sparseobs.errors import InputError
from sparseobs.observing.unknown import RandomProjection
from sparseobs.runs.results import read_result
from sparseobs_book.unknown_instrument import comparison
from sparseobs_book.unknown_instrument import run as runs

SMOKE = runs.PRESETS["smoke"]
SHORT = replace(SMOKE, n_cycles=80, burn_in=60)


@pytest.fixture(scope="module")
def stored():
    return runs.load_pair()


@pytest.fixture(scope="module")
def recording():
    n_cycles = SHORT.burn_in + SHORT.n_cycles
    return comparison.recorded(SHORT, n_cycles=n_cycles, batch=SHORT.n_truths, stream=comparison.TEST_STREAM)


def rmse(run, recording):
    return comparison.score(SHORT, {"one": run}, recording)["rmse_known"].item()


def test_learned_filters_work_where_nobody_can_ask_for_the_weights(monkeypatch, recording):
    trainer = runs.new_trainer(SMOKE)

    def refuse(self, size):
        raise AssertionError("a filter asked for the weights of the unknown instrument")

    monkeypatch.setattr(RandomProjection, "weights", refuse)
    both = trainer.train()
    run = comparison.run_amenf(SHORT, recording, comparison.TEST_STREAM, both.known, both.unknown)
    assert run.mean.isfinite().all()


def test_pair_is_trained_stored_and_shared_alike(tmp_path):
    pair = runs.train_pair(SMOKE)
    runs.save_pair(tmp_path / "pair.safetensors", pair, 90.0)
    again = runs.load_pair(tmp_path / "pair.safetensors")
    assert again.settings == SMOKE and again.minutes == 1.5
    shared = runs.train_pair(SMOKE, folder=tmp_path / "shared")
    other_instrument = runs.train_pair(replace(SMOKE, n_channels=3), folder=tmp_path / "shared")
    for name, value in pair.both.state_dict().items():
        assert torch.equal(again.both.state_dict()[name], value)
    for name, value in pair.alone.state_dict().items():
        for other in (again, shared, other_instrument):
            assert torch.equal(other.alone.state_dict()[name], value)
    assert len(list((tmp_path / "shared").glob("*.safetensors"))) == 1


def test_stored_pair_is_small_and_what_its_command_makes(stored):
    assert runs.CHECKPOINT.stat().st_size < 1_000_000
    assert stored.settings == runs.PRESETS["lesson"]


def test_stored_filter_has_found_the_weights_and_profits(stored, recording):
    true = comparison.exact(stored.settings).weights.float()
    assert cosine_similarity(stored.both.unknown.learned_weights(), true, dim=1).min() > 0.7
    alone, both = (
        comparison.run_amenf(SHORT, recording, comparison.TEST_STREAM, known, unknown)
        for known, unknown in ((stored.alone, None), (stored.both.known, stored.both.unknown))
    )
    assert rmse(both, recording) < 0.9 * rmse(alone, recording)


def test_an_enkf_that_is_told_the_weights_profits_from_them(recording):
    told = [None, comparison.exact(SHORT)]
    runs_of = [comparison.Tuned(1.06, one) for one in told]
    errors = [rmse(comparison.run_enkf(SHORT, recording, 20_000, one), recording) for one in runs_of]
    assert errors[1] < 0.8 * errors[0]


def test_regression_finds_a_linear_instrument():
    longer = replace(SMOKE, n_recorded_cycles=300)
    fit = comparison.regressed(longer, comparison.Tuned(1.06, None))
    assert cosine_similarity(fit.weights, comparison.exact(longer).weights, dim=1).min() > 0.8
    assert fit.error_std > longer.channel_error_std


def test_tuning_takes_the_best_and_passes_by_what_diverges():
    exact, wild = comparison.Tuned(1.06, comparison.exact(SHORT)), comparison.Tuned(50.0, None)
    assert comparison.best_of(SHORT, [wild, exact, comparison.Tuned(1.06, None)]) is exact


def test_an_enkf_that_diverged_calibrates_nothing():
    with pytest.raises(InputError, match="inflation: given 50.0"):
        comparison.regressed(replace(SMOKE, n_recorded_cycles=300), comparison.Tuned(50.0, None))


@pytest.mark.parametrize(
    "numbers", [{"n_channels": 0}, {"channel_error_std": 0.0}, {"n_streams": 4}, {"seed": -1}, {"n_cycles": 1}]
)
def test_bad_settings(numbers):
    with pytest.raises(InputError, match="expected"):
        replace(SMOKE, **numbers)


def test_a_noise_without_a_stored_filter():
    with pytest.raises(InputError, match="stored filter"):
        runs.new_trainer(replace(SMOKE, obs_error_std=1.7))


def test_stored_grid():
    """Whoever can read a good instrument errs less than who has none, for every instrument; nobody was lost."""
    table = read_result("unknown_instrument").table
    assert not table["diverged"].any()
    good = table[table["channel_error_std"] < 1].set_index(["n_channels", "seed", "method"])["rmse_known"].unstack()
    assert len(good) >= 2 and good.notna().all(axis=None)
    assert (good[comparison.BOTH] < 0.9 * good[comparison.ALONE]).all()
    assert (good[comparison.ENKF_KNOWN] < 0.5 * good[comparison.ENKF]).all()
    assert (good[comparison.ENKF_KNOWN] < good[comparison.ENKF_REGRESSED]).all()
