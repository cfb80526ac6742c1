"""One look for the whole book: each method has one colour, one marker and one dash, on every page."""

from typing import NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure


class Look(NamedTuple):
    """How one method is drawn: never told apart by colour alone."""

    color: str
    marker: str
    linestyle: str | tuple


# Okabe and Ito's colour-blind-safe palette.
LOOKS = {
    "truth": Look("#000000", "", "-"),
    "observations": Look("#555555", "o", ":"),
    "climatology": Look("#999999", "", (0, (1, 3))),
    "LETKF": Look("#0072B2", "s", "--"),
    "LETKF, authors' tuning": Look("#004C73", "h", (0, (6, 2))),
    "LETKF, broken": Look("#56B4E9", "x", ":"),
    "LETKF, no inflation": Look("#E69F00", "^", ":"),
    "LETKF, no localization": Look("#CC79A7", "v", "-."),
    "iEnKS": Look("#009E73", "^", "-."),
    "4D-Var": Look("#CC79A7", "v", (0, (4, 1))),
    "AmEnF": Look("#D55E00", "D", "-"),
    "AmEnF, free while blind": Look("#CC79A7", "^", "-."),
    "AmEnF, dropout off": Look("#999999", "x", ":"),
    "AmEnF, taught without dropout": Look("#56B4E9", "v", "--"),
    "AmEnF, likelihood": Look("#CC79A7", "P", (0, (5, 1, 1, 1))),
    "AmEnF (this page)": Look("#E69F00", "v", "-."),
    "AmEnF + instrument": Look("#009E73", "^", "-."),
    "AmEnF + instrument, cables swapped": Look("#E69F00", "v", ":"),
    "EnKF": Look("#0072B2", "s", "--"),
    "EnKF, weights known": Look("#56B4E9", "P", (0, (5, 1, 1, 1))),
    "EnKF, weights regressed": Look("#CC79A7", "X", (0, (2, 2))),
    "forecast": Look("#D55E00", "D", "-"),
    "likelihood": Look("#CC79A7", "P", (0, (5, 1, 1, 1))),
    "supervised forecast": Look("#009E73", "^", "-."),
    "supervised analysis": Look("#0072B2", "s", "--"),
    "analysis": Look("#56B4E9", "X", ":"),
    "protocol no_truth": Look("#D55E00", "D", "-"),
    "protocol paper": Look("#0072B2", "s", "--"),
    "Lorenz-96": Look("#0072B2", "o", "-"),
    "Kuramoto-Sivashinsky": Look("#D55E00", "s", "--"),
    "Vissio-Lucarini": Look("#009E73", "^", "-."),
    "ours": Look("#0072B2", "o", "-"),
    "Euler": Look("#999999", "v", (0, (1, 3))),
    "midpoint": Look("#E69F00", "^", "--"),
    "3/8 rule, torchdiffeq": Look("#D55E00", "x", ":"),
    "exact GP": Look("#0072B2", "s", "--"),
    "exact GP, simulator's scale": Look("#56B4E9", "X", (0, (2, 2))),
    "set convolutions alone": Look("#000000", "", (0, (1, 1))),
    "IDW": Look("#56B4E9", "X", (0, (2, 2))),
    "lapse rate + IDW": Look("#0072B2", "s", "--"),
    "nearest station": Look("#999999", "v", (0, (1, 3))),
    "ordinary kriging": Look("#555555", "o", ":"),
    "lapse rate + kriging": Look("#004C73", "h", (0, (6, 2))),
    "kriging + elevation drift": Look("#000000", "^", (0, (4, 1))),
    "reanalysis": Look("#999999", "x", ":"),
    "reanalysis + lapse rate": Look("#555555", "*", (0, (5, 1, 1, 1))),
    "sim-only": Look("#009E73", "^", "-."),
    "sim-only, widened": Look("#56B4E9", "X", (0, (2, 2))),
    "real-only": Look("#CC79A7", "v", ":"),
    "Sim2Real": Look("#D55E00", "D", "-"),
    "Sim2Real (FiLM)": Look("#E69F00", "P", (0, (5, 1, 1, 1))),
    "frozen high frequencies": Look("#999999", "h", (0, (6, 2))),
    "twin": Look("#0072B2", "o", "--"),
    "twin reanalysis": Look("#D55E00", "s", ":"),
    "Sim2Real (two trainings)": Look("#8A3C00", "s", "-"),
}

FULL_WIDTH = 5.2  # inches: at 342 pixels, a phone, type of 10 points is 9 pixels high


def use() -> None:
    """Set matplotlib's defaults for every figure of the book."""
    mpl.rcParams.update(
        {
            "figure.dpi": 150,
            "savefig.bbox": "tight",
            "figure.figsize": (FULL_WIDTH, 3.2),
            "figure.constrained_layout.use": True,
            "font.size": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.alpha": 0.25,
            "legend.frameon": False,
            "image.cmap": "viridis",
        }
    )


def legend_above(figure: Figure, n_columns: int = 3, **look: object) -> None:
    """Name everything that any panel of a figure shows, once, above the panels.

    Args:
        figure: whose panels have labels.
        n_columns: at most.
        look: further arguments of `Figure.legend`.
    """
    found = {}
    for ax in figure.axes:
        handles, labels = ax.get_legend_handles_labels()
        found |= dict(zip(labels, handles, strict=True))
    if found:
        figure.legend(found.values(), found.keys(), loc="outside upper center", ncols=n_columns, **look)


TITLES = {
    "lorenz96": "Lorenz-96",
    "kuramoto_sivashinsky": "Kuramoto-Sivashinsky",
    "vissio_lucarini": "Vissio-Lucarini",
}
