"""A smoother beside its oracles, a truth exchanged, and what the figures are drawn from."""

import math
from dataclasses import replace

import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.amens import AmEnS, AmEnSConfig
from sparseobs.filtering.fixed_lag import FixedLagSettings
from sparseobs.filtering.fixed_lag_runs import fixed_lag_cycles
from sparseobs.filtering.tuning import ranked, settings_of
from sparseobs.runs.settings import resolve
from sparseobs_book.start_from_kalman import run as kalman
from sparseobs_book.trained_filters.experiments import TEST_STREAM, VALIDATION_STREAM
from sparseobs_book.trained_filters.lorenz96 import CLIMATOLOGY, SYSTEM, run_filter
from sparseobs_book.trained_filters.recipes import smoother_recipe
from sparseobs_book.trained_filters.tuning import tuned_starts

PAGE = resolve(kalman.PRESETS, "smoke", burn_in=40, n_cycles=60, lag=2)
QUICK = replace(PAGE.smoother, growth=5)


def test_a_smoother_followed_is_the_smoother_run_among_many():
    one = kalman.twin(PAGE, TEST_STREAM)
    run = run_filter(QUICK, *one.given, seed=0)
    many = fixed_lag_cycles([replace(QUICK, lag=0), QUICK], SYSTEM, one.given[0], one.ensemble.float())
    torch.testing.assert_close(run.mean, torch.stack([each.mean[1] for each in many]), rtol=0, atol=1e-3)


def test_an_untrained_network_is_the_smoother():
    numbers = {"lags": (QUICK.lag,), "radii": (QUICK.radius,), "shifts": (QUICK.shift,)}
    numbers |= {"inflations": (QUICK.inflation,), "reductions": (QUICK.reduction,), "growth": QUICK.growth}
    network = AmEnS(AmEnSConfig(**numbers, **smoother_recipe("lorenz96").scales()))
    one = kalman.twin(PAGE, TEST_STREAM)
    runs = [run_filter(each, *one.given, seed=0) for each in (network, QUICK)]
    torch.testing.assert_close(runs[0].members, runs[1].members, rtol=0, atol=1e-2)


def test_a_lag_lowers_the_error():
    table = kalman.errors_of(PAGE, [kalman.FILTER, replace(PAGE.smoother, lag=3, growth=5)])
    without, back = table.groupby("lag")["rmse"].mean()
    assert back < without - 0.05 and without < 1


def test_every_lag_and_share_is_tried_on_the_same_truths():
    table = kalman.errors_by_lag(replace(PAGE, burn_in=3, n_cycles=2), (0, 1, 2), "fixed_long_gap")
    assert len(table) == 2 * 3 * PAGE.n_truths
    assert (table.groupby(["reduction", "lag"])["truth"].nunique() == PAGE.n_truths).all()


def test_the_centre_of_a_profile_is_found_wherever_it_is_on_the_ring():
    profile = torch.zeros(40)
    for place in (0, -3, 7):
        assert kalman.centre(profile.index_fill(0, torch.tensor(20 + place), 1.0)) == pytest.approx(place, abs=1e-5)
    flat = profile + 0.1
    flat[[15, 17]] += 1
    assert kalman.centre(flat) == pytest.approx(-4, abs=1e-5)


