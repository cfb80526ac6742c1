"""The picture of a state that is estimated, drawn when the book is built."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from sparseobs.figures import style
from sparseobs_book.intro.run import Estimated, estimated

CYCLE_TIME = 0.1  # time units


def state(shown: Estimated) -> Figure:
    """Draw truth, readings and estimate below each other, time to the right; grey is what nobody looked at."""
    limit = np.abs(shown.truth).max()
    cmap = plt.get_cmap("RdBu_r").with_extremes(bad=style.UNSEEN)
    n_cycles, n_sites = shown.truth.shape
    look = {"vmin": -limit, "vmax": limit, "cmap": cmap, "aspect": "auto", "interpolation": "nearest"}
    look["extent"] = (0, n_cycles * CYCLE_TIME, -0.5, n_sites - 0.5)
    figure, panels = plt.subplots(3, 1, figsize=(style.FULL_WIDTH, 5.6), sharex=True)
    titles = ("the state, never seen", "the readings", "the estimate")
    for axes, title, field in zip(panels, titles, shown, strict=True):
        image = axes.imshow(field.T, origin="lower", **look)
        axes.set(title=title, ylabel="site")
        axes.grid(False)
    panels[-1].set_xlabel("time (units)")
    figure.colorbar(image, ax=panels, label="$x_k$ (state units)")
    return figure


def draw_state(path: Path) -> None:
    """Write the picture as PNG."""
    style.use()
    figure = state(estimated())
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)
