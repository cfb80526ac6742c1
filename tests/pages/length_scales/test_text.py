"""The words of the page on length scales are true of the stored table."""

import numpy as np
import pytest

from sparseobs.neural_process.conv_cnp import PAPER
from sparseobs.runs.results import read_result
from sparseobs.stations.geography import DEGREE
from sparseobs_book.length_scales import summary

PAGE, FILM = "length_scales", "Sim2Real (FiLM)"
NETWORKS = ["sim-only", "Sim2Real", FILM]


@pytest.fixture(scope="module")
def table():
    return read_result("length_scales").table


@pytest.fixture(scope="module")
def scales(table):
    return summary.resolved_scales(table)


@pytest.fixture(scope="module")
def most(scales):
    """The scales of networks that were adapted with unlimited tasks, or with stations."""
    return scales[scales["n_tasks"].isna() | scales["n_tasks"].isin([0, np.inf])]


def intervals(rows, **where):
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return rows.set_index("method")[["mean", "low", "high"]]


def test_the_table_of_the_claim(unsaid, most):
    means, changes = summary.scale_intervals(most), summary.paired_change(most)
    paper = {"sim-only": "about 20 km", "Sim2Real": "about 4 km", FILM: "longer"}
    rows = {"sim-only": "sim-only", "Sim2Real": "after fine-tuning", FILM: "after FiLM"}
    for method, title in rows.items():
        on_twin = intervals(means, part="fine", context="stations").loc[method]
        on_line = intervals(means, part="line", context="200 readings").loc[method]
        twin_cell = f"{on_twin['mean']:.0f} [{on_twin['low']:.0f}, {on_twin['high']:.0f}] km"
        line_cell = f"{on_line['mean']:.3f} [{on_line['low']:.3f}, {on_line['high']:.3f}]"
        assert not unsaid(PAGE, f"| {title} | {paper[method]} | {twin_cell} | {line_cell} |")
    for method, title, claimed in (("Sim2Real", "fine-tuning", "about 5"), (FILM, "FiLM", "less")):
        cells = [
            f"{row['mean']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
            for row in (
                intervals(changes, part="fine", context="stations").loc[method],
                intervals(changes, part="line", context="200 readings").loc[method],
            )
        ]
        assert not unsaid(PAGE, f"| times shorter by {title} | {claimed} | {cells[0]} | {cells[1]} |")


def test_adapting_moves_nothing_on_the_twin_and_halves_the_scale_on_the_line(unsaid, scales, most):
    changes = summary.paired_change(scales)
    on_twin = changes[changes["part"] == "fine"]
    assert (on_twin["mean"] < 1.5).all()
    at_stations = intervals(on_twin, context="stations").loc["Sim2Real", "mean"]
    means = summary.scale_intervals(scales)
    alone = means[(means["part"] == "fine") & (means["method"] == "sim-only")].set_index("context")["mean"]
    assert not unsaid(
        PAGE,
        f"Reading at stations costs more: {alone['stations']:.0f} km against {alone['cells']:.0f} km at cells",
        f"the scale at stations by a factor of {at_stations:.2f},",
    )
    on_line = intervals(summary.paired_change(most), part="line", context="200 readings")
    assert 1.8 < on_line.loc["Sim2Real", "mean"] < 2.2 and on_line.loc["Sim2Real", "high"] < 5
    ahead = summary.paired_change(most, before=FILM)
    ahead = intervals(ahead, part="line", context="200 readings").loc["Sim2Real"]
    assert ahead["low"] > 1
    assert not unsaid(PAGE, f"{ahead['mean']:.2f} times more than FiLM, and on sixteen tasks already")


def test_neither_adaptation_reaches_the_exact_prediction(scales):
    line = summary.scale_intervals(scales[scales["part"] == "line"])
    for _, part in line.groupby("context"):
        best = part.loc[part["method"] == "exact GP", "mean"].item()
        assert part.loc[part["method"].isin(NETWORKS), "mean"].min() > best
    few, many = (
        intervals(line, context=context).loc["exact GP", "mean"] for context in ("40 readings", "200 readings")
    )
    assert few > 2 * many, "readers limit again"


def test_the_weather(unsaid, table, scales):
    weather = table[(table["part"] == "fine") & (table["context"] == "weather")]
    bands = weather.groupby(["method", "wavelength"])["error"].mean().unstack()
    wide = bands[bands.columns[bands.columns > 40]]
    networks, kriging = wide.loc[NETWORKS], wide.loc["lapse rate + kriging"]
    resolved = summary.scale_intervals(scales[scales["context"] == "weather"]).set_index("method")["mean"]
    longest = bands[bands.columns.max()]
    assert not unsaid(
        PAGE,
        f"at {wide.columns.min():.0f} to {wide.columns.max():.0f} km",
        f"{networks.min(axis=None):.1f} to {networks.max(axis=None):.1f} times the power of the truth",
        f"kriging has {kriging.min():.2f} to {kriging.max():.2f}",
        f"The shortest wave of the weather that is resolved, {resolved['reanalysis']:.0f} km",
        f"from {longest['sim-only']:.2f} to {longest['Sim2Real']:.2f}, the right way",
    )
    assert np.isinf(resolved.drop("reanalysis")).all()
    assert longest["lapse rate + kriging"] < longest["Sim2Real"] < longest["sim-only"]


def test_the_published_nodes():
    spacing = DEGREE / PAPER.points_per_degree
    through = summary.through_set_convolutions(spacing)
    assert (round(spacing, 1), round(through), round(through / (2 * np.pi), 1)) == (4.3, 24, 3.9)
