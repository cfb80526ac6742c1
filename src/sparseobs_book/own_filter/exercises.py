"""Who looks at the answers to the exercises of the page on a filter of one's own."""

import functools
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.letkf_analysis import LEAST_WEIGHT, gaspari_cohn
from sparseobs.scores.ensemble import spatial_rmse
from sparseobs_book.checking import NotYet, as_array, is_near, is_open
from sparseobs_book.own_filter.run import N_SITES, PAGE_STREAM, model_by_package
from sparseobs_book.trained_filters.experiments import climate_ensemble, observed
from sparseobs_book.trained_filters.lorenz96 import SYSTEM, run_filter
from sparseobs_book.trained_filters.recipes import standard_recipe

LAG, BOUND = 3, 0.72
FOUND_AFTER, N_CYCLES, SETTLING = 60, 200, 50  # cycles


def perturbed_update(update: Callable[..., NDArray]) -> str:
    """Asked: members' update with perturbed observations, for any operator H and noise covariance R.

    `update(members, y, H, R, random)` takes members (member, n), y (reading,), H (reading, n), R (reading, reading) and
    a generator, and returns members.
    """
    H = np.array([[1.0, 0.0, 0.5], [0.0, 2.0, -1.0]])
    R = np.array([[1.0, 0.6], [0.6, 2.0]])
    y = np.array([1.0, -2.0])
    root = np.array([[1.5, 0.0, 0.0], [0.5, 1.0, 0.0], [-0.3, 0.4, 0.8]])
    members = np.random.default_rng(0).normal(size=(40_000, 3)) @ root.T + [1.0, 0.0, -1.0]

    def answer(some: NDArray, reading: NDArray) -> NDArray:
        return as_array(update(some.copy(), reading.copy(), H, R, np.random.default_rng(1)), some.shape, "The analysis")

    _look_at_the_gain(answer, members[:5], y, H, R)
    K = _gain(members, H, R)
    analysis, P = answer(members, y), np.cov(members.T)
    left = (np.eye(3) - K @ H) @ P
    found = np.cov(analysis.T)
    if not is_near(found, left, 0.03):
        alike, noise = left @ (np.eye(3) - K @ H).T, np.diag(np.sqrt(np.diag(R)))
        if is_near(found, alike, 0.03):
            raise NotYet("The members end too close together: each needs a reading with a perturbation of its own.")
        if is_near(found, alike + K @ R @ R @ K.T, 0.03):
            raise NotYet("The perturbations have the standard deviation R; R is their covariance.")
        if is_near(found, alike + K @ noise @ noise @ K.T, 0.03):
            raise NotYet("The perturbations of two readings go together as R says; yours are independent.")
        raise NotYet("Gain and mean are right. Look at the covariance of the perturbations: it has to be R.")
    if not is_near(analysis.mean(0), members.mean(0) + K @ (y - H @ members.mean(0)), 0.05):
        raise NotYet("The mean of the perturbations has to be zero.")
    return "The members of a large ensemble have the mean and the covariance of the exact Kalman analysis."


def _look_at_the_gain(answer: Callable, members: NDArray, y: NDArray, H: NDArray, R: NDArray) -> None:
    """Two readings with the same perturbations: the difference of the analyses is the gain, whatever was drawn."""
    if not is_near(answer(members, y), answer(members, y)):
        raise NotYet("Draw the perturbations from the generator that the function is given.")
    for number, one in enumerate(np.eye(2)):
        moved = answer(members, y + one) - answer(members, y)
        right = np.broadcast_to(_gain(members, H, R)[:, number], moved.shape)
        if is_near(moved, right, 1e-6):
            continue
        if is_near(moved, -right, 1e-6):
            raise NotYet("The members move away from the reading: look at the sign of the innovation.")
        with_m = _gain(members, H, R * len(members) / (len(members) - 1))  # P too small by (m - 1) / m
        if is_near(moved, np.broadcast_to(with_m[:, number], moved.shape), 1e-6):
            raise NotYet("The covariance of a sample has the divisor m - 1, not m.")
        raise NotYet("The gain is not that of the ensemble: compare K with the formula, H on both sides and R in it.")


