"""Maps that never need a network: coast and borders come from the package's own Natural Earth extract."""

import warnings
from functools import cache

import cartopy.crs as ccrs
import matplotlib.pyplot as plt
import numpy as np
import shapely
import xarray as xr
from cartopy.mpl.geoaxes import GeoAxes
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sparseobs.errors import InputError, require_number
from sparseobs.figures.style import FULL_WIDTH
from sparseobs.outlines import coastline, layer

DEGREES = ccrs.PlateCarree()
# How a station's part in an experiment is drawn: fill, marker, size (points squared).
ROLES = {"train": ("#555555", "o", 14), "validation": ("#8294AD", "s", 18), "held_out": ("#C2334D", "^", 30)}


@cache
def _outlines() -> tuple[shapely.Geometry, ...]:
    """Return coast and borders, or, warning once, nothing if the package lacks its extract."""
    try:
        return coastline(), layer("borders")
    except InputError as error:
        warnings.warn(f"maps are drawn without coastlines: {error}", stacklevel=4)
        return ()


def map_axes(region, *, figure: Figure | None = None, position=(1, 1, 1)) -> GeoAxes:
    """Return axes over a region with coast, borders, labelled graticule and scale bar.

    The projection is Lambert's conformal conic; `projection_name` says so for a caption.

    Args:
        region: what to show: anything with `south`, `north`, `west` and `east`, degrees.
        figure: where to add the axes (default: a new one).
        position: as for `add_subplot`.
    """
    figure = figure or plt.figure(figsize=(FULL_WIDTH, 5.0))
    middle = (region.west + region.east) / 2, (region.south + region.north) / 2
    projection = ccrs.LambertConformal(*middle, standard_parallels=_parallels(region))
    ax = figure.add_subplot(*position, projection=projection)
    ax.set_extent((region.west, region.east, region.south, region.north), crs=DEGREES)
    for geometry, width in zip(_outlines(), (0.8, 0.5), strict=False):
        ax.add_geometries([geometry], DEGREES, facecolor="none", edgecolor="black", linewidth=width, zorder=2)
    labels = {"draw_labels": {"bottom": "x", "left": "y"}, "x_inline": False, "y_inline": False}
    lines = ax.gridlines(linewidth=0.4, color="0.5", alpha=0.5, **labels)
    lines.xlabel_style = lines.ylabel_style = {"size": 10}
    lines.rotate_labels = False
    lines.xlocator = MaxNLocator(4, steps=[1, 2, 3, 5, 10])  # few enough for the narrowest of panels
    _scale_bar(ax)
    return ax


def _parallels(region) -> tuple[float, float]:
    """Return the standard parallels, a sixth of the way in from either edge."""
    sixth = (region.north - region.south) / 6
    return region.south + sixth, region.north - sixth


def projection_name(region) -> str:
    """Return the name of the projection that `map_axes` uses for a region."""
    south, north = _parallels(region)
    return f"Projection: Lambert conformal conic, true to scale at {south:.1f} and {north:.1f}°N"


def _scale_bar(ax: GeoAxes) -> None:
    """Draw a bar of a round number of km in the lower right corner; the projection's unit is the metre."""
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    length = 200e3 if east - west > 600e3 else 100e3
    right, height = east - 0.04 * (east - west), south + 0.03 * (north - south)
    for color, width in (("white", 5), ("black", 2)):
        ax.plot([right - length, right], [height, height], color=color, linewidth=width, zorder=5)
    halo = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1}
    place = right - length / 2, height + 0.025 * (north - south)
    ax.text(*place, f"{length / 1e3:.0f} km", ha="center", va="bottom", fontsize=10, zorder=5, bbox=halo)


def draw_field(ax: GeoAxes, field: xr.DataArray, *, limits=None, cmap: str | None = None) -> QuadMesh:
    """Draw a (latitude, longitude) field as cells, and return what a colour bar needs.

    Args:
        ax: from `map_axes`.
        field: one time only.
        limits: least and greatest value of the colours (default: of the field).
        cmap: a matplotlib colour map (default: the book's).

    Raises:
        InputError: the field has other dimensions.
    """
    if set(field.dims) != {"latitude", "longitude"}:
        raise InputError("field", field.dims, "(latitude, longitude)", "field.isel(time=0)")
    low, high = limits or (float(field.min()), float(field.max()))
    field = field.transpose("latitude", "longitude")
    axes = field["longitude"].values, field["latitude"].values
    return ax.pcolormesh(
        *axes, field.values, transform=DEGREES, vmin=low, vmax=high, cmap=cmap, shading="nearest", rasterized=True
    )


def draw_stations(ax: GeoAxes, stations: xr.Dataset, values, *, limits, cmap: str | None = None) -> PathCollection:
    """Draw a value at every station as a filled circle, a missing one as a small cross.

    Args:
        ax: from `map_axes`.
        stations: with `latitude` and `longitude` along `station`.
        values: (station,), NaN where missing.
        limits: least and greatest value of the colours.
        cmap: a matplotlib colour map (default: the book's).
    """
    east, north, values = stations["longitude"].values, stations["latitude"].values, np.asarray(values, float)
    if values.shape != east.shape:
        raise InputError("values", values.shape, f"one value a station, {east.shape}", "one time only")
    missing = ~np.isfinite(values)
    ax.scatter(east[missing], north[missing], s=12, marker="x", color="0.3", transform=DEGREES, zorder=3)
    return ax.scatter(
        east[~missing],
        north[~missing],
        c=values[~missing],
        s=26,
        vmin=limits[0],
        vmax=limits[1],
        cmap=cmap,
        edgecolors="black",
        linewidths=0.6,
        transform=DEGREES,
        zorder=4,
    )


def temperature_map(data, hour: int) -> Figure:
    """Return the reanalysis beside the stations at one hour, on one scale of colours.

    Args:
        data: a source's `TemperatureData`; its two parts may be of different years, as the titles say.
        hour: position along the stations' times; and the reanalysis's, if it lacks that hour.

    Raises:
        InputError: an hour that one of them does not have.
    """
    require_number("hour", hour, least=0, most=data.stations.sizes["time"] - 1, whole=True)
    stations = data.stations.isel(time=hour)
    same = np.flatnonzero(data.reanalysis["time"].values == stations["time"].values)
    position = int(np.append(same, hour)[0])
    require_number("hour", position, least=0, most=data.reanalysis.sizes["time"] - 1, whole=True)
    field = data.reanalysis.isel(time=position)
    both = np.concatenate([field.values.ravel(), stations["temperature"].values])
    limits = float(np.nanmin(both)), float(np.nanmax(both))
    figure = plt.figure(figsize=(FULL_WIDTH, 4.6), layout="constrained")
    left, right = (map_axes(data.region, figure=figure, position=(1, 2, panel)) for panel in (1, 2))
    mesh = draw_field(left, field, limits=limits)
    draw_stations(right, stations, stations["temperature"].values, limits=limits)
    kind, own = "twin " * data.synthetic, data.synthetic or data.source == "local"
    for ax, name, part in ((left, "reanalysis" if own else "ERA5", field), (right, "stations", stations)):
        hour_name = np.datetime_as_string(part["time"].values, "h").replace("T", " ")
        ax.set_title(f"{kind}{name}\n{hour_name} UTC", fontsize=10)
    bar = figure.colorbar(mesh, ax=[left, right], orientation="horizontal", shrink=0.6, aspect=35, pad=0.02)
    bar.set_label("2 m temperature (°C)")
    figure.supxlabel(projection_name(data.region), fontsize=10, color="0.35")
    return figure
