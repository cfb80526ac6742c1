"""What every source of temperature hands on: a reanalysis, a station network, and where they came from."""

# Before a NetCDF file is opened, for xarray then loads eccodes, see `grib`.
import pyproj  # noqa: F401

# isort: split
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.regions import Region

STANDARD_LAPSE_RATE = 6.5e-3  # K/m, the ICAO standard atmosphere's
OROGRAPHY = "orography"
MARK = "@"  # between the number of a station that moved and the day it came to a place: 00320@1962-04-02


@dataclass(frozen=True)
class TemperatureData:
    """2 m temperature over a region, gridded and at stations. The two may cover different years.

    Attributes:
        source: the name it was loaded by.
        synthetic: whether nobody ever measured it.
        region: the box that holds all stations.
        reanalysis: `t2m` (time, latitude, longitude), degC; see `standard_axes` for what else is taken. Where its own
            ground is known, `orography` (latitude, longitude), m, is a coordinate, see `on_orography`.
        stations: `temperature` (time, station), degC, NaN where missing; `name`, `latitude`, `longitude`,
            `height` (m) and, in the twin, `value` (bool) lie along `station`. Where another variable takes the
            temperature's place (`twin_wind`), experiments find it by `measured`, and its units are those of all
            scores.
        elevation: (latitude, longitude), m, on a finer grid than the reanalysis, if the source has one.
        inputs: SHA-256 of every file read, by name.
        notes: one sentence for the page.
    """

    source: str
    synthetic: bool
    region: Region
    reanalysis: xr.DataArray
    stations: xr.Dataset
    elevation: xr.DataArray | None
    inputs: dict[str, str]
    notes: str

    def __post_init__(self):
        for name in ("reanalysis", "elevation"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, standard_axes(getattr(self, name)))
        _require_inside(self.region, self.stations)


@dataclass(frozen=True)
class StationData:
    """Temperature at the stations of a region for which the book has no reanalysis.

    Attributes:
        source: what it was loaded by.
        region: the box that holds all stations.
        stations: as of `TemperatureData`; forecasts at the same places and times, if there are any, lie beside them.
        elevation: (latitude, longitude), m, if the source has one.
        inputs: SHA-256 of every file read, by name.
        notes: sentences for the page: where the data come from, and what was left out.
    """

    source: str
    region: Region
    stations: xr.Dataset
    elevation: xr.DataArray | None
    inputs: dict[str, str]
    notes: str


def _require_inside(region: Region, stations: xr.Dataset) -> None:
    """Raise `InputError` if a station is not in the region, and say so if its coordinates would be the other way."""
    if "latitude" not in stations or "longitude" not in stations:
        return
    latitude, longitude = stations["latitude"].values, stations["longitude"].values
    outside = ~region.contains(latitude, longitude)
    if outside.any():
        first = int(outside.argmax())
        given = f"{int(outside.sum())} of {outside.size}, the first at {latitude[first]:g} N, {longitude[first]:g} E"
        swapped = region.contains(longitude, latitude).all()
        hint = "swapping latitude and longitude" if swapped else "a larger region, or leaving them out"
        raise InputError("stations", given, f"all in {region}", hint)


def measured(stations: xr.Dataset) -> xr.DataArray:
    """Return what a network measures, (time, station): its temperature, or else its only variable.

    Args:
        stations: a network.

    Raises:
        InputError: no temperature, and not one other variable.
    """
    names = list(stations.data_vars)
    names = ["temperature"] if "temperature" in names else names
    if len(names) != 1:
        raise InputError("stations", names, "a temperature, or one other variable", "stations[['wind_speed']]")
    return stations[names[0]].transpose("time", "station")


def cell_heights(data: TemperatureData) -> np.ndarray:
    """Return (latitude, longitude) heights in m of the reanalysis's cells: of its own orography where that is known.

    Else they are the elevation's mean over each cell; without an elevation they are 0: the reanalysis then enters as
    it is, on its own unknown orography.

    Args:
        data: a reanalysis, and an elevation if there is one.
    """
    field = data.reanalysis
    if OROGRAPHY in field.coords:
        return field[OROGRAPHY].transpose("latitude", "longitude").values.astype(float)
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


SHORT = {"lat": "latitude", "lon": "longitude"}


def standard_axes(field: xr.DataArray) -> xr.DataArray:
    """Return a field with axes called `latitude` and `longitude`, last and ascending, as everything here reads them.

    Args:
        field: of one or two other names (`lat`, `lon`), in any order and direction; one in order is returned as it is.

    Raises:
        InputError: an axis is missing, or has a place twice.
    """
    field = field.rename({short: name for short, name in SHORT.items() if short in field.dims})
    for name in SHORT.values():
        if name not in field.dims or name not in field.coords:
            raise InputError("field", field.dims, "axes `latitude` and `longitude`, with coordinates", "renaming them")
        steps = np.diff(field[name].values)
        if (steps < 0).any():
            field = field.sortby(name)
        if not (np.diff(field[name].values) > 0).all():
            raise InputError(name, "a place that comes twice, or NaN", "different places", "`drop_duplicates`")
    return field.transpose(..., "latitude", "longitude")


