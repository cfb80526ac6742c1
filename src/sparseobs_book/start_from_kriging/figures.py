"""Figure of where a network moves kriging."""

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from sparseobs.figures.maps import DEGREES, draw_field, map_axes
from sparseobs.figures.style import LOOKS
from sparseobs.stations.regions import Region


def move_map(move: xr.DataArray, stations: xr.Dataset, region: Region) -> Figure:
    """Draw by how much a network moves kriging's mean, with the stations shown.

    Args:
        move: (latitude, longitude), K.
        stations: those that are shown, with `latitude` and `longitude`.
        region: what the map covers.
    """
    ax = map_axes(region)
    most = float(np.abs(move).max()) or 1.0
    drawn = draw_field(ax, move, limits=(-most, most), cmap="RdBu_r")
    places = stations["longitude"].values, stations["latitude"].values
    ax.plot(*places, LOOKS["observations"].marker, color="black", markersize=4, fillstyle="none", transform=DEGREES)
    plt.colorbar(drawn, ax=ax, orientation="horizontal", pad=0.08, shrink=0.8, label="network less kriging (K)")
    return ax.figure
