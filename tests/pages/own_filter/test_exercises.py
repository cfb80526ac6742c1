"""Every judge accepts the solution, and refuses the starter and the usual mistakes, each in its own words."""

import numpy as np
import torch

from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.letkf_analysis import gaspari_cohn
from sparseobs_book.own_filter import exercises
from sparseobs_book.own_filter.run import letkf_by_package, model_by_package


def dots(*_):
    """What a starter's function returns."""


def refused(answer, part):
    return answer.startswith("Not yet.") and part in answer


def update(sign=1, divisor=1, noise=lambda R, m, random: random.multivariate_normal([0, 0], R, m)):
    def perturbed(members, y, H, R, random):
        X = members - members.mean(0)
        Y = X @ H.T
        K = X.T @ Y @ np.linalg.inv(Y.T @ Y + (len(members) - divisor) * R)
        return members + sign * (y + noise(R, len(members), random) - members @ H.T) @ K.T

    return perturbed


def test_perturbed_update(said):
    judge = exercises.perturbed_update
    assert said(judge, update()).startswith("Right.")
    assert refused(said(judge, dots), "still open")
    assert refused(said(judge, lambda members, *_: members.T), "has shape")
    assert refused(said(judge, lambda members, *_: members), "The gain is not")
    assert refused(said(judge, update(sign=-1)), "sign of the innovation")
    assert refused(said(judge, update(divisor=0)), "m - 1, not m")
    for noise, part in {
        lambda R, m, random: np.zeros((m, 2)): "perturbation of its own",
        lambda R, m, random: random.multivariate_normal([0, 0], R): "perturbation of its own",
        lambda R, m, random: random.normal(size=(m, 2)) @ R: "standard deviation R",
        lambda R, m, random: random.normal(size=(m, 2)) * np.sqrt(np.diag(R)): "go together",
        lambda R, m, random: random.normal(size=(m, 2)) * 3: "covariance of the perturbations",
        lambda R, m, random: random.multivariate_normal([1, 1], R, m): "mean of the perturbations",
        lambda R, m, random: np.random.default_rng().multivariate_normal([0, 0], R, m): "from the generator",
    }.items():
        assert refused(said(judge, update(noise=noise)), part)


def test_unperturbed_variance(said):
    judge = exercises.unperturbed_variance
    assert said(judge, lambda P, R: (1 - P / (P + R)) ** 2 * P).startswith("Right.")
    assert refused(said(judge, dots), "still open")
    for formula, part in {
        lambda P, R: P * R / (P + R): "should have",
        lambda P, R: R / (P + R) * P**0.5: "the variance is asked",
        lambda P, R: R / (P + R): "Their squares",
        lambda P, R: P**3 / (P + R) ** 2: "by 1 - K, not by K",
        lambda P, R: P + R: "two members end with",
    }.items():
        assert refused(said(judge, formula), part)


def taper(distance, radius):
    return gaspari_cohn(torch.as_tensor(distance), radius).numpy()


def round_the_ring(i, j):
    return np.minimum(np.abs(i - j), 40 - np.abs(i - j))


