"""The race from nothing to a given accuracy: what its clock counts and what it says."""

import pandas as pd
import race as benchmark

from sparseobs_book.trained_filters import tuning


def test_a_record_is_the_first_judgement_that_meets_the_target():
    table = pd.DataFrame({"seconds": [50.0, 80.0, 110.0], "rmse": [0.64, 0.62, 0.63]})
    assert benchmark.records(table).splitlines() == ["RMSE 0.65 after 50 s", "RMSE 0.60 not reached"]


def test_tunes_trains_and_judges(monkeypatch):
    few = tuning.METHODS[benchmark.METHOD]
    monkeypatch.setitem(tuning.METHODS, benchmark.METHOD, few._replace(grid=few.grid[:2]))
    small = benchmark.smoother_recipe
    size = {"n_streams": 2, "n_cycles": 20, "filters": 4}
    monkeypatch.setattr(benchmark, "smoother_recipe", lambda system, **numbers: small(system, **size, **numbers))
    how = benchmark.with_training
    monkeypatch.setattr(
        benchmark, "with_training", lambda recipe, **numbers: how(recipe, batch=2, rounds=(2,), **numbers)
    )
    table = benchmark.race("smoke", every=0.01, limit=60, n_cycles=10)
    assert table["stage"].tolist()[0] == "tuned" and (table["stage"][1:] == "trained").all()
    assert table["steps"].iloc[-1] == 2 and table["seconds"].is_monotonic_increasing
    assert table["rmse"].between(0.2, 5).all()
