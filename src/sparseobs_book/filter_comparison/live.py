"""What the page on all methods runs before the reader's eyes: a part of the comparison, filters with few members."""

import pandas as pd

from sparseobs.dynamics.catalogue import named_system
from sparseobs.errors import require_number
from sparseobs.randomness import torch_stream
from sparseobs_book.filter_comparison.run import FilterComparison, experiments, first_ensembles
from sparseobs_book.trained_filters.recipes import stored_filter
from sparseobs_book.trained_filters.series import climatology_rmse, run_amenf, run_batched, score
from sparseobs_book.trained_filters.tuning import tuned

# Seeds of the page begin where those of the stored table do not come.
_LIVE = {"ensemble_sizes": (10,), "seed": 100, "n_repeats": 2, "dapper_repeats": 0}
PRESETS = {
    "smoke": FilterComparison(**_LIVE, n_cycles=16, burn_in=4),
    "lesson": FilterComparison(**_LIVE, n_cycles=100, burn_in=60),
    "paper": FilterComparison(**_LIVE, n_cycles=10_000, burn_in=200),
}


def few_members(settings: FilterComparison, n_members: int) -> pd.DataFrame:
    """Return the scores of the AmEnF, and of LETKF with the tuning of another ensemble size, seed by seed.

    Args:
        settings: the comparison; LETKF has the tuning of its smallest ensemble size.
        n_members: members of both filters, at least 2.

    Returns:
        Columns method, seed, and those of `trained_filters.series.score`.
    """
    require_number("n_members", n_members, least=2, most=30, whole=True)
    system, experiment = named_system(settings.system), experiments(settings)
    members = first_ensembles(settings)[:, :n_members]
    network = stored_filter(settings.system, settings.obs_error_std).network
    tuning = tuned(settings.system, "LETKF", settings.obs_error_std, min(settings.ensemble_sizes))
    draws = torch_stream(settings.seeds[0], "few members")
    runs = {
        "AmEnF": run_amenf(network, system, experiment, members, draws),
        "LETKF": run_batched("LETKF", tuning, system, experiment, members, draws),
    }
    return pd.DataFrame(
        {"method": method, "seed": settings.seed + repeat} | scores
        for method, series in runs.items()
        for repeat, scores in enumerate(
            score(series, experiment.truth, settings.burn_in, climatology_rmse(settings.system))
        )
    )
