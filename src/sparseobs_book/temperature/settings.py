"""What a temperature experiment is made of."""

from dataclasses import dataclass

from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.neural_process.conv_cnp import ConvCNPConfig
from sparseobs.neural_process.training import TrainingSettings
from sparseobs.stations.sources import SOURCES
from sparseobs.stations.splits import FEWEST_NESTED, LARGEST
from sparseobs.stations.temperature import STANDARD_LAPSE_RATE


@dataclass(frozen=True)
class TemperatureSettings:
    """One experiment: a source, a split, an architecture and how it is trained.

    Attributes:
        source: `twin` (synthetic), or real: `uk_ireland`, `germany` or `local`, see `stations.sources.load`.
        architecture: of the ConvCNP.
        pretraining: on the reanalysis.
        real_only: on stations from fresh weights.
        fine_tuning: on stations from the pre-trained model; FiLM takes ten times the rate.
        seed: of the weights and the tasks.
        split_seed: of the stations that train, validate and are held out.
        data_seed: of the twin's weather.
        obs_error_std: K; None leaves the source's own.
        n_held_out: stations that are only judged on.
        n_validation: stations that weights and settings are chosen on.
        window: rows and columns of the internal grid that a batch works on; None takes the whole.
        max_context: the largest number of reanalysis cells shown in pre-training.
        log_uniform: whether few cells are shown as often as many, see `ReanalysisTasks`.
        share_power: p of the share U(0, 1)^p of the stations that a training task shows.
        lapse_rate: K/m, with which temperatures are reduced to sea level.
        stored_pretraining: name of a committed checkpoint, pre-trained longer than a page can wait; None has none.
        n_stations: stations of the published, nested split, see `nested_stations`; None splits by `n_held_out` and
            `n_validation`.
        n_times: hours of that split, see `nested_hours`; given if, and only if, `n_stations` is.
        n_validation_hours: of that split, at most.
        n_test_hours: of that split.
    """

    source: str
    architecture: ConvCNPConfig
    pretraining: TrainingSettings
    real_only: TrainingSettings
    fine_tuning: TrainingSettings
    seed: int = 0
    split_seed: int = 0
    data_seed: int = 0
    obs_error_std: float | None = None
    n_held_out: int = 5
    n_validation: int = 4
    window: tuple[int, int] | None = None
    max_context: int = 200
    log_uniform: bool = False
    share_power: float = 2.0
    lapse_rate: float = STANDARD_LAPSE_RATE
    stored_pretraining: str | None = None
    n_stations: int | None = None
    n_times: int | None = None
    n_validation_hours: int = 512
    n_test_hours: int = 256

    def __post_init__(self):
        require_choice("source", self.source, SOURCES)
        for name, least in (
            ("seed", 0), ("split_seed", 0), ("data_seed", 0),
            ("n_held_out", 1), ("n_validation", 1), ("max_context", 1),
            ("n_validation_hours", 1), ("n_test_hours", 1),
        ):  # fmt: skip
            require_number(name, getattr(self, name), least=least, whole=True)
        if self.obs_error_std is not None:
            require_number("obs_error_std", self.obs_error_std, least=0)
        require_number("lapse_rate", self.lapse_rate)
        require_number("share_power", self.share_power, above=0)
        if (self.n_stations is None) != (self.n_times is None):
            given = self.n_stations, self.n_times
            raise InputError("n_stations, n_times", given, "both or neither", "n_stations=100, n_times=400")
        if self.n_stations is not None:
            require_number("n_stations", self.n_stations, least=FEWEST_NESTED, most=LARGEST, whole=True)
            require_number("n_times", self.n_times, least=FEWEST_NESTED, whole=True)
        for part in self.window or ():
            require_number("window", part, least=2, whole=True)
