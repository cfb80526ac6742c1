"""What the comparison with heights withheld or given is made of."""

import dataclasses
from dataclasses import dataclass

from sparseobs.errors import require_choice, require_number, require_whole_numbers
from sparseobs.interpolation.learned_kriging import Fit
from sparseobs.neural_process.conv_cnp import ConvCNPConfig
from sparseobs.neural_process.training import TrainingSettings
from sparseobs.stations.temperature import STANDARD_LAPSE_RATE
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.settings import TemperatureSettings

# K/m, with which what a network reads is reduced to sea level. At 0 it reads and predicts temperatures as they are, and
# knows of height what its elevation channel says.
LAPSE_RATES = {"withheld": 0.0, "given": STANDARD_LAPSE_RATE}


def _recipe(rate: float, epochs: int, batches: int, **others: object) -> TrainingSettings:
    others = {"batch_size": 8, "patience": max(epochs, 1), "largest_gradient": 1.0} | others
    return TrainingSettings(rate, epochs, batches, schedule="one-cycle", **others)


@dataclass(frozen=True)
class HeightSettings:
    """One cell of the grid: one seed, one number of hours, heights given to the networks or not.

    Attributes:
        preset: of the twin and of what these settings do not say.
        heights: of `LAPSE_RATES`.
        n_times: hours to train and to choose on, see `nested_hours`.
        seed: of the split, the weights and the tasks; the twin's weather is one.
        n_ordinary: stations that are held out besides VALUE's.
        architecture: of the networks.
        pretraining: on the reanalysis.
        real_only: on stations from fresh weights.
        fine_tuning: on stations from the pre-trained network; FiLM takes ten times the rate.
        max_context: the largest number of cells shown in pre-training.
        steps: gradient steps of the learned covariance.
    """

    preset: str
    heights: str = "withheld"
    n_times: int = 400
    seed: int = 0
    n_ordinary: int = 40
    # Nodes 4.3 km apart, about as far as the points of the terrain; the widest scale carries a reading 280 km.
    architecture: ConvCNPConfig = ConvCNPConfig(
        channels=(16, 24, 32, 32, 32),
        kernel=3,
        points_per_degree=200 / 7.75,
        margin=0.13,
        fields=("land", "elevation", "position"),
        scalars=("day", "hour"),
        scales=(1.0, 4.0, 16.0, 64.0),
    )
    pretraining: TrainingSettings = _recipe(3e-3, 24, 500)
    real_only: TrainingSettings = _recipe(2e-3, 20, 70)
    fine_tuning: TrainingSettings = _recipe(1e-3, 20, 35)
    max_context: int = 300
    steps: int = Fit().steps

    def __post_init__(self):
        require_choice("preset", self.preset, grid_presets())
        require_choice("heights", self.heights, LAPSE_RATES)
        require_whole_numbers(self, n_times=5, seed=0, n_ordinary=1, max_context=1, steps=0)

    @property
    def experiment(self) -> TemperatureSettings:
        """The settings of the temperature experiment that this is; its own way to split is not used."""
        names = ("architecture", "pretraining", "real_only", "fine_tuning", "seed", "max_context")
        own = {name: getattr(self, name) for name in names}
        own |= {"lapse_rate": LAPSE_RATES[self.heights], "log_uniform": True, "n_times": self.n_times}
        return dataclasses.replace(grid_presets()[self.preset], split_seed=self.seed, **own)


_BRIEF = _recipe(1e-3, 1, 2, batch_size=4)
_PUBLISHED = grid_presets()["paper"]
PRESETS = {
    "smoke": HeightSettings(
        "smoke",
        n_times=16,
        n_ordinary=3,
        architecture=dataclasses.replace(
            HeightSettings("smoke").architecture, channels=(4, 4, 4), points_per_degree=6.0, scales=(1.0, 4.0)
        ),
        pretraining=_BRIEF,
        real_only=_BRIEF,
        fine_tuning=_BRIEF,
        steps=3,
    ),
    "lesson": HeightSettings("lesson"),
    "paper": HeightSettings(
        "paper",
        architecture=dataclasses.replace(HeightSettings("paper").architecture, channels=(96,) * 6, kernel=5),
        pretraining=_PUBLISHED.pretraining,
        real_only=_PUBLISHED.real_only,
        fine_tuning=_PUBLISHED.fine_tuning,
    ),
}


@dataclass(frozen=True)
class HeightsPage:
    """What the page computes itself, on the hours of the sample.

    Attributes:
        seed: of the held-out ordinary stations, the few stations, and the small network.
        hour: of the sample, whose readings are drawn against height.
        n_ordinary: stations that are held out besides VALUE's, as in the grid.
        n_few: stations of the broken line in height.
        fixed_rate: K per km.
        draws: of the few stations.
        every: hours of the sample from one that is used to the next.
        teaching: steps of the small network's teaching.
        adapting: steps of its adapting.
    """

    seed: int = 0
    hour: int = 33
    n_ordinary: int = 40
    n_few: int = 5
    fixed_rate: float = 6.5
    draws: int = 20
    every: int = 1
    teaching: int = 500
    adapting: int = 150

    def __post_init__(self):
        require_whole_numbers(self, seed=0, draws=1, every=1, teaching=1, adapting=1)
        require_number("hour", self.hour, least=0, most=53, whole=True)
        require_number("n_ordinary", self.n_ordinary, least=5, most=120, whole=True)
        require_number("n_few", self.n_few, least=5, most=35, whole=True)
        require_number("fixed_rate", self.fixed_rate, least=-5, most=11)


PAGES = {
    "smoke": HeightsPage(draws=3, every=5, teaching=5, adapting=5),
    "lesson": HeightsPage(),
    "paper": HeightsPage(teaching=4000, adapting=1000),
}
