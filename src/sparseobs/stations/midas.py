"""Daily mean temperature at ten of the Met Office's stations, with heights from a 1 km elevation grid."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.downloads import fetch
from sparseobs.stations.temperature import horizontal_coordinates, network

BRITISH_NATIONAL_GRID = "EPSG:27700"
WGS_84 = "EPSG:4326"
SPACING = 0.01  # degrees, of the elevation on latitudes and longitudes
MEAN = "temp_mean"  # of the hourly readings, UTC days; `temp_avg` is the mean of minimum and maximum


def load_midas() -> xr.Dataset:
    """Return daily mean `temperature` (time, station), degC, of the ten stations, fetching the files if need be.

    A day's time is its beginning. Its mean is that of the day's hours from 00 to 23 UTC: the files do not say so, but
    means over other 24 hours are farther from ERA5's.

    Raises:
        InputError: a file is missing, cannot be fetched, is damaged or is not the pinned one.
    """
    *series, metadata, elevation = fetch("midas").values()
    return read_midas(metadata, series, elevation)


def load_elevation() -> xr.DataArray:
    """Return the elevation of the Thames basin (latitude, longitude), m, fetching its file if need be."""
    return on_degrees(read_ascii_grid(fetch("midas")["uk_ireland/thames_dem.asc"]))


def read_midas(metadata: Path, series: Iterable[Path], elevation: Path) -> xr.Dataset:
    """Return daily mean `temperature` (time, station), degC, NaN where missing.

    Args:
        metadata: CSV with `Point_ID`, `Station_Name`, `File_Name`, `Latitude` and `Longitude` (degrees, WGS 84).
        series: a CSV a station with `datetime` and `temp_mean` (degC).
        elevation: as `read_ascii_grid` takes.

    Raises:
        InputError: a file without these, a station that the metadata lack, or one off the elevation grid.
    """
    series = list(series)
    places = _read_csv(metadata, ["Point_ID", "Station_Name", "File_Name", "Latitude", "Longitude"])
    places = places.set_index("File_Name")
    unknown = [path.name for path in series if path.name not in places.index]
    if unknown:
        raise InputError("MIDAS stations", unknown, "files that the metadata name", "the metadata of that folder")
    places = places.loc[[path.name for path in series]]
    means = [_read_csv(path, ["datetime", MEAN]).set_index("datetime")[MEAN] for path in series]
    table = pd.concat(means, axis=1)
    try:
        table.index = pd.to_datetime(table.index, format="%Y-%m-%d")
        table = table.astype(float).sort_index().asfreq("D")
    except ValueError as error:
        raise InputError("MIDAS", f"{metadata.parent} ({error})", "days and numbers", "fetching it again") from error
    names = {"Point_ID": "station", "Station_Name": "name", "Latitude": "latitude", "Longitude": "longitude"}
    places = places.rename(columns=names)
    places["name"] = places["name"].str.replace("-", " ").str.title()
    places["height"] = heights_at(read_ascii_grid(elevation), places["latitude"], places["longitude"])
    return network(table.to_numpy(), table.index, places)


def read_ascii_grid(path: Path) -> xr.DataArray:
    """Return the heights (y, x), m, of an ESRI ASCII grid; y and x ascend and are of the cells' centres, m.

    Raises:
        InputError: the file is missing, or is no such grid.
    """
    expected = "an ESRI ASCII grid of elevation in m"
    try:
        with Path(path).open() as file:
            header = dict(line.lower().split() for line in (next(file) for _ in range(6)))
            values = np.loadtxt(file, ndmin=2)
        size = float(header["cellsize"])
        west, south = float(header["xllcorner"]), float(header["yllcorner"])
        shape = int(header["nrows"]), int(header["ncols"])
        missing = float(header["nodata_value"])
    except (OSError, ValueError, KeyError, StopIteration, RuntimeError) as error:
        raise InputError("elevation", f"{path} ({error})", expected, "fetching it again") from error
    if values.shape != shape:
        raise InputError("elevation", f"{path} of {values.shape}", f"{expected}, {shape}", "fetching it again")
    axes = {"y": south + size * (np.arange(shape[0]) + 0.5), "x": west + size * (np.arange(shape[1]) + 0.5)}
    heights = np.where(values == missing, np.nan, values)[::-1]
    return xr.DataArray(heights, axes, ("y", "x"), attrs={"standard_name": "surface_altitude", "units": "m"})


def on_degrees(grid: xr.DataArray, spacing: float = SPACING) -> xr.DataArray:
    """Return an elevation in British National Grid as (latitude, longitude), m, over the largest box within it.

    Args:
        grid: (y, x), as of `read_ascii_grid`. Where it has no height the result has none.
        spacing: of the result, degrees.
    """
    transform = pyproj.Transformer.from_crs(BRITISH_NATIONAL_GRID, WGS_84, always_xy=True).transform
    x, y = grid["x"].values, grid["y"].values
    longitude, latitude = transform(x[[0, 0, -1, -1]], y[[0, -1, 0, -1]])
    rows = np.arange(latitude[[0, 2]].max(), latitude[[1, 3]].min(), spacing)
    columns = np.arange(longitude[[0, 1]].max(), longitude[[2, 3]].min(), spacing)
    back = pyproj.Transformer.from_crs(WGS_84, BRITISH_NATIONAL_GRID, always_xy=True).transform
    dims = ("latitude", "longitude")
    places = (xr.DataArray(part, dims=dims) for part in back(*np.meshgrid(columns, rows)))
    heights = grid.interp(dict(zip(("x", "y"), places, strict=True)), method="nearest").values
    return xr.DataArray(heights, horizontal_coordinates(rows, columns), dims, attrs=grid.attrs)


def heights_at(grid: xr.DataArray, latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """Return the height of the cell that each point (degrees, WGS 84) lies in, m.

    Args:
        grid: (y, x) in British National Grid, as of `read_ascii_grid`.
        latitude: (point,), degrees north.
        longitude: (point,), degrees east.

    Raises:
        InputError: a point off the grid, or where it has no height.
    """
    to_grid = pyproj.Transformer.from_crs(WGS_84, BRITISH_NATIONAL_GRID, always_xy=True)
    x, y = (xr.DataArray(part, dims="point") for part in to_grid.transform(np.asarray(longitude), np.asarray(latitude)))
    half = (grid["x"].values[1] - grid["x"].values[0]) / 2
    try:
        heights = grid.sel(x=x, y=y, method="nearest", tolerance=half).values
    except KeyError as error:
        given = f"x of {x.min():.0f} to {x.max():.0f} m, y of {y.min():.0f} to {y.max():.0f} m"
        raise InputError("points", given, "points on the elevation grid", "a larger grid") from error
    if not np.isfinite(heights).all():
        raise InputError("points", "where the grid has no height", "points on land", "another grid")
    return heights


def _read_csv(path: Path, columns: list[str]) -> pd.DataFrame:
    """Return these columns of a CSV file, or raise `InputError`."""
    try:
        return pd.read_csv(path, usecols=columns)
    except (OSError, ValueError) as error:
        given = f"{path} ({error})"
        raise InputError("MIDAS", given, f"a CSV file with {', '.join(columns)}", "fetching it again") from error
