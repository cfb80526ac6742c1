import dataclasses
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from sparseobs.cli import main
from sparseobs.errors import InputError
from sparseobs.interpolation.lapse_rate import LapseRateIDW
from sparseobs.neural_process.adaptation import ADAPTATIONS
from sparseobs.neural_process.conv_cnp import load_model
from sparseobs.runs.results import read_result
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.temperature import figures as draw
from sparseobs_book.temperature import run as temperature
from sparseobs_book.temperature import stored as temperature_stored
from sparseobs_book.temperature import views
from sparseobs_book.temperature.experiment import prepare, pretrain
from sparseobs_book.temperature.presets import presets
from sparseobs_book.temperature.scores import held_out, judge, network_predict
from sparseobs_book.temperature.stored import checkpoint_path, load_pretrained, longer_pretraining, save_pretrained
from sparseobs_book.temperature.summary import difference_to, intervals, summary


@pytest.fixture(scope="module")
def experiment(data):
    return prepare(presets("uk_ireland")["smoke"], data)


@pytest.fixture(scope="module")
def trained(experiment):
    return pretrain(experiment)


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    rows = [
        {"method": method, "split_seed": split, "seed": seed, "mae": 1 + split + shift + 0.1 * seed}
        for method, shift, seeds in (("lapse rate + IDW", 0.0, 1), ("Sim2Real", -0.25, 2))
        for split in range(4)
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows).assign(nll=rng.normal(size=len(rows)), crps=0.5)


def test_repeats_are_splits_and_differences_are_paired_by_them(table):
    assert difference_to(table, "lapse rate + IDW").loc["Sim2Real", "MAE (°C)"] == "-0.200 [-0.200, -0.200]"
    assert summary(table).loc["Sim2Real", "MAE (°C)"] == str(repeat_interval([0.8, 1.8, 2.8, 3.8]))
    assert list(summary(table).index) == ["lapse rate + IDW", "Sim2Real"]


def test_scores_by_station_average_to_the_scores(experiment, trained):
    model, _ = trained
    rows = views.scores_by_station(experiment, network_predict(experiment, model))
    assert rows["station"].tolist() == experiment.stations.held_out.tolist()
    whole = judge(experiment, model)
    assert np.average(rows["mae"], weights=rows["n"]) == pytest.approx(whole.mae)
    assert np.average(rows["nll"], weights=rows["n"]) == pytest.approx(whole.nll)


def test_fewer_stations_are_shown_to_every_method(experiment, trained):
    predictors = {
        "Sim2Real": network_predict(experiment, trained[0]),
        "lapse rate + IDW": partial(LapseRateIDW().predict, experiment.data),
    }
    rows = views.few_stations(experiment, predictors, (1, 9))
    everything = views.scores_by_station(experiment, predictors["lapse rate + IDW"])["mae"].mean()
    assert rows["n_shown"].tolist() == [1, 9, 1, 9]
    assert rows["mean"].iloc[-1] == pytest.approx(everything)
    assert rows["mean"].iloc[-2] > everything
    plt.close(draw.error_by_number(rows))
    with pytest.raises(InputError, match="1 to 9 stations"):
        views.few_stations(experiment, predictors, (1, 10))


def test_a_map_agrees_with_the_prediction_at_a_station(experiment, trained):
    """A map cell and a station at the same place differ by the station's height times the lapse rate."""
    model, _ = trained
    hour = views.station_hour(experiment)
    prediction = views.map_at(experiment, model, hour, spacing=5.0)
    assert prediction["mean"].attrs["units"] == "degC"
    places = experiment.data.stations.isel(station=experiment.stations.held_out)
    interpolated = prediction.interp(latitude=places["latitude"], longitude=places["longitude"])
    mean, std, _ = held_out(experiment, network_predict(experiment, model))
    row = experiment.hours.test.tolist().index(hour)
    at_height = interpolated["mean"] - experiment.settings.lapse_rate * places["height"]
    np.testing.assert_allclose(at_height, mean[row], atol=0.02)
    np.testing.assert_allclose(interpolated["std"], std[row], atol=0.02)
    stations = experiment.data.stations.isel(time=hour)
    plt.close(draw.prediction_map(views.shown_region(experiment), prediction, stations))


