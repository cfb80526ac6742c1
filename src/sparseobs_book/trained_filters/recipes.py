"""Recipes: everything that decides a trained filter, as numbers; without torch, for the command that lists them."""

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from sparseobs.errors import require_choice, require_number, require_whole_numbers
from sparseobs.filtering.training_config import TrainingConfig

if TYPE_CHECKING:
    from sparseobs.filtering.amenf import AmEnFConfig

TRAINING_COMMAND = "python -m sparseobs filters train"
NOISES = (1.0, 2.5)  # for which filters are stored and rivals tuned
# What the papers observe of each system, and the network's size where it is not Lorenz-96's [mccabe2021, appendix E].
STANDARD = {
    "lorenz96": {},
    "kuramoto_sivashinsky": {
        "stride": 1,
        "kernel": 7,
        "covariance_width": 5,
        "memory_channels": 4,
        "n_streams": 32,
        "n_cycles": 1500,
    },
    "vissio_lucarini": {"n_streams": 48},
}


@dataclass(frozen=True)
class FilterRecipe:
    """Everything that decides a trained filter; the defaults are those of Lorenz-96.

    Args:
        system: of `sparseobs.dynamics.catalogue`.
        obs_error_std: standard deviation of the observation noise.
        stride: every how many sites is one observed; the pattern rotates.
        filters: channels of the network; this and what follows as in `AmEnFConfig`.
        n_streams: independent trajectories observed for training.
        n_cycles: observation times on each.
        start_from: noise of the stored filter of the same system whose weights training begins with; none by default.
        training: how to train.
    """

    system: str = "lorenz96"
    obs_error_std: float = 1.0
    stride: int = 4
    filters: int = 48
    kernel: int = 5
    covariance_width: int = 3
    memory_channels: int = 6
    dropout: float = 0.1
    use_tendency: bool = True
    use_gate: bool = True
    filling: str = "forecasts"
    n_streams: int = 80
    n_cycles: int = 3000
    start_from: float | None = None
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def __post_init__(self) -> None:
        require_choice("system", self.system, STANDARD)
        require_number("obs_error_std", self.obs_error_std, above=0)
        require_whole_numbers(self, n_streams=1, n_cycles=2)

    @property
    def network(self) -> "AmEnFConfig":
        """The network's configuration, its inputs scaled by the climate of the model."""
        from sparseobs.dynamics.catalogue import CLIMATES  # both load torch
        from sparseobs.filtering.amenf import AmEnFConfig

        names = {one.name for one in fields(AmEnFConfig)}
        chosen = {name: value for name, value in vars(self).items() if name in names}
        mean, deviation, tendency = CLIMATES[self.system]
        noise = (self.obs_error_std,) * len(mean)
        scales = {"climate_mean": mean, "climate_std": deviation, "tendency_std": tendency, "obs_error_std": noise}
        return AmEnFConfig(**chosen | scales)


def standard_recipe(system: str, **changes: object) -> FilterRecipe:
    """Return a system's recipe with some of its numbers changed."""
    return FilterRecipe(system=system, **STANDARD[require_choice("system", system, STANDARD)] | changes)


def with_training(recipe: FilterRecipe, **changes: object) -> FilterRecipe:
    """Return the recipe with some of its training's numbers changed."""
    return replace(recipe, training=replace(recipe.training, **changes))


def training_command(recipe: FilterRecipe) -> str:
    """Return what a reader types to train by `recipe`: the options in which it differs from the system's own."""
    standard = standard_recipe(recipe.system)
    words = [TRAINING_COMMAND, "--system", recipe.system]
    for own, usual in ((recipe, standard), (recipe.training, standard.training)):
        for one in fields(own):
            value = getattr(own, one.name)
            if one.name not in ("system", "training") and value != getattr(usual, one.name):
                words += _option(one.name, value)
    return " ".join(words)


def _option(name: str, value: object) -> list[str]:
    """Return the words that give a recipe's field a value on the command line."""
    flag = "--" + name.replace("_", "-")
    if isinstance(value, bool):
        return [flag if value else flag.replace("--", "--no-", 1)]
    if isinstance(value, tuple):
        return [word for each in value for word in (flag.removesuffix("s"), f"{each:g}")]
    return [flag, value if isinstance(value, str) else f"{value:g}"]
