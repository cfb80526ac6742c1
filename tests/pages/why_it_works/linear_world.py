"""A world whose every expectation is known: a linear model, Gaussian noise, and the Kalman filter's steady gain."""

from typing import NamedTuple

import torch
from torch import Tensor

from sparseobs.observing.twin_experiment import Observations, TwinExperiment

N_SITES, N_SEEN, ERROR_STD, MODEL_STD = 6, 3, 0.5, 0.3


class LinearWorld(NamedTuple):
    """The model's matrix, which sites are seen, the steady gain and error covariances before and after the analysis."""

    model: Tensor
    seen: Tensor
    gain: Tensor
    before: Tensor
    after: Tensor


def linear_world(mask: Tensor) -> LinearWorld:
    eye = torch.eye(N_SITES, dtype=torch.float64)
    model = 0.6 * eye.roll(1, 0) + 0.35 * eye
    seen = eye[mask]
    before = eye
    for _ in range(500):
        innovation = seen @ before @ seen.mT + ERROR_STD**2 * torch.eye(len(seen), dtype=torch.float64)
        gain = before @ seen.mT @ torch.linalg.inv(innovation)
        after = (eye - gain @ seen) @ before
        before = model @ after @ model.mT + MODEL_STD**2 * eye
    return LinearWorld(model, seen, gain, before, after)


def truth_and_noise(world: LinearWorld, mask: Tensor, n_cycles: int, batch: int) -> TwinExperiment:
    stream = torch.Generator().manual_seed(3)
    shocks, noise = torch.randn(2, n_cycles, batch, N_SITES, generator=stream, dtype=torch.float64)
    state, truth = torch.zeros(batch, N_SITES, dtype=torch.float64), []
    for shock in shocks:
        state = state @ world.model.mT + MODEL_STD * shock
        truth.append(state)
    truth = torch.stack(truth)[:, :, None]
    values = (truth + ERROR_STD * noise[:, :, None]) * mask
    return TwinExperiment(truth, Observations(values, mask.expand(n_cycles, -1).clone(), ERROR_STD))


def kalman(world: LinearWorld, observations: Observations) -> tuple[Tensor, Tensor]:
    """Return forecasts and analyses, (cycle, batch, 1, site), with the steady gain."""
    forecast, forecasts, analyses = torch.zeros_like(observations.values[0, :, 0]), [], []
    for values in observations.values[:, :, 0]:
        innovation = (values - forecast)[:, observations.mask[0]]
        forecasts.append(forecast)
        analyses.append(forecast + innovation @ world.gain.mT)
        forecast = analyses[-1] @ world.model.mT
    return torch.stack(forecasts)[:, :, None], torch.stack(analyses)[:, :, None]