def test_localized_gain(said):
    judge = exercises.localized_gain

    def solution(members, H, places, R, radius):
        X = members - members.mean(0)
        Y, sites = X @ H.T, np.arange(40)
        XY = taper(round_the_ring(sites[:, None], places), radius) * (X.T @ Y) / (len(X) - 1)
        YY = taper(round_the_ring(places[:, None], places), radius) * (Y.T @ Y) / (len(X) - 1)
        return XY @ np.linalg.inv(YY + R)

    def variant(tapered=(True, True), late=False, distance=round_the_ring, divisor=1, products=False):
        def wrong(members, H, places, R, radius):
            X = members - members.mean(0)
            Y, sites, m = X @ H.T, np.arange(40), 1 if products else len(X) - divisor
            weights = [taper(distance(each[:, None], places), radius) for each in (sites, places)]
            XY, YY = (
                (weight if on else 1) * each / m
                for weight, on, each in zip(weights, tapered, (X.T @ Y, Y.T @ Y), strict=True)
            )
            return (weights[0] if late else 1) * (XY @ np.linalg.inv(YY + R))

        return wrong

    def in_model_space(members, H, places, R, radius):
        sites = np.arange(40)
        P = taper(round_the_ring(sites[:, None], sites), radius) * np.cov(members.T)
        return P @ H.T @ np.linalg.inv(H @ P @ H.T + R)

    assert said(judge, solution).startswith("Right.") and said(judge, variant()).startswith("Right.")
    assert refused(said(judge, dots), "still open")
    assert refused(said(judge, lambda *given: solution(*given).T), "has shape (4, 40)")
    for wrong, part in {
        variant((False, False)): "Nothing is tapered",
        variant((True, False)): "reading with reading is a sample too",
        variant((False, False), late=True): "before the inverse",
        variant(distance=lambda i, j: np.abs(i - j)): "shorter way round",
        variant(divisor=0): "m - 1, not m",
        variant(products=True): "R counts too little",
        in_model_space: "tapered before H",
        variant((False, True)): "Look at both covariances",
    }.items():
        assert refused(said(judge, wrong), part)


def smoother(inflation=1.05, ahead=3, first=1, report=3, correct_now=False):
    """The exercise's smoother, with the package's model and weights: LETKF's increment of now, carried by members."""

    def lagged(past, y, seen):
        past = run_model(past, first)
        now = run_model(past, ahead)
        corrected = mixed(past, now, y, seen, inflation)
        if correct_now:
            return corrected, letkf_by_package(now, y, seen, 1.0, LETKFSettings(inflation, 4.0))
        return corrected, run_model(corrected, report)

    return lagged


def run_model(members, n_cycles):
    for _ in range(n_cycles):
        members = model_by_package(members)
    return members


def mixed(past, now, y, seen, inflation):
    m = len(now)
    Y, d = (now - now.mean(0))[:, seen] / (m - 1) ** 0.5, (y - now.mean(0)[seen]) / (m - 1) ** 0.5
    weights = taper(round_the_ring(np.arange(40)[:, None], seen), 4.0)
    strength, direction = np.linalg.eigh(np.einsum("mj,kj,nj->kmn", Y, weights, Y))
    strength, turned = 1 + strength.clip(min=0), direction.swapaxes(1, 2)
    pull = turned @ np.einsum("mj,kj,j->km", Y, weights, d)[..., None] / strength[..., None]
    root = direction / np.sqrt(strength)[:, None] @ turned
    mixture = (direction @ pull).swapaxes(1, 2) + inflation * root
    mean = past.mean(0)
    return mean + np.einsum("kmn,nk->mk", mixture, past - mean)


def test_lagged_smoother(said):
    answer = said(exercises.lagged_smoother, smoother())
    assert (
        answer.startswith("Right. Your smoother errs by 0.6") and "LETKF, on the same readings, errs by 0.7" in answer
    )


def test_lagged_smoother_refuses(said):
    judge = exercises.lagged_smoother
    assert refused(said(judge, dots), "returns nothing yet")
    assert refused(said(judge, lambda past, *_: past), "Return two ensembles")
    assert refused(said(judge, lambda past, *_: (past, past[:5])), "has shape (5, 40)")
    assert refused(said(judge, smoother(first=0, ahead=4, report=4)), "four cycles old")
    assert refused(said(judge, smoother(report=0)), "run three cycles by the model")
    assert refused(said(judge, smoother(correct_now=True)), "run three cycles by the model")
    assert refused(said(judge, lambda past, *_: (past * np.nan, past)), "not finite")


def test_a_smoother_that_uses_no_reading_does_not_pass(said):
    def forgetful(past, y, seen):
        past = run_model(past, 1)
        return past, run_model(past, 3)

    assert refused(said(exercises.lagged_smoother, forgetful), "below 0.72 is wanted")
