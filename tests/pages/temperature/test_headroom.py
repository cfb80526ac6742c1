"""What adapting can win at most: kriging that knows ever more of the thermometers errs less, and likelier."""

import dataclasses
import itertools

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.interpolation.kriging import Kriging
from sparseobs.interpolation.learned_kriging import LearnedKriging
from sparseobs.interpolation.tuning import Sample
from sparseobs.interpolation.variogram import covariance_model
from sparseobs.randomness import numpy_stream
from sparseobs.runs.results import read_result
from sparseobs.stations.geography import Points, great_circle
from sparseobs.stations.splits import split_hash
from sparseobs.stations.twin import load_twin
from sparseobs_book.temperature import headroom
from sparseobs_book.temperature.experiment import prepare, splits
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.station_adaptation import TWINS, full_twin

NUGGET_STD = 0.7  # K, of the made-up readings
ROUGH = LearnedKriging(tuple((float(v),) for v in (*np.log([4, 300, 0.5, 1, 80, 0.5, 0.1, 3, 0.5]), -6.5)))
SMOOTH = Kriging("matern", 200.0, 5.0, 0.0)


@pytest.fixture(scope="module")
def data():
    return full_twin("smoke", 0, None)


@pytest.fixture(scope="module")
def table(data):
    return headroom.compare(data, headroom.STUDIES["smoke"], lambda line: None)


@pytest.fixture(scope="module")
def noisy():
    """Fields with the covariance of `SMOOTH` at forty places, read with errors independent from place to place."""
    rng = numpy_stream(0, "noisy field")
    places = Points(rng.uniform(48, 54, 40), rng.uniform(7, 14, 40), np.zeros(40))
    model = covariance_model("matern", length=SMOOTH.length, sill=SMOOTH.sill, nugget_share=0.0)
    covariance = model.cov_yadrenko(great_circle(places, places))
    factor = np.linalg.cholesky(covariance + 1e-8 * np.eye(40))
    return Sample(places, rng.normal(size=(24, 40)) @ factor.T + NUGGET_STD * rng.normal(size=(24, 40)))


def test_the_table_is_complete_and_each_row_is_of_the_same_readings(table):
    study = headroom.STUDIES["smoke"]
    assert len(table) == study.n_seeds * len(study.n_stations) * len(headroom.METHODS)
    assert not table[["mae", "rmse", "crps", "nll", "coverage", "n"]].isna().any(axis=None)
    assert (table.groupby(["seed", "n_stations"])["n"].nunique() == 1).all()
    found = headroom.summary(table, "mae")
    assert found.shape == (len(headroom.METHODS), len(study.n_stations))
    one = table[(table["method"] == headroom.REALIST) & (table["n_stations"] == 20)]
    assert found.loc[headroom.REALIST, 20] == pytest.approx(one["mae"].mean())


def test_the_stored_table_is_complete_and_says_what_the_page_says():
    stored, study = read_result(headroom.NAME).table, headroom.STUDIES["lesson"]
    cells = set(zip(stored["seed"], stored["n_stations"], stored["method"], strict=True))
    assert cells == set(itertools.product(range(study.n_seeds), study.n_stations, headroom.METHODS))
    assert len(stored) == len(cells) and not stored[list(headroom.SCORES)].isna().any(axis=None)
    mae, nll = (headroom.summary(stored, score) for score in ("mae", "nll"))
    # The nugget is worth nats and no kelvin, the hour's lapse rate both.
    assert (nll.loc[headroom.PUPIL] - nll.loc[headroom.NUGGET] > 0.8).all()
    assert (mae.loc[headroom.PUPIL] - mae.loc[headroom.NUGGET] < 0.01).all()
    assert (mae.loc[headroom.REALIST] - mae.loc[headroom.HOURLY] > 0.09).all()
    assert (mae.drop([headroom.HOURLY, headroom.FLOOR]) > mae.loc[headroom.HOURLY]).all(axis=None)


