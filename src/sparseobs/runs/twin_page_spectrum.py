"""How much of a field's variation lies at which wavelength."""

import numpy as np
import xarray as xr

from sparseobs.stations.geography import DEGREE
from sparseobs.stations.regions import Region

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
