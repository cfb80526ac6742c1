"""The analysis step of the local ensemble transform Kalman filter, batched over runs and sites [hunt2007]."""

import functools

import torch
from torch import Tensor

from sparseobs.errors import require_number

# Radii to Gaspari and Cohn's length, as in DAPPER: makes the taper much like exp(-(d / radius)**2 / 2).
TAPER_WIDTH = 1.82
LEAST_WEIGHT = 1e-3  # smaller weights are cut off, as in DAPPER


def gaspari_cohn(distance: Tensor, radius: float | Tensor) -> Tensor:
    """Return the weight of an observation at `distance` (any shape): 0.63 at `radius`, 0 from 3.64 radii on.

    A radius may be a tensor that is broadcast; it is then above 0 by its own making.

    Args:
        distance: any shape, at least 0.
        radius: in the unit of the distance.

    References: [gaspari1999], equation 4.10.
    """
    if not isinstance(radius, Tensor):
        require_number("radius", radius, above=0)
    r = distance / (TAPER_WIDTH * radius)
    near = 1 + r**2 * (-5 / 3 + r * (5 / 8 + r * (1 / 2 - r / 4)))
    beyond = r.clamp(1, 2)
    far = 4 - 5 * beyond + beyond**2 * (5 / 3 + beyond * (5 / 8 + beyond * (beyond / 12 - 1 / 2))) - 2 / (3 * beyond)
    return torch.where(r <= 1, near, far)


def ring_taper(mask: Tensor, radius: float, n_variables: int = 1) -> Tensor:
    """Return the weight of every observation at every site of a ring, (observation, site), float64.

    Args:
        mask: (site,), true where observed; the same for all variables.
        radius: localization radius in sites.
        n_variables: all observed at the same sites; observations of one follow those of another.
    """
    return _ring_taper(tuple(mask.nonzero()[:, 0].tolist()), len(mask), radius, n_variables).to(mask.device)


@functools.lru_cache(maxsize=1024)  # a pattern comes back cycle after cycle
def _ring_taper(seen: tuple[int, ...], n_sites: int, radius: float, n_variables: int) -> Tensor:
    apart = (torch.tensor(seen, dtype=torch.float64)[:, None] - torch.arange(n_sites)).abs()
    weight = gaspari_cohn(torch.minimum(apart, n_sites - apart), radius)
    return torch.where(weight > LEAST_WEIGHT, weight, 0).repeat(n_variables, 1)


def letkf_analysis(forecast: Tensor, observed: Tensor, mask: Tensor, taper: Tensor, error_std: Tensor) -> Tensor:
    """Return the analysis ensembles, before inflation.

    Args:
        forecast: (run, member, state).
        observed: (run, observation), the values seen.
        mask: (state,), true where observed.
        taper: (observation, site), the weight of each observation in the analysis that all variables of a site share.
        error_std: (observation,) or a single number, standard deviation of the independent observation errors.
    """
    if not bool(mask.any()):
        return forecast
    members = forecast.shape[1]
    mean = forecast.mean(1, keepdim=True)
    anomalies = forecast - mean
    # Scaled so that products over members are covariances in units of the observation error.
    seen = anomalies[..., mask] / (error_std * (members - 1) ** 0.5)
    innovation = (observed - mean[:, 0, mask]) / (error_std * (members - 1) ** 0.5)
    most = int((taper > 0).sum(0).max())
    # Either Gram matrix has the nonzero eigenvalues; the smaller one is cheaper.
    update = _through_observations if most < members else _through_members
    by_variable = anomalies.unflatten(-1, (-1, taper.shape[1]))
    return mean + update(by_variable, seen, innovation, taper).flatten(-2)


def _through_observations(anomalies: Tensor, seen: Tensor, innovation: Tensor, taper: Tensor) -> Tensor:
    """Return the mean's increment plus the analysis anomalies, from eigenvectors in each site's observations.

    Anomalies are (run, member, variable, site).
    """
    most = int((taper > 0).sum(0).max())
    weight, near = taper.mT.topk(most)  # (site, near): the observations in reach; surplus ones have weight 0
    root = weight.sqrt()
    gram = seen.mT @ seen
    values, vectors = torch.linalg.eigh(
        gram[:, near[:, :, None], near[:, None, :]] * (root[:, :, None] * root[:, None, :])
    )
    one_plus = 1 + values.clamp(min=0)[..., None]
    cross = (anomalies.flatten(-2).mT @ seen).unflatten(1, anomalies.shape[2:])
    cross = cross.gather(-1, near.expand(*cross.shape[:2], -1, -1))
    known = root * torch.cat([cross, innovation[:, None, near]], 1)
    covariance, departure = (vectors.mT @ known.movedim(1, -1)).split([cross.shape[1], 1], -1)
    increment = (covariance * departure / one_plus).sum(-2)
    # (1 + v)**-0.5 - 1 = -v / (sqrt(1 + v) * (1 + sqrt(1 + v))), without cancellation
    local_weight = root[..., None] * (vectors @ (covariance / (one_plus.sqrt() + one_plus)))
    reduction = local_weight.new_zeros(*increment.shape[:2], taper.shape[0], increment.shape[-1])
    reduction.scatter_(-2, near[..., None].expand_as(local_weight), local_weight)
    reduced = (seen @ reduction.permute(0, 2, 3, 1).flatten(-2)).unflatten(-1, anomalies.shape[2:])
    return increment.mT[:, None] + anomalies - reduced


def _through_members(anomalies: Tensor, seen: Tensor, innovation: Tensor, taper: Tensor) -> Tensor:
    """Return the same from eigenvectors in the members' space."""
    members = seen.shape[1]
    pairs = (seen[:, :, None] * seen[:, None]).flatten(1, 2)
    values, vectors = torch.linalg.eigh((pairs @ taper).mT.unflatten(-1, (members, members)))
    one_plus = 1 + values.clamp(min=0)[..., None]
    pull = (seen * innovation[:, None]) @ taper
    known = torch.cat([anomalies, pull[:, :, None]], 2).movedim(-1, 1)
    turned, pulled = (vectors.mT @ known).split([anomalies.shape[2], 1], -1)
    increment = (turned * pulled / one_plus).sum(-2)
    return increment.mT[:, None] + (vectors @ (turned / one_plus.sqrt())).permute(0, 2, 3, 1)


def mean_preserving_rotations(count: int, members: int, generator: torch.Generator) -> Tensor:
    """Return `count` random orthogonal matrices (member, member), float64, that leave the ensemble mean alone.

    References: [sakov2008].
    """
    size = members - 1
    draws = torch.randn(count, size, size, generator=generator, dtype=torch.float64)
    q, r = torch.linalg.qr(draws)
    inner = q * r.diagonal(dim1=-1, dim2=-2).sign()[:, None]  # uniform over the group only with these signs
    basis = _basis_of_anomalies(members)
    return basis @ inner @ basis.mT + 1 / members


@functools.cache
def _basis_of_anomalies(members: int) -> Tensor:
    """Return an orthonormal basis (member, member - 1) of all that sums to zero over the members."""
    centring = torch.eye(members, dtype=torch.float64) - 1 / members
    return torch.linalg.eigh(centring).eigenvectors[:, 1:]
