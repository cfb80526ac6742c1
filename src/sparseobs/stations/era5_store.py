"""ERA5 from the public ARCO-ERA5 store: of the globe since 1940, only the box and the hours asked for are read."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.files import replacing
from sparseobs.stations.containers import reading
from sparseobs.stations.era5 import in_celsius, inside, read_netcdf, temperature_field
from sparseobs.stations.period import Period
from sparseobs.stations.regions import Region
from sparseobs.stations.transfer import USER_AGENT

# Carver and Merose (2023). Each of its chunks holds one hour of the globe, so a small box costs as much as a large one.
HOME = "https://storage.googleapis.com/gcp-public-data-arco-era5/ar/full_37-1h-0p25deg-chunk-1.zarr-v3"
RETRIES, TIMEOUT = 4, 60  # more attempts at a chunk, each after a longer pause; seconds for one
EXTRA = "pip install 'sparseobs[real]'"


def open_store(address: str | Path = HOME) -> xr.DataArray:
    """Return the store's 2 m temperature (time, latitude, longitude), unread, in its own units and order.

    Args:
        address: of a Zarr store, http(s) or a folder.

    Raises:
        InputError: the extra `real` is not installed, or there is no such store.
    """
    try:
        import zarr  # noqa: F401

        if "://" in str(address):
            store = _remote(str(address))
        elif Path(address).is_dir():
            store = str(address)
        else:
            raise InputError("ERA5 store", str(address), "a folder there", "an address with https://")
    except ModuleNotFoundError as error:
        raise InputError("ERA5 store", str(address), f"the package {error.name}", EXTRA) from error
    with reading("ERA5 store", address, "a Zarr store with consolidated metadata", "again later"):
        dataset = xr.open_zarr(store, chunks=None, consolidated=None)
    return temperature_field(dataset, address)


def _remote(address: str):
    """Return a read-only store over anonymous http(s)."""
    from datetime import timedelta

    from obstore.store import HTTPStore
    from zarr.storage import ObjectStore

    options = {"user_agent": USER_AGENT, "timeout": timedelta(seconds=TIMEOUT), "allow_http": True}
    return ObjectStore(
        HTTPStore.from_url(address, client_options=options, retry_config={"max_retries": RETRIES}), read_only=True
    )


def read_box(field: xr.DataArray, region: Region, period: Period) -> xr.DataArray:
    """Return `t2m` (time, latitude, longitude), degC, of a region and a period; nothing else is read.

    Raises:
        InputError: the store lacks an hour, or has it empty because it has not been filled yet.
    """
    box = inside(field, region).sel(time=slice(period.start, period.stop - np.timedelta64(1, "h")))
    if not np.array_equal(box["time"].values, period.hours.values):
        span = " to ".join(np.datetime_as_string(field["time"].values[[0, -1]], "h"))
        raise InputError("ERA5 store", f"{period} of a store from {span}", "hours that it has", "other days")
    return in_celsius(box, f"ERA5 store, {period}")


def fetch_era5(
    folder: Path, region: Region, period: Period, address: str | Path = HOME, *, progress: Callable = iter
) -> list[Path]:
    """Fetch a region and a period month by month into NetCDF files, leaving out those that are there already.

    Args:
        folder: where to.
        region: cells inside it are kept.
        period: the days wanted.
        address: of the store.
        progress: wraps the list of months to fetch, to show how far it is.

    Raises:
        InputError: as `open_store` and `read_box`.
    """
    paths, field = [], None
    for month in progress(period.months):
        path = Path(folder) / f"t2m_{region.name}_{month}.nc"
        paths.append(path)
        if _has(path, month):
            continue
        field = open_store(address) if field is None else field
        with replacing(path) as part:
            read_box(field, region, month).to_netcdf(part, engine="h5netcdf", encoding={"t2m": {"zlib": True}})
    return paths


def _has(path: Path, month: Period) -> bool:
    """Return whether a file is whole and of that month."""
    try:
        return np.array_equal(read_netcdf(path)["time"].values, month.hours.values)
    except InputError:
        return False
