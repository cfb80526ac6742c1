"""The gradient of a loss against noisy observations, taken apart: what the truth would have said, and the noise."""

import copy

import pandas as pd
import torch
from torch import Tensor
from torch.autograd import grad
from torch.nn.functional import cosine_similarity

from sparseobs.errors import InputError, require_number
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.cycle import analyse, predict
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
    experiment = unseen_experiment(settings, n_cycles + 1)
    truth, seen = experiment.truth.float(), experiment.observations.to(torch.float32)
    stream, parts = torch_stream(settings.seed, "dropout of gradients"), []
    for cycle in cycles(network, seen, first_members(settings), stream):
        if settings.burn_in <= cycle.index < n_cycles:
            with torch.enable_grad():
                now = seen.values[cycle.index], seen.mask[cycle.index]
                analysis = analyse(network, SYSTEM, cycle.before, *now, cycle.draws)
                forecast = predict(SYSTEM, SYSTEM.schedule, analysis)
            row = []
            for state, time in ((forecast, cycle.index + 1), (analysis, cycle.index)):
                at_sites = (state.forecast.mean(1), truth[time], seen.values[time])
                row.append(_two_parts(network, *(field[..., seen.mask[time]] for field in at_sites)))
            parts.append(torch.stack(row))
    return torch.stack(parts)


def _two_parts(network: AmEnF, estimate: Tensor, truth: Tensor, values: Tensor) -> Tensor:
    scale, rows = 2 / estimate.numel(), []
    for direction in (estimate.detach() - truth, truth - values):  # derivatives of squared error and of cross term
        found = grad(estimate, list(network.parameters()), scale * direction, retain_graph=True)
        rows.append(torch.cat([each.flatten() for each in found]))
    return torch.stack(rows)


def agreement(parts: Tensor, length: int) -> pd.DataFrame:
    """Return how well noisy gradients agree with true ones, averaged over `length` cycles.

    Args:
        parts: of `gradient_parts`.
        length: at most as many cycles as there are.

    Returns:
        A row an objective: objective, length; cosine: between the two, a mean over windows that do not overlap; noise:
        the root-mean-square length of the noise's part; windows: how many there are.
    """
    n_windows = len(parts) // length
    if not n_windows:
        raise InputError("length", length, f"at most the {len(parts)} cycles", "a longer run")
    means, rows = parts[: n_windows * length].unflatten(0, (n_windows, length)).mean(1), []
    for index, objective in enumerate(OBJECTIVES):
        true, noise = means[:, index].unbind(1)
        cosine = cosine_similarity(true + noise, true).mean().item()
        size = noise.square().sum(1).mean().sqrt().item()
        rows.append({"objective": objective, "length": length, "cosine": cosine, "noise": size, "windows": n_windows})
    return pd.DataFrame(rows)
