"""Which learning rate each adaptation takes in the Gaussian-process laboratory."""

from functools import cache

import pandas as pd

from sparseobs.errors import InputError
from sparseobs.neural_process.laboratory import GaussianProcess
from sparseobs.runs.results import read_result
from sparseobs_book.laboratory.settings import GAPS, LaboratorySettings, published_rate

RATES_TABLE = "gp_laboratory_rates"
BY = ["gap", "length_scale", "noise_variance", "method"]


def best_rates(tried: pd.DataFrame) -> pd.DataFrame:
    """Return the rate with the best mean validation log-likelihood over seeds, a row a gap, reality and method.

    Args:
        tried: a row a try, as `try_rates` makes them.
    """
    means = tried.groupby([*BY, "learning_rate"], sort=False)["validation_loglik"].mean().reset_index()
    return means.loc[means.groupby(BY, sort=False)["validation_loglik"].idxmax()].reset_index(drop=True)


@cache
def _stored_rates() -> pd.DataFrame:
    return best_rates(read_result(RATES_TABLE).table)


def chosen_rate(settings: LaboratorySettings, process: GaussianProcess, method: str) -> float:
    """Return the learning rate of an adaptation to a reality: the authors', or the best on tasks never scored."""
    if settings.published_rates:
        return published_rate(settings, process, method)
    tuned = GAPS[settings.gap].realities[settings.realities.index(process)]
    rates = _stored_rates().set_index(BY)["learning_rate"]
    found = rates.get((settings.gap, tuned.length_scale, tuned.noise_variance, method))
    if found is None:
        raise InputError("method", method, f"a rate in the stored table {RATES_TABLE}", "trying rates first")
    return float(found)
