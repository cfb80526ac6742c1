"""What the Sim2Real paper claims beside differences and shares that are read from the stored tables.

The paper itself was not at hand: its claims are those of a summary that could not be checked against it, and of the
authors' code.
"""

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from sparseobs.errors import require_choice
from sparseobs.neural_process.conv_cnp import PAPER, ConvCNP
from sparseobs.runs.results import read_result
from sparseobs.scores.intervals import Interval, repeat_interval
from sparseobs_book.laboratory.summary import findings
from sparseobs_book.length_scales.summary import paired_change, resolved_scales
from sparseobs_book.reproduced import verdict

SIM2REAL, FILM, BASELINES = "Sim2Real", "Sim2Real (FiLM)", ("sim-only", "real-only")
UNITS = {"mae": "K", "nll": "nats"}
PUBLISHED_LEAD = {"mae": (0.1, 0.2), "nll": (0.5, 1.0)}  # over the better baseline
SHORTENED = 5.0  # times, by which fine-tuning is said to shorten the smallest learnable scale


class Comparison(NamedTuple):
    """Sim2Real against the best of some methods, where the paper says whether it is ahead.

    Attributes:
        name: for a table and a figure.
        table: a stored one.
        where: value by column of the rows meant.
        others: methods.
        ahead: whether the paper says so; False where it says that nothing is gained.
        papers_regime: whether it is a case that the paper speaks of.
    """

    name: str
    table: str
    where: dict
    others: tuple[str, ...]
    ahead: bool = True
    papers_regime: bool = True


COMPARISONS = (
    Comparison("Ireland: best baseline", "uk_ireland", {}, BASELINES, papers_regime=False),
    Comparison("Ireland: FiLM", "uk_ireland", {}, (FILM,), papers_regime=False),
    Comparison("Ireland: sim-only", "uk_ireland", {}, ("sim-only",), ahead=False),
    Comparison("Twin: sim-only", "adaptation", {}, ("sim-only",)),
    Comparison("20 stations: sim-only", "adaptation", {"n_stations": 20}, ("sim-only",), ahead=False),
    Comparison("Twin: real-only", "adaptation", {}, ("real-only",)),
    Comparison("10,000 hours: real-only", "adaptation", {"n_times": 10_000}, ("real-only",), ahead=False),
    Comparison("Twin: FiLM", "adaptation", {}, (FILM,)),
)


@dataclass(frozen=True)
class Shown:
    """Which score the page shows: `mae`, `nll` or `both`."""

    score: str = "both"

    def __post_init__(self) -> None:
        require_choice("score", self.score, ["both", *UNITS])

    def of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of `compared` that are shown."""
        return rows if self.score == "both" else rows[rows["score"] == self.score]


PRESETS = dict.fromkeys(("smoke", "lesson", "paper"), Shown())  # it reads tables, and costs the same at any size


def difference(comparison: Comparison, score: str, table: pd.DataFrame) -> Interval:
    """Return Sim2Real's score less that of the best of the others, over splits if there are several, else over seeds.

    Args:
        comparison: its `table` names a table like the one given.
        score: `mae` or `nll`; below zero Sim2Real is ahead.
        table: of columns `method`, the score, and `split_seed` or `seed`.
    """
    for name, value in comparison.where.items():
        table = table[table[name] == value]
    repeat = "split_seed" if "split_seed" in table else "seed"
    scores = table.pivot_table(index=repeat, columns="method", values=score)
    best = scores[list(comparison.others)].mean().idxmin()
    return repeat_interval(scores[SIM2REAL] - scores[best])


def compared() -> pd.DataFrame:
    """Return a row each of `COMPARISONS` and score: name, score, paper, mean, low, high, n, verdict, table."""
    rows = []
    for score in UNITS:
        for each in COMPARISONS:
            gap = difference(each, score, read_result(each.table).table)
            word = verdict((gap.high < 0) == each.ahead, each.papers_regime)
            paper = "ahead" if each.ahead else "no gain"
            row = {"name": each.name, "score": score, "paper": paper, **gap._asdict(), "verdict": word}
            rows.append(row | {"table": each.table})
    return pd.DataFrame(rows)


def other_claims() -> pd.DataFrame:
    """Return the claims that are no comparison of scores: `claim`, `ours`, `verdict`, `table`."""
    model = ConvCNP(PAPER)
    weights = sum(part.numel() for part in model.parameters())
    scales = resolved_scales(read_result("length_scales").table).query("part == 'fine' and context == 'stations'")
    change = paired_change(scales[scales["method"].isin(("sim-only", SIM2REAL))]).iloc[-1]
    shorter = Interval(*change[list(Interval._fields)])
    rings = read_result("failure_signatures").table.query("method == 'sim-only'")
    near, far = rings[rings["low_km"] == rings["low_km"].min()], rings[rings["low_km"] == rings["low_km"].max()]
    covered, excess = (repeat_interval(near[name].to_numpy() - far[name].to_numpy()) for name in ("coverage", "rmse"))
    rows = [
        ("3.8 million parameters", f"{weights:,}", verdict(round(weights / 1e6, 1) == 3.8), ""),
        (
            "Fine-tuning shortens the smallest learnable scale 5 times, from 20 to 4 km",
            f"{shorter:.2f} times",
            verdict(shorter.low <= SHORTENED <= shorter.high, papers_regime=False),
            "length_scales",
        ),
        (
            "Overconfident near stations: 90 % intervals cover less there",
            f"{covered:+.2f}",
            verdict(covered.high < 0),
            "failure_signatures",
        ),
        (
            "Artefacts near stations: the map errs more there",
            f"{excess:+.2f} K",
            verdict(excess.low > 0, papers_regime=False),
            "failure_signatures",
        ),
    ]
    for row in findings(read_result("gp_laboratory").table).itertuples():
        holds = row.ahead > 0 if "win" in row.finding else row.high < 0
        ours = f"{Interval(row.mean, row.low, row.high, row.n):+.3f} nats"
        rows.append((row.finding, ours, verdict(holds), "gp_laboratory"))
    return pd.DataFrame(rows, columns=["claim", "ours", "verdict", "table"])
