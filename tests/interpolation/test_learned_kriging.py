"""Kriging by a covariance of a dozen numbers: equations, limits, what fitting finds, and bad input."""

import dataclasses

import gstools
import numpy as np
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.interpolation.learned_covariance import LEVEL, LearnedCovariance, geometry, krige, number_names
from sparseobs.interpolation.learned_kriging import (
    Fit,
    LearnedKriging,
    fit_learned_kriging,
    hours_of_day,
    usual_numbers,
)
from sparseobs.interpolation.tuning import Sample
from sparseobs.stations.geography import EARTH_RADIUS, Points

NONE = -30.0  # the logarithm of nothing


def places(n, seed, n_features=0, top=1500.0):
    generator = np.random.default_rng(seed)
    features = generator.standard_normal((n, n_features))
    return Points(generator.uniform(47, 52, n), generator.uniform(7, 13, n), generator.uniform(0, top, n), features)


def kriging(n_features=0, **changes):
    """The usual numbers with some changed; all but `rate` are given as logarithms."""
    usual = {
        "long_sill": np.log(6.0), "long_length": np.log(300.0), "short_sill": np.log(2.0),
        "short_length": np.log(60.0), "nugget": np.log(0.5), "rate_std": np.log(2.0),
        "gradient_std": np.log(0.5), "rate": -6.5,
    }  # fmt: skip
    names = number_names(n_features)
    values = {name: usual.get(name, np.log(0.4)) for name in names} | changes
    return LearnedKriging(tuple((float(values[name]),) for name in names))


CONTEXT, TARGETS = places(30, 0, 2), places(7, 1, 2)
VALUES = 5 + 3 * np.random.default_rng(2).standard_normal((4, 30))


def plain(method, context, values, targets):
    """The Gaussian posterior of one hour, written with dense matrices and no trick."""
    numbers = method.numbers()

    def columns(points):
        north = (points.latitude - context.latitude.mean()) * np.pi * EARTH_RADIUS / 180 / 100
        squeeze = np.cos(np.radians(context.latitude.mean()))
        east = (points.longitude - context.longitude.mean()) * np.pi * EARTH_RADIUS / 180 * squeeze / 100
        return np.column_stack([np.ones(len(points)), points.height / 1000, north, east])

    def chord(a, b):
        xyz = [
            EARTH_RADIUS
            * np.column_stack(
                [
                    np.cos(np.radians(p.latitude)) * np.cos(np.radians(p.longitude)),
                    np.cos(np.radians(p.latitude)) * np.sin(np.radians(p.longitude)),
                    np.sin(np.radians(p.latitude)),
                ]
            )
            for p in (a, b)
        ]
        return np.linalg.norm(xyz[0][:, None] - xyz[1][None], axis=2)

    def covariance(a, b):
        total = 0
        for structure in ("long", "short"):
            squared = (chord(a, b) / numbers[f"{structure}_length"]) ** 2
            sides = [np.column_stack([p.height / 1000, p.features]) for p in (a, b)]
            for f in range(sides[0].shape[1]):
                weight = numbers[f"{structure}_weight_{f}"]
                squared = squared + weight**2 * (sides[0][:, None, f] - sides[1][None, :, f]) ** 2
            total = total + numbers[f"{structure}_sill"] * np.exp(-np.sqrt(squared))
        return total

    spread = np.diag([LEVEL, numbers["rate_std"], numbers["gradient_std"], numbers["gradient_std"]]) ** 2
    prior = {
        pair: covariance(a, b) + columns(a) @ spread @ columns(b).T
        for pair, (a, b) in {"cc": (context, context), "ct": (context, targets), "tt": (targets, targets)}.items()
    }
    seen = np.isfinite(values)
    at_sea = (values - numbers["rate"] * context.height / 1000)[seen]
    level = at_sea.mean()
    departure = at_sea - level
    matrix = prior["cc"][np.ix_(seen, seen)] + numbers["nugget"] * np.eye(seen.sum())
    weights = np.linalg.solve(matrix, prior["ct"][seen])
    mean = weights.T @ departure + level + numbers["rate"] * targets.height / 1000
    variance = np.diag(prior["tt"]) + numbers["nugget"] - np.sum(prior["ct"][seen] * weights, axis=0)
    return mean, np.sqrt(variance)