def on_orography(field: xr.DataArray, heights: np.ndarray) -> xr.DataArray:
    """Return a reanalysis with the heights of its own ground (latitude, longitude), m, as a coordinate.

    Raises:
        InputError: heights of another shape, or not all finite.
    """
    heights, shape = np.asarray(heights, dtype=np.float32), (field.sizes["latitude"], field.sizes["longitude"])
    if heights.shape != shape or not np.isfinite(heights).all():
        raise InputError(OROGRAPHY, f"shape {heights.shape}", f"finite heights of shape {shape}", "the field's own")
    attributes = {"standard_name": "surface_altitude", "long_name": "orography of the reanalysis", "units": "m"}
    return field.assign_coords({OROGRAPHY: (("latitude", "longitude"), heights, attributes)})


def gridded(values, time, latitude, longitude) -> xr.DataArray:
    """Return `t2m` with CF attributes.

    Args:
        values: (time, latitude, longitude), degC.
        time: (time,), UTC.
        latitude: (latitude,), degrees north, ascending.
        longitude: (longitude,), degrees east, ascending.
    """
    return xr.DataArray(
        np.asarray(values, dtype=np.float32),
        dims=("time", "latitude", "longitude"),
        coords={"time": np.asarray(time, "datetime64[ns]"), **horizontal_coordinates(latitude, longitude)},
        name="t2m",
        attrs={"standard_name": "air_temperature", "long_name": "2 m temperature", "units": "degC"},
    )


def horizontal_coordinates(latitude, longitude) -> dict:
    """Return CF latitude and longitude coordinates; raise `InputError` unless both ascend."""
    names = {"latitude": (latitude, "degrees_north"), "longitude": (longitude, "degrees_east")}
    coordinates = {}
    for name, (values, units) in names.items():
        values = np.asarray(values, dtype=np.float64)
        if values.ndim != 1 or (np.diff(values) <= 0).any():
            raise InputError(name, values, "one ascending axis", "sorting the grid first")
        coordinates[name] = (name, values, {"standard_name": name, "units": units})
    return coordinates


def network(temperature, time, places: Mapping | pd.DataFrame) -> xr.Dataset:
    """Return a station dataset with CF attributes.

    Args:
        temperature: (time, station), degC, NaN where missing.
        time: (time,), UTC.
        places: a row a station: `station` (identifier), `name`, `latitude`, `longitude`, `height` (m), optionally
            `value` (bool); other columns, a value a station, stay beside them as they are.

    Raises:
        InputError: a column is missing, or not as long as there are stations.
    """
    attributes = {
        "station": {"cf_role": "timeseries_id"},
        "name": {"standard_name": "platform_name"},
        "latitude": {"standard_name": "latitude", "units": "degrees_north"},
        "longitude": {"standard_name": "longitude", "units": "degrees_east"},
        "height": {"standard_name": "surface_altitude", "units": "m"},
        "value": {"long_name": "one of the 53 German stations of the VALUE project"},
    }
    kinds = {"station": str, "name": str, "value": bool}
    coordinates = {
        name: ("station", np.asarray(places[name], dtype=kinds.get(name, float)), attributes[name])
        for name in attributes
        if name in places
    }
    values = np.asarray(temperature, dtype=np.float32)
    for name in sorted(set(places) - set(attributes) - {"time", "temperature"}):
        column = np.asarray(places[name])
        texts = column.dtype == object  # no netCDF file takes a mixture with None
        coordinates[name] = ("station", np.asarray(pd.Series(column).fillna("").astype(str), str) if texts else column)
    lacking = [name for name in attributes if name not in coordinates and name != "value"]
    lengths = {name: np.shape(column[1]) for name, column in coordinates.items()}
    if lacking or values.ndim != 2 or set(lengths.values()) != {values.shape[1:]}:
        given = f"temperature {values.shape}, columns {lengths}"
        expected = "(time, station), and a value a station of " + ", ".join(list(attributes)[:-1])
        raise InputError("places", given, expected, "a row a station")
    units = {"standard_name": "air_temperature", "long_name": "2 m temperature", "units": "degC"}
    variables = {"temperature": (("time", "station"), values, units)}
    return xr.Dataset(variables, coords={"time": np.asarray(time, "datetime64[ns]"), **coordinates})
