"""The experiments of the Gaussian-process laboratory, and the sizes at which they are run."""

import dataclasses
import math
from dataclasses import dataclass

from sparseobs.errors import require_choice, require_number
from sparseobs.neural_process.laboratory import GaussianProcess
from sparseobs.neural_process.one_dimension import LineConfig
from sparseobs.neural_process.training import TrainingSettings

UNLIMITED = math.inf  # every batch brings new tasks
TUNING_SEED = 100  # from here on seeds choose learning rates and are never scored


@dataclass(frozen=True)
class Gap:
    """What simulation and reality differ in.

    Attributes:
        simulator: what is plentiful.
        realities: what is wanted, each on its own.
        counts: how many tasks of reality there are.
    """

    simulator: GaussianProcess
    realities: tuple[GaussianProcess, ...]
    counts: tuple[float, ...] = (16, 64, 256, UNLIMITED)


_SHORTER = tuple(GaussianProcess(length_scale) for length_scale in (0.05, 0.1, 0.2))
# [scholz2023] and its authors' code for the appendix on Gaussian processes.
GAPS = {
    "shrinking": Gap(GaussianProcess(0.25), _SHORTER),
    "mixed": Gap(GaussianProcess(0.25, longest=0.5), _SHORTER),
    "growing": Gap(GaussianProcess(0.2), tuple(GaussianProcess(length_scale) for length_scale in (0.25, 0.5, 1.0))),
    "noise": Gap(
        GaussianProcess(0.25),
        tuple(GaussianProcess(0.25, noise_variance=variance) for variance in (0.0125, 0.025, 0.1, 0.2)),
        (16, 64, 256, 1024, UNLIMITED),
    ),
}
# What each adaptation may choose its learning rate from; FiLM has far fewer parameters and stands higher ones.
RATES = {
    "Sim2Real": (3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
    "Sim2Real (FiLM)": (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0),
}


@dataclass(frozen=True)
class LaboratorySettings:
    """One repeat of one experiment.

    Attributes:
        architecture: of the ConvCNP.
        pretraining: on the simulator.
        adapting: on reality; the learning rate is replaced by each adaptation's own.
        gap: which of `GAPS`.
        seed: of the tasks of reality, for training, validation and test.
        n_pretrainings: seed modulo this is the seed of the pre-training.
        obs_error_std: of the simulator's noise, reality's in proportion; None leaves both as they are.
        n_simulated: simulator tasks that early stopping of the pre-training looks at.
        n_validation: tasks of reality that early stopping of adapting looks at, besides those trained on.
        n_test: tasks of reality that every method is scored on.
        most: no more tasks of reality than this are tried, unless unlimited; None tries all counts.
        published_rates: the authors' learning rates in place of those chosen on our validation tasks.
    """

    architecture: LineConfig
    pretraining: TrainingSettings
    adapting: TrainingSettings
    gap: str = "shrinking"
    seed: int = 0
    n_pretrainings: int = 3
    obs_error_std: float | None = None
    n_simulated: int = 256
    n_validation: int = 64
    n_test: int = 256
    most: int | None = None
    published_rates: bool = False

    def __post_init__(self):
        require_choice("gap", self.gap, GAPS)
        require_number("seed", self.seed, least=0, whole=True)
        if self.obs_error_std is not None:
            require_number("obs_error_std", self.obs_error_std, above=0)
        for name in ("n_pretrainings", "n_simulated", "n_validation", "n_test", "most"):
            if getattr(self, name) is not None:
                require_number(name, getattr(self, name), least=1, whole=True)

    @property
    def pretraining_seed(self) -> int:
        """Which of the pre-trainings this seed starts from."""
        return self.seed % self.n_pretrainings

    @property
    def simulator(self) -> GaussianProcess:
        """What the network is pre-trained on."""
        return self._noisier(GAPS[self.gap].simulator)

    @property
    def realities(self) -> tuple[GaussianProcess, ...]:
        """What it is adapted to."""
        return tuple(self._noisier(process) for process in GAPS[self.gap].realities)

    @property
    def counts(self) -> tuple[float, ...]:
        """How many tasks of reality are tried."""
        return tuple(n for n in GAPS[self.gap].counts if self.most is None or n <= self.most or n == UNLIMITED)

    @property
    def most_tasks(self) -> int:
        """How many tasks of reality there are to adapt with, where their number is limited."""
        return max(int(n) for n in self.counts if n != UNLIMITED)

    def _noisier(self, process: GaussianProcess) -> GaussianProcess:
        if self.obs_error_std is None:
            return process
        factor = self.obs_error_std**2 / GaussianProcess(1.0).noise_variance
        return dataclasses.replace(process, noise_variance=process.noise_variance * factor)


def _recipe(rate: float, epochs: int, batches: int, **others: object) -> TrainingSettings:
    return TrainingSettings(rate, epochs, batches, schedule="one-cycle", patience=max(epochs, 1), **others)


_SMOKE = _recipe(3e-3, 2, 2, batch_size=4)
PRESETS = {
    "smoke": LaboratorySettings(
        architecture=LineConfig(channels=(4, 4, 4), kernel=3, points_per_unit=16.0),
        pretraining=_SMOKE,
        adapting=_SMOKE,
        n_simulated=8,
        n_validation=4,
        n_test=4,
        most=16,
        published_rates=True,  # nothing is learned from it, and no stored table is needed
    ),
    "lesson": LaboratorySettings(
        architecture=LineConfig(), pretraining=_recipe(3e-3, 12, 150), adapting=_recipe(1e-3, 8, 20, batch_size=8)
    ),
    # The authors' network and lengths: rates fall by a plateau, 2^10 tasks an epoch.
    "paper": LaboratorySettings(
        architecture=LineConfig(channels=(64,) * 5),
        pretraining=TrainingSettings(3e-4, 200, 64, patience=20),
        adapting=TrainingSettings(3e-4, 200, 64, patience=30),
        n_pretrainings=10,
        n_simulated=1024,
        n_validation=256,
        n_test=4096,
        published_rates=True,
    ),
}


def published_rate(settings: LaboratorySettings, reality: GaussianProcess, method: str) -> float:
    """Return the authors' learning rate: FiLM's is 50 times the other's, 10 times where only the noise differs."""
    rate = settings.adapting.learning_rate
    if method == "Sim2Real (FiLM)":
        rate *= 10 if settings.gap == "noise" else 50
    return rate / {0.1: 5, 0.2: 10}.get(reality.length_scale, 1)
