"""Figures of the page on kriging."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from sparseobs.figures.maps import DEGREES, draw_field, draw_stations, map_axes
from sparseobs.figures.moving import Moving, moving
from sparseobs.figures.style import FULL_WIDTH, LOOKS, UNSEEN, legend_above
from sparseobs.stations.regions import Region
from sparseobs_book.kriging.run import Kriged, Map, World

DRIFT = "kriging + elevation drift"
STEPS = 9  # of a map's colours; few, so that a moving figure is small
LINES = (("#1F5A7A", "-"), ("#B04A00", (0, (5, 2))), ("#39475A", ":"))  # three things that are no methods


def moving_maps(world: World, grid: Map, truth: np.ndarray, by_number: Mapping[int, Kriged], hour: int) -> Moving:
    """Draw the maps of `estimate_and_truth` by the number of stations shown; it opens with the most.

    Args:
        world: the page's data.
        grid: where the maps are drawn.
        truth: (place,), degC.
        by_number: what is kriged, by the number of stations.
        hour: that is mapped.
    """

    def fields(n_stations: int) -> dict[str, xr.DataArray]:
        found = by_number[n_stations]
        values = {"estimate": found.mean, "truth": truth, "std": found.std, "error": found.mean - truth}
        return {name: grid.field(each) for name, each in values.items()}

    stations = world.data.stations.isel(time=hour)
    most = fields(max(by_number))
    ends = limits_of(most, stations["temperature"].values)
    ends["std"] = ends["std"][0], float(np.nanquantile(fields(min(by_number))["std"].values, 0.98))
    ends["error"] = tuple(2 * end for end in ends["error"])

    def draw(n_stations: int) -> Figure:
        chosen = stations.isel(station=by_number[n_stations].stations)
        return estimate_and_truth(world.data.region, fields(n_stations), chosen, ends)

    def says(n_stations: int) -> str:
        found = by_number[n_stations]
        return (
            f"{n_stations} stations: off by {found.rmse:.2f} K at the {len(world.others)} stations not shown (RMSE), "
            f"where the standard deviation is {found.said:.2f} K (root mean square)."
        )

    alt = (
        "Four maps of Germany. From few stations the kriged temperature is smooth, and the standard deviation is large "
        "away from them; with more stations the estimate takes on the truth's detail, the standard deviation falls, "
        "and the error becomes small patches of both signs."
    )
    return moving(draw, {"stations shown": sorted(by_number)}, (max(by_number),), alt=alt, says=says, colours=72)


def limits_of(fields: Mapping[str, xr.DataArray], readings: np.ndarray) -> dict[str, tuple[float, float]]:
    """Return the ends of the colours of each of the fields of `estimate_and_truth`; readings (station,), degC."""
    both = np.concatenate([fields["estimate"].values.ravel(), fields["truth"].values.ravel(), readings])
    limits = tuple(np.nanquantile(both, [0.005, 0.995]))
    most = float(np.nanquantile(np.abs(fields["error"].values), 0.99))
    spread = tuple(float(np.nanquantile(fields["std"].values, share)) for share in (0, 0.98))
    return {"estimate": limits, "truth": limits, "std": spread, "error": (-most, most)}


def estimate_and_truth(
    region: Region,
    fields: Mapping[str, xr.DataArray],
    stations: xr.Dataset,
    ends: Mapping[str, tuple[float, float]] | None = None,
) -> Figure:
    """Return four maps: estimate and truth on one scale, the standard deviation, and the error.

    Args:
        region: what to show.
        fields: (latitude, longitude): `estimate` and `truth`, degC, `std` and `error`, K; NaN at sea, drawn grey.
        stations: those shown; `temperature` (station,) of the hour, degC.
        ends: of the colours, by field; by default `limits_of` what is drawn.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 7.0))
    readings = stations["temperature"].values
    ends = ends or limits_of(fields, readings)
    panels = {
        "estimate": ("kriged, and readings", "viridis", "temperature (°C)"),
        "truth": ("truth", "viridis", "temperature (°C)"),
        "std": ("how unsure", "cividis", "std. deviation (K)"),
        "error": ("kriged less truth", "RdBu_r", "error (K)"),
    }
    for number, (name, (title, colours, label)) in enumerate(panels.items()):
        ax = map_axes(region, figure=figure, position=(2, 2, number + 1))
        ax.set_facecolor(UNSEEN)
        mesh = draw_field(ax, fields[name], limits=ends[name], cmap=plt.get_cmap(colours, STEPS))
        if name == "estimate":
            draw_stations(ax, stations, readings, limits=ends[name], cmap=plt.get_cmap(colours, STEPS)).set_sizes([16])
        if name == "std":
            ax.scatter(stations["longitude"], stations["latitude"], s=4, color="white", transform=DEGREES, zorder=4)
        ax.set_title(title)
        extend = "max" if name == "std" else "both"
        figure.colorbar(mesh, ax=ax, orientation="horizontal", shrink=0.9, extend=extend).set_label(label)
    return figure


