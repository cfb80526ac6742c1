"""Heights withheld from networks or given: what they then can know, who is judged where, and what a row says."""

import dataclasses

import numpy as np
import pytest
import torch
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.interpolation.learned_kriging import LearnedKriging
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.grid import ELEVATION_SCALE
from sparseobs.runs.settings import resolve
from sparseobs.stations.places import families
from sparseobs.stations.regions import REGIONS, Region
from sparseobs.stations.temperature import TemperatureData, gridded, network, on_orography
from sparseobs.stations.twin_terrain import value_stations
from sparseobs_book.heights import run
from sparseobs_book.heights.settings import LAPSE_RATES, PRESETS
from sparseobs_book.temperature.experiment import adapt, pretrain
from sparseobs_book.temperature.scores import held_out, network_predict
from sparseobs_book.temperature.stored import pretraining_address

SMOKE = dataclasses.replace(PRESETS["smoke"], n_ordinary=6)
VALUE = value_stations()[run.SOUTHWEST.contains(value_stations()["latitude"], value_stations()["longitude"])]
N_OTHERS = 40
RATE = 6.5e-3  # K/m, of the made-up air


def ground(latitude, longitude):
    return 500 + 400 * np.sin(12 * latitude) * np.cos(9 * longitude)


@pytest.fixture(scope="module")
def twin():
    """Sixty days over hills that no cell of the reanalysis sees; stations at VALUE's places and others; one moved."""
    generator = np.random.default_rng(0)
    times = np.datetime64("2019-01-01", "ns") + np.arange(60 * 8) * np.timedelta64(3, "h")
    fine = {"latitude": np.arange(46.8, 51.2, 0.04), "longitude": np.arange(6.4, 13.1, 0.04)}
    heights = ground(fine["latitude"][:, None], fine["longitude"])
    elevation = xr.DataArray(heights, fine, ("latitude", "longitude"), "elevation")
    coarse = np.arange(46.95, 51.2, 0.25), np.arange(6.5, 13.1, 0.25)
    wave = 5 * np.sin(np.arange(times.size) / 8 * 2 * np.pi)[:, None, None]
    air = 8 + wave + np.sin(coarse[0])[:, None] * np.cos(coarse[1])
    orography = 500 + 50 * np.sin(coarse[0])[:, None] * np.cos(coarse[1])
    reanalysis = on_orography(gridded(air - RATE * orography, times, *coarse), orography)
    latitude = np.concatenate([VALUE["latitude"], generator.uniform(47.3, 50.5, N_OTHERS - 1), [50.4, 50.9]])
    longitude = np.concatenate([VALUE["longitude"], generator.uniform(7.1, 12.4, N_OTHERS - 1), [12.3, 9.0]])
    names = [*(f"s{n}" for n in range(latitude.size - 2)), f"s{latitude.size - 3}@2019-02-01", "north"]
    height = ground(latitude, longitude)
    at = {"latitude": ("station", latitude), "longitude": ("station", longitude)}
    seen = (reanalysis + RATE * orography).interp({k: xr.DataArray(v[1], dims="station") for k, v in at.items()})
    values = seen.values - RATE * height + generator.normal(0, 0.3, (times.size, latitude.size))
    values[generator.random(values.shape) < 0.03] = np.nan
    places = {"station": names, "name": names, "latitude": latitude, "longitude": longitude, "height": height}
    stations = network(values, times, places)
    return TemperatureData("twin", True, REGIONS["germany"], reanalysis, stations, elevation, {}, "made up")


@pytest.fixture(scope="module")
def experiments(twin):
    return {heights: run.prepare(dataclasses.replace(SMOKE, heights=heights), twin) for heights in LAPSE_RATES}


@pytest.fixture(scope="module")
def table(experiments):
    experiment = experiments["withheld"]
    return run.compare(experiment, pretrain(experiment), steps=SMOKE.steps, progress=lambda name: None)


def test_a_row_says_how_its_pre_training_fared_if_it_has_one(table):
    rows = table[0]
    assert (rows["exam"].notna() == rows["pretrained_weights"].notna()).all()
    assert rows["exam"].nunique() == 1 and rows["exam"].min() > 0
    assert set(rows.loc[rows["exam"].notna(), "method"]) == {"sim-only", "Sim2Real", "Sim2Real (FiLM)"}


def changed(twin, **columns):
    """Return the twin with other heights or readings of its stations."""
    stations = twin.stations.copy(deep=True)
    for name, values in columns.items():
        stations[name][:] = values
    return dataclasses.replace(twin, stations=stations)


def predicted(experiment, seed=0):
    """Return what fresh weights predict at the held-out stations; pre-training is no matter here."""
    return held_out(experiment, network_predict(experiment, ConvCNP(experiment.settings.architecture, seed)))[:2]


