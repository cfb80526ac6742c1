"""Open questions: one change a case, the same judges for all, and tables that say what they hold."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.neural_process.adaptation import ADAPTATIONS
from sparseobs.stations.temperature import measured
from sparseobs_book.open_questions import run as questions
from sparseobs_book.open_questions import summary as page
from sparseobs_book.open_questions.settings import CASES, PRESETS, REFERENCE, TEMPERATURE, TWINS, WIND
from sparseobs_book.temperature.experiment import observed, pretrain

SETTINGS = PRESETS["smoke"]


@pytest.fixture(scope="module")
def worlds():
    return {variable: questions.world("smoke", variable, 0, None) for variable in (TEMPERATURE, WIND)}


@pytest.fixture(scope="module")
def experiments(worlds):
    return {name: questions.case_experiment(SETTINGS, case, worlds[case.variable]) for name, case in CASES.items()}


@pytest.fixture(scope="module")
def compared(experiments):
    """Two cases, whole."""
    found = {}
    for name in ("clustered", WIND):
        experiment = experiments[name]
        found[name] = questions.compare(experiment, CASES[name], pretrain(experiment), progress=lambda name: None)[0]
    return found


def test_cases_differ_in_one_thing_and_are_judged_alike(experiments):
    reference = experiments[REFERENCE]
    for name, experiment in experiments.items():
        np.testing.assert_array_equal(experiment.stations.held_out, reference.stations.held_out)
        for part in ("train", "validation", "test"):
            np.testing.assert_array_equal(getattr(experiment.hours, part), getattr(reference.hours, part))
        assert len(experiment.stations.train) == len(reference.stations.train), name
        same = np.array_equal(experiment.stations.train, reference.stations.train)
        assert same == (name != "clustered"), name
        alike = torch.equal(experiment.reanalysis.values, reference.reanalysis.values)
        assert alike == (name not in ("daily means", WIND)), name


def test_daily_means_change_the_reanalysis_alone(experiments):
    daily, reference = experiments["daily means"], experiments[REFERENCE]
    assert daily.data.stations is reference.data.stations
    assert torch.equal(daily.reanalysis.scalars, reference.reanalysis.scalars), "as many fields, at all hours"
    days = daily.data.reanalysis.values.reshape(-1, 24, *daily.data.reanalysis.shape[1:])
    assert (days == days[:, :1]).all()
    assert daily.settings.pretraining == reference.settings.pretraining


def test_heights_are_left_to_the_network_for_wind_alone(experiments):
    rates = {name: experiment.standardisation.lapse_rate for name, experiment in experiments.items()}
    assert rates.pop(WIND) == 0 and set(rates.values()) == {SETTINGS.lapse_rate}


@pytest.mark.parametrize("name", ["clustered", WIND])
def test_every_method_is_judged_on_the_same_readings(compared, experiments, name):
    table, case = compared[name], CASES[name]
    assert len(table) == len(case.methods) * len(case.shown)
    assert table["n"].nunique() == table["split"].nunique() == 1
    assert np.isfinite(table[["mae", "nll", "nll_offset", "crps", "spacing_km", "reach_km"]]).all(axis=None)
    held_out = experiments[name].stations.held_out
    assert table["n"].iloc[0] == np.isfinite(observed(experiments[name], held_out)).sum()
    starts = [method in ADAPTATIONS and method != "real-only" for method in table["method"]]
    assert table["pretrained_weights"].notna().tolist() == starts


def test_who_is_shown_is_apart_from_who_was_learnt_from(compared):
    table = compared["clustered"].set_index(["method", "shown"])
    for method in CASES["clustered"].methods:
        assert table.loc[(method, "dispersed"), "mae"] != table.loc[(method, "clustered"), "mae"]
    far = table.groupby("shown")[["spacing_km", "reach_km"]].first()
    assert far.loc["dispersed", "spacing_km"] > far.loc["clustered", "spacing_km"]
    assert far.loc["dispersed", "reach_km"] < far.loc["clustered", "reach_km"]


def test_nothing_is_learnt_from_what_is_judged(worlds, experiments):
    from sparseobs_book.temperature.experiment import adapt
    from sparseobs_book.temperature.run import interpolation_predict

    experiment, data = experiments[WIND], worlds[WIND]
    speed = measured(data.stations).copy(deep=True)
    speed[:, experiment.stations.held_out] += 40.0
    speed[experiment.hours.test] += 40.0
    changed = dataclasses.replace(data, stations=data.stations.assign(wind_speed=speed))
    changed = questions.case_experiment(SETTINGS, CASES[WIND], changed)
    weights = [adapt(part, "Sim2Real", pretrain(part)[0])[0].state_dict() for part in (experiment, changed)]
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])
    tuned = [interpolation_predict(part, "lapse rate + IDW").func.__self__ for part in (experiment, changed)]
    assert tuned[0] == tuned[1]


def test_a_shared_world_is_run_once_and_comes_back_whole(tmp_path, monkeypatch):
    monkeypatch.setitem(TWINS, "smoke", dataclasses.replace(TWINS["smoke"], days=1))
    found, alone = (questions.world("smoke", WIND, 0, folder) for folder in (tmp_path, None))
    assert found.stations["wind_speed"].equals(alone.stations["wind_speed"])
    assert found.reanalysis.equals(alone.reanalysis)
    monkeypatch.setattr(questions, "load_wind_twin", None)
    again = questions.world("smoke", WIND, 0, tmp_path)
    assert again.reanalysis.attrs["units"] == "m s-1" and len(list(tmp_path.glob("*.npz"))) == 1


def test_unknown_names():
    with pytest.raises(InputError, match="variable: given 'wind'.*Try variable='temperature'"):
        questions.world("smoke", "wind", 0, None)
    with pytest.raises(InputError, match="preset"):
        questions.world("smokey", WIND, 0, None)


def made_up():
    """MAE of two seeds: Sim2Real ahead of IDW by 1 and 3, which is 10 and 30 per cent."""
    rows = [
        {"case": "dispersed", "seed": seed, "shown": "dispersed", "method": method, "mae": mae}
        for seed, scores in enumerate(({"IDW": 10.0, "Sim2Real": 9.0}, {"IDW": 10.0, "Sim2Real": 7.0}))
        for method, mae in scores.items()
    ]
    return pd.DataFrame(rows)


def test_leads_by_hand():
    scores = page.pick(made_up(), "mae", "dispersed")
    assert scores.columns.tolist() == ["IDW", "Sim2Real"]
    assert page.lead(scores)["IDW"].tolist() == [1.0, 3.0]
    assert page.relative_lead(scores)["IDW"].tolist() == pytest.approx([10.0, 30.0])
    rows = page.told({"lead": page.lead(scores)})
    assert rows.loc[0, ["name", "method", "mean", "n"]].tolist() == ["lead", "IDW", 2.0, 2]
    assert rows.loc[0, "low"] == pytest.approx(2 - 12.706, abs=1e-2)  # Student's t with one degree of freedom
    assert page.answers({"lead": page.lead(scores)}).loc["IDW", "lead"] == "+2.00 [-10.71, +14.71]"


def test_daily_means_leave_alone_what_never_sees_the_reanalysis():
    daily = pd.DataFrame(
        {"case": "daily means", "seed": seed, "shown": "dispersed", "method": "Sim2Real", "mae": 20.0}
        for seed in (0, 1)
    )
    scores = page.pick(pd.concat([made_up(), daily]), "mae", "daily means")
    assert scores["IDW"].tolist() == [10.0, 10.0] and scores["Sim2Real"].tolist() == [20.0, 20.0]


def test_half_a_table_is_refused():
    table = made_up()
    with pytest.raises(InputError, match="every method in every seed"):
        page.pick(table.iloc[:-1], "mae", "dispersed")
    with pytest.raises(InputError, match="0 rows of 'clustered'"):
        page.pick(table, "mae", "clustered")
    with pytest.raises(InputError, match="case: given 'cluster'"):
        page.pick(table, "mae", "cluster")


def test_answers_follow_from_the_numbers():
    """Made up so that clusters cost Sim2Real 2, of which 0.5 learnt, and its rival 1; daily means cost nothing."""
    usual = {"IDW": 5.0, "lapse rate + IDW": 4.0, "sim-only": 4.0, "real-only": 6.0, "Sim2Real": 3.0}
    usual |= {"Sim2Real (FiLM)": 3.5}
    costs = {("clustered", "Sim2Real"): 2.0, ("clustered", "lapse rate + IDW"): 1.0, ("dispersed", "Sim2Real"): 0.5}
    rows = []
    for name, case in CASES.items():
        for method, shown, seed in itertools.product(case.methods, case.shown, range(3)):
            mae = usual[method] + 0.001 * seed + (costs.get((shown, method), 0.0) if name == "clustered" else 0.0)
            rows.append({"seed": seed, "case": name, "method": method, "shown": shown, "mae": mae, "nll": mae})
    found = page.questions(pd.DataFrame(rows))
    told = dict(zip(found["quantity"], found["mean [low, high]"], strict=True))
    assert told["Sim2Real's MAE, °C"] == "+0.00 [+0.00, +0.00]", "of daily means, the last of that name"
    assert found["mean [low, high]"].iloc[0] == "+2.00 [+2.00, +2.00]"
    assert told["of which learnt, °C"] == "+0.50 [+0.50, +0.50]"
    assert told["its lead over lapse rate + IDW, °C"] == "-1.00 [-1.00, -1.00]"
    assert told["Sim2Real's lead over lapse rate + IDW, m/s"] == "+1.00 [+1.00, +1.00]"
    assert told["Sim2Real's lead over real-only, m/s"] == "+3.00 [+3.00, +3.00]"
    assert (found.loc["daily for hourly", "mean [low, high]"] == "+0.00 [+0.00, +0.00]").all()
