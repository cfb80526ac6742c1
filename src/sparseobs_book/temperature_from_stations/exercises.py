"""What the exercises of the page `temperature_from_stations` ask, and what their answers show."""

from collections.abc import Callable

import numpy as np
from torch import nn

from sparseobs.scores.gaussian import GaussianScores
from sparseobs_book.checking import NotYet, as_array, is_near, is_open


def judge_perfect(perfect_mae: Callable[[float, float, float], float]) -> str:
    """Judge the mean absolute error of whoever knows the air's temperature and meets thermometers that err.

    Args:
        perfect_mae: takes the standard deviations (K) of noise, siting and turbulence, independent of each other.
    """
    for stds in ((2.0, 0.35, 0.35), (0.3, 0.8, 0.1), (1.5, 0.2, 0.4)):
        found = float(as_array(perfect_mae(*stds), name="perfect_mae(...)"))
        total = float(np.sqrt(np.square(stds).sum()))
        right = np.sqrt(2 / np.pi) * total
        if is_near(found, total) or is_near(found, sum(stds)):
            raise NotYet("That is a standard deviation. The mean of |e| is smaller: integrate |e| times the density.")
        if is_near(found, np.sqrt(2 / np.pi) * sum(stds)) and max(stds) < sum(stds):
            raise NotYet("Of independent errors the variances add, not the standard deviations.")
        if is_near(found, np.sqrt(2 / np.pi) * total**2):
            raise NotYet("Take the root of the sum of the variances.")
        if not is_near(found, right, 1e-3):
            raise NotYet("First the standard deviation of the whole error, then the mean of |e| of a Gaussian with it.")
    return (
        f"With 2 K of noise {perfect_mae(2.0, 0.35, 0.35):.2f} K: no method can score below that, whatever it learns."
    )


def judge_part(
    part: Callable[[nn.Module], list[nn.Parameter]],
    model: nn.Module,
    scores: Callable[[Callable], GaussianScores],
    film_nll: float,
) -> str:
    """Judge which parameters the stations may change, adapt those, and set the score beside FiLM's.

    Args:
        part: takes a network; returns the parameters.
        model: the pre-trained network.
        scores: adapts what such a function names; returns the scores at the held-out stations.
        film_nll: FiLM's negative log-likelihood there, nats.
    """
    given = part(model)
    if is_open(given):
        raise NotYet("The list is still open: put your code in the place of the dots.")
    given = list(given)
    if not given or not all(isinstance(each, nn.Parameter) for each in given):
        raise NotYet("A list of parameters is needed, with at least one: list(model.unet.head.parameters()), say.")
    known = {id(each) for each in model.parameters()}
    if any(id(each) not in known for each in given):
        raise NotYet(
            "Take the parameters from the model that the function is given: another one is adapted in the end."
        )
    chosen = {id(each) for each in given}
    if chosen == {id(each) for each in model.film_parameters()} or chosen == known:
        raise NotYet("That is one of the page's own ways. Invent another.")
    found, n_chosen, n_all = scores(part), sum(p.numel() for p in given), sum(p.numel() for p in model.parameters())
    word = "beats" if found.nll < film_nll else "does not beat"
    return (
        f"{n_chosen} of {n_all} numbers tuned: MAE {found.mae:.3f} °C, NLL {found.nll:.3f}, which {word} FiLM's "
        f"{film_nll:.3f} on this one split."
    )
