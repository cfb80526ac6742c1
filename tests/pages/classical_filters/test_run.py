"""What the page on classical filters runs, held against the batched LETKF, numpy and closed forms."""

import numpy as np
import pandas as pd
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.baselines import dapper_method
from sparseobs.filtering.dapper_bridge import run_dapper
from sparseobs.filtering.letkf import LETKFSettings, run_letkf
from sparseobs.filtering.letkf_analysis import letkf_analysis, ring_taper
from sparseobs_book.classical_filters import run as classical

SMALL = classical.Classical(n_cycles=12, burn_in=4, n_tuning_cycles=3, n_trajectories=2, ensemble_size=6)


@pytest.fixture(scope="module")
def trial():
    return classical.twin_experiment(SMALL, SMALL.n_cycles), classical.first_ensemble(SMALL)


@pytest.mark.parametrize("settings", [LETKFSettings(1.1, 4.0), LETKFSettings(1.0, 20.0)])
def test_members_are_those_of_the_batched_filter(trial, settings):
    experiment, ensemble = trial
    members = classical.letkf_members(settings, experiment.observations, ensemble)
    run = run_letkf(
        settings, classical.SYSTEM, experiment.observations, ensemble, generator=torch.Generator().manual_seed(0)
    )
    torch.testing.assert_close(members.analysis.mean(2), run.mean, rtol=0, atol=1e-10)
    assert members.forecast.shape == (16, 1, 6, 1, 40)
    forecast = classical.SYSTEM.schedule.forecast(classical.SYSTEM, members.analysis[3])
    torch.testing.assert_close(members.forecast[4], forecast)


def test_a_run_that_diverges_is_nan_from_there_on(trial):
    experiment, ensemble = trial
    members = classical.letkf_members(LETKFSettings(1e4, 4.0), experiment.observations, ensemble)
    finite = torch.isfinite(members.analysis).flatten(1).all(1)
    assert finite[0] and not finite[-1]
    assert finite.tolist() == sorted(finite.tolist(), reverse=True)
    (row,) = classical.score_members({"wild": members}, experiment.truth).to_dict("records")
    assert row["RMSE"] == "diverged" and np.isnan(row["CRPS"]) and row["lost"]


def test_dappers_letkf_on_the_same_data_gives_the_same_analyses(trial):
    experiment, ensemble = trial
    ours = classical.letkf_members(SMALL.tuned, experiment.observations, ensemble)
    dappers = dapper_method("LETKF", classical.SYSTEM, SMALL.ensemble_size, SMALL.tuned)
    theirs = run_dapper(dappers, classical.SYSTEM, experiment, ensemble, seed=1)
    torch.testing.assert_close(ours.analysis.mean(2), theirs.mean, rtol=0, atol=1e-8)


