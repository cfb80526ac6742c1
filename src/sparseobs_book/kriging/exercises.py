"""What the exercises of the page `kriging` ask, and what their answers show."""

from collections.abc import Callable

import gstools
import numpy as np

from sparseobs.stations.geography import Points
from sparseobs_book.checking import NotYet, as_array, chosen, is_open
from sparseobs_book.kriging.run import by_package, on_a_line

GROWTHS = ("2", "sqrt 2", "less")
NEAR = 50.0  # km


def judge_fewer(prediction: str, found: dict[int, tuple[float, float]]) -> str:
    """Judge by which factor the error grows with half the stations, by the standard deviation half way between two.

    Args:
        prediction: one of `GROWTHS`.
        found: RMSE and root mean square standard deviation (K) on the page, by the number of stations.
    """
    guess = chosen(prediction, GROWTHS)
    model = gstools.Exponential(var=24.0, len_scale=1700.0, nugget=0.68)  # as fitted on the page, K² and km
    dense, sparse = (_half_way(model, apart) for apart in (60.0, 60.0 * 2**0.5))
    right = "less" if sparse / dense < 1.3 else "sqrt 2"
    if guess != right:
        raise NotYet("Most of the variance half way between two stations is nugget. Does it grow with their distance?")
    said = "; ".join(f"{n} stations: RMSE {rmse:.2f} K, said {std:.2f} K" for n, (rmse, std) in found.items())
    return (
        f"Half way between two stations {dense:.2f} K become {sparse:.2f} K as their distance grows from 60 to 85 km: "
        f"the nugget stays, and the standard deviation knows it. On this page, {said}."
    )


def _half_way(model: gstools.CovModel, apart: float) -> float:
    stations, target = on_a_line([0.0, apart]), on_a_line([apart / 2])
    return float(by_package(model, "ignored").interpolate(stations, np.zeros((1, 2)), target)[1].item())


