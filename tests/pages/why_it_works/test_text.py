"""What the page's prose quotes of the stored table."""

import pytest

from sparseobs.runs.results import read_result
from sparseobs_book.why_it_works.store import CODE, INFLUENCE, summary


@pytest.fixture(scope="module")
def stored():
    return read_result("theory").table


def term(stored, noise, estimate, name):
    return summary(stored, noise).set_index(["estimate", "term"]).loc[(estimate, name)]


def test_the_forecasts_cross_term_is_zero_and_the_analysis_is_short_of_its_influence(stored):
    found = term(stored, 1.0, "forecast", "cross term")
    assert found.tolist() == pytest.approx([-0.002, -0.010, 0.005], abs=6e-4)
    assert term(stored, 1.0, "forecast", "true squared error")["mean"] == pytest.approx(0.87, abs=5e-3)
    cross = term(stored, 1.0, "analysis", "cross term")["mean"]
    own = stored[(stored["term"] == INFLUENCE) & (stored["obs_error_std"] == 1)]
    influence = own["value"].mean()
    assert cross == pytest.approx(-0.89, abs=6e-3) and cross == pytest.approx(-2 * influence, abs=0.01)


def test_at_more_noise_the_shares_of_error_and_influence_shrink(stored):
    for noise in (1.0, 2.5):
        assert term(stored, noise, "forecast", "noise variance")["mean"] == pytest.approx(1, abs=0.01)
        found = term(stored, noise, "forecast", "cross term")
        assert found["low"] < 0 < found["high"]
    for estimate in ("forecast", "analysis"):
        errors = [term(stored, noise, estimate, "true squared error")["mean"] for noise in (1.0, 2.5)]
        assert errors[1] < errors[0] < 6.25 * errors[1]
    assert -0.7 < term(stored, 2.5, "analysis", "cross term")["mean"] < -0.65


def test_code_of_the_record_is_there():
    from sparseobs.files import SOURCE

    assert all((SOURCE / name).is_file() for name in CODE)


def test_unrolls():
    table = read_result("unrolls").table.groupby(["protocol", "unroll"])[["rmse", "final_loss"]].mean()
    rmse, loss = table["rmse"], table["final_loss"]
    assert rmse["no_truth"].round(2).to_dict() == {1: 4.61, 4: 1.50, 10: 1.39, 20: 1.44, 40: 2.39}
    assert rmse["paper"].tolist() == pytest.approx([1.76, 4.65], abs=0.006)
    assert [loss["paper", 4], loss["no_truth", 4]] == pytest.approx([1.9, 3.9], abs=0.05)


def test_the_price_of_patternless_noise_rises_with_the_noise(stored):
    prices = [1 + 1 / term(stored, noise, "forecast", "true squared error")["mean"] for noise in (1.0, 2.5)]
    assert [round(price, 1) for price in prices] == [2.1, 2.5]
