"""What the comparison on real stations is made of."""

import dataclasses
from dataclasses import dataclass

from sparseobs.errors import require_choice, require_whole_numbers
from sparseobs.interpolation.learned_kriging import Fit
from sparseobs.neural_process.conv_cnp import ConvCNPConfig
from sparseobs.neural_process.training import TrainingSettings
from sparseobs_book.real_stations.networks import SOURCES


def _recipe(rate: float, epochs: int, batches: int, **others: object) -> TrainingSettings:
    return TrainingSettings(rate, epochs, batches, schedule="one-cycle", patience=max(epochs, 1), **others)


@dataclass(frozen=True)
class RealStations:
    """One split of one network.

    Attributes:
        source: of `SOURCES`.
        n_stations: stations that every method learns from and is shown.
        n_held_out: stations that are only judged at.
        split_seed: of the stations.
        seed: of the weights and of what is drawn in training.
        channels: of the networks, finest first.
        points_per_degree: of the networks' internal grid.
        pretraining: of the networks on simulated fields.
        real_only: on stations from fresh weights.
        fine_tuning: on stations from the pre-trained network; FiLM takes ten times the rate.
        steps: gradient steps of a covariance's dozen numbers.
    """

    source: str = "northwest"
    n_stations: int = 100
    n_held_out: int = 150
    split_seed: int = 0
    seed: int = 0
    channels: tuple[int, ...] = (16, 24, 32, 32)
    points_per_degree: float = 3.0
    pretraining: TrainingSettings = _recipe(2e-3, 8, 40, batch_size=8)
    real_only: TrainingSettings = _recipe(1e-3, 8, 20, batch_size=8)
    fine_tuning: TrainingSettings = _recipe(3e-4, 6, 20, batch_size=8)
    steps: int = Fit().steps

    def __post_init__(self):
        require_choice("source", self.source, SOURCES)
        require_whole_numbers(self, n_stations=5, n_held_out=2, split_seed=0, seed=0, steps=0)

    @property
    def architecture(self) -> ConvCNPConfig:
        """The networks', without a start; the northwest has one hour a day, and no coast in the package."""
        northwest = self.source == "northwest"
        return ConvCNPConfig(
            channels=self.channels,
            kernel=3,
            points_per_degree=self.points_per_degree,
            fields=("elevation", "position") if northwest else ("land", "elevation", "position"),
            scalars=() if northwest else ("hour",),
        )


_BRIEF = _recipe(1e-3, 1, 2, batch_size=4)
PRESETS = {
    "smoke": RealStations(
        n_stations=20, channels=(4, 4, 4), points_per_degree=2.0, pretraining=_BRIEF, real_only=_BRIEF,
        fine_tuning=_BRIEF, steps=3,
    ),
    "lesson": RealStations(),
    "paper": dataclasses.replace(
        RealStations(), channels=(96,) * 6, points_per_degree=200 / 7.75,
        pretraining=TrainingSettings(1e-4, 300, 200, plateau_patience=8, patience=20),
        real_only=TrainingSettings(1e-4, 300, 200, plateau_patience=8, patience=20),
        fine_tuning=TrainingSettings(3e-5, 100, 25, plateau_patience=10, patience=30),
    ),
}  # fmt: skip
