"""From a stored table to what it says of one claim of the Sim2Real paper: our numbers in words, and a verdict.

Differences are Sim2Real's score less another method's: below zero is better than the other.
"""

from collections.abc import Callable, Collection

import numpy as np
import pandas as pd

from sparseobs.neural_process.conv_cnp import PAPER, ConvCNP
from sparseobs.scores.intervals import Interval, repeat_interval
from sparseobs_book.adaptation_grid.summary import VERDICTS, counts, verdicts
from sparseobs_book.failure_signatures.run import ring_intervals
from sparseobs_book.gp_laboratory.summary import findings
from sparseobs_book.length_scales.summary import paired_change, resolved_scales
from sparseobs_book.open_questions.settings import REFERENCE
from sparseobs_book.open_questions.summary import pick, relative_lead
from sparseobs_book.reproduced.aims import NOT_RUN, Judged
from sparseobs_book.temperature.summary import by_split

HEADLINE = {"mae": (0.1, 0.2), "nll": (0.5, 1.0)}  # by how much Sim2Real is said to be ahead, degC and nats
UNITS = {"mae": "°C", "nll": "nats"}
CALIBRATED = 0.9
SHORTENED = 5.0  # times, by which fine-tuning is said to shorten the smallest learnable scale


def rival(table: pd.DataFrame, others: Collection[str], score: str) -> tuple[str, Interval]:
    """Return the method of lowest mean score among others, and Sim2Real's score less its, over splits.

    Args:
        table: `split_seed`, `method` and the scores, as of the grid `uk_ireland`.
        others: methods; those that the table lacks are passed over.
        score: `mae` or `nll`.
    """
    scores = by_split(table)[score].unstack("split_seed")
    best = scores.loc[[method for method in others if method in scores.index]].mean(axis=1).idxmin()
    return best, repeat_interval(scores.loc["Sim2Real"] - scores.loc[best])


def in_range(score: str, gap: Interval) -> str:
    """Return how a difference stands to the published range of the lead."""
    least, most = HEADLINE[score]
    if -gap.low < least:
        return "smaller here"
    if -gap.high > most:
        return "larger here"
    return "reproduced" if least <= -gap.high and -gap.low <= most else "open"


def lead(score: str, gap: Interval) -> str:
    """Return whether Sim2Real is ahead."""
    return "holds" if gap.high < 0 else "the opposite" if gap.low > 0 else "open"


def no_lead(score: str, gap: Interval) -> str:
    """Return whether Sim2Real is not ahead."""
    return "does not hold" if gap.high < 0 else "holds" if gap.low > 0 else "no gain seen"


def against(others: Collection[str], word: Callable[[str, Interval], str], table: pd.DataFrame) -> Judged:
    """Return Sim2Real against the best of other methods, split by split.

    Args:
        others: methods.
        word: of the three above.
        table: of the grid `uk_ireland`.
    """
    if table[table["method"].isin(others)].empty:
        return NOT_RUN
    ours, words = [], []
    for score, unit in UNITS.items():
        best, gap = rival(table, others, score)
        ours.append(f"{score.upper()} {gap:+.2f} {unit} to {best}")
        words.append(f"{score.upper()}: {word(score, gap)}")
    return "; ".join(ours), ", ".join(words)


def in_cells(fits: Collection[str], where: dict, table: pd.DataFrame) -> Judged:
    """Return in how many cells of the grid of stations by hours a claim holds.

    Args:
        fits: which of `adaptation_grid_page`'s verdicts agree with the claim.
        where: column and value of the cells meant; `most` is the largest there is.
        table: of the grid `adaptation` or `adaptation_length`.
    """
    where = {name: table[name].max() if value == "most" else value for name, value in where.items()}
    ours, words = [], []
    for score in UNITS:
        found = verdicts(table, score)
        cells = found.loc[np.logical_and.reduce([found[name] == value for name, value in where.items()])]
        if cells.empty:
            return NOT_RUN
        numbers = counts(cells.assign(all=""), "all").iloc[0]
        told = ", ".join(f"{word} in {numbers[word]:.0f}" for word in VERDICTS)
        ours.append(
            f"{score.upper()} {numbers['gap']:+.2f} {UNITS[score].replace('°C', 'K')}; {told} of {len(cells)} cells"
        )
        words.append(f"{score.upper()}: in {cells['verdict'].isin(fits).sum()} of {len(cells)}")
    return "; ".join(ours), "holds, " + ", ".join(words)