def variograms(found: Mapping[str, tuple[np.ndarray, np.ndarray]], curve: tuple[np.ndarray, np.ndarray], nugget: float):
    """Return semivariances against distance, a fitted curve, and the nugget that it starts from.

    Args:
        found: distance (km) and semivariance (K^2), (bin,) each, by name.
        curve: the same, of the fitted variogram.
        nugget: K^2.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.6))
    looks = (("#7E1F33", "s", "none"), ("#202020", "o", "full"))
    for (name, (distance, half)), (colour, marker, fill) in zip(found.items(), looks, strict=False):
        ax.plot(distance, half, marker, color=colour, fillstyle=fill, label=name)
    ax.plot(*curve, color=LOOKS[DRIFT].color, label="fitted")
    ax.axhline(nugget, color="0.35", linestyle=":", label="nugget")
    ax.set(xlabel="distance between two stations (km)", ylabel="semivariance (K²)", xlim=(0, None), ylim=(0, None))
    legend_above(figure, 2)
    return figure


def weights_along(line: np.ndarray, weights: Mapping[str, np.ndarray], stations: Mapping[str, float]) -> Figure:
    """Return one panel a case, one below the other: each station's weight, where the target is on a line.

    Args:
        line: (target,), km.
        weights: (station, target), by case.
        stations: each one's place on the line, km, by name.
    """
    figure, axes = plt.subplots(len(weights), 1, figsize=(FULL_WIDTH, 0.8 + 2.2 * len(weights)), sharex=True)
    for ax, (case, rows) in zip(np.atleast_1d(axes), weights.items(), strict=True):
        for (name, place), row, (colour, dash) in zip(stations.items(), rows, LINES, strict=True):
            ax.plot(line, row, color=colour, linestyle=dash, label=f"weight of {name}")
            ax.plot(place, 0, "o", color=colour, fillstyle="none", markersize=8, clip_on=False)
            ax.annotate(name, (place, 0), (0, 9), textcoords="offset points", ha="center", color=colour)
        ax.axhline(0, color="0.5", linewidth=0.8)
        ax.set(title=case, ylabel="weight")
    ax.set_xlabel("where the target is (km)")
    legend_above(figure, 3)
    return figure


def lapse_rates(days: np.ndarray, rates: Mapping[str, np.ndarray], fixed: float) -> Figure:
    """Return lapse rates against time.

    Args:
        days: (hour,), since the run's start.
        rates: (hour,), K per km: the twin's own, `truth`, and those of methods.
        fixed: K per km.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.4))
    for name, values in rates.items():
        ax.plot(days, values, **LOOKS[name]._asdict() | {"marker": ""}, label=name)
    ax.axhline(fixed, color="0.35", linestyle=":", label=f"fixed, {fixed:g} K per km")
    ax.set(xlabel="day of the run", ylabel="lapse rate (K per km)")
    legend_above(figure, 2)
    return figure


def said_and_found(table: pd.DataFrame) -> Figure:
    """Return, by hour of the day, the standard deviation that was said and the error that came.

    Args:
        table: indexed by the hour of the day (UTC), with `said` and `came`, K.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.2))
    ax.plot(table.index, table["came"], "o-", color="black", fillstyle="none", label="error that came (RMSE)")
    ax.plot(table.index, table["said"], **LOOKS[DRIFT]._asdict() | {"marker": ""}, label="standard deviation said")
    ax.set(
        xlabel="hour of the day (UTC)",
        ylabel="K",
        ylim=(0, 1.15 * table[["said", "came"]].max().max()),
        xticks=range(0, 25, 6),
    )
    legend_above(figure, 2)
    return figure
