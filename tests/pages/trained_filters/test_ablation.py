"""An ablation: every variant changes what it says and nothing else, and its row is its own."""

from dataclasses import asdict, replace

import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.runs.settings import resolve
from sparseobs_book.trained_filters import ablation as run

SMOKE = replace(run.PRESETS["smoke"], n_test_cycles=2, burn_in=0)


@pytest.mark.parametrize("variant", run.VARIANTS)
def test_a_variant_reaches_the_network_and_nothing_else_does(variant):
    usual, changed = SMOKE.recipe.network, replace(SMOKE.recipe, **run.VARIANTS[variant]).network
    differing = {name for name, value in asdict(changed).items() if value != asdict(usual)[name]}
    assert differing == set(run.VARIANTS[variant])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A variant's row, and the file by which its training would have been taken up."""
    path = tmp_path_factory.mktemp("training") / "no_memory.safetensors"
    return run.score(SMOKE, "no memory", path), path


def test_a_row_is_what_the_seed_and_the_finished_training_give(made):
    row, path = made
    assert path.is_file() and row["n_training_steps"].item() == SMOKE.n_training_steps
    pd.testing.assert_frame_equal(run.score(SMOKE, "no memory", path), row, check_exact=True)


def test_the_start_is_not_trained(made):
    start = run.score(SMOKE, run.UNTRAINED)
    assert start["n_training_steps"].item() == 0 and start["final_loss"].isna().all()
    assert start["rmse"].item() != made[0]["rmse"].item()


def test_every_variant_has_a_row_and_a_file_of_its_own(monkeypatch):
    monkeypatch.setattr(run, "score", lambda ablation, *rest: pd.DataFrame([(ablation.seed, *rest)]))
    table = run.score_all(SMOKE, lambda name: name)
    assert table[1].tolist() == list(run.VARIANTS) and table[2].is_unique
    assert not table[2].str.contains(" ").any()


def test_bad_numbers_are_refused_at_once():
    with pytest.raises(InputError, match="n_test_cycles: given 1"):
        resolve(run.PRESETS, "smoke", n_test_cycles=1)
    with pytest.raises(InputError, match="Try variant='no lag'"):
        run.score(SMOKE, "no lags")
