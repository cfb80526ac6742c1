"""Recipes: everything that decides a trained filter, as numbers; without torch, for the command that lists them."""

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from sparseobs.errors import InputError, require_choice, require_number, require_whole_numbers
from sparseobs.filtering.training_config import TrainingConfig

if TYPE_CHECKING:
    from sparseobs.dynamics.integrate import Schedule, System
    from sparseobs.filtering.amenf import AmEnFConfig
    from sparseobs.filtering.amens import AmEnSConfig
    from sparseobs.observing.patterns import EveryKth

TRAINING_COMMAND = "python -m sparseobs filters train"
SMOOTHER_COMMAND = "python -m sparseobs filters train-smoother"
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
SMOOTHERS = {
    "lorenz96": {},
    "kuramoto_sivashinsky": {
        "stride": 1,
        "radii": (14.0,),
        "shifts": (0.0,),
        "inflations": (1.01,),
        "kernel": 7,
        "n_cycles": 1000,
    },
    "vissio_lucarini": {"radii": (5.0,)},
}


# What differs from the standard experiment: sites, steps of 0.05 from one look to the next (Kuramoto-Sivashinsky: 0.5;
# standard are two), the filters' model.
EXPERIMENTS = {
    "standard": {},
    "backwards": {"sense": "backwards"},  # the sense of rotation of the AmEnF's authors
    "fixed_long_gap": {"movement": "fixed", "steps_per_cycle": 3},  # [bach2025]
    "all_sites": {"stride": 1, "steps_per_cycle": 1},  # [sakov2008]
    "double_gap": {"steps_per_cycle": 4},
    "forcing_7.5": {"model_forcing": 7.5},
    "forcing_8.5": {"model_forcing": 8.5},
}


@dataclass(frozen=True)
class Experiment:
    """What is observed of a system, and how often.

    Args:
        system: of `sparseobs.dynamics.catalogue`.
        obs_error_std: standard deviation of the observation noise.
        stride: every how many sites is one observed.
        movement: `fixed`, `rotating` or `random`, as of `EveryKth`.
        sense: of rotation, `forwards` or `backwards`.
        steps_per_cycle: integration steps between observations; None for the system's own.
        model_forcing: forcing of the filters' Lorenz-96 where it is not the truth's.
    """

    system: str = "lorenz96"
    obs_error_std: float = 1.0
    stride: int = 4
    movement: str = "rotating"
    sense: str = "forwards"
    steps_per_cycle: int | None = None
    model_forcing: float | None = None

    def __post_init__(self) -> None:
        require_choice("system", self.system, STANDARD)
        require_number("obs_error_std", self.obs_error_std, above=0)
        if self.steps_per_cycle is not None:
            require_number("steps_per_cycle", self.steps_per_cycle, least=1, whole=True)
        if self.model_forcing is not None:
            require_number("model_forcing", self.model_forcing)
            if self.system != "lorenz96":
                given, fits = (self.system, self.model_forcing), "a forcing of lorenz96 alone"
                raise InputError("model_forcing", given, fits, "model_forcing=None")

    @property
    def pattern(self) -> "EveryKth":
        """Which sites are seen."""
        from sparseobs.observing.patterns import EveryKth  # it loads torch

        return EveryKth(self.stride, self.movement, sense=self.sense)

    @property
    def schedule(self) -> "Schedule":
        """Step and steps between observations."""
        from sparseobs.dynamics.catalogue import named_system

        own = named_system(self.system).schedule
        return own if self.steps_per_cycle is None else replace(own, steps_per_cycle=self.steps_per_cycle)

    @property
    def model(self) -> "System":
        """What the filters know of the system: all, or all but its forcing."""
        from sparseobs.dynamics.catalogue import named_system

        own = named_system(self.system)
        return own if self.model_forcing is None else replace(own, forcing=float(self.model_forcing))

    def scales(self) -> dict[str, tuple[float, ...]]:
        """Return what makes a network's inputs of order one: climate and noise, a number for each variable."""
        from sparseobs.dynamics.catalogue import climate_of

        mean, deviation, tendency = climate_of(self.model)
        noise = (self.obs_error_std,) * len(mean)
        return {"climate_mean": mean, "climate_std": deviation, "tendency_std": tendency, "obs_error_std": noise}


