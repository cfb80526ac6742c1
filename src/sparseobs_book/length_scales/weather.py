"""The twin's weather as a probe: predicted maps beside the true field, band by band of wavelengths."""

import itertools

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.interpolation.kriging import Kriging
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.scores.waves import transfer_of_powers
from sparseobs.stations.geography import Points, station_points
from sparseobs_book.length_scales.twin import KRIGING, inner_axes, sea_level
from sparseobs_book.temperature.experiment import Experiment
from sparseobs_book.temperature.inland import inland_maps, zonal_spectrum

BANDS = (14, 20, 28, 40, 57, 80, 113, 160, 226, 320)  # km
REANALYSIS = "reanalysis"


def predicted_maps(
    experiment: Experiment, models: dict[str, ConvCNP], kriging: Kriging, hours: np.ndarray
) -> dict[str, xr.DataArray]:
    """Return the mean at sea level (time, latitude, longitude), degC, inland, by method, from the stations shown.

    Kriging is given the same readings; the reanalysis has seen the truth itself, in its own way.

    Args:
        experiment: on the twin.
        models: by the method's name.
        kriging: of readings at sea level.
        hours: positions along time.
    """
    axes, mean = inner_axes(experiment), experiment.standardisation.mean
    maps = {REANALYSIS: (sea_level(experiment).isel(time=hours) + mean).interp(axes)}
    maps |= {name: inland_maps(experiment, model, hours, axes) for name, model in models.items()}
    context = station_points(experiment.data.stations)[experiment.shown]
    readings = experiment.data.stations["temperature"].values[np.ix_(hours, experiment.shown)]
    latitude, longitude = np.meshgrid(*axes.values(), indexing="ij")
    places = Points(latitude.ravel(), longitude.ravel(), np.zeros(latitude.size))
    reduced = readings + experiment.standardisation.lapse_rate * context.height
    found = kriging.interpolate(context, reduced, places)[0].reshape(len(hours), *latitude.shape)
    return maps | {KRIGING: xr.DataArray(found, {"time": hours, **axes}, ("time", *axes))}


def band_transfers(truth: xr.DataArray, maps: dict[str, xr.DataArray]) -> pd.DataFrame:
    """Return a row a method and band: `method`, `wavelength` (km, the band's middle), `gain`, `coherence`, `error`.

    Wavelengths are those along circles of latitude; power is summed over hours, rows and the waves of a band. A band
    without a wave has no row.

    Args:
        truth: (time, latitude, longitude).
        maps: the same hours and points, by method.
    """
    rows = []
    for method, field in maps.items():
        if field.shape != truth.shape:
            raise InputError("maps", f"{method} {field.shape}", f"maps of the truth's {truth.shape}", "the same hours")
        parts = truth, field, field.copy(data=field.values - truth.values)
        spectra = [zonal_spectrum(part) for part in parts]
        wavelengths, powers = spectra[0][0], np.stack([power for _, power in spectra])
        for low, high in itertools.pairwise(BANDS):
            inside = (wavelengths > low) & (wavelengths <= high)
            if inside.any():
                transfer = transfer_of_powers(*powers[:, inside].sum(axis=1))
                rows.append({"method": method, "wavelength": (low * high) ** 0.5, **transfer._asdict()})
    return pd.DataFrame(rows)