def overconfident(table: pd.DataFrame) -> Judged:
    """Return the coverage of the network that met the simulation only, near stations and far from them."""
    near, far = _rings(table, "coverage")
    ours = f"coverage of the 90 % interval {near['mean']:.2f} up to {near['high_km']:g} km from a station, "
    ours += f"{far['mean']:.2f} from {far['low_km']:g} km on"
    if near["high"] >= CALIBRATED:
        return ours, "open" if near["low"] < CALIBRATED else "does not hold"
    return ours, "holds near stations only" if far["high"] >= CALIBRATED else "holds, at every distance"


def artefacts(table: pd.DataFrame) -> Judged:
    """Return the error of the mean near stations and far from them; an artefact makes the near one larger."""
    near, far = _rings(table, "rmse")
    ours = f"error of the mean {near['mean']:.2f} K up to {near['high_km']:g} km from a station, "
    ours += f"{far['mean']:.2f} K from {far['low_km']:g} km on"
    return ours, "reproduced" if near["low"] > far["high"] else "not reproduced"


def _rings(table: pd.DataFrame, score: str) -> tuple[pd.Series, pd.Series]:
    """Return the rows of the nearest and the farthest ring, of the network that met the simulation only."""
    rows = ring_intervals(table[table["method"] == "sim-only"])
    rows = rows[rows["score"] == score].sort_values("low_km")
    return rows.iloc[0], rows.iloc[-1]


def of_laboratory(finding: str, table: pd.DataFrame) -> Judged:
    """Return what became of one of `gp_laboratory_summary.FINDINGS`."""
    row = findings(table).set_index("finding").loc[finding]
    ours = f"FiLM's lead {Interval(*row[list(Interval._fields)]):+.3f} nats; ahead in {row['ahead']}, "
    holds = row["ahead"] > 0 if "win" in finding else row["high"] < 0
    opposite = row["high"] < 0 if "win" in finding else row["low"] > 0
    word = "holds" if holds else "does not hold" if opposite else "open"
    return ours + f"behind in {row['behind']}, open in {row['open']} places", word


def shortest_scale(table: pd.DataFrame) -> Judged:
    """Return the shortest wave that comes back on the twin's fine grid, before and after fine-tuning."""
    rows = resolved_scales(table)
    rows = rows[(rows["part"] == "fine") & (rows["context"] == "stations")]
    if rows.empty:
        return NOT_RUN
    before, after = (rows.loc[rows["method"] == name, "scale"].mean() for name in ("sim-only", "Sim2Real"))
    ours = f"shortest wave resolved {before:.0f} km before, {after:.0f} km after"
    changes = paired_change(rows[rows["method"].isin(("sim-only", "Sim2Real"))])
    if changes.empty:  # where a seed resolves nothing there is no factor
        return ours, "open"
    change = Interval(*changes[list(Interval._fields)].iloc[-1])
    ours += f"; {change:.2f} times shorter"
    if change.low <= 1:
        return ours, "not reproduced" if change.high < SHORTENED else "open"
    return ours, "shorter, by less" if change.high < SHORTENED else "reproduced"


def in_case(case: str, table: pd.DataFrame) -> Judged:
    """Return what fine-tuning takes off the simulation's error in a case of `open_questions`, beside the reference.

    Args:
        case: of `open_questions_settings.CASES`; stations shown are laid out as those that it adapts with.
        table: of the grid.
    """
    shares = {name: relative_lead(pick(table, "mae", name))["sim-only"] for name in (case, REFERENCE)}
    own, reference = (repeat_interval(share) for share in shares.values())
    change = repeat_interval(shares[case] - shares[REFERENCE])
    ours = f"MAE {own:.0f} % less than the simulation alone, {reference:.0f} % in the reference"
    return ours, "helps more" if change.low > 0 else "helps less" if change.high < 0 else "open"


def parameters() -> Judged:
    """Return how many weights the network of the paper's size has."""
    model = ConvCNP(PAPER)
    total = sum(part.numel() for part in model.parameters())
    film = sum(part.numel() for part in model.film_parameters())
    return f"{total:,}, of them {film:,} FiLM's", "reproduced" if round(total / 1e6, 1) == 3.8 else "another number"