def test_correlations_of_a_pattern_that_has_moved():
    members = torch.randn(3, 500, 1, 40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    profile = kalman.squared_correlations(members, members.roll(2, -1))
    assert kalman.offsets(40)[profile.argmax()] == -2 and profile.max() == pytest.approx(1)
    assert profile.sort().values[:-1].max() < 0.01


def test_information_travels_downstream():
    many = kalman.many_members(replace(PAGE, n_many=60))
    later = many
    for _ in range(3):
        later = SYSTEM.schedule.forecast(SYSTEM, later)
    assert kalman.centre(kalman.squared_correlations(many, many)) == pytest.approx(0, abs=0.2)
    assert -3 < kalman.centre(kalman.squared_correlations(many, later)) < -1


def test_small_errors_grow_linearly_and_large_ones_do_not():
    small, large = (kalman.asymmetry(PAGE, error, 6) for error in (0.001, 2.0))
    assert small < 0.01 < 0.5 < large


def test_a_truth_is_exchanged_and_the_members_stay():
    (experiment, ensemble), cut = kalman.exchanged(PAGE)
    both = kalman.twin(replace(PAGE, n_truths=4), TEST_STREAM)
    assert torch.equal(experiment.truth[cut - 1], both.experiment.truth[cut - 1, :2])
    assert torch.equal(experiment.truth[cut], both.experiment.truth[cut, 2:])
    assert torch.equal(ensemble, both.ensemble[:2]) and len(experiment.truth) == 100


def test_the_way_back_drops_the_lag_and_finds_the_truth_and_without_it_the_lag_stays():
    one, cut = kalman.exchanged(replace(PAGE, n_cycles=100))
    errors, lags = {}, {}
    for bound in (4.0, math.inf):
        note = kalman.Noted()
        run = run_filter(replace(QUICK, largest_surprise=bound), *one.given, seed=0, change=note)
        errors[bound] = (run.mean.double() - one.experiment.truth).square().mean((-1, -2)).sqrt()
        lags[bound] = note.lags
    assert (lags[4.0][cut - 1] == QUICK.lag).all() and (lags[4.0][cut : cut + 3].min(0).values == 0).all()
    assert (lags[math.inf][cut - 1 :] == QUICK.lag).all()
    assert errors[4.0][-1].max() < CLIMATOLOGY / 2
    assert errors[4.0][cut + 10 : cut + 30].mean() < errors[math.inf][cut + 10 : cut + 30].mean() - 0.5


def test_starts_are_counted_for_every_smoother():
    short = replace(PAGE, n_starts=3, start_cycles=4)
    none = replace(QUICK, radius=0.1, inflation=1.0, largest_surprise=math.inf)
    table = kalman.starts_lost(short, [none, QUICK])
    assert table["lost"].iloc[0] == 3 and table["starts"].tolist() == [3, 3]
    assert table["way_back"].tolist() == [False, True] and table["growth"].tolist() == [5, 5]


def test_scores_are_of_the_cycles_after_the_burn_in():
    one = kalman.twin(PAGE, VALIDATION_STREAM)
    wrong = one.experiment.truth + 2
    wrong[: PAGE.burn_in] = 100
    assert one.rmse(wrong, PAGE.burn_in).tolist() == pytest.approx([2, 2])


def test_settings_read_from_a_table_without_a_column_keep_the_default():
    table = ranked([QUICK], torch.ones(1, 2)).drop(columns="largest_surprise")
    assert settings_of(table, FixedLagSettings) == [QUICK]


def test_bad_input():
    for name, value in (("lag", -1), ("shift", 9.0), ("radius", 0.0), ("reduction", 0.3), ("inflation", 0.9)):
        with pytest.raises(InputError, match=name):
            resolve(kalman.PRESETS, "smoke", **{name: value})
    for bound in (1.0, math.nan, -3):
        with pytest.raises(InputError, match="largest_surprise: given .*; expected above 1, or infinity"):
            FixedLagSettings(largest_surprise=bound)
    with pytest.raises(InputError, match="largest_surprise"):
        AmEnSConfig(largest_surprise=0.5)


def test_two_trainings_are_looked_at_where_each_stands():
    tiny = replace(PAGE, burn_in=3, n_cycles=4, n_training_steps=2)
    found = kalman.learned_from(tiny)
    assert found.steps == [0, 1, 2]
    assert all(len(each) == 3 and len(set(each)) == 3 for each in found.errors.values()), "each step changes them"
    assert found.truth.shape == (40,) and {each.shape for each in found.analyses.values()} == {(3, 40)}
    trial = kalman.twin(replace(tiny, ensemble_size=10), VALIDATION_STREAM)
    start = tuned_starts(smoother_recipe("lorenz96"), (10,)).network
    means = run_filter(AmEnS(start), *trial.given, seed=0).mean
    smoother = trial.rmse(means, tiny.burn_in).mean().item()
    assert found.errors["AmEnS"][0] == pytest.approx(smoother, rel=1e-4), "it begins as the smoother"
