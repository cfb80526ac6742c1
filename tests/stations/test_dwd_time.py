"""MEZ or UTC: told by the metadata, period by period, or refused."""

import zipfile

import numpy as np
import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.dwd import read_product
from sparseobs.stations.dwd_network import read_dwd
from sparseobs.stations.dwd_time import parameter_text
from sparseobs.stations.dwd_write import geography_text, product_text
from sparseobs.stations.period import period

MEZ, UTC = "Stundenwerte in MEZ", "Stundenwerte in UTC"
TURN = [("19510101", "19950131", MEZ), ("19950201", "20251231", UTC)]
NAME = "produkt_tu_stunde_19510101_20251231_00433.txt"


def around_the_turn() -> pd.Series:
    """The last hours in MEZ and the first in UTC, as stamped."""
    return pd.Series([1.0, 0.9, 1.8, 2.2, 1.0], pd.date_range("1995-01-31T21", periods=5, freq="h"))


def write(folder, spans, hours):
    place = pd.DataFrame([{"name": "A", "latitude": 52.5, "longitude": 13.4, "height": 48.0}])
    place = place.assign(start=pd.Timestamp("1948-01-01"), stop=pd.NaT)
    path = folder / "stundenwerte_TU_00433_19510101_20251231_hist.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Metadaten_Geographie_00433.txt", geography_text(433, place).encode("latin-1"))
        archive.writestr("Metadaten_Parameter_tu_stunde_00433.html", "<html></html>")
        archive.writestr("Metadaten_Parameter_tu_stunde_00433.txt", parameter_text(433, spans).encode("latin-1"))
        archive.writestr(NAME, product_text(433, hours))
    return path


def test_hours_in_mez_become_utc(tmp_path):
    """Stamped 22 and 23 MEZ are 21 and 22 UTC; no reading is of 23 UTC; 00 UTC is as stamped."""
    write(tmp_path, TURN, around_the_turn())
    hours = read_dwd(tmp_path)["temperature"].sel(station="00433").to_series()
    assert hours["1995-01-31T21"] == pytest.approx(0.9) and hours["1995-01-31T22"] == pytest.approx(1.8)
    assert np.isnan(hours["1995-01-31T23"]) and hours["1995-02-01T00"] == pytest.approx(2.2)


def test_a_clock_set_forward_lets_two_stamps_claim_one_hour(tmp_path):
    """From UTC to MEZ: 23 UTC and 00 MEZ are the same hour, which is named."""
    path = write(tmp_path, [("19510101", "19950131", UTC), ("19950201", "", MEZ)], around_the_turn())
    with pytest.raises(InputError, match="two readings at 1995-01-31 23:00:00"):
        read_product(path)


def test_a_day_of_two_periods_is_refused_where_it_is_asked_for(tmp_path):
    """As at a station whose period in MEZ ends on the day on which the one in UTC begins."""
    path = write(tmp_path, [("19510101", "19950201", MEZ), ("19950201", "20251231", UTC)], around_the_turn())
    with pytest.raises(InputError, match="00433.*2 hours from 1995-02-01 00:00: claimed by periods of MEZ and UTC"):
        read_product(path)
    before = read_dwd(tmp_path, period=period("1995-01-01", "1995-01-31"))
    assert float(before["temperature"][0, 0]) == pytest.approx(1.0)
    with pytest.raises(InputError, match="claimed by"):
        read_dwd(tmp_path, period=period("1995-02-01", "1995-02-01"))


@pytest.mark.parametrize(
    "spans, says",
    [
        ([("19510101", "19950131", "Stundenwerte in GZ"), ("19950201", "", UTC)], "3 hours from 1995-01-31 21:00: GZ"),
        ([("19510101", "19950131", "Stundenwerte in MESZ"), ("19950201", "", UTC)], "MESZ"),
        ([("19510101", "19950131", ""), ("19950201", "", UTC)], "hours in UTC or in MEZ"),
        ([("18930101", "19911101", MEZ), ("19960901", "", UTC)], "between periods of MEZ and UTC"),
        ([("1951", "19950131", MEZ)], "days as YYYYMMDD"),
        ([], "no row TT_TU"),
    ],
)
def test_a_clock_that_nobody_tells_is_refused(tmp_path, spans, says):
    with pytest.raises(InputError, match=f"DWD time base: given .*{says}"):
        read_product(write(tmp_path, spans, around_the_turn()))


def test_a_gap_between_periods_of_one_clock_is_of_that_clock(tmp_path):
    path = write(tmp_path, [("19510101", "19910101", MEZ), ("19960901", "", MEZ)], around_the_turn())
    assert read_product(path).index[0] == pd.Timestamp("1995-01-31T20")


def test_a_bare_product_takes_its_clock_from_the_metadata_beside_it(tmp_path):
    path = tmp_path / NAME
    path.write_text(product_text(433, around_the_turn()))
    with pytest.raises(InputError, match="no metadata, before 2001-04-01"):
        read_product(path)
    beside = tmp_path / "Metadaten_Parameter_tu_stunde_00433.txt"
    beside.write_bytes(parameter_text(433, TURN).encode("latin-1"))
    assert read_product(path).index[1] == pd.Timestamp("1995-01-31T21")
    beside.write_text("<html>404</html>")
    with pytest.raises(InputError, match="Metadaten_Parameter_tu_stunde_00433.txt .*the columns Von_Datum"):
        read_product(path)


def test_later_hours_without_metadata_are_utc(tmp_path):
    path = tmp_path / NAME
    path.write_text(product_text(433, pd.Series([1.0], pd.DatetimeIndex(["2001-04-01T00"]))))
    assert read_product(path).index[0] == pd.Timestamp("2001-04-01T00")
