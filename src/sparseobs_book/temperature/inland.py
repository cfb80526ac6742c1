"""Maps of inland Germany, and how much of their variation lies at which wavelength."""

import numpy as np
import torch
import xarray as xr

from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.prediction import predict
from sparseobs.stations.geography import DEGREE
from sparseobs.stations.regions import Region
from sparseobs_book.temperature.experiment import Experiment

INLAND_BOX = Region("inland Germany", 48.0, 53.0, 6.5, 14.0)  # where spectra are taken: no sea, no high Alps


def zonal_spectrum(field: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """Return wavelengths, km, and the power density of a field along longitude, K^2 km, a mean over rows and times.

    Rows are freed of their mean and trend and tapered.

    Args:
        field: (time, latitude, longitude), K or degC.
    """
    values = field.transpose("time", "latitude", "longitude").values.astype(float)
    n = values.shape[2]
    line = np.linspace(-1, 1, n)
    values = values - values.mean(axis=2, keepdims=True)
    values -= (values @ line / (line @ line))[..., None] * line
    taper = np.hanning(n)
    power = (np.abs(np.fft.rfft(values * taper)) ** 2).mean(axis=(0, 1))
    step = float(np.diff(field["longitude"]).mean()) * DEGREE * np.cos(np.radians(float(field["latitude"].mean())))
    kept = slice(2, n // 2)
    return 1 / np.fft.rfftfreq(n, step)[kept], 2 * step * power[kept] / np.sum(taper**2)


INLAND = {  # degrees
    "latitude": np.arange(INLAND_BOX.south, INLAND_BOX.north, 1 / 16),
    "longitude": np.arange(INLAND_BOX.west, INLAND_BOX.east, 1 / 12),
}


def inland_maps(experiment: Experiment, model: ConvCNP, hours: np.ndarray, axes: dict = INLAND) -> xr.DataArray:
    """Return the mean at sea level, (time, latitude, longitude), degC, inland, with all stations shown.

    Args:
        experiment: whose stations are shown.
        model: a ConvCNP.
        hours: positions along time.
        axes: latitude and longitude of the map, degrees.
    """
    network = experiment.network
    latitude, longitude = np.meshgrid(*axes.values(), indexing="ij")
    nobody = torch.zeros(0, dtype=torch.long)
    batch = network.given(torch.as_tensor(hours), torch.as_tensor(experiment.shown), nobody)
    points = network.grid.coordinates(latitude.ravel(), longitude.ravel()).unsqueeze(0)
    mean, variance = predict(model, batch._replace(targets=batch.targets._replace(coordinates=points)))
    degrees, _ = experiment.standardisation.temperature(mean, variance, 0.0)
    return xr.DataArray(degrees.reshape(len(hours), *latitude.shape), {"time": hours, **axes}, ("time", *axes))
