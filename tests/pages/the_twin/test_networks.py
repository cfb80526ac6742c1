"""What is measured of a network of stations, real or synthetic, by one code."""

import tarfile

import numpy as np
import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.interpolation.kriging import Kriging
from sparseobs.stations.geography import Points
from sparseobs.stations.temperature import network
from sparseobs_book.the_twin.networks import (
    CLOUD,
    DAY,
    LEFT_OUT,
    NIGHT,
    WIND,
    describe,
    left_out_errors,
    lowland,
    read_sky,
    read_synop,
)


@pytest.fixture(scope="module")
def readings():
    """Twelve stations and five hours, of which one station misses two."""
    generator = np.random.default_rng(0)
    places = Points(generator.uniform(48, 53, 12), generator.uniform(7, 13, 12), generator.uniform(0, 600, 12))
    values = 8 - 6e-3 * places.height + generator.standard_normal((5, 12))
    values[1:3, 4] = np.nan
    return places, values


def test_one_inverse_gives_what_leaving_out_station_by_station_gives(readings):
    """Against kriging with a drift, by gstools, from the other stations alone."""
    places, values = readings
    errors = left_out_errors(places, values, 150.0, 0.1)
    kriging = Kriging("exponential", length=150.0, sill=1.0, nugget_share=0.1, heights="drift")
    for station in range(12):
        others = np.delete(np.arange(12), station)
        mean, _ = kriging.interpolate(places[others], values[:, others], places[[station]])
        np.testing.assert_allclose(errors[:, station], mean[:, 0] - values[:, station], atol=1e-4)


def test_what_is_linear_in_height_is_known_exactly(readings):
    places, _ = readings
    exact = np.stack([10 - 6e-3 * places.height, 2 + 8e-3 * places.height])
    np.testing.assert_allclose(left_out_errors(places, exact, 100.0, 0.2), 0, atol=1e-9)


def test_a_network_is_described_by_hour_and_distance():
    """By night one station in two is 4 K colder: that is missed, and two stations differ by 4 K or not at all."""
    generator = np.random.default_rng(1)
    n, times = 40, pd.date_range("2019-02-17", periods=24, freq="h")
    places = {"latitude": generator.uniform(49, 52, n), "longitude": generator.uniform(8, 12, n)}
    places |= {"height": generator.uniform(0, 500, n), "station": np.arange(n), "name": np.arange(n)}
    cold = 4.0 * (np.arange(n) % 2)
    values = np.where((times.hour < 7)[:, None], -cold, 0.0) - 6.5e-3 * places["height"]
    stations = network(values, times, places)
    found = describe(stations, left_out_errors(Points(*list(places.values())[:3]), values, 200.0, 0.3))
    found = found.set_index(["quantity", "x"])["value"]
    assert found[LEFT_OUT, 3] > 1.0 > 1e-6 > found[LEFT_OUT, 12]
    assert found[NIGHT, 120] == pytest.approx(2.0, abs=0.3) and found[DAY].max() < 0.05


@pytest.fixture
def synop(tmp_path):
    """Three reports of one German station, written at two places, one of a high and two of a foreign station."""
    times = ["2019-02-17 00:00:00", "2019-02-17 01:00:00", "2019-02-17 02:00:00"]
    rows = [(time, 10020, 55.01, 8.4 + 0.1 * (number == 1), 27, 273.15 + number) for number, time in enumerate(times)]
    rows += [(times[0], 10980, 47.42, 10.98, 2964, 260.0), (times[0], 3772, 51.5, -0.5, 25, 280.0)]
    path = tmp_path / "synop.csv"
    pd.DataFrame(rows, columns=["time", "id", "lat", "lon", "height", "T"]).to_csv(path, index=False)
    return path


def test_german_stations_have_one_place_each_and_degrees_celsius(synop):
    stations = read_synop(synop)
    assert list(stations["station"].values) == ["10020", "10980"]
    assert float(stations["longitude"][0]) == pytest.approx(8.4)
    np.testing.assert_allclose(stations["temperature"].values[:, 0], [0, 1, 2], atol=1e-4)
    low = lowland(stations)
    assert list(low["station"].values) == ["10020"], "neither a summit nor a station that hardly reports"


def test_what_is_no_table_of_german_reports_is_refused(synop, tmp_path):
    table = pd.read_csv(synop)
    for name, part in {"foreign": table[table["id"] < 10000], "lacking": table.drop(columns="height")}.items():
        part.to_csv(tmp_path / f"{name}.csv", index=False)
    for name in ("none", "foreign", "lacking"):
        with pytest.raises(InputError, match="SYNOP"):
            read_synop(tmp_path / f"{name}.csv")


@pytest.fixture
def archive(tmp_path):
    """Two hours of one day and one of the next, as (cloud, wind) of a German, a high and a foreign station."""
    hours = {"vobs2019021700": (8, 2), "vobs2019021723": (4, -99), "vobs2019021800": (-99, 5)}
    with tarfile.open(tmp_path / "raw.tar.xz", "w:xz") as packed:
        for name, (cloud, wind) in hours.items():
            stations = ((10020, 27, cloud, wind), (10980, 2964, 1, 30), (3772, 25, 0, 0))
            rows = [f"{number} 50.0 8.0 {height} {sky} {speed} 280.0" for number, height, sky, speed in stations]
            (tmp_path / name).write_text("\n".join(["3 0 1", "3", "NN 0", "FF 0", "TT 0", *rows]))
            packed.add(tmp_path / name, f"raw/{name}")
    return tmp_path / "raw.tar.xz"


def test_cloud_and_wind_of_a_day_are_means_of_what_is_reported(archive):
    sky = read_sky(archive)
    assert list(sky.index) == list(pd.to_datetime(["2019-02-17", "2019-02-18"]))
    np.testing.assert_array_equal(sky[[CLOUD, WIND]], [[6, 2], [np.nan, 5]])


def test_what_is_no_archive_of_reports_is_refused(archive, tmp_path):
    (tmp_path / "cut.tar.xz").write_bytes(archive.read_bytes()[:200])
    (tmp_path / "vobs2019021700").write_text("3 0 1\n1\nTT 0\n")
    with tarfile.open(tmp_path / "lacking.tar.xz", "w:xz") as packed:
        packed.add(tmp_path / "vobs2019021700")
    for name in ("none", "cut", "lacking"):
        with pytest.raises(InputError, match="SYNOP"):
            read_sky(tmp_path / f"{name}.tar.xz")
