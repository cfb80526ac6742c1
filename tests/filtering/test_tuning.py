"""Tuning: what is measured, how settings are ranked, and which of them go on."""

import pandas as pd
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.fixed_lag import FixedLagSettings
from sparseobs.filtering.ienks import TransformSettings
from sparseobs.filtering.letkf import LETKFSettings, letkf_cycles, run_letkf
from sparseobs.filtering.tuning import (
    INFLATIONS,
    METHODS,
    RADII,
    Rung,
    analysis_errors,
    chosen,
    ranked,
    refined,
    settings_of,
    smoothers_near,
    successive_halving,
)
from sparseobs.scores.ensemble import spatial_rmse, time_mean

from .small_filter import SYSTEM, ensemble, small_experiment

NAN = float("nan")
FOUR = [LETKFSettings(inflation, 4.0) for inflation in (1.0, 1.1, 1.2, 1.4)]


def test_the_grid_has_every_setting_once():
    for method, radii in ("LETKF", len(RADII)), ("iEnKS", 1), ("EnKF", 1):
        grid = METHODS[method].grid
        assert len(set(grid)) == len(grid) == len(INFLATIONS) * radii * 2


def test_errors_are_those_of_single_runs():
    experiment, members = small_experiment(n_cycles=20, batch=2), ensemble(2, 6, dtype=torch.float64)
    stream = torch.Generator
    settings = [LETKFSettings(1.1, 4.0), LETKFSettings(40.0, 4.0), LETKFSettings(1.1, 2.0)]
    errors = analysis_errors(
        letkf_cycles, settings, SYSTEM, experiment, members, burn_in=5, generator=stream().manual_seed(0)
    )
    for index in (0, 2):
        run = run_letkf(settings[index], SYSTEM, experiment.observations, members, generator=stream().manual_seed(0))
        torch.testing.assert_close(errors[index], time_mean(spatial_rmse(run.mean, experiment.truth), 5))
    assert errors[1].isnan().all()


def test_a_setting_that_diverges_ranks_behind_any_that_does_not():
    errors = torch.tensor([[0.1, NAN], [2.0, 2.0], [1.0, 1.4], [NAN, NAN]])
    table = ranked(FOUR, errors)
    assert table["inflation"].tolist() == [1.2, 1.1, 1.0, 1.4]
    assert table["n_diverged"].tolist() == [0, 0, 1, 2]
    assert table["rmse"].tolist()[:3] == pytest.approx([1.2, 2.0, 0.1])


def test_the_best_go_on_and_nobody_is_lost():
    asked = []

    def errors_of(settings, rung):
        asked.append((rung.n_cycles, [one.inflation for one in settings]))
        return torch.tensor([[one.inflation, one.inflation] for one in settings])

    table = successive_halving(FOUR, [Rung(10, 3), Rung(20, 2), Rung(30, 1)], errors_of)
    assert asked == [(10, [1.0, 1.1, 1.2, 1.4]), (20, [1.0, 1.1, 1.2]), (30, [1.0])]
    assert table["inflation"].tolist() == [1.0, 1.1, 1.2, 1.4]
    assert table["n_cycles"].tolist() == [30, 20, 20, 10]


def test_the_last_round_goes_on_until_a_setting_survives():
    def errors_of(settings, rung):
        lost = {one: rung.n_cycles == 30 and one.inflation < 1.2 for one in settings}
        return torch.tensor([[one.inflation, NAN if lost[one] else one.inflation] for one in settings])

    table = successive_halving(FOUR, [Rung(10, 4), Rung(30, 1)], errors_of)
    assert settings_of(table[:1]) == [FOUR[2]]
    assert table["n_cycles"].tolist() == [30, 30, 30, 10]
    assert sorted(settings_of(table), key=lambda one: one.inflation) == FOUR


def test_settings_come_back_from_a_stored_table(tmp_path):
    """Numbers without a fraction and truth values keep their types; columns of other filters do not matter."""
    for settings in (LETKFSettings(1.0, 4.0, True), LETKFSettings(1.2, 0.7)), (TransformSettings(2.0, True),):
        table = ranked(settings, torch.ones(len(settings), 2)).assign(method="x", n_cycles=3)
        table.to_csv(tmp_path / "x.csv", index=False, float_format="%.6g")
        stored = pd.read_csv(tmp_path / "x.csv")
        assert settings_of(stored, type(settings[0])) == list(settings)
        assert type(chosen(stored, type(settings[0])).rotation) is bool


def test_burn_in_longer_than_the_run():
    experiment, members = small_experiment(n_cycles=5), ensemble(dtype=torch.float64)
    with pytest.raises(InputError, match="burn_in: given 5"):
        analysis_errors(letkf_cycles, FOUR, SYSTEM, experiment, members, burn_in=5, generator=torch.Generator())


def test_a_coarse_choice_goes_on_to_its_neighbours_until_none_is_better():
    rung, asked = Rung(100, 4, 2), []

    def errors_of(settings, given):
        assert given == rung
        asked.extend(settings)
        far = [abs(one.radius - 3.2) + abs(one.shift - 0.3) + abs(one.lag - 4) for one in settings]
        return torch.tensor(far)[:, None].expand(-1, 2)

    start = FixedLagSettings(2, 5.0, 0.0, 1.05, 0.65)
    first = ranked([start], errors_of([start], rung)).assign(n_cycles=100)
    table = refined(first, FixedLagSettings, smoothers_near, rung, errors_of)
    best = chosen(table, FixedLagSettings)
    assert (best.lag, best.radius, best.shift) == (4, 3.2, 0.3)
    assert len(set(asked)) == len(asked) == len(table), "nothing runs twice and every run has its row"
    assert table["rmse"].is_monotonic_increasing


@pytest.mark.parametrize("inflation, reduction, lag", [(1.0, 0.5, 0), (1.1, 0.65, 3), (1.2, 1.0, 7)])
def test_neighbours_are_settings_of_their_own_and_one_step_away(inflation, reduction, lag):
    middle = FixedLagSettings(lag, 4.0, 0.0, inflation, reduction)
    near = smoothers_near(middle)
    assert middle not in near and len(set(near)) == len(near)
    for one in near:
        changed = {name for name in vars(one) if getattr(one, name) != getattr(middle, name)}
        assert len(changed) == 1 or changed == {"inflation", "reduction"}
    assert lag or all(one.shift == 0 for one in near), "at lag 0 nothing has moved"
