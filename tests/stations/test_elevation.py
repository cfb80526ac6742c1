import os
from pathlib import Path

import numpy as np
import pytest
import rasterio
import xarray as xr
from rasterio.transform import from_bounds

from sparseobs.errors import InputError
from sparseobs.stations.elevation import read_elevation
from sparseobs.stations.regions import REGIONS, Region

DATA = Path(os.environ.get("SPARSEOBS_DATA", Path(__file__).parents[3] / "shared" / "data")) / "germany" / "elevation"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="no folder SPARSEOBS_DATA with real data")
BOX = Region("box", 47.0, 49.0, 6.0, 9.0)


def write_raster(path: Path, values: np.ndarray, bounds=(5.0, 46.0, 10.0, 50.0), crs="EPSG:4326") -> Path:
    """Write a raster, north first, whose value -9999 means no data."""
    rows, columns = values.shape
    options = {"driver": "GTiff", "height": rows, "width": columns, "count": 1, "dtype": "float32", "nodata": -9999}
    with rasterio.open(path, "w", crs=crs, transform=from_bounds(*bounds, columns, rows), **options) as raster:
        raster.write(values.astype(np.float32), 1)
    return path


def plane(rows=40, columns=50, bounds=(5.0, 46.0, 10.0, 50.0)) -> np.ndarray:
    """Return a height that tells its place: 100 m per degree north, 10 m per degree east."""
    west, south, east, north = bounds
    latitude = north - (np.arange(rows) + 0.5) * (north - south) / rows
    longitude = west + (np.arange(columns) + 0.5) * (east - west) / columns
    return 100 * latitude[:, None] + 10 * longitude


def assert_is_plane(field, atol):
    wanted = 100 * field["latitude"].values[:, None] + 10 * field["longitude"].values
    np.testing.assert_allclose(field, wanted, atol=atol)


def test_a_raster_is_cut_and_turned_upright(tmp_path):
    field = read_elevation(write_raster(tmp_path / "t.tif", plane()), BOX)
    assert field.dims == ("latitude", "longitude") and field.shape == (20, 30)
    np.testing.assert_allclose(field["latitude"], np.arange(47.05, 49, 0.1), atol=1e-9)
    assert_is_plane(field, 1e-3)
    assert field.attrs["units"] == "m" and field.attrs["standard_name"] == "surface_altitude"


def test_no_data_is_missing_and_nothing_else_is(tmp_path):
    values = plane()
    values[15, 20] = -9999
    field = read_elevation(write_raster(tmp_path / "t.tif", values), BOX)
    assert int(np.isnan(field).sum()) == 1
    assert np.isnan(field.sel(latitude=48.45, longitude=7.05, method="nearest"))


def test_a_fine_raster_is_averaged(tmp_path):
    field = read_elevation(write_raster(tmp_path / "t.tif", plane(400, 500)), BOX, most_cells=30)
    assert max(field.shape) <= 30
    assert_is_plane(field, 2.0)


def test_another_projection_comes_in_degrees(tmp_path):
    bounds = (300_000, 5_150_000, 700_000, 5_500_000)  # m, UTM zone 32
    north = np.linspace(bounds[3], bounds[1], 351)[:-1] - 500
    field = read_elevation(
        write_raster(tmp_path / "t.tif", np.tile(north[:, None] / 1e4, 400), bounds, "EPSG:32632"), BOX
    )
    assert 47 < float(field["latitude"].min()) < 47.1 and 8.9 < float(field["longitude"].max()) < 9
    middle = field.sel(latitude=48.0, longitude=8.9, method="nearest")  # 9 E is the zone's middle: 5_316_300 m at 48 N
    assert float(middle) == pytest.approx(531.6, abs=0.5)


def test_netcdf_in_degrees(tmp_path):
    latitude, longitude = np.arange(50.0, 45, -0.5), np.arange(5.0, 11, 0.5)
    values = 100 * latitude[:, None] + 10 * longitude
    field = xr.DataArray(values, {"lat": latitude, "lon": longitude}, ("lat", "lon"), "topo")
    field.to_netcdf(tmp_path / "t.nc", engine="scipy")
    read = read_elevation(tmp_path / "t.nc", BOX)
    assert read.shape == (5, 7)
    assert_is_plane(read, 1e-3)
    xr.Dataset({"a": field, "b": field}).to_netcdf(tmp_path / "two.nc", engine="scipy")
    with pytest.raises(InputError, match="one variable on latitude and longitude"):
        read_elevation(tmp_path / "two.nc", BOX)


def test_bad_rasters_stop(tmp_path):
    with pytest.raises(InputError, match="a raster there"):
        read_elevation(tmp_path / "nowhere.tif", BOX)
    (tmp_path / "t.tif").write_bytes(b"II*\x00 cut")
    with pytest.raises(InputError, match="a GeoTIFF with a projection"):
        read_elevation(tmp_path / "t.tif", BOX)
    with pytest.raises(InputError, match="a GeoTIFF with a projection"):
        read_elevation(write_raster(tmp_path / "far.tif", plane(), bounds=(50, 46, 55, 50)), BOX)
    with pytest.raises(InputError, match="no data"):
        read_elevation(write_raster(tmp_path / "empty.tif", np.full((40, 50), -9999)), BOX)


@needs_data
def test_the_real_raster_of_germany():
    """Zugspitze's cell is high, Hamburg's low; all of the country has a height."""
    field = read_elevation(DATA / "ElevRasterDE.tif", REGIONS["germany"])
    at = [float(field.sel(latitude=y, longitude=x, method="nearest")) for y, x in ((47.42, 10.98), (53.55, 10.0))]
    assert at[0] > 1300 and -5 < at[1] < 60
    # The raster goes below the sea: -65 m in the Baltic.
    assert -100 < float(field.min()) and 1800 < float(field.max()) < 3500