@dataclass(frozen=True)
class FilterRecipe(Experiment):
    """Everything that decides a trained AmEnF; the defaults are those of Lorenz-96.

    Args:
        filters: channels of the network; this and what follows as in `AmEnFConfig`.
        n_streams: independent trajectories observed for training.
        n_cycles: observation times on each.
        start_from: noise of the stored filter of the same system whose weights training begins with; none by default.
        training: how to train.
    """

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
        super().__post_init__()
        require_whole_numbers(self, n_streams=1, n_cycles=2)

    @property
    def network(self) -> "AmEnFConfig":
        """The network's configuration."""
        from sparseobs.filtering.amenf import AmEnFConfig  # it loads torch

        names = {one.name for one in fields(AmEnFConfig)}
        return AmEnFConfig(**{name: value for name, value in vars(self).items() if name in names} | self.scales())


SMOOTHER_TRAINING = TrainingConfig(
    rounds=(6_000,),
    batch=64,
    ensemble_size=10,
    other_sizes=(5,),
    first_unroll=6,
    last_unroll=6,
    learning_rate=5e-4,
    warm_up=300,
    objective="likelihood",
    largest_misfit=12.0,
    guarded=True,
)


@dataclass(frozen=True)
class SmootherRecipe(Experiment):
    """Everything that decides a trained AmEnS.

    Args:
        sizes: ensemble sizes of the tuned starts; this and what follows as in `AmEnSConfig`.
        n_streams: independent trajectories observed for training.
        n_cycles: observation times on each.
        training: how to train.
    """

    sizes: tuple[int, ...] = (10,)
    lags: tuple[int, ...] = (5,)
    radii: tuple[float, ...] = (5.5,)
    shifts: tuple[float, ...] = (0.6,)
    inflations: tuple[float, ...] = (1.05,)
    reductions: tuple[float, ...] = (0.65,)
    growth: int = 20
    rotation: bool = False
    use_start: bool = True
    learn_correction: bool = True
    learn_inflation: bool = True
    learn_localization: bool = False
    memory_channels: int = 6
    use_tendency: bool = True
    covariance_width: int = 3
    filters: int = 48
    kernel: int = 5
    n_streams: int = 64
    n_cycles: int = 2000
    training: TrainingConfig = SMOOTHER_TRAINING

    def __post_init__(self) -> None:
        super().__post_init__()
        require_whole_numbers(self, n_streams=1, n_cycles=2)

    @property
    def network(self) -> "AmEnSConfig":
        """The network's configuration."""
        from sparseobs.filtering.amens import AmEnSConfig  # it loads torch

        names = {one.name for one in fields(AmEnSConfig)}
        chosen = {name: value for name, value in vars(self).items() if name in names}
        return AmEnSConfig(**chosen | self.scales(), largest_size=max(self.training.sizes))


Recipe = FilterRecipe | SmootherRecipe


def standard_recipe(system: str, experiment: str = "standard", **changes: object) -> FilterRecipe:
    """Return a system's recipe in one of `EXPERIMENTS`, with some of its numbers changed."""
    usual = STANDARD[require_choice("system", system, STANDARD)]
    observed = EXPERIMENTS[require_choice("experiment", experiment, EXPERIMENTS)]
    return FilterRecipe(system=system, **usual | observed | changes)


def smoother_recipe(system: str, **changes: object) -> SmootherRecipe:
    """Return a system's recipe of a smoother with some of its numbers changed."""
    return SmootherRecipe(system=system, **SMOOTHERS[require_choice("system", system, SMOOTHERS)] | changes)


def with_training(recipe: Recipe, **changes: object) -> Recipe:
    """Return the recipe with some of its training's numbers changed."""
    return replace(recipe, training=replace(recipe.training, **changes))


def experiment_of(recipe: Recipe) -> str:
    """Return which of `EXPERIMENTS` a recipe's pattern, schedule and model are."""
    names = ("stride", "movement", "sense", "steps_per_cycle", "model_forcing")
    own = {name: getattr(recipe, name) for name in names}
    usual = {name: getattr(standard_recipe(recipe.system), name) for name in names}
    for experiment, changes in EXPERIMENTS.items():
        if own == usual | changes:
            return experiment
    raise InputError("experiment", own, f"one of {', '.join(EXPERIMENTS)}", "the standard one")


def training_command(recipe: Recipe) -> str:
    """Return what a reader types to train by `recipe`: the options in which it differs from the system's own."""
    smooths = isinstance(recipe, SmootherRecipe)
    standard = (smoother_recipe if smooths else standard_recipe)(recipe.system)
    words = [SMOOTHER_COMMAND if smooths else TRAINING_COMMAND, "--system", recipe.system]
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
        return [word for each in value for word in (flag_of_one(flag), f"{each:g}")]
    return [flag, value if isinstance(value, str) else f"{value:g}"]


def flag_of_one(flag: str) -> str:
    """Return the option that gives one of several numbers: `--round` of `--rounds`, `--radius` of `--radii`."""
    return "--radius" if flag == "--radii" else flag.removesuffix("s")
