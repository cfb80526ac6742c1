"""What book/rerun.md says of speed is what the stored tables say."""

from pathlib import Path

import pytest

from sparseobs.runs.results import read_result

PAGE = (Path(__file__).parents[2] / "book" / "rerun.md").read_text(encoding="utf-8")


def table(name, index):
    return read_result(name).table.set_index(index)


def test_a_training_step():
    step = table("training_step", "step")
    ours, papers = step.loc["ours"], step.loc["the paper's"]
    said = f"{papers['seconds'] / ours['seconds']:.2f} times ({ours['seconds']:.2f} s)"
    said += f"; {ours['memory_mb'] / 1000:.2f} GB, the paper's {papers['memory_mb'] / 1000:.2f} GB"
    assert said in PAGE and papers["seconds"] / ours["seconds"] > 1.3


def test_time_to_accuracy():
    last = read_result("time_to_accuracy").table.groupby("recipe").last()
    assert (last["rmse"] < 1.1).all()
    seconds = last["seconds"]
    times = seconds["the paper's"] / seconds["ours"]
    assert f"{times:.1f} times ({seconds['ours']:.0f} s)" in PAGE and times > 3


def test_assimilation():
    ratio = table("assimilation_speed", "batch")["ratio"]
    assert f"{ratio[1]:.1f} times and {ratio[64]:.1f} times" in PAGE and ratio[1] > 5 and ratio[64] > 9


def test_assimilation_by_the_smoother():
    """With one trajectory it misses its aim, and the page says so."""
    ratio = read_result("smoother_speed").table.set_index(["lag", "batch"])["ratio"]
    assert f"{ratio[3, 1]:.1f} times, which misses the aim, and {ratio[3, 64]:.1f} times" in PAGE
    assert ratio[3, 1] < 6 and ratio[3, 64] > 80


def test_the_race():
    race = read_result("race").table
    for target in (0.65, 0.60):
        first = race.loc[race["rmse"] <= target, "seconds"].iloc[0]
        assert f"{target:.2f} after {first:.0f} s" in PAGE


def test_tuning():
    ratio = read_result("letkf_tuning").table["ratio"]
    assert f"{ratio.min():.0f} to {ratio.max():.0f} times" in PAGE and ratio.min() > 20


@pytest.mark.parametrize("job, least", [("train", 1.3), ("predict", 3.0)])
def test_convcnp(job, least):
    rows = table("convcnp_speed", "contestant").query("job == @job")
    ours, peer = rows.loc["ours"], rows.loc["deepsensor"]
    said = f"{ours['times_as_fast']:.2f} times ({ours['memory_mb']:.0f} MB, deepsensor {peer['memory_mb']:.0f} MB)"
    assert said in PAGE and ours["times_as_fast"] > least and ours["memory_mb"] < peer["memory_mb"]
