"""What the page's exercises ask, and which mistakes are usual."""

import pandas as pd

from sparseobs_book.checking import NotYet, chosen

DISTANCES = ("next station", "held-out station")


def judge_clusters(prediction: object, shares: dict[str, float]) -> str:
    """Ask which distance comes closer to the dispersed layout's when clusters become many and small.

    Args:
        prediction: one of `DISTANCES`.
        shares: of the dispersed layout's distance, with fifty clusters, by `DISTANCES`.
    """
    if chosen(prediction, DISTANCES) != "held-out station":
        raise NotYet("With two stations in a cluster: how far is the next one, however many clusters there are?")
    told = ", ".join(f"to the {name} {share:.0%}" for name, share in shares.items())
    return f"With fifty clusters the distances are, of the dispersed layout's: {told}. A pair stays a pair."


def judge_hurt(score: object, cost: pd.Series) -> str:
    """Ask for the cost of clusters in a score whose zero is perfect.

    Args:
        score: column of the table.
        cost: per cent, by method.
    """
    if str(score) == "nll":
        raise NotYet("A share of the NLL means nothing: its zero is no perfect forecast.")
    if str(score) != "crps":
        raise NotYet(f"This is the cost in {score}. The CRPS is asked for.")
    return (
        f"Clusters cost {cost.idxmax()} most, {cost.max():.0f} % of its CRPS, and {cost.idxmin()} "
        f"least, {cost.min():.0f} %."
    )