def test_the_posterior_written_plainly_with_missing_readings():
    values = VALUES.copy()
    values[0, :5], values[1, 3:28], values[2, ::2] = np.nan, np.nan, np.nan
    method = kriging(2)
    mean, std = method.interpolate(CONTEXT, values, TARGETS)
    for hour, readings in enumerate(values):
        expected = plain(method, CONTEXT, readings, TARGETS)
        np.testing.assert_allclose(mean[hour], expected[0], rtol=1e-4)
        np.testing.assert_allclose(std[hour], expected[1], rtol=1e-4)


def test_ordinary_kriging_of_gstools_where_the_drift_is_only_a_level():
    """With no gradients, one structure and no weight of height the wide prior of the level is ordinary kriging."""
    gone = {"short_sill": NONE, "rate_std": NONE, "gradient_std": NONE, "rate": 0.0}
    gone |= {"long_weight_0": NONE, "short_weight_0": NONE}
    context, targets = places(30, 0), places(7, 1)
    mean, std = kriging(**gone).interpolate(context, VALUES, targets)
    model = gstools.Exponential(latlon=True, geo_scale=EARTH_RADIUS, var=6.0, nugget=0.5, len_scale=300.0)
    for hour, readings in enumerate(VALUES):
        system = gstools.krige.Ordinary(model, (context.latitude, context.longitude), readings)
        expected, variance = system((targets.latitude, targets.longitude))
        np.testing.assert_allclose(mean[hour], expected, atol=0.02)
        np.testing.assert_allclose(std[hour], np.sqrt(variance), rtol=5e-3)


def test_universal_kriging_of_gstools_where_the_prior_of_the_rate_is_wide():
    gone = {"short_sill": NONE, "gradient_std": NONE, "rate_std": np.log(1e3), "rate": 0.0}
    gone |= {"long_weight_0": NONE, "short_weight_0": NONE}
    context, targets = places(30, 0), places(7, 1)
    mean, _ = kriging(**gone).interpolate(context, VALUES, targets)
    model = gstools.Exponential(latlon=True, geo_scale=EARTH_RADIUS, var=6.0, nugget=0.5, len_scale=300.0)
    where = (context.latitude, context.longitude)
    system = gstools.Krige(model, where, VALUES[0], ext_drift=context.height / 1000)
    expected, _ = system((targets.latitude, targets.longitude), ext_drift=targets.height / 1000)
    np.testing.assert_allclose(mean[0], expected, atol=0.05)


def test_a_station_is_met_without_a_nugget_and_half_met_with_much():
    context = places(30, 0)
    met, _ = kriging(nugget=NONE).interpolate(context, VALUES, context)
    np.testing.assert_allclose(met, VALUES, atol=1e-3)
    blurred, _ = kriging(nugget=np.log(50.0)).interpolate(context, VALUES, context)
    assert np.abs(blurred - VALUES).mean() > 1


def test_no_order_of_stations_nor_silent_station_matters():
    method, order = kriging(2), np.random.default_rng(5).permutation(30)
    usual = method.interpolate(CONTEXT, VALUES, TARGETS)
    np.testing.assert_allclose(method.interpolate(CONTEXT[order], VALUES[:, order], TARGETS), usual, rtol=1e-6)
    values = VALUES.copy()
    values[:, 20:] = np.nan
    fewer = method.interpolate(CONTEXT[np.arange(20)], VALUES[:, :20], TARGETS)
    # The drift's origin is the mean of all stations given, which a wide prior of the level hardly feels.
    np.testing.assert_allclose(method.interpolate(CONTEXT, values, TARGETS), fewer, rtol=2e-3)