def test_figures_of_scores_and_losses_have_a_row_or_line_a_method(table, trained):
    figure = draw.score_panels(intervals(table), {"mae": "MAE (°C)", "crps": "CRPS (°C)"})
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["lapse rate + IDW", "Sim2Real"]
    assert [ax.get_xlabel() for ax in figure.axes] == ["MAE (°C)", "CRPS (°C)"]
    plt.close(figure)
    history = trained[1].history
    figure = draw.loss_curves(history, {"Sim2Real": history})
    assert all(ax.get_ylabel() for ax in figure.axes)
    plt.close(figure)


def test_a_stored_pretraining_returns_with_its_history(tmp_path, experiment, trained):
    path = tmp_path / "pretrained.safetensors"
    save_pretrained(path, *trained)
    model, training = load_pretrained(path, experiment)
    pd.testing.assert_frame_equal(training.history, trained[1].history.astype(float), atol=1e-4)
    assert (training.best_epoch, training.stopped) == trained[1][1:]
    assert judge(experiment, model) == judge(experiment, trained[0])


def test_settings_decide_between_the_stored_and_the_own_pretraining(tmp_path, monkeypatch, experiment, trained):
    monkeypatch.setattr(temperature_stored, "CHECKPOINTS", tmp_path)
    assert longer_pretraining(experiment, trained) is trained
    named = dataclasses.replace(experiment.settings, stored_pretraining="other")
    with pytest.raises(InputError, match="other.safetensors"):
        longer_pretraining(dataclasses.replace(experiment, settings=named), trained)
    save_pretrained(tmp_path / "other.safetensors", *pretrain(experiment))
    model, _ = longer_pretraining(dataclasses.replace(experiment, settings=named), trained)
    assert judge(experiment, model) == judge(experiment, trained[0])


@pytest.mark.parametrize(
    "words, message",
    [
        (["--source", "mars"], "uk_ireland"),
        (["--preset", "lessons"], "lesson"),
        (["--obs-error-std", "-1"], "obs_error_std"),
        (["--n-held-out", "0"], "n_held_out"),
    ],
)
def test_bad_options_are_answered_with_what_is_expected(words, message):
    outcome = CliRunner().invoke(main, ["temperature", "run", *words])
    assert outcome.exit_code == 2 and message in outcome.output and "Traceback" not in outcome.output


@pytest.mark.parametrize("source", ["twin", "uk_ireland"])
def test_every_checkpoint_that_a_preset_names_is_there_and_fits(source):
    for settings in presets(source).values():
        if settings.stored_pretraining is not None:
            model, stored = load_model(checkpoint_path(settings.stored_pretraining), settings.architecture)
            assert all(parameter.isfinite().all() for parameter in model.parameters())
            assert all((parameter == 1).all() or (parameter == 0).all() for parameter in model.film_parameters())
            assert len(stored["history"]["data"]) == presets(source)["study"].pretraining.max_epochs + 1


def test_the_stored_table_of_real_data_is_whole():
    """Five splits or more, every network with two seeds on each, every method on the same pairs."""
    table = read_result("uk_ireland").table
    interpolations = set(temperature.INTERPOLATIONS) - set(temperature.FROM_BACKGROUND)
    assert set(table["method"]) == {*ADAPTATIONS, *interpolations, temperature.ENSEMBLE}
    assert table.groupby("method")["split_seed"].nunique().ge(5).all()
    networks = table[table["method"].isin(ADAPTATIONS)]
    assert networks.groupby(["method", "split_seed"])["seed"].nunique().ge(2).all()
    assert table.groupby("split_seed")["n"].nunique().eq(1).all()
    assert networks.dropna(subset="pretrained_weights").groupby("seed")["pretrained_weights"].nunique().eq(1).all()