def test_ordinary_and_value_stations_are_held_out_and_apart_from_what_is_learnt(experiments):
    experiment = experiments["withheld"]
    split, stations = experiment.stations, experiment.data.stations
    parts = [split.train, split.validation, split.held_out]
    everything = np.concatenate(parts)
    assert len(set(everything)) == len(everything) and all(part.size for part in parts)
    kinds = run.kinds_of(experiment)
    assert (kinds == "ordinary").sum() == SMOKE.n_ordinary and (kinds == "VALUE").sum() == len(VALUE)
    assert set(split.held_out[kinds == "VALUE"]) == set(range(len(VALUE)))
    family = families(stations)
    for part, other in ((0, 1), (0, 2), (1, 2)):
        assert not np.isin(family[parts[part]], family[parts[other]]).any()
    assert "north" not in stations["station"].values
    learnt = len(split.train) + len(split.validation)
    assert abs(len(split.validation) - 0.2 * learnt) < 1.5


def test_a_place_of_a_station_that_moved_is_never_judged_by_the_other(experiments):
    stations = experiments["withheld"].data.stations
    family = families(stations)
    moved = np.flatnonzero(np.char.find(stations["station"].values.astype(str), "@") >= 0)
    assert (family == family[moved[0]]).sum() == 2
    for seed in range(20):
        split = run.split_places(stations, n_ordinary=6, seed=seed)
        inside = [np.isin(family[moved[0]], family[part]).item() for part in (split.train, split.validation)]
        inside.append(family[moved[0]] in family[split.held_out])
        assert sum(inside) <= 1


def test_another_seed_holds_out_other_ordinary_stations_and_the_same_of_value(experiments):
    stations = experiments["withheld"].data.stations
    first, other = (run.split_places(stations, n_ordinary=6, seed=seed).held_out for seed in (0, 1))
    assert set(first) & set(other) >= set(range(len(VALUE))) and set(first) != set(other)


def test_the_split_and_hours_are_those_of_the_other_way_with_heights(experiments):
    withheld, given = experiments.values()
    for part in ("stations", "hours", "reanalysis_hours"):
        for name, positions in vars(getattr(withheld, part)).items():
            np.testing.assert_array_equal(positions, getattr(getattr(given, part), name))


def test_heights_withheld_change_nothing_that_a_network_reads_or_says(twin, experiments):
    higher = changed(twin, height=twin.stations["height"].values + np.linspace(50, 900, twin.stations.sizes["station"]))
    for heights, same in (("withheld", True), ("given", False)):
        before, settings = experiments[heights], dataclasses.replace(SMOKE, heights=heights)
        after = run.prepare(settings, higher)
        assert same == torch.equal(before.network.values.nan_to_num(), after.network.values.nan_to_num())
        for old, new in zip(predicted(before), predicted(after), strict=True):
            assert same == np.array_equal(old, new)


def test_the_ground_of_the_reanalysis_is_withheld_too(twin, experiments):
    lower = on_orography(twin.reanalysis, twin.reanalysis["orography"].values - 300)
    for heights, same in (("withheld", True), ("given", False)):
        before, settings = experiments[heights], dataclasses.replace(SMOKE, heights=heights)
        after = run.prepare(settings, dataclasses.replace(twin, reanalysis=lower))
        assert same == (before.standardisation == after.standardisation)
        assert before.reanalysis.values.std() == pytest.approx(after.reanalysis.values.std())


@pytest.mark.parametrize("heights", LAPSE_RATES)
def test_the_elevation_channel_is_the_fine_terrain_and_not_the_ground_of_the_reanalysis(experiments, heights):
    experiment = experiments[heights]
    grid, fields = experiment.network.grid, experiment.settings.architecture.fields
    channel = grid.static[list(fields).index("elevation")].numpy() * ELEVATION_SCALE
    longitude = grid.x.numpy() / np.cos(np.radians(grid.reference_latitude))
    wanted = ground(grid.y.numpy()[:, None].astype(float), longitude)
    there = (grid.y.numpy() > 46.9) & (grid.y.numpy() < 51.0)
    error = np.abs(channel - wanted)[there][:, (longitude > 6.6) & (longitude < 12.9)]
    assert error.size and error.max() < 50 < 300 < np.abs(channel - 500).max()


def test_with_heights_the_hills_are_gone_from_what_a_network_reads(experiments):
    """Differences between stations of one hour are the hills' at 6.5 K/km, and next to none at sea level."""
    spread = {name: np.nanstd(one.network.values.numpy(), axis=1).mean() for name, one in experiments.items()}
    scale = {name: one.standardisation.std for name, one in experiments.items()}
    assert spread["given"] * scale["given"] < 1.0 < 1.4 < spread["withheld"] * scale["withheld"]


