"""Every spelling of one hour is that hour; what does not say its offset is none."""

import numpy as np
import pandas as pd
import pytest

from sparseobs.stations.iso_time import utc_times

DATES = ("2019-03-01", "20190301", "2019-060", "2019060", "2019-W09-5", "2019W095")
CLOCKS = ("T12", "T12:00", "T1200", "T12:00:00", "T120000", " 12:00", "  12:00:00", "t12:00:00.0", "T12:00:00,000000")
OFFSETS = {"Z": 0, "z": 0, " UTC": 0, "+00": 0, "+0000": 0, " +00:00": 0, "-00:00": 0, "+05:30": -330, "-0930": 570}


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize("clock", CLOCKS)
def test_every_spelling_of_an_hour(date, clock):
    read = utc_times(pd.Series([f"{date}{clock}{offset}" for offset in OFFSETS]))
    wanted = np.datetime64("2019-03-01T12:00") + np.array(list(OFFSETS.values()), "timedelta64[m]")
    np.testing.assert_array_equal(read.to_numpy(), wanted.astype("datetime64[ns]"))


@pytest.mark.parametrize("clock", ["T24:00", "T24", " 24:00:00", "T2400", "T24:00:00.000"])
def test_the_end_of_a_day_is_the_beginning_of_the_next(clock):
    (read,) = utc_times(pd.Series([f"2019-12-31{clock}Z"]))
    assert read == pd.Timestamp("2020-01-01")


def test_the_fraction_of_a_second_and_a_true_minus_sign_are_read():
    read = utc_times(pd.Series(["2019-03-01T12:00:00.25Z", "2019-03-01T12:00\u221201"]))
    assert read.tolist() == [pd.Timestamp("2019-03-01T12:00:00.25"), pd.Timestamp("2019-03-01T13:00")]


def test_what_pandas_reads_it_reads_the_same():
    times = pd.date_range("1996-02-27T13:17:11", periods=400, freq="31h7min", tz="Asia/Kathmandu")
    texts = pd.Series([time.isoformat() for time in times])
    assert (utc_times(texts).to_numpy() == times.tz_convert("UTC").tz_localize(None).to_numpy()).all()
    weeks = pd.Series(
        [f"{time.isocalendar()[0]}-W{time.isocalendar()[1]:02d}-{time.isocalendar()[2]}" for time in times]
    )
    days = utc_times(weeks + "T00Z")
    assert (days.to_numpy() == times.tz_localize(None).normalize().to_numpy()).all()


@pytest.mark.parametrize(
    "text",
    [
        "2019-03-01T12:00",
        "2019-03-01 12:00:00",
        "2019-03-01",
        "2019-03-01Z",
        "2019-03-0100",
        "2019-02-29T00Z",
        "",
        "nan",
    ]
    + ["2019-13-01T00Z", "2019-366T00Z", "2019-W53-1T00Z", "2019-03-01T24:30Z", "2019-03-01T25Z", "2019-03-01T12:60Z"]
    + ["2019-03-01T12:00:60Z", "2019-03-01T12:00+15:00", "2019-03-01T12:00+01:75", "0019-03-01T12:00Z", "12:00Z"]
    + [
        "01.03.2019 12:00Z",
        "2019-03-01T12:00 CET",
        "2019-03-01T12:00+",
        "20190301",
        "1551398400",
        "2019-0301T12Z",
        "M",
    ],
)
def test_what_is_no_time_or_does_not_say_its_offset(text):
    assert utc_times(pd.Series([text])).isna().all()