def _gain(members: NDArray, H: NDArray, R: NDArray) -> NDArray:
    P = np.cov(members.T)
    return P @ H.T @ np.linalg.inv(H @ P @ H.T + R)


def unperturbed_variance(formula: Callable[[float, float], float]) -> str:
    """Asked: the variance of the analysis members, as a function of P and R, if all are given the same reading."""
    random = np.random.default_rng(2)
    for P, R in random.uniform(0.3, 3, (20, 2)):
        members = np.sqrt(P / 2) * np.array([-1.0, 1.0])  # whose sample variance is P
        K = P / (P + R)
        right = np.var(members + K * (0.7 - members), ddof=1)
        answer = as_array(formula(P, R))
        if is_near(answer, right, 1e-9):
            continue
        kinds = {
            "This is the variance that the members should have. Which have they, if every one moves by K (y - x)?": (
                1 - K
            )
            * P,
            "This is the factor on a deviation, or a standard deviation; the variance is asked.": np.sqrt(right),
            "Deviations are multiplied by 1 - K. Their squares?": (1 - K),
            "Look again: a deviation from the mean is multiplied by 1 - K, not by K.": K**2 * P,
            "The reading is the same for all, so its noise adds no variance among the members.": right + K**2 * R,
        }
        for sentence, value in kinds.items():
            if is_near(answer, value, 1e-9):
                raise NotYet(sentence)
        raise NotYet(f"At P = {P:.2f}, R = {R:.2f} two members end with the variance {right:.3f}, not {answer:.3f}.")
    return "For P = R = 1 that is a quarter. The posterior has one half: an ensemble without perturbations is too sure."


def localized_gain(gain: Callable[..., NDArray]) -> str:
    """Asked: a gain whose covariances with the readings are tapered by distance, for readings between the sites.

    `gain(members, H, places, R, radius)` takes members (member, site), H (reading, site), places (reading,), R
    (reading, reading) and the radius in sites, and returns (site, reading).
    """
    random = np.random.default_rng(3)
    members = np.cumsum(random.normal(size=(6, N_SITES)), axis=1)
    places = np.array([0.5, 4.5, 17.5, 38.5])
    H = np.zeros((len(places), N_SITES))
    for row, place in enumerate(places):  # the mean of the two neighbours
        H[row, [int(place), int(place) + 1]] = 0.5
    R, radius = np.diag([1.0, 0.5, 2.0, 1.0]), 3.0
    answer = as_array(gain(members.copy(), H, places, R, radius), (N_SITES, len(places)), "The gain")
    sites, m = np.arange(N_SITES), len(members)
    X = members - members.mean(0)
    Y = X @ H.T
    XY, YY = X.T @ Y / (m - 1), Y.T @ Y / (m - 1)
    near, among = (_taper(_around(each[:, None] - places), radius) for each in (sites, places))
    along = _taper(np.abs(sites[:, None] - places), radius), _taper(np.abs(places[:, None] - places), radius)
    P = _taper(_around(sites[:, None] - sites), radius) * (X.T @ X) / (m - 1)
    inverse = np.linalg.inv
    if is_near(answer, (near * XY) @ inverse(among * YY + R), 2e-3):
        return (
            "A reading may lie anywhere: localization asks for distances between places only, not for a place's number."
        )
    kinds = {
        "Nothing is tapered yet: a site half the ring away still moves.": XY @ inverse(YY + R),
        "Site and reading are tapered; the covariance of reading with reading is a sample too.": (near * XY)
        @ inverse(YY + R),
        "The gain is tapered; taper the two covariances before the inverse.": near * (XY @ inverse(YY + R)),
        "Sites 0 and 39 are neighbours: the distance goes the shorter way round.": (along[0] * XY)
        @ inverse(along[1] * YY + R),
        "Divide the products of anomalies by m - 1, or R counts too little.": (near * XY)
        @ inverse(among * YY + R / (m - 1)),
        "The covariance of a sample has the divisor m - 1, not m.": (near * XY) @ inverse(among * YY + R * m / (m - 1)),
        "P is tapered before H here. Taper what goes with the readings, by the distance of their places.": P
        @ H.T
        @ inverse(H @ P @ H.T + R),
    }
    for sentence, value in kinds.items():
        if is_near(answer, value, 2e-3):
            raise NotYet(sentence)
    raise NotYet("Look at both covariances: each is a product of anomalies over m - 1, times its own weights; then R.")


