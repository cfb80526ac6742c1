"""What the page on real data needs besides the stored tables: one hour to interpolate live."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from sparseobs.errors import require_number, require_whole_numbers
from sparseobs.interpolation.methods import FITS
from sparseobs.randomness import numpy_stream
from sparseobs.stations.downloads import check
from sparseobs.stations.germany_snapshot import load_germany_snapshot
from sparseobs.stations.sources import load
from sparseobs_book.real_data.snapshot import predict_without

LEAST_SHOWN = 10  # stations to tune on
MOST_LEFT_OUT = 493 - LEAST_SHOWN  # of those with a reading in the snapshot


@dataclass(frozen=True)
class PageSettings:
    """The live part of the page.

    Attributes:
        seed: of the stations left out.
        n_left_out: stations that are asked for and neither shown nor tuned on.
    """

    seed: int = 0
    n_left_out: int = 50

    def __post_init__(self):
        require_whole_numbers(self, seed=0)
        require_number("n_left_out", self.n_left_out, least=2, most=MOST_LEFT_OUT, whole=True)


PRESETS = {
    "smoke": PageSettings(n_left_out=10),
    "lesson": PageSettings(),
    "paper": PageSettings(n_left_out=100),
}


def one_hour(settings: PageSettings) -> tuple[xr.Dataset, bool]:
    """Return a network with one hour, without gaps, and whether it was measured.

    The snapshot of Germany if its files are at hand, else noon of the synthetic twin's tenth day. Nothing is fetched.

    Raises:
        InputError: more stations are left out than leave `LEAST_SHOWN` to tune on.
    """
    real = set(check("germany_snapshot").values()) == {"ready"}
    stations = load_germany_snapshot() if real else load("twin").stations.isel(time=[9 * 24 + 12])
    stations = stations.isel(station=np.flatnonzero(np.isfinite(stations["temperature"].values[0])))
    require_number("n_left_out", settings.n_left_out, most=stations.sizes["station"] - LEAST_SHOWN)
    return stations, real


def live_errors(stations: xr.Dataset, settings: PageSettings, methods: list[str]) -> tuple[xr.Dataset, dict]:
    """Return the stations left out, and prediction minus reading there (station,), K, by method.

    Args:
        stations: of `one_hour`.
        settings: how many are left out.
        methods: of `FITS`; each is tuned on the stations that stay.
    """
    order = numpy_stream(settings.seed, "stations left out").permutation(stations.sizes["station"])
    targets = np.sort(order[: settings.n_left_out])
    asked = stations.isel(station=targets)
    readings = asked["temperature"].values[0].astype(float)
    errors = {method: predict_without(stations, FITS[method], targets)[0][0] - readings for method in methods}
    return asked, errors
