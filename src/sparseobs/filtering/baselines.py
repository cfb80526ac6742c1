"""What a filter has to beat: the newest observations as they are, and DAPPER's methods at tuned settings."""

import torch
from torch import Tensor

from sparseobs.dynamics.integrate import System
from sparseobs.errors import require_choice
from sparseobs.filtering.dapper_bridge import load_dapper
from sparseobs.filtering.ienks import TransformSettings
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.var4d import TOLERANCE, VariationalSettings
from sparseobs.observing.twin_experiment import Observations


def latest_observations(observations: Observations, first_guess: float) -> Tensor:
    """Return the newest observation of every site, (cycle, batch, variable, site).

    Args:
        observations: the observations.
        first_guess: value of a site before it is first seen, such as the mean of the climate.
    """
    estimate = torch.empty_like(observations.values)
    current = torch.full_like(observations.values[0], first_guess)
    for cycle in range(observations.n_cycles):
        seen = observations.mask[cycle] if observations.mask.ndim == 2 else observations.mask[cycle][:, None]
        current = torch.where(seen, observations.values[cycle], current)
        estimate[cycle] = current
    return estimate


def dapper_method(
    method: str,
    system: System,
    ensemble_size: int,
    settings: LETKFSettings | TransformSettings | VariationalSettings | None = None,
) -> object:
    """Return a DAPPER method for `run_dapper`, with the settings it was tuned to.

    Args:
        method: LETKF, iEnKS, EnKF, 4D-Var or Climatology; DAPPER takes the last one's climate from the truth.
        system: decides 4D-Var's background covariance.
        ensemble_size: members, where the method has an ensemble.
        settings: of the kind that belongs to the method; Climatology has none.
    """
    require_choice("method", method, ("LETKF", "iEnKS", "EnKF", "4D-Var", "Climatology"))
    load_dapper()
    from dapper.da_methods.baseline import Climatology
    from dapper.da_methods.ensemble import LETKF, EnKF
    from dapper.da_methods.variational import Var4D, iEnKS

    if method == "Climatology":
        return Climatology()
    if method == "4D-Var":
        return Var4D(B=settings.covariance(system).numpy(), xB=settings.background_scale, wtol=TOLERANCE)
    shared = {"N": ensemble_size, "infl": settings.inflation, "rot": settings.rotation}
    if method == "LETKF":
        return LETKF(loc_rad=settings.radius, **shared)
    return {"iEnKS": iEnKS, "EnKF": EnKF}[method]("Sqrt", **shared)
