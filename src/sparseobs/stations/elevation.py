"""Height of the ground from the user's raster or NetCDF, as latitude and longitude see it."""

from pathlib import Path

import numpy as np
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.containers import reading
from sparseobs.stations.era5 import RENAMED, inside, open_dataset
from sparseobs.stations.regions import Region
from sparseobs.stations.temperature import horizontal_coordinates

MOST_CELLS = 1500  # along an axis: some 600 m over Germany; a finer raster is averaged to it
SUFFIXES = (".tif", ".tiff", ".nc")
ATTRIBUTES = {"standard_name": "surface_altitude", "long_name": "elevation", "units": "m"}
EXTRA = "pip install 'sparseobs[real]'"


def read_elevation(path: Path, region: Region, *, most_cells: int = MOST_CELLS) -> xr.DataArray:
    """Return `elevation` (latitude, longitude), m, NaN where the raster has no data; both axes ascend.

    Args:
        path: a GeoTIFF in any projection (reprojected to degrees where need be), or NetCDF in degrees.
        region: to cut out; cells whose centre lies inside are kept.
        most_cells: a GeoTIFF with more along an axis is averaged to so many.

    Raises:
        InputError: missing, damaged, without a projection, elsewhere, or without any height in the region.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("elevation", str(path), "a raster there", "a GeoTIFF or NetCDF file of elevation")
    field = _netcdf(path) if path.suffix.lower() == ".nc" else _raster(path, region, most_cells)
    field = inside(field, region).load()
    if not np.isfinite(field).any():
        raise InputError("elevation", f"{path} (no data)", f"heights inside {region}", "another raster")
    axes = horizontal_coordinates(field["latitude"].values, field["longitude"].values)
    dimensions = ("latitude", "longitude")
    values = field.transpose(*dimensions).values.astype(np.float32)
    return xr.DataArray(values, axes, dimensions, "elevation", ATTRIBUTES)


def _netcdf(path: Path) -> xr.DataArray:
    """Return the one variable on latitude and longitude, unread."""
    with open_dataset(path) as dataset:
        dataset = dataset.rename({old: new for old, new in RENAMED.items() if old in dataset.coords})
        fields = [field for field in dataset.values() if set(field.dims) == {"latitude", "longitude"}]
        if len(fields) != 1:
            given = f"{path} ({', '.join(f'{name}{field.dims}' for name, field in dataset.items())})"
            raise InputError("elevation", given, "one variable on latitude and longitude", "dropping the others")
        with reading("elevation", path, "data that can be read to their end"):
            return fields[0].load()


def _raster(path: Path, region: Region, most_cells: int) -> xr.DataArray:
    """Return a raster's first band around a region in degrees."""
    try:
        import rasterio
        from affine import Affine
        from rasterio.enums import Resampling
        from rasterio.vrt import WarpedVRT
        from rasterio.windows import Window, from_bounds
    except ModuleNotFoundError as error:
        raise InputError("elevation", str(path), f"the package {error.name}", EXTRA) from error
    box = region.west, region.south, region.east, region.north
    try:
        with rasterio.open(path) as raw, WarpedVRT(raw, crs="EPSG:4326") as raster:
            window = from_bounds(*box, raster.transform).intersection(Window(0, 0, raster.width, raster.height))
            window = window.round_offsets(op="floor").round_lengths(op="ceil")
            shape = min(int(window.height), most_cells), min(int(window.width), most_cells)
            band = raster.read(1, window=window, out_shape=shape, masked=True, resampling=Resampling.average)
            coarser = Affine.scale(window.width / shape[1], window.height / shape[0])
            transform = raster.window_transform(window) * coarser
    except (rasterio.errors.RasterioError, OSError, ValueError) as error:
        given = f"{path} ({type(error).__name__}: {error})"
        raise InputError("elevation", given, "a GeoTIFF with a projection", "gdalinfo on the file") from error
    rows, columns = (np.arange(size) + 0.5 for size in band.shape)
    latitude, longitude = transform.f + transform.e * rows, transform.c + transform.a * columns
    band = band.astype(float).filled(np.nan)
    return xr.DataArray(band, {"latitude": latitude, "longitude": longitude}, ("latitude", "longitude"))
