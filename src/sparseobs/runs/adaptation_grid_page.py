"""What the grid of stations by hours says about the paper's claims, in words that follow from its table."""

import pandas as pd

from sparseobs.neural_process.adaptation import FROZEN
from sparseobs.runs.temperature import INTERPOLATION

AHEAD, BEHIND, OPEN = "ahead", "behind", "open"
FILM = "Sim2Real (FiLM)"


def verdicts(table: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return whether Sim2Real is ahead of each other method, a row a number of stations and hours.

    `ahead` and `behind` need every seed's 95 % interval on one side of zero; all else is `open`.

    Args:
        table: of the grid `adaptation`.
        score: `mae` or `nll`.

    Returns:
        `n_stations`, `n_times`, `method`, `gap` (a mean over the seeds), `verdict`, `seeds`.
    """
    rows = []
    others = table[table["method"] != "Sim2Real"]
    for (n_stations, n_times, method), part in others.groupby(["n_stations", "n_times", "method"], sort=False):
        ahead, behind = (part[f"{score}_high"] < 0).all(), (part[f"{score}_low"] > 0).all()
        verdict = AHEAD if ahead else BEHIND if behind else OPEN
        found = {"n_stations": n_stations, "n_times": n_times, "method": method, "gap": part[f"{score}_gap"].mean()}
        rows.append(found | {"verdict": verdict, "seeds": len(part)})
    return pd.DataFrame(rows)


def counts(found: pd.DataFrame, score: str, **where: object) -> str:
    """Return in words how often Sim2Real is ahead among some rows of `verdicts`, and by how much on average."""
    for name, value in where.items():
        found = found[found[name] == value]
    if found.empty:
        return "not run yet"
    unit = "K" if score == "mae" else "nats"
    numbers = found["verdict"].value_counts()
    told = ", ".join(f"{name} in {numbers.get(name, 0)}" for name in (AHEAD, BEHIND, OPEN))
    return f"{score.upper()} {found['gap'].mean():+.2f} {unit}; {told} of {len(found)} cells"


def beside_the_paper(table: pd.DataFrame) -> pd.DataFrame:
    """Return the paper's claims beside what the table says: `claim`, `ours`."""
    found = {score: verdicts(table, score) for score in ("mae", "nll")}
    least, most = table["n_times"].min(), table["n_times"].max()

    def told(**where) -> str:
        return "<br>".join(counts(rows, score, **where) for score, rows in found.items())

    rows = [
        ("Fine-tuning beats the simulator alone", told(method="sim-only")),
        ("... but not with 20 stations", told(method="sim-only", n_stations=20)),
        ("Fine-tuning beats stations alone", told(method="real-only")),
        (f"... most with few hours ({least:g})", told(method="real-only", n_times=least)),
        (f"... and hardly with very many ({most:g})", told(method="real-only", n_times=most)),
        ("Fine-tuning all weights beats FiLM", told(method=FILM)),
        ("(not in the paper) ... beats frozen high frequencies", told(method=FROZEN)),
        ("(not in the paper) ... beats interpolation with a lapse rate", told(method=INTERPOLATION)),
    ]
    return pd.DataFrame(rows, columns=["claim", "ours: Sim2Real less the other"])


def mean_scores(table: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return means over the seeds, methods down, and hours within stations across."""
    return table.pivot_table(index="method", columns=["n_stations", "n_times"], values=score, sort=False).sort_index(
        axis=1
    )