def test_warmer_readings_are_a_warmer_map():
    mean, std = kriging(2).interpolate(CONTEXT, VALUES, TARGETS)
    warmer = kriging(2).interpolate(CONTEXT, VALUES + 10, TARGETS)
    np.testing.assert_allclose(warmer, (mean + 10, std), rtol=1e-6)


def test_an_hour_without_a_reading_has_no_answer_and_leaves_the_others_alone():
    values = VALUES.copy()
    values[1] = np.nan
    mean, std = kriging(2).interpolate(CONTEXT, values, TARGETS)
    assert np.isnan(mean[1]).all() and np.isnan(std[1]).all()
    np.testing.assert_allclose(mean[[0, 2, 3]], kriging(2).interpolate(CONTEXT, VALUES, TARGETS)[0][[0, 2, 3]])


def test_one_station_is_enough_to_be_asked():
    mean, std = kriging(2).interpolate(CONTEXT[np.arange(1)], VALUES[:, :1], TARGETS)
    assert np.isfinite(mean).all() and (std > 1).all()


def test_numbers_that_turn_are_others_by_night_and_need_the_hour():
    rows = [(*row, 0.0, 0.0) for row in kriging(2).table]
    nugget = number_names(2).index("nugget")
    turning = LearnedKriging(tuple(rows[:nugget] + [(rows[nugget][0], 1.0, 0.0)] + rows[nugget + 1 :]))
    assert turning.numbers(0.0)["nugget"] == pytest.approx(np.e**2 * turning.numbers(12.0)["nugget"])
    assert turning.numbers(0.0)["long_sill"] == turning.numbers(12.0)["long_sill"]
    clock = np.array([0.0, 6.0, 12.0, 18.0])
    _, std = turning.interpolate(CONTEXT, VALUES, TARGETS, clock)
    assert (std[0] > std[1]).all() and (std[1] > std[2]).all()
    np.testing.assert_allclose(std[1], kriging(2).interpolate(CONTEXT, VALUES, TARGETS)[1][1], rtol=1e-6)
    with pytest.raises(InputError, match="clock"):
        turning.interpolate(CONTEXT, VALUES, TARGETS)


def test_hours_are_read_off_times():
    times = np.array(["2019-02-17T00:00", "2019-02-18T13:30"], dtype="datetime64[ns]")
    np.testing.assert_allclose(hours_of_day(times), [0.0, 13.5])


def test_the_gradient_is_that_of_differences():
    """Also with masks and with points of one place, whose distance has no derivative."""
    context = CONTEXT[np.r_[np.arange(10), 3]]
    values = torch.as_tensor(VALUES[:, np.r_[np.arange(10), 3]])
    values[0, 2] = torch.nan
    among, across = geometry(context, context, context), geometry(context, TARGETS, context)
    table = torch.tensor(kriging(2).table, dtype=torch.float64, requires_grad=True)

    class Held(LearnedCovariance):
        def __init__(self, table):
            torch.nn.Module.__init__(self)
            self.table, self.n_features = table, 2

    assert torch.autograd.gradcheck(
        lambda table: torch.stack(tuple(krige(Held(table), among, across, values))), (table,), atol=1e-4
    )


def fields(points, covariance, n_hours, seed):
    """Readings that the covariance itself has drawn, drift and nugget included."""
    numbers = covariance.numbers(None)
    where = geometry(points, points, points)
    with torch.no_grad():
        matrix = covariance.between(where, numbers)[0].numpy() + numbers["nugget"].item() * np.eye(len(points))
    root = np.linalg.cholesky(matrix)
    noise = np.random.default_rng(seed).standard_normal((n_hours, len(points)))
    return noise @ root.T + numbers["rate"].item() * points.height / 1000


@pytest.fixture(scope="module")
def drawn():
    """A world of which every number is known: 60 stations to learn from, 40 to be judged at."""
    everywhere = places(100, 7)
    true = kriging(short_length=np.log(150.0), nugget=np.log(0.8), rate=-4.0)
    values = fields(everywhere, true.covariance, 60, 8)
    return true, everywhere, values