def test_correlations_are_numpys():
    ensemble = torch.randn(8, 1, 40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = np.corrcoef(ensemble[:, 0].numpy(), rowvar=False)[5]
    np.testing.assert_allclose(classical.correlations(ensemble, 5).numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("count", [5, 20])
def test_small_ensembles_see_correlations_where_there_are_none(count):
    """Between independent sites the sample correlation has variance 1 / (m - 1)."""
    draws = torch.randn(2000, count, 1, 9, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    found = classical.correlations(draws, 4)[:, [0, 1, 7, 8]].square().mean().item()
    assert found == pytest.approx(1 / (count - 1), rel=0.05)


def test_dynamics_correlate_neighbours_and_not_the_far_side():
    correlation = classical.correlations(classical.forecast_ensemble(2000, 0.5, seed=0), 20)
    assert correlation[20].item() == pytest.approx(1)
    far = torch.cat([correlation[:10], correlation[31:]]).abs().max().item()
    near = correlation[[18, 19, 21, 22]].abs().max().item()
    assert near > 0.3 and far < 0.15


def test_heat_map_tries_every_setting():
    table = classical.heat_map(SMALL)
    assert len(table) == len(classical.INFLATIONS) * len(classical.RADII)
    assert set(table["inflation"]) == set(classical.INFLATIONS) and set(table["n_runs"]) == {2}
    assert table["rmse"].min() < 4


def test_scores_of_members_whose_truth_is_known():
    """Truth and ten members drawn alike around a centre: error of the mean, spread and CRPS are known."""
    generator = torch.Generator().manual_seed(2)
    truth = torch.randn(400, 1, 1, 40, generator=generator, dtype=torch.float64)
    draws = torch.randn(400, 1, 10, 1, 40, generator=generator, dtype=torch.float64)
    (row,) = classical.score_members({"calibrated": classical.Members(draws, draws)}, truth).to_dict("records")
    assert row["RMSE"].startswith("1.0") and "[1.0" in row["RMSE"], "near the root of 1.1"
    assert not row["lost"]
    assert row["spread"] == pytest.approx(1, rel=0.02) and row["spread/skill"] == pytest.approx(1, rel=0.02)
    assert row["CRPS"] == pytest.approx(np.pi**-0.5, rel=0.02)


def test_a_filter_far_from_the_truth_for_long_has_lost_it_though_its_states_are_finite():
    stream = torch.Generator().manual_seed(3)
    truth = torch.randn(60, 1, 1, 40, generator=stream, dtype=torch.float64)
    draws = truth[:, :, None] + torch.randn(60, 1, 5, 1, 40, generator=stream, dtype=torch.float64) + 2.0
    (row,) = classical.score_members({"biased": classical.Members(draws, draws)}, truth).to_dict("records")
    assert row["lost"] and float(row["RMSE"].split()[0]) > classical.CLIMATOLOGY / 2


def test_tuning_gain_by_hand():
    columns = ["inflation", "radius", "rotation", "rmse", "n_diverged", "n_runs", "n_cycles"]
    rows = [
        (1.1, 4.0, False, 0.8, 0, 5, 5000),
        (1.2, 4.0, True, 0.7, 1, 5, 5000),  # better, but lost a run
        (1.0, 4.0, False, 1.5, 0, 5, 100),
        (1.0, 20.0, False, 2.5, 0, 5, 100),
        (1.1, 20.0, False, np.nan, 5, 5, 100),
    ]
    table = pd.DataFrame(rows, columns=columns).assign(obs_error_std=1.0, ensemble_size=10)
    (row,) = classical.tuning_gain(table).to_dict("records")
    assert (row["inflation"], row["radius"], row["rmse"]) == (1.1, 4.0, 0.8)
    assert (row["no inflation"], row["no localization"]) == (1.5, 2.5)
    assert row["survived"] == pytest.approx(0.6)
    (row,) = classical.tuning_gain(table[table["radius"] < 20]).to_dict("records")
    assert row["no localization"] == 0.8, "the largest radius of the table"


@pytest.mark.parametrize(
    "number",
    [{"inflation": 0.9}, {"radius": 0.0}, {"stride": 3}, {"ensemble_size": 1}, {"burn_in": -1}, {"n_cycles": 3}],
)
def test_the_page_refuses_bad_numbers(number):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        classical.Classical(**number)


@pytest.mark.parametrize("radius", [None, 4.0])
def test_an_increment_is_what_the_filter_does_with_one_observation(radius):
    members = classical.forecast_ensemble(12, 0.5, 1)
    mask = torch.zeros(40, dtype=torch.bool).index_fill(0, torch.tensor([7]), True)
    weights = torch.ones(1, 40, dtype=members.dtype) if radius is None else ring_taper(mask, radius)
    states, noise = members[None, :, 0], torch.tensor(0.8, dtype=members.dtype)
    after = letkf_analysis(states, states[:, :, 7].mean(1, keepdim=True) + 1, mask, weights, noise)
    expected = (after - states).mean(1)[0]
    torch.testing.assert_close(classical.increments(members, 7, 0.8, radius), expected, rtol=0, atol=1e-9)


def test_errors_of_increments_are_those_of_the_sites_that_they_name():
    found = torch.zeros(5, 40)
    found[:, classical.sites_apart(2) <= classical.NEAR] = 2.0
    off = classical.increment_errors(found, torch.zeros(40), 2)
    assert off.near == 2 and off.far == 0 and off.everywhere == pytest.approx((4 * 7 / 40) ** 0.5)
    assert classical.sites_apart(2)[[1, 2, 39, 22]].tolist() == [1, 0, 3, 20], "the shorter way round"


def test_members_left_over_from_small_ensembles_are_dropped():
    many = torch.arange(11.0).reshape(11, 1, 1)
    assert classical.in_small_ensembles(many, 4)[:, :, 0, 0].tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
