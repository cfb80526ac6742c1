"""How the user's own tables are laid out, where they are not as the schema has them: the file `local.yaml`."""

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.stations.iso_time import utc_times

NAME = "local.yaml"
# What a reading is in degC, by the unit that the file has it in.
UNITS = {
    "degC": lambda value: value,
    "K": lambda value: value - 273.15,
    "degF": lambda value: (value - 32) / 1.8,
    "0.1 degC": lambda value: value / 10,
}
LARGEST_DIFFERENCE = 15.0  # K from the reanalysis on average; a summit above a smooth orography is ten
HINT = "the example in book/data_and_licences.md"
DIRECTIVES = {"%Y": r"\d{4}", "%j": r"\d{3}", "%H": r"(?P<hour>\d{1,2})", "%b": r"[^\W\d]+\.?", "%B": r"[^\W\d]+"}


@dataclass(frozen=True)
class Layout:
    """One table.

    Attributes:
        file: its name in the folder `local`; None is the schema's own.
        separator: between the fields of a line.
        decimal: mark of a number's fraction.
        encoding: of its text, as Python names it.
        skip: lines before the one with the names of the columns.
        columns: the file's name of a column, or several whose texts are joined by a space, by the schema's name.
        missing: what stands for no reading, besides an empty field.
        time_format: of the times, as `datetime.strptime` has it; None is ISO 8601. An hour 24 ends its day.
        time_offset: of times that do not say it, such as +01:00.
        unit: of the temperature, of `UNITS`.
        station: the identifier of all rows, where the file is of one station.
    """

    file: str | None = None
    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8-sig"
    skip: int = 0
    columns: dict[str, str | list[str]] = dataclasses.field(default_factory=dict)
    missing: tuple = ()
    time_format: str | None = None
    time_offset: str | None = None
    unit: str = "degC"
    station: str | None = None

    def __post_init__(self):
        require_choice("unit", self.unit, UNITS)
        require_choice("decimal", self.decimal, (".", ","))
        require_number("skip", self.skip, least=0, whole=True)
        for name in ("separator", "encoding"):
            _require_text(name, getattr(self, name))
        if self.separator == self.decimal:
            raise InputError("decimal", self.decimal, f"another mark than the separator {self.separator!r}", HINT)
        try:
            "".encode(self.encoding)
        except LookupError as error:
            raise InputError("encoding", self.encoding, "an encoding that Python knows", "encoding: cp1252") from error
        if not isinstance(self.columns, dict):
            raise InputError("columns", self.columns, "the file's names by the schema's", HINT)
        if self.time_offset is not None and utc_times(pd.Series([f"2000-01-01T00:00{self.time_offset}"])).isna().any():
            raise InputError("time_offset", self.time_offset, "an offset from UTC", "time_offset: '+01:00'")

    def times(self, texts: pd.Series) -> pd.Series:
        """Return times in UTC without an offset, NaT where one cannot be read or does not say its offset."""
        offset = self.time_offset or ""
        if self.time_format is None:
            return utc_times(texts.str.strip() + offset)
        if "%z" in self.time_format:
            times = pd.to_datetime(texts.str.strip(), format=self.time_format, utc=True, errors="coerce")
            return times.dt.tz_localize(None).astype("datetime64[ns]")
        if not offset:
            return pd.Series(np.datetime64("NaT", "ns"), index=texts.index)
        texts, late = _without_24(texts.str.strip(), self.time_format)
        times = pd.to_datetime(texts, format=self.time_format, errors="coerce") + late * pd.Timedelta("1D")
        (midnight,) = utc_times(pd.Series([f"2000-01-01T00:00{offset}"]))
        return (times + (midnight - pd.Timestamp("2000-01-01"))).astype("datetime64[ns]")


@dataclass(frozen=True)
class LocalSettings:
    """What `local.yaml` says.

    Attributes:
        stations: layout of the table of stations.
        readings: layouts of the tables of readings, one or more.
        tolerance_minutes: a reading no farther from an hour of the reanalysis counts as of that hour; 0 moves none.
        largest_difference: K; a station farther from the reanalysis on average is refused.
    """

    stations: Layout = dataclasses.field(default_factory=Layout)
    readings: tuple[Layout, ...] = dataclasses.field(default_factory=lambda: (Layout(),))
    tolerance_minutes: float = 0
    largest_difference: float = LARGEST_DIFFERENCE

    def __post_init__(self):
        require_number("tolerance_minutes", self.tolerance_minutes, least=0, most=30)
        require_number("largest_difference", self.largest_difference, above=0)


def read_settings(folder: Path) -> LocalSettings:
    """Return what `local.yaml` in a folder says, the defaults if there is none.

    Raises:
        InputError: it is no YAML, or has a key or a value that is not known.
    """
    path = Path(folder) / NAME
    if path.with_suffix(".yml").is_file():
        raise InputError(NAME, str(path.with_suffix(".yml")), f"a file called {NAME}", "renaming it")
    if not path.is_file():
        return LocalSettings()
    try:
        told = _mapping(NAME, _yaml(path))
        readings = told.pop("readings", {})
        tables = [_layout("readings", part) for part in (readings if isinstance(readings, list) else [readings])]
        stations = _layout("stations", told.pop("stations", {}))
        return _made(LocalSettings, NAME, told | {"stations": stations, "readings": tuple(tables)})
    except InputError as error:
        raise InputError(NAME, f"{path}: {error}", "a layout as the book describes it", HINT) from error


def _yaml(path: Path) -> object:
    try:
        from ruamel.yaml import YAML, YAMLError
    except ModuleNotFoundError as error:
        raise InputError(NAME, str(path), "the package ruamel.yaml", "pip install 'sparseobs[real]'") from error
    try:
        return YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise InputError(
            NAME, f"{type(error).__name__}: {str(error).splitlines()[0]}", "YAML in UTF-8", HINT
        ) from error


def _layout(name: str, told: object) -> Layout:
    told = _mapping(name, told)
    if "missing" in told:
        told["missing"] = tuple(told["missing"] if isinstance(told["missing"], list) else [told["missing"]])
    for key in ("station", "time_format", "time_offset"):
        if told.get(key) is not None:
            told[key] = str(told[key])
    return _made(Layout, name, told)


def _mapping(name: str, told: object) -> dict:
    if told is not None and not isinstance(told, dict):
        raise InputError(name, told, "keys with values", HINT)
    return dict(told or {})


def _made(kind: type, name: str, told: dict) -> object:
    """Return a dataclass of these attributes, or say which of them it has not."""
    known = [field.name for field in dataclasses.fields(kind)]
    for key in told:
        require_choice(f"key of {name}", str(key), known)
    return kind(**told)


def _require_text(name: str, given: object) -> None:
    if not isinstance(given, str) or not given:
        raise InputError(name, given, "a text", HINT)


def _without_24(texts: pd.Series, time_format: str) -> tuple[pd.Series, pd.Series]:
    """Return the texts with 0 for an hour 24, and where it was so: strptime counts hours from 0 to 23."""
    parts = re.split(r"(%.)", time_format)
    known = (DIRECTIVES.get(part, r"\d{1,2}") if part[:1] == "%" else re.escape(part) for part in parts)
    pattern = re.compile("".join(known))

    def mended(text: str) -> str:
        found = pattern.fullmatch(text) if "%H" in parts else None
        if not found or found["hour"] != "24":
            return text
        return text[: found.start("hour")] + "00" + text[found.end("hour") :]

    fixed = texts.map(mended)
    return fixed, (fixed != texts).astype(int)
