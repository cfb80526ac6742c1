"""What the page on objectives computes: the identity is learned, and unlearned by another question."""

from dataclasses import replace

from sparseobs_book.objectives import run as objectives

SMOKE = objectives.PRESETS["smoke"]


def test_training_by_the_analysis_objective_learns_the_identity():
    """In forty steps a tiny network moves from the climate almost to the observations it is given."""
    trial = replace(SMOKE, objective="analysis", n_training_steps=40, batch=4, n_streams=4, n_test_cycles=20)
    network, table = objectives.watched_training(trial, n_looks=2)
    assert table["step"].tolist() == [0, 20, 40] and (table["objective"] == "analysis").all()
    assert table["misfit"].iloc[-1] < 0.4 * table["misfit"].iloc[0]
    # What was learned is the place to begin with elsewhere.
    again = replace(trial, objective="forecast", n_training_steps=1)
    _, later = objectives.watched_training(again, n_looks=1, start=network)
    assert later["misfit"].iloc[0] == table["misfit"].iloc[-1]
