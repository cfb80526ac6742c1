"""The gradient of a loss against noisy observations, taken apart: what the truth would have said, and the noise."""

import copy
from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor
from torch.autograd import grad
from torch.nn.functional import cosine_similarity

from sparseobs.errors import InputError, require_number
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.cycle import FilterState, analyse, predict
from sparseobs.randomness import torch_stream
from sparseobs_book.why_it_works.run import SYSTEM, Theory, cycles, first_members, unseen_experiment

OBJECTIVES = ("forecast", "analysis")


def knocked(network: AmEnF, share: float, seed: int) -> AmEnF:
    """Return a copy whose every weight is moved at random, by `share` of its layer's root-mean-square weight."""
    require_number("share", share, least=0)
    moved, stream = copy.deepcopy(network), torch_stream(seed, "knocked weights")
    with torch.no_grad():
        for weights in moved.parameters():
            size = share * weights.square().mean().sqrt()
            weights.add_(size * torch.randn(weights.shape, generator=stream))
    return moved


def gradient_parts(network: AmEnF, settings: Theory) -> Tensor:
    """Return each cycle's gradients by the weights, (cycle, objective, part, weight), as `OBJECTIVES` has them.

    The first part is the gradient of the squared error, the second that of the cross term; their sum is what the
    noisy observations give. Each is a mean over the trajectories. Gradients flow through one analysis and, for the
    forecast, through the simulator to the next observation time.
    """
    n_cycles = settings.burn_in + settings.n_gradient_cycles
    truth, observations = _as_floats(unseen_experiment(settings, n_cycles + 1))
    weights, parts = list(network.parameters()), []
    stream = torch_stream(settings.seed, "dropout of gradients")
    for cycle in cycles(network, observations, first_members(settings), stream):
        if not settings.burn_in <= cycle.index < n_cycles:
            continue
        mask, values = observations.mask, observations.values
        with torch.enable_grad():
            seen = values[cycle.index], mask[cycle.index]
            analysis = analyse(network, SYSTEM, cycle.before, *seen, cycle.draws)
            forecast = predict(SYSTEM, SYSTEM.schedule, analysis)
        row = []
        for state, time in ((forecast, cycle.index + 1), (analysis, cycle.index)):
            directions = _loss_directions(state, truth[time], values[time], mask[time])
            row.append(torch.stack([_gradient(*each, weights) for each in directions]))
        parts.append(torch.stack(row))
    return torch.stack(parts)


def _as_floats(experiment) -> tuple:
    return experiment.truth.float(), experiment.observations.to(torch.float32)


def _loss_directions(state: FilterState, truth: Tensor, values: Tensor, mask: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Return the estimate at the observed sites with the derivatives by it of squared error and of cross term."""
    estimate, truth, values = (each[..., mask] for each in (state.forecast.mean(1), truth, values))
    scale = 2 / estimate.numel()
    return [(estimate, scale * (estimate - truth).detach()), (estimate, -scale * (values - truth))]


def _gradient(outputs: Tensor, direction: Tensor, weights: list[Tensor]) -> Tensor:
    return torch.cat([each.flatten() for each in grad(outputs, weights, direction, retain_graph=True)])


def agreement(parts: Tensor, lengths: Sequence[int]) -> pd.DataFrame:
    """Return how well noisy gradients agree with true ones, averaged over so many cycles.

    Args:
        parts: of `gradient_parts`.
        lengths: cycles averaged, each at most as many as there are.

    Returns:
        Columns objective, length; cosine: between the two, a mean over windows that do not overlap; noise: the
        root-mean-square length of the noise's part.
    """
    rows = []
    for length in lengths:
        n_windows = len(parts) // length
        if not n_windows:
            raise InputError("lengths", length, f"at most the {len(parts)} cycles", "a longer run")
        means = parts[: n_windows * length].unflatten(0, (n_windows, length)).mean(1)
        for index, objective in enumerate(OBJECTIVES):
            true, noise = means[:, index].unbind(1)
            cosine = cosine_similarity(true + noise, true).mean().item()
            size = noise.square().sum(1).mean().sqrt().item()
            rows.append({"objective": objective, "length": length, "cosine": cosine, "noise": size})
    return pd.DataFrame(rows)


def price_of_noise(parts: Tensor) -> float:
    """Return how many times as many cycles the noisy forecast gradient needs for the same scatter as the true one."""
    true, noise = parts[:, 0].unbind(1)
    return (_scatter(true + noise) / _scatter(true)).item()


def _scatter(gradients: Tensor) -> Tensor:
    return (gradients - gradients.mean(0)).square().sum()