def test_cells_share_a_pretraining_over_hours_but_not_over_heights_nor_seeds(twin, experiments):
    def address(**changes):
        return pretraining_address(run.prepare(dataclasses.replace(SMOKE, **changes), twin))

    first = pretraining_address(experiments["withheld"])
    assert first == address(n_times=40)
    assert len({first, pretraining_address(experiments["given"]), address(seed=1)}) == 3


def test_nothing_is_learnt_from_held_out_stations_nor_test_hours(twin, experiments):
    before = experiments["withheld"]
    readings = before.data.stations["temperature"].values.copy()
    readings[:, before.stations.held_out] += 40.0
    readings[before.hours.test] += 40.0
    inside = run.SOUTHWEST.contains(twin.stations["latitude"].values, twin.stations["longitude"].values)
    all_readings = twin.stations["temperature"].values.copy()
    all_readings[:, inside] = readings
    after = run.prepare(SMOKE, changed(twin, temperature=all_readings))
    pretrained = ConvCNP(before.settings.architecture, 0)
    weights = [adapt(one, "Sim2Real", pretrained)[0].state_dict() for one in (before, after)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    fitted = [run.learned_covariance(one, steps=2) for one in (before, after)]
    assert isinstance(fitted[0], LearnedKriging) and fitted[0] == fitted[1]


def test_every_method_has_a_row_for_each_kind_of_place(table):
    rows, trainings = table
    assert len(rows) == 2 * len(run.METHODS)
    assert rows.groupby("places")["method"].apply(list).to_dict() == dict.fromkeys(run.PLACES, list(run.METHODS))
    assert (rows.groupby("places")["n"].nunique() == 1).all() and rows["split"].nunique() == 1
    assert np.isfinite(rows[["mae", "crps", "nll", "coverage", "mae_gap", "nll_gap"]]).all(axis=None)
    assert set(trainings) == set(run.METHODS) - set(run.CLASSICAL)
    starts = rows.set_index("method")["pretrained_weights"].notna()
    assert set(starts.index[starts]) == {"sim-only", "Sim2Real", "Sim2Real (FiLM)"}


def test_the_scores_of_the_two_kinds_of_places_are_parts_of_all(table, experiments):
    rows = table[0][table[0]["method"] == "lapse rate + IDW"]
    experiment = experiments["withheld"]
    mean, _, readings = held_out(experiment, run.classical(experiment, "lapse rate + IDW", SMOKE.steps))
    assert rows["n"].sum() == np.isfinite(readings).sum()
    np.testing.assert_allclose((rows["mae"] * rows["n"]).sum() / rows["n"].sum(), np.nanmean(np.abs(mean - readings)))


def test_gaps_are_to_sim2real_at_the_same_places(table):
    for _, rows in table[0].groupby("places"):
        rows = rows.set_index("method")
        for score in ("mae", "nll"):
            gaps = rows.loc["Sim2Real", score] - rows[score]
            np.testing.assert_allclose(rows[f"{score}_gap"], gaps, atol=1e-6)
            assert (rows[f"{score}_low"] <= rows[f"{score}_gap"] + 1e-12).all()
            assert (rows[f"{score}_gap"] <= rows[f"{score}_high"] + 1e-12).all()
            assert rows.loc["Sim2Real", [f"{score}_low", f"{score}_high"]].eq(0).all()


def test_the_yardstick_knows_heights_that_the_networks_do_not(table):
    """In made-up air that differs by its height alone, knowing heights is knowing nearly everything."""
    rows = table[0][table[0]["places"] == "ordinary"].set_index("method")
    assert rows.loc["kriging + elevation drift", "mae"] < 0.5 < 1.0 < rows.loc["Sim2Real", "mae"]


@pytest.mark.parametrize(
    "wrong", [{"heights": "maybe"}, {"n_times": 4}, {"n_ordinary": 0}, {"seed": -1}, {"steps": 1.5}], ids=str
)
def test_a_wrong_parameter_is_refused_by_its_name(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        resolve(PRESETS, "smoke", **wrong)


def test_more_ordinary_stations_than_leave_any_to_learn_from_are_refused(experiments):
    stations = experiments["withheld"].data.stations
    with pytest.raises(InputError, match="n_ordinary: given 38; expected at most 35 of 40"):
        run.split_places(stations, n_ordinary=38, seed=0)


def test_a_region_without_stations_is_refused(twin):
    with pytest.raises(InputError, match="region"):
        run.part_of(twin, Region("empty", 48.0, 48.001, 8.0, 8.001))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_names_an_experiment_with_and_without_heights(preset):
    for heights, rate in LAPSE_RATES.items():
        page = resolve(PRESETS, preset, heights=heights, n_times=40, seed=3).experiment
        assert page.lapse_rate == rate and page.log_uniform and page.split_seed == page.seed == 3
        assert page.n_times == 40 and "elevation" in page.architecture.fields
