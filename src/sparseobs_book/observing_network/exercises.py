"""What the exercises of the page on observing networks are judged by."""

from collections.abc import Callable

import numpy as np
import torch

from sparseobs.errors import InputError
from sparseobs_book.checking import NotYet, as_array, chosen
from sparseobs_book.observing_network.contest import checked
from sparseobs_book.observing_network.run import (
    BUDGET,
    Contest,
    ListedSites,
    filter_of,
    score,
    sites_seen_within,
)

SMALL = Contest(seed=1, n_truths=6, n_cycles=40, burn_in=60)
SITES = 40
FIXED = ListedSites([list(range(0, SITES, 4))])
CLUSTER = ListedSites([list(range(BUDGET))])
PERIOD = 40  # cycles of a network that are looked at
WITHIN = 4  # cycles


def judge_five_or_ten(prediction: str) -> str:
    """Judge whether five instruments that move on beat ten side by side that stay."""
    word = chosen(prediction, ("five that move", "ten that stay"))
    five = ListedSites([list(range(first, SITES, 8)) for first in range(8)])
    crps = [score(SMALL, each, filter_of("LETKF"))["crps"].mean() for each in (five, CLUSTER)]
    if word == "ten that stay":
        raise NotYet("More readings a cycle, but what does anybody know of the other thirty sites?")
    return f"Over {SMALL.n_truths} truths five that move have a CRPS of {crps[0]:.2f}, ten that stay {crps[1]:.2f}."


def judge_moving(mask_of: Callable[[int], torch.Tensor]) -> str:
    """Judge a moving network, `mask_of(cycle)`: ten sites a cycle, every site within four cycles."""
    rows = np.stack([_booleans(mask_of(cycle), f"The mask of cycle {cycle}") for cycle in range(PERIOD)])
    _require_budget(rows)
    if (rows != np.stack([_booleans(mask_of(cycle), "The mask") for cycle in range(PERIOD)])).any():
        raise NotYet("Called twice with one cycle, it returns two masks. A network's plan is made before.")
    if (rows == rows[0]).all():
        raise NotYet("It does not move: the mask is the same at every cycle.")
    never = np.flatnonzero(~rows.any(0))
    if len(never):
        raise NotYet(f"Site {never[0]} is never seen, nor are {len(never) - 1} others.")
    within = sites_seen_within(torch.as_tensor(rows))
    if within > WITHIN:
        raise NotYet(f"Every site is seen within {within} cycles. With ten of forty sites a cycle, four can do.")
    return f"Ten sites a cycle, and every site is seen within {within} cycles, wherever one begins."


def judge_place(place: Callable[[torch.Tensor], torch.Tensor]) -> str:
    """Judge an acquisition, `place(members)`: the ten sites of the largest spread, from (member, site)."""
    stream = torch.Generator().manual_seed(0)
    for members in (5, 20):
        scale = 0.2 + torch.rand(SITES, generator=stream)
        ensemble = 5 * torch.randn(SITES, generator=stream) + scale * torch.randn(members, SITES, generator=stream)
        given = _booleans(place(ensemble), "The mask")
        _require_budget(given[None])
        if (given != _largest(ensemble.std(0))).any():
            raise NotYet(_mistake_of_place(given, ensemble))
    return "Ten instruments where the members disagree most, for ensembles of 5 and of 20 members."


def _largest(values: torch.Tensor) -> np.ndarray:
    mask = np.zeros(len(values), dtype=bool)
    mask[values.numpy().argsort()[-BUDGET:]] = True
    return mask


def _mistake_of_place(given: np.ndarray, ensemble: torch.Tensor) -> str:
    mistakes = {
        "These are the ten sites that are known best. Where is there something to learn?": -ensemble.std(0),
        "These are the sites of the largest mean. A large value may be well known: look at the spread.": ensemble.mean(
            0
        ),
        "These are the sites of the largest magnitude. A large value may be well known: look at the spread.": (
            ensemble.mean(0).abs()
        ),
        "You looked at one member. What do all of them say of a site?": ensemble[0],
    }
    for sentence, values in mistakes.items():
        if (given == _largest(values)).all():
            return sentence
    return "Ten sites, but not those where the standard deviation over the members is largest."


def judge_submission(submission: dict) -> str:
    """Judge whether a submission beats every fourth site, fixed, with LETKF, on the judge's own practice truths."""
    try:
        entry = checked(submission)
    except InputError as error:
        raise NotYet(f"It would be refused: {error}") from None
    usual = score(SMALL, FIXED, filter_of("LETKF"))["crps"]
    gains = usual - score(SMALL, entry.network, entry.made(SMALL))["crps"]
    ahead, found = int((gains > 0).sum()), f"from {usual.mean():.2f} to {(usual - gains).mean():.2f}"
    if gains.mean() <= 0 or ahead < len(gains) - 1:
        raise NotYet(f"The mean CRPS goes {found}, and it is smaller on {ahead} of {len(gains)} practice truths.")
    return f"The mean CRPS goes {found}, smaller on {ahead} of {len(gains)} practice truths. Ready for the hidden ones."


def _booleans(answer, name: str) -> np.ndarray:
    """Return a mask (site,) as booleans, or say what is wrong with its form."""
    array = as_array(answer, (SITES,), name)
    if not np.isin(array, (0, 1)).all():
        raise NotYet(f"{name} holds other values than true and false: one for each site is needed, not site numbers.")
    return array.astype(bool)


def _require_budget(rows: np.ndarray) -> None:
    counts = rows.sum(1)
    if (counts > BUDGET).any():
        raise NotYet(f"Over budget: {counts.max()} instruments look at once, and {BUDGET} may.")
    if (counts < BUDGET).any():
        raise NotYet(f"Only {counts.min()} instruments look at some cycle: you have {BUDGET}.")
