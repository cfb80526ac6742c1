"""Which clock a station's hours were read by: DWD's metadata say MEZ (UTC+1, all year) or UTC, period by period."""

import re
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from sparseobs.errors import InputError
from sparseobs.stations.period import Period

PARAMETERS = re.compile(r"Metadaten_Parameter_tu_stunde_(\d{5})\.txt")
COLUMNS = ("Von_Datum", "Bis_Datum", "Parameter", "Zusatz-Info")
OFFSETS = {"UTC": pd.Timedelta(0), "MEZ": pd.Timedelta("1h")}
# From then on DWD makes the hours from SYNOP reports, which are in UTC everywhere; before, only the metadata can tell.
SYNOP = pd.Timestamp("2001-04-01")
WRITTEN_UTC = "Stundenwerte in UTC"
NAMED = re.compile(r"\b(UTC|MESZ|MEZ|GZ|MOZ|WOZ)\b")


def read_time_bases(content: bytes, path: Path) -> pd.DataFrame:
    """Return whose clock the temperature's hours follow: `start`, `stop` (the day after the last), `base`.

    Args:
        content: of `Metadaten_Parameter_tu_stunde_*.txt`, latin-1.
        path: to name in a message.

    Raises:
        InputError: another layout, or no row of the temperature.
    """
    lines = [line.split(";") for line in content.decode("latin-1").splitlines() if line.count(";") >= len(COLUMNS)]
    header = [cell.strip() for cell in lines[0]] if lines else []
    if not set(COLUMNS) <= set(header):
        raise _refuse(path, f"columns {', '.join(header) or 'none'}", f"the columns {', '.join(COLUMNS)}")
    table = pd.DataFrame([row[: len(header)] for row in lines[1:]], columns=header).map(str.strip)
    table = table[table["Parameter"] == "TT_TU"]
    if table.empty:
        raise _refuse(path, "no row TT_TU", "the periods of the temperature TT_TU")
    try:
        start = pd.to_datetime(table["Von_Datum"], format="%Y%m%d")
        last = table["Bis_Datum"].where(table["Bis_Datum"] != "", "21991231")
        stop = pd.to_datetime(last, format="%Y%m%d") + pd.Timedelta("1D")
    except ValueError as error:
        raise _refuse(path, str(error), "days as YYYYMMDD") from error
    named = [", ".join(sorted(set(NAMED.findall(text)))) or text for text in table["Zusatz-Info"]]
    return pd.DataFrame({"start": start, "stop": stop, "base": named}).sort_values("start", ignore_index=True)


def in_utc(stamps: pd.Series, bases: pd.DataFrame | None, path: Path, period: Period | None = None) -> pd.Series:
    """Return stamped hours in UTC.

    A day between two periods has the base of both if they agree; before the first and after the last holds theirs.

    Args:
        stamps: hours as written.
        bases: as of `read_time_bases`; None where there are no metadata.
        path: to name in a message.
        period: UTC; an hour outside is converted as well as may be and refused for nothing.

    Raises:
        InputError: in the period, an hour that two periods claim by different clocks, one that none tells, one by
            another clock, or one before `SYNOP` without metadata.
    """
    base = _base_of(stamps, bases)
    offset = base.map(OFFSETS)
    times = stamps - offset.fillna(pd.Timedelta(0))
    told = offset.notna() | (False if period is None else ~period.contains(times))
    if not told.all():
        hour, clock = stamps[~told].iloc[0], base[~told].iloc[0]
        given = f"{int((~told).sum())} hours from {hour:%Y-%m-%d %H:00}: {clock}"
        raise _refuse(path, given, "hours in UTC or in MEZ, told by one period of Metadaten_Parameter_tu_stunde_*.txt")
    return times


def _base_of(stamps: pd.Series, bases: pd.DataFrame | None) -> pd.Series:
    """Return the base of each hour, or a few words where it is not known."""
    if bases is None:
        return pd.Series(np.where(stamps >= SYNOP, "UTC", f"no metadata, before {SYNOP:%Y-%m-%d}"), index=stamps.index)
    # Between two turns of any period all days are alike.
    turns = pd.DatetimeIndex(sorted({*bases["start"], *bases["stop"]}))
    alike = [_base_on(day, bases) for day in [turns[0] - pd.Timedelta("1D"), *turns]]
    return pd.Series(np.array(alike, dtype=object)[turns.searchsorted(stamps, side="right")], index=stamps.index)


def _base_on(day: pd.Timestamp, bases: pd.DataFrame) -> str:
    holding = bases[(bases["start"] <= day) & (bases["stop"] > day)]
    if holding.empty:
        before, after = bases[bases["stop"] <= day].tail(1), bases[bases["start"] > day].head(1)
        holding = pd.concat([before, after])
        if holding["base"].nunique() > 1:
            return f"between periods of {' and '.join(holding['base'])}"
    clocks = list(dict.fromkeys(holding["base"]))
    return clocks[0] if len(clocks) == 1 else f"claimed by periods of {' and '.join(clocks)}"


def parameter_text(number: int, spans: Collection[tuple[str, str, str]]) -> str:
    """Return metadata as DWD writes them.

    Args:
        number: of the station.
        spans: first day, last day (YYYYMMDD, the last may be empty) and what DWD says of the clock.
    """
    lines = ["Stations_ID;Von_Datum;Bis_Datum;Stationsname;Parameter;Parameterbeschreibung;Einheit;"]
    lines[0] += "Datenquelle (Strukturversion=SV);Zusatz-Info;Besonderheiten;Literaturhinweis;eor;"
    for start, stop, said in spans:
        lines.append(f"{number};{start};{stop};Erfunden;TT_TU;Lufttemperatur;°C;Erfunden;{said};;;eor;")
    return "\r\n".join([*lines, "Legende: FT  = Folgetag; GZ = Gesetzliche Zeit", ""])


def _refuse(path: Path, problem: str, expected: str) -> InputError:
    return InputError("DWD time base", f"{path} ({problem})", expected, "other days, or asking DWD for that station")
