"""Which learning rate each adaptation takes in the Gaussian-process laboratory."""

from functools import cache

import numpy as np
import pandas as pd

from sparseobs.errors import InputError
from sparseobs.neural_process.laboratory import GaussianProcess
from sparseobs.runs.results import read_result
from sparseobs_book.laboratory.settings import GAPS, LaboratorySettings, published_rate

RATES_TABLE = "gp_laboratory_rates"


def best_rates(tried: pd.DataFrame) -> pd.DataFrame:
    """Return the rate with the best mean validation log-likelihood over seeds, a row a gap, reality and method.

    Args:
        tried: a row a try, as `try_rates` makes them.
    """
    by = ["gap", "length_scale", "noise_variance", "method"]
    means = tried.groupby([*by, "learning_rate"], sort=False)["validation_loglik"].mean().reset_index()
    return means.loc[means.groupby(by, sort=False)["validation_loglik"].idxmax()].reset_index(drop=True)


@cache
def _stored_rates() -> pd.DataFrame:
    return best_rates(read_result(RATES_TABLE).table)


def chosen_rate(settings: LaboratorySettings, process: GaussianProcess, method: str) -> float:
    """Return the learning rate of an adaptation to a reality: the authors', or the best on tasks never scored."""
    if settings.published_rates:
        return published_rate(settings, process, method)
    at = [reality == process for reality in settings.realities].index(True)
    tuned = GAPS[settings.gap].realities[at]
    rates = _stored_rates()
    found = rates[
        (rates["gap"] == settings.gap)
        & np.isclose(rates["length_scale"], tuned.length_scale)
        & np.isclose(rates["noise_variance"], tuned.noise_variance)
        & (rates["method"] == method)
    ]
    if len(found) != 1:
        raise InputError("method", method, f"a rate in the stored table {RATES_TABLE}", "trying rates first")
    return float(found["learning_rate"].iloc[0])
