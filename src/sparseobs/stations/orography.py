"""The ground that a reanalysis stands on."""

import numpy as np

from sparseobs.stations.temperature import TemperatureData


def cell_heights(data: TemperatureData) -> np.ndarray:
    """Return (latitude, longitude) heights in m of the reanalysis's cells: the elevation's mean over each cell.

    Without an elevation they are 0: the reanalysis then enters as it is, on its own unknown orography.
    """
    field = data.reanalysis
    if data.elevation is None:
        return np.zeros((field.sizes["latitude"], field.sizes["longitude"]))
    heights = data.elevation
    for axis in ("latitude", "longitude"):
        centres = field[axis].values
        half = (centres[1] - centres[0]) / 2
        edges = np.append(centres - half, centres[-1] + half)
        heights = heights.groupby_bins(axis, edges, labels=centres).mean()
        heights = heights.rename({f"{axis}_bins": axis})
    heights = heights.reindex(latitude=field["latitude"], longitude=field["longitude"])
    return heights.transpose("latitude", "longitude").fillna(0.0).values
