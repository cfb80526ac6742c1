"""What the page's exercises ask, and which mistakes are usual."""

import pandas as pd

from sparseobs_book.checking import NotYet, chosen


def judge_few(prediction: object, mae: pd.DataFrame) -> str:
    """Ask which method's error changes most from 20 to 500 stations.

    Args:
        prediction: name of a method.
        mae: of the grid, methods down, numbers of stations across, K.
    """
    gain = mae[20] - mae[500]
    wanted, sim_only = gain.idxmax(), gain["sim-only"]
    if chosen(prediction, tuple(mae.index)) != wanted:
        raise NotYet("Of these methods one has nothing but the stations to learn from. Which?")
    return (
        f"{wanted} gains {gain[wanted]:.2f} K. Sim-only, which learns nothing from stations, gains "
        f"{sim_only:.2f} K: it is shown more."
    )


def judge_cheapest(name: object, hours: float, near: float) -> str:
    """Ask how many hours real-only needs.

    Args:
        name: of the method looked at.
        hours: that it needs to come within `near` of its best error.
        near: K.
    """
    if str(name) != "real-only":
        raise NotYet(f"{name} needs {hours:g} hours. Real-only is asked for.")
    return f"Real-only needs {hours:g} hours to come within {near:g} K of its best: it has no other teacher."