def judge_nights(chosen_hours: np.ndarray, clock: np.ndarray, fit: Callable) -> str:
    """Judge which hours were chosen, and say what the variogram fitted to them is.

    Args:
        chosen_hours: (hour,) True where an hour is taken.
        clock: (hour,) hour of the day, UTC.
        fit: takes such a mask; returns nugget and the rise up to 100 km, K².
    """
    mask = np.asarray(chosen_hours)
    if mask.shape != clock.shape or mask.dtype != bool:
        raise NotYet(f"A true or false for each of the {len(clock)} hours is needed, such as clock == 12.")
    if mask.all():
        raise NotYet("These are all hours. Take those from 0 to 5 UTC alone.")
    if (mask == (clock <= 6)).all():
        raise NotYet("The hour that begins at 6 is no longer one from 0 to 5.")
    if (mask != (clock < 6)).any():
        raise NotYet("These are other hours than those from 0 to 5 UTC.")
    night, noon = fit(mask), fit(clock // 6 == 2)
    nugget, rise = (after - before for after, before in zip(night, noon, strict=True))
    return (
        f"Nugget {night[0]:.2f} K² at night and {noon[0]:.2f} K² from 12 to 17 UTC ({nugget:+.2f}); rise up to 100 km "
        f"{night[1]:.2f} and {noon[1]:.2f} K² ({rise:+.2f}). The larger change is of the "
        f"{'rise' if abs(rise) > abs(nugget) else 'nugget'}."
    )


def judge_plane(columns: Callable[[Points], np.ndarray], rmse_with: Callable, before: float) -> str:
    """Judge the columns of a drift with height and position.

    Args:
        columns: of the drift, (place, column).
        rmse_with: takes such a function; returns the RMSE (K) of kriging with it on the page.
        before: the RMSE (K) with height alone.
    """
    rng = np.random.default_rng(0)
    places = Points(rng.uniform(48, 54, 9), rng.uniform(7, 14, 9), rng.uniform(0, 1200, 9))
    given = np.asarray(columns(places), dtype=float) if columns(places) is not ... else None
    if given is None:
        raise NotYet("The columns are still open: put your code in the place of the dots.")
    if given.ndim != 2 or given.shape[0] != 9:
        raise NotYet(f"The columns have shape {given.shape}; a row for each of nine places is needed.")
    wanted = {"ones": np.ones(9), "the height": places.height, "the latitude": places.latitude,
              "the longitude": places.longitude}  # fmt: skip
    for name, column in wanted.items():
        rest = column - given @ np.linalg.lstsq(given, column, rcond=None)[0]
        if np.abs(rest).max() > 1e-6 * np.abs(column).max():
            raise NotYet(f"No sum of your columns is {name}.")
    if given.shape[1] > 4:
        raise NotYet("Four columns are enough: ones, height, latitude and longitude.")
    return (
        f"RMSE {rmse_with(columns):.3f} K, without the plane {before:.3f} K. Between stations the neighbours already "
        "say where it gets colder."
    )


def judge_blocks(kept: Callable[[int], np.ndarray], apart: np.ndarray, scores: Callable) -> str:
    """Judge which stations are kept when one is left out with its neighbours.

    Args:
        kept: takes a station; returns (station,) True where another may be used.
        apart: (station, station) distances, km.
        scores: takes such a function; returns RMSE and root mean square standard deviation, K.
    """
    given = np.array([np.asarray(kept(i)) for i in range(len(apart))], dtype=object)
    if given.shape != apart.shape:
        raise NotYet("kept(station) has to say true or false for every station.")
    given = given.astype(bool)
    if (given == (apart > 0)).all() and (apart[apart > 0] <= NEAR).any():
        raise NotYet("This leaves out the station alone, as before.")
    if (given == (apart <= NEAR)).all() or (given == (apart < NEAR)).all():
        raise NotYet("These are the stations to leave out. Which are kept?")
    if (given != (apart > NEAR)).any() and (given != (apart >= NEAR)).any():
        raise NotYet("Keep those that are more than 50 km from the station, and no others.")
    (alone, std_alone), (error, std) = scores(lambda i: apart[i] > 0), scores(kept)
    return (
        f"Alone: RMSE {alone:.2f} K, standard deviation {std_alone:.2f} K. With its neighbours: {error:.2f} and "
        f"{std:.2f} K. The standard deviation is told the distances."
    )


def judge_one_reading(simple: Callable[..., tuple[float, float]]) -> str:
    """Judge weight and variance of simple kriging from a single reading.

    Args:
        simple: takes the nugget, the sill (K²) and the covariance C(h) at the distance of the reading; returns the
            weight and the variance (K²) of the error.
    """
    for nugget, sill, covariance in ((0.5, 2.0, 0.6), (0.0, 1.0, 0.3), (0.2, 5.0, 4.0)):
        given = simple(nugget, sill, covariance)
        if is_open(given):
            raise NotYet("Weight and variance are still open: put your formulas in the place of the dots.")
        weight, variance = (float(as_array(each, name="Weight or variance")) for each in given)
        right = covariance / sill, sill - covariance**2 / sill
        if np.isclose(weight, covariance / (sill - nugget)) and nugget:
            raise NotYet("The reading's own variance contains the nugget: C(0) is the sill.")
        if np.isclose(weight, covariance / (sill + nugget)) and nugget:
            raise NotYet("The sill contains the nugget already.")
        if not np.isclose(weight, right[0]):
            raise NotYet("Minimise the variance of z - w y, which is C(0) - 2 w C(h) + w² C(0), over w.")
        if np.isclose(variance, right[1] ** 0.5) and not np.isclose(right[1], 1):
            raise NotYet("The weight is right. That is the standard deviation; asked is the variance.")
        if not np.isclose(variance, right[1]):
            raise NotYet("The weight is right. Put it into C(0) - 2 w C(h) + w² C(0).")
    return "The weight is the correlation of the two readings, and the variance falls by its square: C(0) (1 - w²)."
