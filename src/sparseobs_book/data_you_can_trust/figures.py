"""What is wrong with a station network, drawn."""

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from sparseobs.figures.maps import draw_field, draw_stations, map_axes
from sparseobs.figures.style import FULL_WIDTH
from sparseobs.stations.regions import Region


def maps_of(region: Region, maps: dict[str, tuple[xr.DataArray, xr.Dataset]]) -> Figure:
    """Draw interpolated fields with the readings behind them, side by side on one scale of colours.

    Args:
        region: what to show.
        maps: by title, a field (latitude, longitude), degC, and the stations at that hour. The last one's middle
            98 % decide the colours.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 4.2))
    limits = tuple(float(value) for value in np.nanpercentile(list(maps.values())[-1][0], (1, 99)))
    axes = []
    for position, (title, (field, stations)) in enumerate(maps.items()):
        ax = map_axes(region, figure=figure, position=(1, len(maps), position + 1))
        mesh = draw_field(ax, field, limits=limits)
        draw_stations(ax, stations, stations["temperature"].values, limits=limits)
        ax.set_title(title)
        axes.append(ax)
    bar = figure.colorbar(mesh, ax=axes, orientation="horizontal", shrink=0.6, aspect=35, pad=0.02, extend="both")
    bar.set_label("2 m temperature (°C)")
    return figure


def gap_chart(temperature: xr.DataArray) -> Figure:
    """Draw which station has a reading when.

    Args:
        temperature: (time, station), NaN where missing.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.0))
    missing = np.isnan(temperature.transpose("station", "time").values)
    days = (temperature["time"].values - temperature["time"].values[0]) / np.timedelta64(1, "D")
    ax.pcolormesh(
        days, np.arange(len(missing)), missing, cmap="Greys", vmin=0, vmax=1, shading="nearest", rasterized=True
    )
    ax.set_xlabel("days since the start")
    ax.set_ylabel("station")
    return figure


def departures(departures: xr.DataArray, suspicious: xr.DataArray, stations: list[int]) -> Figure:
    """Draw some stations' departures from their neighbours, and which of them were not believed.

    Args:
        departures: (time, station), K.
        suspicious: (time, station), true where not believed.
        stations: positions of the stations to draw, a panel each.
    """
    figure, panels = plt.subplots(
        len(stations), 1, figsize=(FULL_WIDTH, 1.9 * len(stations)), sharex=True, squeeze=False
    )
    days = (departures["time"].values - departures["time"].values[0]) / np.timedelta64(1, "D")
    for ax, station in zip(panels[:, 0], stations, strict=True):
        values, wrong = departures.values[:, station], suspicious.values[:, station]
        ax.axhline(0, color="0.7", linewidth=0.8)
        ax.plot(days, values, color="black", linewidth=0.8)
        ax.plot(days[wrong], values[wrong], "o", color="#C2334D", fillstyle="none", markersize=4)
        ax.set_title(f"{departures['name'].values[station]} (synthetic)", loc="left")
    panels[-1, 0].set_xlabel("days since the start")
    figure.supylabel("departure from neighbours (K)")
    return figure
