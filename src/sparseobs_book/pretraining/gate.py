"""The exam of a pre-training: on hours of its own reanalysis that it never saw, is it near ordinary kriging?"""

import dataclasses

import numpy as np
import pandas as pd

from sparseobs.interpolation.inverse_distance import inverse_distance
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.stations.splits import HourSplit
from sparseobs_book.pretraining.run import cell_kriging, cells, error_by_cells
from sparseobs_book.temperature.experiment import Experiment

COUNTS = (3, 10, 30, 100, 300, 600)  # cells shown
JUDGED = (10, 30, 100)  # of these the exam asks
MARGIN = 1.2  # times kriging's mean absolute error: what a pre-training may err and pass
N_HOURS = 64  # judged on, evenly spaced over the held-out ones; and fitted to, over those that train


def gate_table(experiment: Experiment, model: ConvCNP, counts: tuple[int, ...] = COUNTS) -> pd.DataFrame:
    """Return a row a number of cells shown and method: `n_shown`, `method`, `mae` and `crps` (K).

    Kriging's variogram is fitted to hours that train, a hundred cells of them. All methods are shown the same cells.

    Args:
        experiment: whose reanalysis the model was trained on.
        model: the pre-trained network.
        counts: cells shown, more than none.
    """
    hours = experiment.reanalysis_hours
    kriging = cell_kriging(at_hours(experiment, evenly(hours.train)))
    part = at_hours(experiment, evenly(hours.test))
    places, values, order = cells(part)
    found = error_by_cells(part, model, counts).assign(method="sim-only")
    rows = found[["n_shown", "method", "mae", "crps"]].to_dict("records")
    for n in counts:
        seen = places[order[:n]], values[:, order[:n]]
        by_distance = np.abs(inverse_distance(*seen, places) - values).mean()
        rows.append({"n_shown": n, "method": "IDW", "mae": by_distance, "crps": by_distance})
        scores = score_gaussian(*kriging.interpolate(*seen, places), values)
        rows.append({"n_shown": n, "method": "ordinary kriging", "mae": scores.mae, "crps": scores.crps})
    return pd.DataFrame(rows)


def passes(table: pd.DataFrame) -> bool:
    """Say whether the network errs by at most `MARGIN` times what kriging does, wherever the exam asks."""
    mae = table.pivot(index="n_shown", columns="method", values="mae").loc[list(JUDGED)]
    return bool((mae["sim-only"] <= MARGIN * mae["ordinary kriging"]).all())


def evenly(hours: np.ndarray) -> np.ndarray:
    """Return at most `N_HOURS` of the hours, evenly spaced."""
    return hours[:: -(-len(hours) // N_HOURS)]


def at_hours(experiment: Experiment, hours: np.ndarray) -> Experiment:
    """Return the experiment with these hours (positions) of its reanalysis alone, all of them to test on."""
    tasks, none = experiment.reanalysis, np.zeros(0, dtype=int)
    part = dataclasses.replace(tasks, values=tasks.values[hours], scalars=tasks.scalars[hours])
    return dataclasses.replace(experiment, reanalysis=part, hours=HourSplit(none, none, np.arange(len(hours))))
