from dataclasses import replace

import pytest
import torch
from click.testing import CliRunner

from sparseobs.cli import main
from sparseobs.errors import InputError
from sparseobs.runs.results import read_result
from sparseobs.runs.settings import resolve
from sparseobs.scores.ensemble import spatial_rmse, time_mean
from sparseobs_book.lorenz96_filter import run as comparison
from sparseobs_book.trained_filters.stored import stored_filter


def test_all_methods_are_judged_on_the_same_experiment():
    page = resolve(comparison.PRESETS, "smoke", n_cycles=60, burn_in=40)
    runs, experiment = comparison.compare({"AmEnF": stored_filter("lorenz96", 1.0).network}, page, noise_seed=0)
    table = comparison.score(runs, experiment, page.burn_in).set_index("method")
    assert list(table.index) == ["AmEnF", "LETKF", "observations", "climatology"]
    assert table.loc["AmEnF", "rmse"] < 0.5 * table.loc["observations", "rmse"]
    assert table.loc["LETKF", "rmse"] < 0.6 * table.loc["observations", "rmse"]
    assert table.loc["climatology", "rmse"] == pytest.approx(3.6, abs=0.4)


def test_noise_seed_keeps_the_truth():
    page = comparison.PRESETS["smoke"]
    first, second = (comparison.twin_experiment(page, noise_seed) for noise_seed in (0, 1))
    assert torch.equal(first.truth, second.truth)
    assert not torch.equal(first.observations.values, second.observations.values)


def test_without_dropout_the_ensemble_collapses():
    page = resolve(comparison.PRESETS, "smoke", n_cycles=60, burn_in=40)
    experiment, members = comparison.twin_experiment(page, 0), comparison.first_ensemble(page, 0)
    network = stored_filter("lorenz96", 1.0).network
    spreads = [
        time_mean(comparison.run_amenf(filter_, page, experiment, members).spread, page.burn_in).item()
        for filter_ in (network, comparison.without_dropout(network))
    ]
    assert spreads[1] < 0.1 * spreads[0]


def test_first_cycles_of_the_stored_run_again():
    """The stored filter still behaves like the run that made the table, within the spread of short runs."""
    table = read_result("filter_comparison").table.query(
        "system == 'lorenz96' and obs_error_std == 1 and ensemble_size == 10 and method == 'AmEnF'"
    )
    page = replace(comparison.PRESETS["paper"], n_cycles=300)
    experiment, members = comparison.twin_experiment(page, 0), comparison.first_ensemble(page, 0)
    run = comparison.run_amenf(stored_filter("lorenz96", 1.0).network, page, experiment, members)
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
