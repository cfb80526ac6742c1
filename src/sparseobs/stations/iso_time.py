"""ISO 8601 times with their offset from UTC, in every spelling that databases and spreadsheets write."""

import re

import numpy as np
import pandas as pd

SPELLING = re.compile(
    r"(?P<year>\d{4})(?:(?P<dash>-?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)|-?(?P<ordinal>\d{3})"
    r"|-?W(?P<week>\d\d)-?(?P<weekday>[1-7]))"
    r"(?:[Tt]|\s+)(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9})\d*)?)?)?"
    r"\s*(?:(?P<utc>[Zz]|UTC|GMT)|(?P<sign>[+\-\u2212])(?P<ahead>\d\d)(?::?(?P<minutes>\d\d))?)"
)
PLAIN = r"(?:1[7-9]|2[01])\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)"
LONGEST_OFFSET = 14  # hours: the islands that meet a day first


def utc_times(texts: pd.Series) -> pd.Series:
    """Return times in UTC without an offset, NaT where a text is no time or does not say its offset.

    Read are dates as 2019-03-01, 20190301, 2019-060 and 2019-W09-5; T or a space; hours with or without minutes,
    seconds, colons and a decimal point or comma; 24:00 as the end of a day; Z, UTC, +00, +0000 and +00:00.

    Args:
        texts: of any length; each that is there several times is read once.
    """
    codes, spelled = pd.factorize(texts)
    spelled = pd.Series(spelled, dtype=str)
    # Pandas reads the commonest spelling, sixty times as fast; what it does not read is looked at one by one.
    plain = spelled.where(spelled.str.fullmatch(PLAIN))
    read = pd.to_datetime(plain, utc=True, format="ISO8601", errors="coerce").dt.tz_localize(None)
    read = read.to_numpy("datetime64[ns]", copy=True)
    for index in np.flatnonzero(np.isnat(read)):
        read[index] = _utc(spelled[index])
    return pd.Series(np.append(read, np.datetime64("NaT"))[codes], index=texts.index)


def _utc(text: str) -> np.datetime64:
    """Return one time, NaT where it is none."""
    found = SPELLING.fullmatch(str(text).strip())
    if not found:
        return np.datetime64("NaT")
    part = {name: int(value) for name, value in found.groupdict().items() if value and value.isdigit()}
    hour, minute, second = (part.get(name, 0) for name in ("hour", "minute", "second"))
    fraction = int((found["fraction"] or "").ljust(9, "0"))
    ahead, minutes = part.get("ahead", 0), part.get("minutes", 0)
    day = _day(part)
    within = hour < 24 or (hour == 24 and not (minute or second or fraction))
    if day is None or not within or minute > 59 or second > 59 or minutes > 59 or ahead > LONGEST_OFFSET:
        return np.datetime64("NaT")
    offset = (60 * ahead + minutes) * (1 if found["sign"] == "+" else -1)
    seconds = 3600 * hour + 60 * (minute - offset) + second
    return day + np.timedelta64(seconds, "s") + np.timedelta64(fraction, "ns")


def _day(part: dict[str, int]) -> np.datetime64 | None:
    """Return the day that the parts of a date name, None where there is no such day."""
    year = part["year"]
    if not 1700 <= year <= 2200:  # what nanoseconds can tell, and thermometers
        return None
    first = np.datetime64(f"{year}-01-01")
    if "month" in part:
        try:
            return np.datetime64(f"{year}-{part['month']:02d}-{part['day']:02d}").astype("datetime64[ns]")
        except ValueError:
            return None
    if "ordinal" in part:
        day = first + part["ordinal"] - 1
        return day.astype("datetime64[ns]") if day.astype("M8[Y]") == first.astype("M8[Y]") else None
    # The first week is the one with the fourth of January; weeks begin on a Monday, as 1970-01-05 was.
    fourth = first + 3
    monday = fourth - (fourth - np.datetime64("1970-01-05")).astype(int) % 7
    day = monday + 7 * (part["week"] - 1) + part["weekday"] - 1
    return (
        day.astype("datetime64[ns]") if (day + 4 - part["weekday"]).astype("M8[Y]") == first.astype("M8[Y]") else None
    )