def _around(difference: NDArray) -> NDArray:
    return np.abs((difference + N_SITES / 2) % N_SITES - N_SITES / 2)


def _taper(distance: NDArray, radius: float) -> NDArray:
    weight = gaspari_cohn(torch.as_tensor(distance), radius).numpy()
    return np.where(weight > LEAST_WEIGHT, weight, 0)


def lagged_smoother(lagged: Callable[..., tuple[NDArray, NDArray]]) -> str:
    """Asked: one cycle of a smoother that corrects the members of three cycles ago, on ten members and noise 1.

    `lagged(past, y, seen)` takes members (member, site) four cycles before the reading, y (reading,) and the readings'
    sites; it returns the corrected members three cycles before the reading, and those at its time.
    """
    error = smoother_errors(lagged)[SETTLING:].mean()
    letkf = _trial()[3]
    if error >= BOUND:
        raise NotYet(
            f"It runs, and errs by {error:.2f}; below {BOUND} is wanted, LETKF errs by {letkf:.2f}. "
            "Are the anomalies those of the past, weights and innovation those of now, and is the inflation some 1.05?"
        )
    return f"Your smoother errs by {error:.2f} where LETKF, on the same readings, errs by {letkf:.2f}."


def smoother_errors(lagged: Callable[..., tuple[NDArray, NDArray]]) -> NDArray:
    """Return the analysis RMSE of a reader's smoother, (cycle,), on a fixed truth that LETKF has found before."""
    truth, readings, past, _ = _trial()
    found = []
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(FOUND_AFTER + LAG, FOUND_AFTER + N_CYCLES):
            seen = np.arange(t % 4, N_SITES, 4)
            pair = lagged(past.copy(), readings[t, seen].copy(), seen)
            past, now = _two_ensembles(pair, past.shape)
            if not found:
                _look_at_the_model(past, now)
            found.append(np.sqrt(np.mean((now.mean(0) - truth[t]) ** 2)))
    return np.array(found)


def _two_ensembles(pair: object, shape: tuple[int, int]) -> tuple[NDArray, NDArray]:
    if is_open(pair):
        raise NotYet("The function returns nothing yet: put your code in the place of the dots.")
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise NotYet("Return two ensembles: the corrected one of the past, and what the model makes of it now.")
    return as_array(pair[0], shape, "The past"), as_array(pair[1], shape, "The ensemble now")


def _look_at_the_model(past: NDArray, now: NDArray) -> None:
    ahead = past
    for _ in range(LAG):
        ahead = model_by_package(ahead)
    if is_near(now, ahead, 1e-6):
        return
    if is_near(now, model_by_package(ahead), 1e-6):
        raise NotYet("The past that you return is four cycles old: let the model run one cycle before you correct it.")
    raise NotYet("The members now have to be the corrected past, run three cycles by the model.")


@functools.cache
def _trial() -> tuple[NDArray, NDArray, NDArray, float]:
    """Return truth and readings (cycle, site), members that have found the truth, and LETKF's error on the rest."""
    size = {"n_cycles": FOUND_AFTER + N_CYCLES, "batch": 1, "seed": PAGE_STREAM + 1000}
    experiment = observed(standard_recipe("lorenz96"), **size)
    ensemble = climate_ensemble(SYSTEM, (1, 10), size["seed"])
    run = run_filter(LETKFSettings(1.1, 4.0), experiment.observations, ensemble, 0)
    error = spatial_rmse(run.mean, experiment.truth)[FOUND_AFTER + LAG + SETTLING :].mean().item()
    truth, readings = (each[:, 0, 0].numpy() for each in (experiment.truth, experiment.observations.values))
    return truth, readings, run.members[FOUND_AFTER - 1, 0, :, 0].numpy(), error
