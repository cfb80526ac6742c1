"""Every interpolation that reads stations alone, by its name: how it is tuned on a sample of them."""

from collections.abc import Callable
from functools import partial

from sparseobs.interpolation.kriging import fit_kriging
from sparseobs.interpolation.lapse_rate import fit_idw, fit_lapse_rate_idw, fit_nearest
from sparseobs.interpolation.tuning import Sample, StationInterpolation, tuning_sample

FITS: dict[str, Callable[[Sample], StationInterpolation]] = {
    "nearest station": fit_nearest,
    "IDW": fit_idw,
    "lapse rate + IDW": fit_lapse_rate_idw,
    "ordinary kriging": partial(fit_kriging, heights="ignored"),
    "lapse rate + kriging": partial(fit_kriging, heights="reduced"),
    "kriging + elevation drift": partial(fit_kriging, heights="drift"),
}


def tune(fit: Callable[[Sample], StationInterpolation], data, stations, hours) -> StationInterpolation:
    """Return an interpolation tuned on training and validation stations and hours.

    Held-out stations and test hours are never touched.

    Args:
        fit: of `FITS`.
        data: the source.
        stations: a `StationSplit`.
        hours: an `HourSplit`.
    """
    return fit(tuning_sample(data, stations, hours))
