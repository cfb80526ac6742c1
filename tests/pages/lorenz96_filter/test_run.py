"""What the page on the learned filter runs: all methods on one twin, and the scores that it prints."""

from dataclasses import replace

import pytest
import torch
from click.testing import CliRunner

from sparseobs.cli import main
from sparseobs.dynamics.catalogue import CLIMATES
from sparseobs.errors import InputError
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.letkf import run_letkf as run_batched
from sparseobs.filtering.run import FilterRun
from sparseobs.runs.results import read_result
from sparseobs.runs.settings import resolve
from sparseobs.scores.ensemble import spatial_rmse, time_mean
from sparseobs_book.lorenz96_filter import run as comparison
from sparseobs_book.trained_filters.stored import stored_filter

PAGE = resolve(comparison.PRESETS, "smoke", n_cycles=60, burn_in=40)


@pytest.fixture(scope="module")
def network():
    return stored_filter("lorenz96", 1.0).network


def test_all_methods_are_judged_on_the_same_experiment(network):
    runs, experiment = comparison.compare({"AmEnF": network}, PAGE)
    table = comparison.score(runs, experiment, PAGE.burn_in).set_index("method")
    assert list(table.index) == ["AmEnF", "LETKF", "observations", "climatology"]
    assert table.loc["AmEnF", "rmse"] < 0.5 * table.loc["observations", "rmse"]
    assert table.loc["LETKF", "rmse"] < 0.6 * table.loc["observations", "rmse"]
    assert table.loc["climatology", "rmse"] == pytest.approx(CLIMATES["lorenz96"].standard_deviation[0], abs=0.4)
    assert (table.loc[["AmEnF", "LETKF"], "crps"] < table.loc[["AmEnF", "LETKF"], "rmse"]).all()
    assert table.loc[["observations", "climatology"], ["crps", "spread"]].isna().all(axis=None)
    assert table["lost"].to_dict() == {"AmEnF": 0, "LETKF": 0, "observations": 1, "climatology": 1}


def test_letkf_is_the_batched_one_with_the_page_settings():
    experiment, ensemble = comparison.twin_experiment(PAGE), comparison.first_ensemble(PAGE)
    run = comparison.compare({}, PAGE)[0]["LETKF"]
    settings = LETKFSettings(PAGE.letkf_inflation, PAGE.letkf_radius)
    generator = torch.Generator().manual_seed(0)
    expected = run_batched(settings, comparison.SYSTEM, experiment.observations, ensemble, generator=generator)
    torch.testing.assert_close(run.mean, expected.mean, rtol=0, atol=1e-8)
    assert run.members.shape == (100, 1, 10, 1, 40)


def test_scores_of_a_run_that_ceased_to_be_finite():
    experiment = comparison.twin_experiment(PAGE)
    mean = torch.full_like(experiment.truth, torch.nan)
    nothing = FilterRun(mean, mean[..., 0, 0], mean[:, :, None].expand(-1, -1, 2, -1, -1))
    row = comparison.score({"LETKF": nothing}, experiment, PAGE.burn_in).iloc[0]
    assert row[["rmse", "crps", "spread"]].isna().all() and row["lost"] == 1


def test_without_dropout_the_ensemble_collapses(network):
    experiment, members = comparison.twin_experiment(PAGE), comparison.first_ensemble(PAGE)
    sure = AmEnF(replace(network.config, dropout=0.0))
    sure.load_state_dict(network.state_dict())
    spreads = [
        time_mean(comparison.run_amenf(filter_, PAGE, experiment, members).spread, PAGE.burn_in).item()
        for filter_ in (network, sure)
    ]
    assert spreads[1] < 0.1 * spreads[0]


def test_first_cycles_of_the_stored_run_again(network):
    """The stored filter still behaves like the run that made the table, within the spread of short runs."""
    table = read_result("filter_comparison").table.query(
        "system == 'lorenz96' and obs_error_std == 1 and ensemble_size == 10 and method == 'AmEnF'"
    )
    page = replace(comparison.PRESETS["paper"], n_cycles=300)
    experiment, members = comparison.twin_experiment(page), comparison.first_ensemble(page)
    run = comparison.run_amenf(network, page, experiment, members)
    rmse = time_mean(spatial_rmse(run.mean.double(), experiment.truth), page.burn_in).item()
    assert rmse == pytest.approx(table["rmse"].mean(), rel=0.15)


@pytest.mark.parametrize(
    "overrides",
    [{"obs_error_std": -1.0}, {"stride": 3}, {"ensemble_size": 1}, {"letkf_inflation": 0.9}, {"seed": 1.5}],
)
def test_bad_settings(overrides):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        resolve(comparison.PRESETS, "lesson", **overrides)


def test_every_preset_makes_a_recipe():
    for preset, page in comparison.PRESETS.items():
        recipe = comparison.page_recipe(preset, page)
        assert recipe.training.n_iterations == page.n_training_steps
        assert recipe.n_cycles > recipe.training.last_unroll


def test_command_line_reports_bad_input_without_a_traceback():
    result = CliRunner().invoke(main, ["filters", "tune", "--size", "papre"])
    assert result.exit_code == 2
    assert "size: given 'papre'; expected one of lesson, paper, smoke. Try size='paper'." in " ".join(
        result.output.replace("│", " ").split()
    )
