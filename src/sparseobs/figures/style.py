"""One look for the whole book: each method has one colour, one marker and one dash, on every page."""

from typing import NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure


class Look(NamedTuple):
    """How one method is drawn: never told apart by colour alone."""

    color: str
    marker: str
    linestyle: str | tuple


DOTS, DASHES, DASH_DOTS = (0, (1, 3)), (0, (6, 2)), (0, (5, 1, 1, 1))

# Nobody else has the colours of these: each family is one thing and its variants, in shades of one hue.
FAMILIES = {
    "truth": {"truth": Look("#000000", "", "-")},
    "observations": {"observations": Look("#555555", "o", ":")},
    "climatology": {"climatology": Look("#8A8A8A", "", DOTS)},
    "AmEnF": {
        "AmEnF": Look("#D55E00", "D", "-"),
        "AmEnF, free while blind": Look("#5E2600", "^", "-."),
        "AmEnF, dropout off": Look("#5E2600", "x", ":"),
        "AmEnF, taught without dropout": Look("#9C3F00", "v", "--"),
        "AmEnF, likelihood": Look("#5E2600", "P", DASH_DOTS),
        "AmEnF (this page)": Look("#9C3F00", "v", "-."),
        "AmEnF + instrument": Look("#5E2600", "<", "-."),
        "AmEnF + instrument, cables swapped": Look("#9C3F00", "X", ":"),
    },
    "LETKF": {
        "LETKF": Look("#0072B2", "s", "--"),
        "LETKF, authors' tuning": Look("#00405F", "h", DASHES),
        "LETKF, broken": Look("#3D94D1", "x", ":"),
        "LETKF, free while blind": Look("#3D94D1", "<", DASH_DOTS),
        "LETKF, no inflation": Look("#00405F", "^", ":"),
        "LETKF, no localization": Look("#3D94D1", "v", "-."),
    },
    "AmEnS": {
        "AmEnS": Look("#C4008F", "*", (0, (9, 1, 2, 1))),
        "AmEnS, no way back": Look("#7A0059", "x", ":"),
    },
    "fixed-lag smoother": {
        "fixed-lag smoother": Look("#1E8A4C", ">", (0, (3, 1))),
        "fixed-lag smoother, no way back": Look("#0F5230", "x", DOTS),
        "fixed-lag smoother, half the gain": Look("#0F5230", "s", "-."),
    },
    "Sim2Real": {
        "Sim2Real": Look("#AA3377", "D", "-"),
        "Sim2Real (two trainings)": Look("#6B1F4A", "s", "-"),
        "Sim2Real from kriging": Look("#6B1F4A", "*", (0, (5, 1))),
        "frozen high frequencies": Look("#D45FA3", "h", DASHES),
    },
    "FiLM": {"Sim2Real (FiLM)": Look("#8F7000", "P", DASH_DOTS)},
    "sim-only": {
        "sim-only": Look("#117733", "^", "-."),
        "sim-only, widened": Look("#4F9D5E", "X", (0, (2, 2))),
        "sim-only from kriging": Look("#0A4420", "<", DASHES),
    },
    "real-only": {"real-only": Look("#332288", "v", ":")},
    "ConvCNP": {
        "ConvCNP (this page)": Look("#A11D33", "o", "-"),
        "ConvCNP, no density": Look("#D8504A", "v", (0, (4, 1))),
    },
    "kriging": {
        "ordinary kriging": Look("#3A9699", "o", ":"),
        "lapse rate + kriging": Look("#00494B", "h", DASHES),
        "kriging + elevation drift": Look("#007C80", "^", (0, (4, 1))),
    },
}
# These share what colours are left; marker and dash tell them apart.
OTHERS = {
    "iEnKS": Look("#6F7D00", "^", "-."),
    "4D-Var": Look("#8B5FBF", "v", (0, (4, 1))),
    "EnKF": Look("#C2334D", "s", "--"),
    "EnKF, bare": Look("#7E1F33", "v", DOTS),
    "EnKF, inflation alone": Look("#E0697E", "^", "-."),
    "EnKF, weights known": Look("#7E1F33", "P", DASH_DOTS),
    "EnKF, weights regressed": Look("#E0697E", "X", (0, (2, 2))),
    "prior": Look("#5B6C82", "", "--"),
    "posterior": Look("#5A3A86", "", "-"),
    "forecast": Look("#39475A", "D", "-"),
    "likelihood": Look("#8B5FBF", "P", DASH_DOTS),
    "supervised forecast": Look("#6F7D00", ">", "-."),
    "supervised analysis": Look("#7A5230", "h", "--"),
    "analysis": Look("#C2334D", "X", ":"),
    "protocol no_truth": Look("#39475A", "p", "-"),
    "protocol paper": Look("#8B5FBF", "s", "--"),
    "Lorenz-96": Look("#5B6C82", "o", "-"),
    "Kuramoto-Sivashinsky": Look("#7E1F33", "s", "--"),
    "Vissio-Lucarini": Look("#8B5FBF", "^", "-."),
    "ours": Look("#5A3A86", "o", "-"),
    "Euler": Look("#A9805A", "v", DOTS),
    "midpoint": Look("#6F7D00", "^", "--"),
    "3/8 rule, torchdiffeq": Look("#C2334D", "x", ":"),
    "exact GP": Look("#39475A", "s", "--"),
    "exact GP, simulator's scale": Look("#8294AD", "X", (0, (2, 2))),
    "set convolutions alone": Look("#7A5230", "", (0, (1, 1))),
    "IDW": Look("#A9805A", "X", (0, (2, 2))),
    "lapse rate + IDW": Look("#7A5230", "s", "--"),
    "nearest station": Look("#7A5230", "v", DOTS),
    "learned covariance": Look("#6F7D00", "o", "-"),
    "learned covariance, simulator first": Look("#C2334D", "P", "--"),
    "reanalysis": Look("#8B5FBF", "x", ":"),
    "reanalysis + lapse rate": Look("#5A3A86", "*", DASH_DOTS),
    "optimal interpolation": Look("#39475A", "^", (0, (2, 2))),
    "twin": Look("#5B6C82", "o", "--"),
    "twin reanalysis": Look("#8B5FBF", "s", ":"),
}
LOOKS = {name: look for family in (*FAMILIES.values(), OTHERS) for name, look in family.items()}

UNSEEN = "0.8"  # the grey of what was not observed, given to a colour map by `set_bad`: white means zero

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
    """Name everything that any panel of a figure shows, once, above the panels and no wider than they are.

    Args:
        figure: whose panels have labels.
        n_columns: at most.
        look: further arguments of `Figure.legend`.
    """
    found = {}
    for ax in figure.axes:
        handles, labels = ax.get_legend_handles_labels()
        found |= dict(zip(labels, handles, strict=True))
    for columns in range(n_columns if found else 0, 0, -1):
        legend = figure.legend(found.values(), found.keys(), loc="outside upper center", ncols=columns, **look)
        if columns == 1 or legend.get_window_extent().width <= figure.bbox.width:
            return
        legend.remove()


TITLES = {
    "lorenz96": "Lorenz-96",
    "kuramoto_sivashinsky": "Kuramoto-Sivashinsky",
    "vissio_lucarini": "Vissio-Lucarini",
}
