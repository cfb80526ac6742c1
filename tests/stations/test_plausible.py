"""A unit cannot hide beside the reanalysis of the same hours."""

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.local import load_local
from sparseobs.stations.sources import load

from .local_files import readings, weather, write

FROM_CELSIUS = {
    "degF": lambda value: value * 1.8 + 32,
    "K": lambda value: value + 273.15,
    "0.1 degC": lambda value: np.round(10 * value),
}


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))


@pytest.mark.parametrize("unit", FROM_CELSIUS)
def test_a_file_in_another_unit_is_refused_by_its_likely_name(tmp_path, unit):
    write(tmp_path, readings(FROM_CELSIUS[unit]))
    with pytest.raises(
        InputError, match=f"3 of 3 stations: A is .* K above the reanalysis.*degC for {unit}.*`unit: {unit}`"
    ):
        load("local")


@pytest.mark.parametrize("unit", FROM_CELSIUS)
def test_told_its_unit_it_is_read(tmp_path, unit):
    write(tmp_path, readings(FROM_CELSIUS[unit]), settings=f"readings: {{unit: {unit}}}")
    np.testing.assert_allclose(load_local().stations["temperature"][:, 0], weather(), atol=0.06)


@pytest.mark.parametrize("unit", FROM_CELSIUS)
def test_one_station_in_another_unit_is_named(tmp_path, unit):
    table = readings()
    table.loc[table["station"] == "B", "temperature"] = FROM_CELSIUS[unit](weather())
    write(tmp_path, table)
    with pytest.raises(InputError, match=f"station B: B is .*unit: {unit}"):
        load_local()


def test_tenths_about_freezing_have_the_right_mean_and_are_found_by_their_spread(tmp_path):
    from .local_files import reanalysis

    field = reanalysis() - 12
    table = readings(lambda value: np.round(10 * (value - 12)))
    write(tmp_path, table[table["station"] == "A"], field=field.assign_attrs(units="K"))
    with pytest.raises(InputError, match="station A.*unit: 0.1 degC"):
        load_local()


def test_no_unit_explains_a_thermometer_that_is_far_off(tmp_path):
    table = readings()
    table.loc[table["station"] == "C", "temperature"] = 40 + 0.0 * weather()
    write(tmp_path, table)
    with pytest.raises(InputError, match="station C: C is .* K above.*largest_difference"):
        load_local()
    write(tmp_path, table, settings="largest_difference: 40")
    assert load_local().stations.sizes["station"] == 3


def test_a_summit_ten_degrees_colder_is_believed(tmp_path):
    write(tmp_path, readings(lambda value: value - 10))
    assert float(load("local").stations["temperature"].mean()) < 5


def test_where_no_hour_is_common_the_range_alone_can_tell(tmp_path):
    table = readings(FROM_CELSIUS["K"])
    write(tmp_path, table.assign(time=table["time"].str.replace("2020", "2019")))
    with pytest.raises(InputError, match="column temperature: given '2.*row 1'; expected .* from -90 to 60"):
        load_local()
