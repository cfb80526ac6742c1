"""One station's hourly air temperature as DWD's open-data server ships it, bare or zipped."""

import re
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

from sparseobs.errors import InputError
from sparseobs.stations.dwd_rows import rows_of
from sparseobs.stations.dwd_time import PARAMETERS, in_utc, read_time_bases
from sparseobs.stations.period import Period

MISSING = -999.0
RANGE = -90, 60  # degC, of air near the ground
COLUMNS = {"STATIONS_ID": int, "MESS_DATUM": str, "QN_9": int, "TT_TU": float, "RF_TU": float, "eor": str}
PRODUCT = re.compile(r"produkt_tu_stunde_\d{8}_\d{8}_(\d{5})\.txt")
ZIP = re.compile(r"stundenwerte_TU_(\d{5})_.*\.zip")
EXPECTED = "hourly air temperature (TU) as DWD ships it"
HINT = "fetching it again"
# The levels of the column QN_9, after DWD's description of the product.
QUALITY = {
    1: "only_formal_control",
    2: "individually_defined_criteria",
    3: "automatic_control_and_correction",
    5: "historic_subjective_procedures",
    7: "second_control_before_correction",
    8: "control_outside_routine",
    9: "not_all_parameters_corrected",
    10: "control_and_correction_finished",
}


def read_product(path: Path, period: Period | None = None) -> pd.DataFrame:
    """Return one station's hours, ascending: index `time` (UTC), columns `station`, `temperature`, `quality`.

    The temperature is in degC, NaN where DWD writes -999; `quality` is the level of the column QN_9, see `QUALITY`.
    An hour that is there twice with the same content counts once. Hours in MEZ become UTC, by the metadata in the zip
    or beside a bare product.

    Args:
        path: `produkt_tu_stunde_*.txt`, or a `stundenwerte_TU_*.zip` with one of them inside.
        period: read are its hours, some beside them, and the file's last, see `dwd_rows.rows_of`; those outside are
            not refused for a clock that nobody tells, see `dwd_time.in_utc`. None reads all hours.

    Raises:
        InputError: the file is missing, truncated or of another layout, is of several stations, has two different
            readings in one hour, or an hour of the period whose clock is not told.
    """
    content = _product(path)
    table = _parse(path, content if period is None else rows_of(content, period))
    try:
        stamps = pd.to_datetime(table["MESS_DATUM"], format="%Y%m%d%H")
    except ValueError as error:
        raise _refuse(path, str(error)) from error
    times = in_utc(stamps, _time_bases(path), path, period)
    columns = {"time": times, "station": table["STATIONS_ID"], "quality": table["QN_9"]}
    hours = pd.DataFrame(columns).assign(temperature=table["TT_TU"].where(table["TT_TU"] != MISSING))
    wrong = hours["temperature"].notna() & ~hours["temperature"].between(*RANGE)
    if wrong.any():
        raise _refuse(path, f"{hours['temperature'][wrong].iloc[0]:g} degC at {times[wrong].iloc[0]} UTC")
    hours = hours.drop_duplicates().set_index("time").sort_index()
    if hours["station"].nunique() != 1:
        raise _refuse(path, f"stations {hours['station'].unique().tolist()}", "one station a file")
    if hours.index.has_duplicates:
        hour = hours.index[hours.index.duplicated()][0]
        raise _refuse(path, f"two readings at {hour}", "one reading an hour")
    return hours


def _time_bases(path: Path) -> pd.DataFrame | None:
    """Return what the metadata in a zip or beside a product say of its clock; None where there are none."""
    if path.suffix == ".txt":
        number = PRODUCT.fullmatch(path.name)
        beside = path.with_name(f"Metadaten_Parameter_tu_stunde_{number[1]}.txt") if number else None
        return read_time_bases(beside.read_bytes(), beside) if beside and beside.is_file() else None
    found = list(zip_members(path, PARAMETERS).values())
    return read_time_bases(found[0], path) if found else None


def zip_members(path: Path, pattern: re.Pattern) -> dict[str, bytes]:
    """Return the content of the members of a zip whose names match, each checked by its CRC.

    Raises:
        InputError: no zip, or truncated or damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist() if pattern.fullmatch(Path(name).name)}
    except FileNotFoundError as error:
        raise _refuse(path, "missing") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError) as error:
        raise _refuse(path, f"{type(error).__name__}: {error}", "a whole zip") from error


def file_bytes(path: Path) -> bytes:
    """Return a file's content, or raise `InputError` if it is missing."""
    if not path.is_file():
        raise _refuse(path, "missing")
    return path.read_bytes()


def _refuse(path: Path, problem: str, expected: str = EXPECTED) -> InputError:
    return InputError("DWD file", f"{path} ({problem})", expected, HINT)


def _product(path: Path) -> bytes:
    """Return the text of the one product in a file."""
    if path.suffix == ".txt":
        return file_bytes(path)
    found = zip_members(path, PRODUCT)
    if len(found) != 1:
        names = sorted(zip_members(path, re.compile(".*")))
        raise _refuse(path, f"another layout: {', '.join(names)}", "one member produkt_tu_stunde_*.txt")
    return next(iter(found.values()))


def _parse(path: Path, content: bytes) -> pd.DataFrame:
    """Return the rows of a product; each must have all columns and the mark of its end."""
    options = {"sep": ";", "skipinitialspace": True, "encoding": "latin-1", "dtype": COLUMNS, "index_col": False}
    try:
        with np.errstate(invalid="ignore"):  # an infinity among whole numbers, which is refused
            table = pd.read_csv(BytesIO(content), **options)
        missing = [name for name in COLUMNS if name not in table.columns]
    except (ValueError, TypeError, pd.errors.ParserError) as error:
        raise _refuse(path, str(error)) from error
    if missing:
        raise _refuse(path, f"no column {', '.join(missing)}")
    # A row cut short has lost its end of record, `eor`.
    whole = table["eor"].str.strip().eq("eor").to_numpy()
    if not len(table) or not whole.all():
        raise _refuse(path, f"row {whole.argmin() + 2 if len(table) else 1} is cut")
    return table
