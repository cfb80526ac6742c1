"""Figures of filters whose model is not the world."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above


def errors_by_heating(errors: pd.DataFrame, climatology: float) -> Figure:
    """Draw analysis RMSE against the error of the model's heating, a line a filter.

    Args:
        errors: state units; the heating's error as index, filters as columns; what follows a comma in a name tells one
            method's settings apart, which after the first are drawn dotted, with hollow markers.
        climatology: what knowing nothing costs, a dotted line.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.4))
    hollow, seen = iter("ov^"), set()
    for name, rmse in errors.items():
        method = name.partition(",")[0]
        look = LOOKS[method]._asdict()
        if method in seen:
            look |= {"mfc": "white", "linestyle": ":", "marker": next(hollow)}
        seen.add(method)
        axes.plot(errors.index, rmse, **look, label=name)
    axes.axhline(climatology, color="black", linestyle=":", linewidth=1)
    axes.annotate("climatology", (errors.index[0], climatology), xytext=(0, 3), textcoords="offset points")
    axes.set(xlabel="heating of the world minus the model's", ylabel="analysis RMSE (state units)", ylim=(0, None))
    legend_above(figure)
    return figure
