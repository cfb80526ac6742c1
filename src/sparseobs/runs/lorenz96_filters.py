"""AmEnF and LETKF on one test sequence of their own: what a cell of the grid `lorenz96_filters` computes."""

import pandas as pd

from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.runs import lorenz96_comparison as comparison
from sparseobs.runs.lorenz96 import stored_filter
from sparseobs.runs.lorenz96_comparison import Comparison
from sparseobs.runs.lorenz96_tuning import tuned_settings

BY_THE_AUTHORS = "LETKF, authors' tuning"
# By noise and ensemble size: the best lines of the grid search in the history of the authors' repository
# (mikemccabe210/amortizedassimilation, commit 5a3f5f8, experiments/dapper_experiments/dappper_cv_results_L96).
AUTHORS_TUNING = {
    (1.0, 5): LETKFSettings(1.20, 2.0, rotation=True),
    (1.0, 10): LETKFSettings(1.07, 4.0),
    (1.0, 15): LETKFSettings(1.02, 4.0),
    (1.0, 20): LETKFSettings(1.04, 4.0, rotation=True),
    (1.0, 30): LETKFSettings(1.04, 7.0, rotation=True),
    (2.5, 5): LETKFSettings(1.10, 2.0),
    (2.5, 10): LETKFSettings(1.04, 2.0),
    (2.5, 15): LETKFSettings(1.02, 2.0),
    (2.5, 20): LETKFSettings(1.04, 4.0, rotation=True),
    (2.5, 30): LETKFSettings(1.01, 4.0),
}


def letkf_tunings(obs_error_std: float, ensemble_size: int) -> dict[str, LETKFSettings]:
    """Return LETKF as we tuned it for this noise and ensemble size, and as the authors did where they did."""
    tunings = {"LETKF": tuned_settings(obs_error_std, ensemble_size)}
    if published := AUTHORS_TUNING.get((obs_error_std, ensemble_size)):
        tunings[BY_THE_AUTHORS] = published
    return tunings


def score_filters(settings: Comparison) -> pd.DataFrame:
    """Return one row a filter, all on the settings' own truth, noise and first ensemble.

    Args:
        settings: the comparison; its seed decides everything. LETKF's numbers are the tuned ones, not theirs.

    Returns:
        Columns method; rmse and spread, means over the scored cycles, NaN where the run diverged; diverged; cycles,
        how many were scored; inflation, radius and rotation (0 or 1) of an LETKF.

    Raises:
        InputError: no filter was trained for this noise, or no LETKF tuned for it and this ensemble size.
    """
    network = stored_filter(settings.obs_error_std).network
    tunings = letkf_tunings(settings.obs_error_std, settings.ensemble_size)
    experiment = comparison.twin_experiment(settings, noise_seed=settings.seed)
    ensemble = comparison.first_ensemble(settings, noise_seed=settings.seed)
    runs = {"AmEnF": comparison.run_amenf(network, settings, experiment, ensemble)}
    for method, tuning in tunings.items():
        runs[method] = comparison.run_letkf(comparison.with_letkf(settings, tuning), experiment, ensemble)
    table = comparison.score(runs, experiment, settings.burn_in)
    table = table.assign(diverged=table["rmse"].isna(), cycles=settings.n_cycles)
    for name in ("inflation", "radius", "rotation"):
        table[name] = table["method"].map({method: float(getattr(one, name)) for method, one in tunings.items()})
    return table
