"""Published and ours on one axis: filters by ensemble size, and Sim2Real's lead claim by claim."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sparseobs.figures.filter_scores import plain_numbers
from sparseobs.figures.style import FULL_WIDTH, LOOKS, TITLES, legend_above

LEAST = 1.0  # nats: below it the axis of NLL is linear


def published_and_ours(table: pd.DataFrame) -> Figure:
    """Draw the authors' scores as hollow circles beside ours with their intervals, a panel a system and noise.

    Args:
        table: of `filters.beside_published`, of some systems and noises.
    """
    cases = list(table.groupby(["system", "obs_error_std"], sort=False))
    n_rows = -(-len(cases) // 2)
    size = FULL_WIDTH, 0.9 + 2.8 * n_rows
    figure, panels = plt.subplots(n_rows, min(2, len(cases)), figsize=size, squeeze=False)
    for axes, ((system, noise), rows) in zip(panels.flat, cases, strict=False):
        sizes = sorted(set(rows["ensemble_size"]) - {1})
        for place, (method, own) in enumerate(rows.groupby("method", sort=False)):
            look = LOOKS[method]
            where = np.array([sizes.index(n) if n > 1 else len(sizes) for n in own["ensemble_size"]])
            ours = own[["low", "high"]].sub(own["mean"], axis=0).abs().T
            dots = {"color": look.color, "marker": look.marker or "_", "linestyle": "", "ms": 5}
            axes.errorbar(where + 0.1 * place, own["mean"], ours, elinewidth=2, label=f"{method}, ours", **dots)
            hollow = {"mfc": "none", "mec": look.color, "ms": 9, "label": f"{method}, theirs"}
            axes.plot(where + 0.1 * place, own["published"], "o", **hollow)
        axes.set_xticks(range(len(sizes) + 1), [*sizes, "–"])
        axes.set(title=f"{TITLES[system]}\nnoise {noise:g}", yscale="log", xlabel="ensemble members")
        plain_numbers(axes.yaxis)
    for axes in panels[:, 0]:
        axes.set_ylabel("analysis RMSE (state units)")
    legend_above(figure, 2)
    return figure


def leads(table: pd.DataFrame, published: dict[str, tuple[float, float]], units: dict[str, str]) -> Figure:
    """Draw Sim2Real's score less another method's, a row a comparison, a panel a score.

    Filled where the paper says that Sim2Real is ahead, hollow where it says that nothing is gained.

    Args:
        table: of `temperature.compared`.
        published: least and greatest lead by score.
        units: by score.
    """
    names, scores = (list(dict.fromkeys(table[column])) for column in ("name", "score"))
    size = FULL_WIDTH, 1.2 + 0.25 * len(names) * len(scores)
    figure, panels = plt.subplots(len(scores), 1, figsize=size, squeeze=False)
    look = LOOKS["Sim2Real"]
    for axes, score in zip(panels.flat, scores, strict=True):
        least, most = published[score]
        axes.axvspan(-most, -least, color="0.85", zorder=0, label="the paper's lead over the best baseline")
        axes.axvline(0, color="black", linewidth=0.8, zorder=1)
        for paper, rows in table[table["score"] == score].groupby("paper"):
            fill = look.color if paper == "ahead" else "white"
            ends = rows[["low", "high"]].sub(rows["mean"], axis=0).abs().T
            dots = {"color": look.color, "mfc": fill, "marker": look.marker, "linestyle": "", "ms": 6}
            places = [names.index(name) for name in rows["name"]]
            axes.errorbar(rows["mean"], places, xerr=ends, **dots, label=f"the paper: {paper}")
        axes.set(xlabel=f"{score.upper()} less the other's ({units[score]})", ylim=(len(names) - 0.5, -0.5))
        axes.set_yticks(range(len(names)), names)
        if score == "nll":
            axes.set_xscale("symlog", linthresh=LEAST)
            axes.xaxis.set_major_formatter("{x:g}")
        axes.margins(x=0.05)
    legend_above(figure, 1)
    return figure