def left_out(method, everywhere, values):
    shown, asked = np.arange(60), np.arange(60, 100)
    mean, std = method.interpolate(everywhere[shown], values[30:, shown], everywhere[asked])
    errors = values[30:, asked] - mean
    return np.mean(np.log(std) + 0.5 * (errors / std) ** 2)


def test_fitting_finds_what_the_world_was_drawn_from(drawn):
    true, everywhere, values = drawn
    sample = Sample(everywhere[np.arange(60)], values[:30, :60])
    begun = usual_numbers(sample)
    fitted = fit_learned_kriging(sample, Fit(rate=0.05, steps=150))
    losses = [left_out(method, everywhere, values) for method in (true, fitted, begun)]
    assert losses[1] < losses[0] + 0.03 and losses[1] < losses[2] - 0.02
    assert fitted.numbers()["nugget"] == pytest.approx(0.8, rel=0.5)
    assert begun.numbers()["rate"] < fitted.numbers()["rate"] < -4.0


def test_fields_teach_where_a_single_hour_of_few_stations_cannot(drawn):
    """The simulator's fields lack the nugget; a start from them is better than the usual one, and is adapted."""
    true, everywhere, values = drawn
    smooth = dataclasses.replace(true, table=kriging(
        short_length=np.log(150.0), nugget=np.log(0.05), rate=-4.0
    ).table)  # fmt: skip
    simulated = Sample(everywhere[np.arange(60)], fields(everywhere, smooth.covariance, 60, 9)[:, :60])
    taught = fit_learned_kriging(simulated, Fit(rate=0.05, steps=150, least=5))
    few = Sample(everywhere[np.arange(15)], values[:2, :15])
    adapted = fit_learned_kriging(few, start=taught)
    assert adapted.numbers()["nugget"] > 1.3 * taught.numbers()["nugget"]
    alone = fit_learned_kriging(few)
    assert left_out(adapted, everywhere, values) < min(
        left_out(taught, everywhere, values), left_out(alone, everywhere, values)
    )


def test_a_fit_is_that_of_its_seed_and_no_step_changes_nothing():
    sample = Sample(CONTEXT, VALUES)
    brief = Fit(steps=3)
    assert fit_learned_kriging(sample, brief) == fit_learned_kriging(sample, brief)
    assert fit_learned_kriging(sample, brief) != fit_learned_kriging(sample, dataclasses.replace(brief, seed=1))
    start = kriging(2)
    assert fit_learned_kriging(sample, Fit(steps=0), start) == start


def test_silent_hours_and_stations_do_no_harm_to_a_fit():
    values = VALUES.copy()
    values[0], values[1:, 5] = np.nan, np.nan
    fitted = fit_learned_kriging(Sample(CONTEXT, values), Fit(steps=20, by_hour=True), clock=np.arange(4.0))
    assert np.isfinite(fitted.table).all() and len(fitted.table[0]) == 3


@pytest.mark.parametrize(
    ("problem", "match"),
    [
        (lambda: fit_learned_kriging(Sample(CONTEXT[np.arange(2)], VALUES[:, :2])), "three"),
        (lambda: fit_learned_kriging(Sample(CONTEXT, np.full((2, 30), np.nan))), "three"),
        (lambda: kriging(2).interpolate(CONTEXT, VALUES, places(3, 0)), "features"),
        (lambda: kriging(2).interpolate(CONTEXT, VALUES[:, :4], TARGETS), "30"),
        (lambda: kriging(0).interpolate(CONTEXT, VALUES, TARGETS), "features"),
        (lambda: Fit(share=1.5), "share"),
        (lambda: Fit(rate=0.0), "rate"),
        (lambda: Points(*np.zeros((3, 4)), np.zeros((3, 1))), "features"),
        (lambda: Points(*np.zeros((3, 4)), np.full((4, 1), np.nan)), "features"),
    ],
)
def test_bad_input_is_refused(problem, match):
    with pytest.raises(InputError, match=match):
        problem()
