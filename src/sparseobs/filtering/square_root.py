"""The analysis step of the ensemble square-root filter, for any linear instrument [hunt2007]; no localization."""

import torch
from torch import Tensor


def square_root_analysis(forecast: Tensor, expected: Tensor, values: Tensor, error_std: float) -> Tensor:
    """Return the analysis ensembles, in exact agreement with the Kalman filter for the ensemble's own covariance.

    Args:
        forecast: (run, member, state).
        expected: (run, member, observation), what the instrument would show of every member.
        values: (run, observation), what it showed.
        error_std: standard deviation of its independent errors.
    """
    mean, middle = forecast.mean(1, keepdim=True), expected.mean(1, keepdim=True)
    scale = error_std * (forecast.shape[1] - 1) ** 0.5
    seen, innovation = (expected - middle) / scale, (values - middle[:, 0]) / scale
    eigenvalues, vectors = torch.linalg.eigh(seen @ seen.mT)
    one_plus = 1 + eigenvalues.clamp(min=0)[:, None]
    weights = (vectors / one_plus) @ (vectors.mT @ (seen @ innovation[..., None]))
    transform = (vectors / one_plus.sqrt()) @ vectors.mT
    return mean + (weights.mT + transform) @ (forecast - mean)
