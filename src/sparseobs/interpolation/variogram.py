"""Variograms pooled over hours, by gstools: how much less alike stations are the farther apart they stand."""

import gstools
import numpy as np

from sparseobs.errors import InputError, require_choice
from sparseobs.stations.geography import EARTH_RADIUS, Points, great_circle

MODELS = {"exponential": gstools.Exponential, "spherical": gstools.Spherical, "matern": gstools.Matern}
LEAST_STATIONS = 3  # of two there is one distance, and no telling length from nugget
N_BINS = 12
REACH = 0.6  # share of the pairs, the nearest ones, that a variogram is fitted to
LENGTHS = (5.0, 5000.0)  # km
SHARES = (1e-3, 0.95)  # of the sill that may be nugget; a little keeps two stations in one place apart


def covariance_model(name: str, *, length: float, sill: float, nugget_share: float) -> gstools.CovModel:
    """Return gstools' covariance along the sphere.

    Args:
        name: one of `MODELS`; `matern` has smoothness 1.
        length: km.
        sill: K^2, nugget included.
        nugget_share: of the sill.
    """
    model = MODELS[require_choice("model", name, MODELS)]
    return model(
        latlon=True,
        geo_scale=EARTH_RADIUS,
        var=sill * (1 - nugget_share),
        nugget=sill * nugget_share,
        len_scale=length,
    )


def fit_variogram(name: str, places: Points, residuals: np.ndarray) -> tuple[float, float, float]:
    """Return `length` (km), `sill` (K^2) and `nugget_share` of least squares, each pair of stations counting alike.

    The semivariances are pooled over hours, in bins of distance that are equally full.

    Args:
        name: of the covariance model.
        places: where the values are.
        residuals: (hour, place), K, without the drift; NaN where missing.

    Raises:
        InputError: fewer than `LEAST_STATIONS` places, all of them at one spot, or values that are all alike.
    """
    if len(places) < LEAST_STATIONS:
        given, hint = f"{len(places)} to fit a variogram to", "a `Kriging` with numbers of your own"
        raise InputError("stations", given, f"{LEAST_STATIONS} or more", hint)
    distance = great_circle(places, places)[np.triu_indices(len(places), 1)]
    edges = np.unique(np.quantile(distance, np.linspace(0, REACH, N_BINS + 1)))
    if len(edges) < 2:
        given = f"{len(places)} at one distance from each other"
        raise InputError("stations", given, "stations at different distances", "more stations")
    edges[0] = 0.0
    centres, gamma, pairs = gstools.vario_estimate(
        (places.latitude, places.longitude),
        residuals,
        edges,
        latlon=True,
        geo_scale=EARTH_RADIUS,
        return_counts=True,
    )
    centres, gamma, pairs = (values[pairs > 0] for values in (centres, gamma, pairs))
    if not gamma.max(initial=0) > 0:
        given = f"{gamma.size} distances between stations that report together, no difference between their values"
        raise InputError("values", given, "values that vary from station to station", "more stations or hours")
    top = float(gamma.max())
    model = covariance_model(name, length=float(centres.mean()), sill=top, nugget_share=0.1)
    model.set_arg_bounds(var=[1e-3 * top, 20 * top], nugget=[0.0, top], len_scale=list(LENGTHS))
    model.fit_variogram(centres, gamma, init_guess="current", weights=pairs / pairs.max())
    share = float(np.clip(model.nugget / model.sill, *SHARES))
    return float(model.len_scale), float(model.sill), share
