"""What the AmEnF's authors published of filters' scores and tunings, and where it stands.

The paper's figure prints no numbers. These are from the history of the authors' repository
(mikemccabe210/amortizedassimilation), made before the paper's submission.
"""

from itertools import product
from typing import NamedTuple

import pandas as pd

from sparseobs.dynamics.catalogue import SYSTEMS
from sparseobs.filtering.letkf import LETKFSettings

ENSEMBLE_SIZES = (5, 10, 15, 20, 30)
NOISES = (1.0, 2.5)
SEARCH = "commit 5a3f5f8, experiments/dapper_experiments/dappper_cv_results_"
NOTEBOOK = "commit e3b69a7, experiments/plotting.ipynb"


class Place(NamedTuple):
    """Where a number stands, and what kind of number it is."""

    file: str
    kind: str


LORENZ96, KURAMOTO = SEARCH + "L96", SEARCH + "KS"
# That file does not say which of its two blocks is which noise; the first agrees with DAPPER's own scores at noise 1.
PLACES = {
    "lorenz96": Place(LORENZ96, "best setting, mean over seeds"),
    "kuramoto_sivashinsky": Place(KURAMOTO, "best setting, one seed, noise inferred"),
}
# RMSE of the analysis at 5, 10, 15, 20 and 30 members; 4D-Var and climatology have one of their own.
_SCORES = {
    ("lorenz96", 1.0, "LETKF"): (1.29, 0.79, 0.73, 0.71, 0.69),
    ("lorenz96", 1.0, "iEnKS"): (4.80, 4.59, 4.15, 0.73, 0.61),
    ("lorenz96", 2.5, "LETKF"): (2.56, 2.11, 2.03, 1.94, 1.88),
    ("lorenz96", 2.5, "iEnKS"): (4.758, 4.24, 3.46, 2.68, 2.16),
    ("kuramoto_sivashinsky", 1.0, "LETKF"): (0.1514, 0.1231, 0.1121, 0.1116, 0.1001),
    ("kuramoto_sivashinsky", 1.0, "iEnKS"): (1.393, 0.7534, 0.1963, 0.1223, 0.0931),
    ("kuramoto_sivashinsky", 2.5, "LETKF"): (0.4411, 0.3736, 0.3723, 0.3464, 0.3163),
    ("kuramoto_sivashinsky", 2.5, "iEnKS"): (1.452, 1.018, 0.5526, 0.3833, 0.3142),
}
_SINGLE = {
    ("lorenz96", 1.0, "4D-Var"): 1.0,
    ("lorenz96", 2.5, "4D-Var"): 2.48,
    ("lorenz96", 1.0, "climatology"): 3.63,
    ("lorenz96", 2.5, "climatology"): 3.64,
    ("kuramoto_sivashinsky", 1.0, "4D-Var"): 0.2126,
    ("kuramoto_sivashinsky", 2.5, "4D-Var"): 0.5342,
    ("kuramoto_sivashinsky", 1.0, "climatology"): 1.318,
    ("kuramoto_sivashinsky", 2.5, "climatology"): 1.318,
}
# Two tests of one system and noise, of different networks; the ensemble size of the second is inferred.
_AMENF = {5: (0.6303, NOTEBOOK), 10: (0.6111, f"{NOTEBOOK}, a checkpoint's name; members inferred")}

# By system, noise and ensemble size: the settings of the search's best lines.
AUTHORS_TUNING = {
    ("lorenz96", 1.0, 5): LETKFSettings(1.20, 2.0, rotation=True),
    ("lorenz96", 1.0, 10): LETKFSettings(1.07, 4.0),
    ("lorenz96", 1.0, 15): LETKFSettings(1.02, 4.0),
    ("lorenz96", 1.0, 20): LETKFSettings(1.04, 4.0, rotation=True),
    ("lorenz96", 1.0, 30): LETKFSettings(1.04, 7.0, rotation=True),
    ("lorenz96", 2.5, 5): LETKFSettings(1.10, 2.0),
    ("lorenz96", 2.5, 10): LETKFSettings(1.04, 2.0),
    ("lorenz96", 2.5, 15): LETKFSettings(1.02, 2.0),
    ("lorenz96", 2.5, 20): LETKFSettings(1.04, 4.0, rotation=True),
    ("lorenz96", 2.5, 30): LETKFSettings(1.01, 4.0),
    ("kuramoto_sivashinsky", 1.0, 5): LETKFSettings(1.07, 7.0, rotation=True),
    ("kuramoto_sivashinsky", 1.0, 10): LETKFSettings(1.02, 10.0, rotation=True),
    ("kuramoto_sivashinsky", 1.0, 15): LETKFSettings(1.04, 20.0, rotation=True),
    ("kuramoto_sivashinsky", 1.0, 20): LETKFSettings(1.04, 20.0, rotation=True),
    ("kuramoto_sivashinsky", 1.0, 30): LETKFSettings(1.01, 20.0, rotation=True),
    ("kuramoto_sivashinsky", 2.5, 5): LETKFSettings(1.07, 7.0, rotation=True),
    ("kuramoto_sivashinsky", 2.5, 10): LETKFSettings(1.07, 20.0, rotation=True),
    ("kuramoto_sivashinsky", 2.5, 15): LETKFSettings(1.04, 20.0, rotation=True),
    ("kuramoto_sivashinsky", 2.5, 20): LETKFSettings(1.01, 10.0, rotation=True),
    ("kuramoto_sivashinsky", 2.5, 30): LETKFSettings(1.02, 20.0, rotation=True),
}


def published_scores() -> pd.DataFrame:
    """Return a row a system, noise, method and ensemble size of the paper's comparison, published or not.

    Returns:
        Columns system, obs_error_std, method, ensemble_size (1 where a method has no ensemble), published (RMSE of the
        analysis; NaN where there is no published number) and source.
    """
    rows = []
    for system, noise in product(SYSTEMS, NOISES):
        for method in ("AmEnF", "LETKF", "iEnKS"):
            rows += [_row(system, noise, method, size) for size in ENSEMBLE_SIZES]
        rows += [_row(system, noise, method, 1) for method in ("4D-Var", "climatology")]
    return pd.DataFrame(rows)


def _row(system: str, noise: float, method: str, size: int) -> dict:
    case = (system, noise, method)
    score, source = float("nan"), "no published number"
    if case == ("lorenz96", 1.0, "AmEnF"):
        score, source = _AMENF.get(size, (score, source))
    elif case in _SINGLE or case in _SCORES:
        score = _SINGLE[case] if case in _SINGLE else _SCORES[case][ENSEMBLE_SIZES.index(size)]
        source = ", ".join(PLACES[system])
    keys = {"system": system, "obs_error_std": noise, "method": method, "ensemble_size": size}
    return keys | {"published": score, "source": source}
