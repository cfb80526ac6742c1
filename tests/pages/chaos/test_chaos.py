"""What the page on chaos measures, held against what is known in closed form or from the equations."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from click.testing import CliRunner

from sparseobs.dynamics.catalogue import CLIMATES, SYSTEMS
from sparseobs.errors import InputError
from sparseobs.runs.results import read_result
from sparseobs_book.chaos import lyapunov
from sparseobs_book.chaos import run as chaos
from sparseobs_book.chaos.command import chaos as command

LORENZ = SYSTEMS["lorenz96"]


@pytest.mark.parametrize("name", SYSTEMS)
def test_pairs_begin_as_far_apart_as_asked_and_end_as_far_as_any_two_states(name):
    growth = chaos.error_growth(SYSTEMS[name], chaos.GROWTH_TIMES[name], 6, 1e-6, seed=1)
    torch.testing.assert_close(growth.difference[0], torch.full((6,), 1e-6, dtype=torch.float64), rtol=1e-6, atol=0)
    variances = torch.tensor(CLIMATES[name].standard_deviation).square()
    assert growth.saturation == pytest.approx((2 * variances.mean()).sqrt().item(), rel=0.15)
    assert growth.difference[-1].mean().item() == pytest.approx(growth.saturation, rel=0.15)


def test_lorenz96_pairs_grow_at_about_the_leading_exponent():
    growth = chaos.error_growth(LORENZ, 16.0, 64, 1e-6, seed=0)
    assert chaos.growth_rates(growth, 1e-5, 1e-2).mean().item() == pytest.approx(1.67, abs=0.25)


def test_growth_rates_of_exact_exponentials():
    times = 0.1 * torch.arange(101, dtype=torch.float64)
    rates = torch.tensor([1.0, 2.0, 0.1], dtype=torch.float64)
    growth = chaos.ErrorGrowth(times, 1e-6 * (rates * times[:, None]).exp(), 1.0)
    found = chaos.growth_rates(growth, 1e-5, 1e-3)
    torch.testing.assert_close(found[:2], rates[:2])
    assert math.isnan(found[2]), "never as large as asked"


def test_what_begins_smaller_is_followed_for_longer():
    for separation, stretch in (1e-4, 1), (1e-6, 1), (1e-12, 2):
        growth = chaos.error_growth(LORENZ, 16.0, 2, separation, seed=1)
        assert growth.times[-1].item() == pytest.approx(16 * stretch)
        assert (chaos.growth_rates(growth, 1e-4, 1e-2) > 0).all(), "both pairs have grown up"


def test_every_integrator_has_its_order():
    errors = chaos.integration_errors(LORENZ, [0.0125, 0.00625, 0.003125], 0.2, seed=0)
    orders = np.log2(errors.iloc[1] / errors.iloc[2])
    assert orders["Euler"] == pytest.approx(1, abs=0.15)
    assert orders["midpoint"] == pytest.approx(2, abs=0.15)
    assert orders["ours"] == pytest.approx(4, abs=0.15)
    assert orders["3/8 rule, torchdiffeq"] == pytest.approx(4, abs=0.15)


def test_what_has_blown_up_is_no_number():
    errors = chaos.integration_errors(SYSTEMS["kuramoto_sivashinsky"], [0.25], 1.0, seed=0).loc[0.25]
    assert errors["ours"] < 0.01 and errors.drop("ours").isna().all()


@pytest.mark.parametrize(
    "number",
    [{"n_pairs": 1}, {"separation": 0.0}, {"separation": 1e-13}, {"separation": 1.0}, {"stride": 3}, {"duration": 0.0}],
)
def test_the_page_refuses_bad_numbers(number):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        chaos.Chaos(**number)


def spectra(exponents, n_repeats=3, wobble=1e-3):
    rows = [
        {"system": "made up", "repeat": repeat, "number": number, "exponent": exponent + wobble * (repeat - 1)}
        for repeat in range(n_repeats)
        for number, exponent in enumerate(exponents, start=1)
    ]
    return pd.DataFrame(rows)


def test_summary_by_hand():
    row = lyapunov.summary(spectra([1.0, 0.5, 0.0, -0.5, -4.0])).loc["made up"]
    assert row["positive"] == 2, "the zero is not told from zero"
    assert row["leading exponent"].startswith("1.000 [0.99")
    assert row["doubling time"].startswith("0.693 [")
    assert row["Kaplan-Yorke dimension"].startswith("4.250 [")


def test_the_command_stores_every_system(tmp_path, monkeypatch):
    (tmp_path / "results").mkdir()
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    done = CliRunner().invoke(command, ["lyapunov", "--preset", "smoke", "--name", "x"], catch_exceptions=False)
    assert done.exit_code == 0
    table, record = read_result("x")
    assert record["command"] == "python -m sparseobs chaos lyapunov --preset smoke --name x"
    assert set(table["system"]) == set(SYSTEMS)
    assert table.groupby(["system", "repeat"])["exponent"].apply(lambda each: each.is_monotonic_decreasing).all()
    assert set(table["repeat"]) == {0, 1} and record["parameters"]["n_repeats"] == 2
    for system, (n_exponents, *_) in lyapunov.MEASURED.items():
        assert (table["system"] == system).sum() == 2 * n_exponents
    assert lyapunov.summary(table).index.tolist() == list(lyapunov.MEASURED)


def test_repeats_differ_and_can_be_had_again():
    first, again, other = (lyapunov.measure("lorenz96", seed, 0.01) for seed in (0, 0, 1))
    assert first == again == sorted(first, reverse=True) and len(first) == 40
    assert all(one != two for one, two in zip(first, other, strict=True))
