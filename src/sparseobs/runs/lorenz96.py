"""The Lorenz-96 experiment: every fourth site, rotating, seen with noise every two steps."""

from sparseobs.dynamics.catalogue import named_system
from sparseobs.runs import filters
from sparseobs.runs.filters import FilterRecipe, TrainedFilter, new_trainer, training_command

__all__ = ["CHECKPOINT", "SYSTEM", "FilterRecipe", "load_filter", "new_trainer", "stored_filter", "training_command"]

CHECKPOINT = filters.checkpoint_path("lorenz96", 1.0)
SYSTEM = named_system("lorenz96")


def stored_filter(obs_error_std: float) -> TrainedFilter:
    """Return the stored filter that was trained for this observation noise."""
    return filters.stored_filter("lorenz96", obs_error_std)


def load_filter() -> TrainedFilter:
    """Return the stored filter for noise 1."""
    return stored_filter(1.0)
