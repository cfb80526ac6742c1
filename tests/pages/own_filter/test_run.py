"""The package's steps in numpy, against Kalman's formula, and what is made of the page's runs."""

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs_book.own_filter import run as own

NO_TAPER = LETKFSettings(1.0, 1e6)


def members_and_readings(m=6):
    random = np.random.default_rng(0)
    return random.normal(size=(m, 40)).cumsum(1), random.normal(size=10), np.arange(1, 40, 4)


def test_without_a_taper_the_packages_analysis_is_kalmans():
    members, y, seen = members_and_readings()
    P, H = np.cov(members.T), np.eye(40)[seen]
    K = P @ H.T @ np.linalg.inv(H @ P @ H.T + 0.25 * np.eye(10))
    analysis = own.letkf_by_package(members, y, seen, 0.5, NO_TAPER)
    mean = members.mean(0)
    np.testing.assert_allclose(analysis.mean(0), mean + K @ (y - mean[seen]), atol=1e-9)
    np.testing.assert_allclose(np.cov(analysis.T), P - K @ H @ P, atol=1e-9)


def test_inflation_multiplies_the_anomalies_and_leaves_the_mean():
    members, y, seen = members_and_readings()
    bare, wide = (own.letkf_by_package(members, y, seen, 1.0, LETKFSettings(each, 4.0)) for each in (1.0, 1.3))
    np.testing.assert_allclose(wide.mean(0), bare.mean(0))
    np.testing.assert_allclose(wide - wide.mean(0), 1.3 * (bare - bare.mean(0)))


def test_the_models_forecast_keeps_the_rings_symmetry():
    states = np.random.default_rng(1).normal(8, 1, (3, 40))
    turned = own.model_by_package(np.roll(states, 7, -1))
    np.testing.assert_allclose(turned, np.roll(own.model_by_package(states), 7, -1), rtol=1e-12)
    np.testing.assert_allclose(own.model_by_package(np.full((1, 40), 8.0)), 8.0)


def test_the_site_followed_is_found_and_read_every_fourth_cycle():
    site = own.first_cycles(own.PRESETS["smoke"])
    read = np.isfinite(site.readings)
    assert read[3:].reshape(-1)[::4].all() and read.sum() == 15 and np.isnan(site.truth[0])
    late = slice(30, None)
    error = np.sqrt(np.mean((site.members.mean(1) - site.truth)[late] ** 2))
    assert site.members[0].std() > 2 > error
    assert np.abs(site.readings - site.truth)[read].mean() == pytest.approx((2 / np.pi) ** 0.5, abs=0.4)


def test_scores_leave_out_the_burn_in_and_tell_what_blew_up():
    good = np.array([[9.0, 1.0, 3.0], [9.0, 0.5, 0.5]])
    lost = np.array([[9.0, 2.0, np.nan], [9.0, 0.1, np.nan]])
    table = own.scores({"some": [good, lost], "none": [lost, lost]}, 1)
    assert table.columns.tolist() == ["truth 0", "truth 1", "spread"]
    assert table.loc["some", ["truth 0", "spread"]].tolist() == [2.0, 0.5]
    assert table.loc["none"].isna().all() and np.isnan(table.loc["some", "truth 1"])


@pytest.mark.parametrize(
    "number",
    [{"ensemble_size": 1}, {"radius": 0.0}, {"perturbed_radius": 101.0}, {"inflation": 0.9}, {"obs_error_std": 0.0}],
)
def test_the_page_refuses_bad_numbers(number):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        own.OwnFilter(**number)
