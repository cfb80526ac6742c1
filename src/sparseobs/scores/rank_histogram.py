"""Rank histograms: whether the truth falls anywhere among an ensemble's members equally often [hamill2001rank]."""

import torch
from torch import Tensor

from sparseobs.errors import InputError, require_number


def truth_ranks(ensemble: Tensor, truth: Tensor, generator: torch.Generator, *, error_std: float = 0.0) -> Tensor:
    """Return how many members lie below the truth at every variable and site; ties are broken at random.

    Args:
        ensemble: (..., member, variable, site), finite.
        truth: (..., variable, site): the truth, or observations of it.
        generator: breaks ties, and draws the members' noise.
        error_std: noise of `truth`, if that is observations. Every member is given its own draw of such noise, for
            only then is it to the observation what the other members are to it.

    Returns:
        (..., variable, site), whole numbers from 0 to m.

    References: [hamill2001rank].
    """
    if ensemble.ndim < 3 or ensemble.select(-3, 0).shape != truth.shape:
        expected = f"members of the truth's shape {tuple(truth.shape)}"
        raise InputError("ensemble", tuple(ensemble.shape), expected, "(..., member, variable, site)")
    if not (torch.isfinite(ensemble).all() and torch.isfinite(truth).all()):
        raise InputError("ensemble, truth", "NaN or infinity", "finite values", "runs that did not diverge")
    require_number("error_std", error_std, least=0)
    if error_std:
        ensemble = ensemble + error_std * _draws(torch.randn, ensemble.shape, ensemble, generator)
    truth = truth.unsqueeze(-3)
    below, ties = (ensemble < truth).sum(-3), (ensemble == truth).sum(-3)
    return below + (_draws(torch.rand, ties.shape, ensemble, generator) * (ties + 1)).floor().long()


def rank_counts(ranks: Tensor, ensemble_size: int) -> Tensor:
    """Return how often each rank from 0 to m occurs, (rank,).

    Args:
        ranks: any shape, as of `truth_ranks`.
        ensemble_size: members m.
    """
    require_number("ensemble_size", ensemble_size, least=1, whole=True)
    if not ranks.numel() or ranks.min() < 0 or ranks.max() > ensemble_size:
        given = f"{int(ranks.min())} to {int(ranks.max())}" if ranks.numel() else "none"
        raise InputError("ranks", given, f"whole numbers from 0 to {ensemble_size}", "the ensemble's own size")
    return torch.bincount(ranks.flatten(), minlength=ensemble_size + 1)


def _draws(distribution, shape: torch.Size, like: Tensor, generator: torch.Generator) -> Tensor:
    return distribution(shape, generator=generator, dtype=like.dtype, device=like.device)