def test_what_stations_teach_makes_readings_likelier_and_nobody_beats_the_thermometers(table):
    nll = headroom.summary(table, "nll")[20]
    assert nll[headroom.NUGGET] < nll[headroom.PUPIL]
    assert nll[headroom.SMOOTH_NUGGET] < nll[headroom.SMOOTH]
    mae = headroom.summary(table, "mae")
    assert (mae.loc[headroom.FLOOR] < mae.drop(headroom.FLOOR).min()).all()


def test_the_nugget_of_thermometers_is_found(noisy):
    """Readings drawn from the pupil's own covariance, besides errors of a known size."""
    nugget = headroom.fit_nugget(SMOOTH, noisy)
    assert 0.6 < nugget / NUGGET_STD**2 < 1.7  # a step of the numbers tried is a factor of 1.6


def test_another_nugget_leaves_the_rest_of_a_covariance():
    before, after = ROUGH.numbers(), headroom.with_nugget(ROUGH, 0.8).numbers()
    assert after.pop("nugget") == pytest.approx(0.8) and before.pop("nugget") == pytest.approx(0.1)
    assert after == before
    smooth = headroom.with_nugget(headroom.with_nugget(SMOOTH, 0.3), 0.8)
    assert smooth.sill * smooth.nugget_share == pytest.approx(0.8)
    assert smooth.sill - 0.8 == pytest.approx(SMOOTH.sill) and smooth.length == SMOOTH.length


def test_a_fixed_lapse_rate_knows_no_other_height(noisy):
    """Raising every station by h and cooling what it reads by the rate changes nothing at targets at sea level."""
    method = headroom.FixedLapseRate(ROUGH, 6.5e-3)
    context, targets = np.arange(30), np.arange(30, 40)
    heights = np.linspace(0, 2000, 30)
    places = noisy.places
    raised = Points(places.latitude[context], places.longitude[context], heights)
    low = method.interpolate(places[context], noisy.values[:, context], places[targets])
    high = method.interpolate(raised, noisy.values[:, context] - 6.5e-3 * heights, places[targets])
    np.testing.assert_allclose(low, high, atol=1e-9)
    peaks = Points(places.latitude[targets], places.longitude[targets], np.full(10, 1000.0))
    mean, std = method.interpolate(places[context], noisy.values[:, context], peaks)
    np.testing.assert_allclose([mean + 6.5, std], low, atol=1e-9)


def test_the_floor_is_what_thermometers_add_to_the_truth(data):
    """Oracle: the twin run once more with perfect thermometers."""
    settings = dataclasses.replace(TWINS["smoke"], days=3)
    perfect = dataclasses.replace(settings, siting=0.0, turbulence=0.0, obs_error_std=0.0, missing_share=0.0)
    read, true = (
        load_twin(each).stations["temperature"].transpose("time", "station").values for each in (settings, perfect)
    )
    unmoved = np.flatnonzero(data.stations["value"].values)
    errors = headroom.thermometer_errors(settings, 0, read.shape[1])
    np.testing.assert_allclose(errors[:, unmoved], (read - true)[:, unmoved], atol=1e-4)


def test_splits_are_those_of_the_grid(data):
    settings = grid_presets()["smoke"]
    experiment, parts = prepare(settings, data), splits(settings, data)
    assert split_hash(data, **parts) == split_hash(data, experiment.stations, experiment.hours)


def test_nothing_judged_is_learnt_from(data, table):
    """40 K more at held-out stations changes their errors, and no number that is fitted."""
    study = dataclasses.replace(headroom.STUDIES["smoke"], n_stations=(5,))
    stations = data.stations.copy(deep=True)
    stations["temperature"][:, data.stations["value"].values] += 40.0
    changed = headroom.compare(dataclasses.replace(data, stations=stations), study, lambda line: None)
    before, after = (part.set_index("method") for part in (table[table["n_stations"] == 5], changed))
    np.testing.assert_array_equal(after["nugget"], before["nugget"])
    assert (after["mae"] > before["mae"] + 30).drop(headroom.FLOOR).all()


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="score"):
        headroom.summary(None, "skill")
    with pytest.raises(InputError, match="size"):
        headroom.store(None, "paper")
    for nugget in (0.0, -1.0, np.nan):
        with pytest.raises(InputError, match="nugget"):
            headroom.with_nugget(ROUGH, nugget)
