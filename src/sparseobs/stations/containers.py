"""What a file is by its first bytes, whatever its name says, and how an archive is opened for reading."""

import bz2
import gzip
import lzma
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sparseobs.errors import InputError

MAGIC = {
    b"CDF\x01": "NetCDF",
    b"CDF\x02": "NetCDF",
    b"CDF\x05": "NetCDF",
    b"\x89HDF": "NetCDF",
    b"GRIB": "GRIB",
    b"PK\x03\x04": "zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"PAR1": "Parquet",
}
OPENERS = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
ARCHIVES = ("zip", *OPENERS)


def kind_of(path: Path) -> str | None:
    """Return `NetCDF`, `GRIB`, `Parquet` or an archive by the first bytes of a file, `Zarr` of a folder, else None."""
    if Path(path).is_dir():
        return "Zarr"
    with Path(path).open("rb") as file:
        begin = file.read(8)
    return next((kind for magic, kind in MAGIC.items() if begin.startswith(magic)), None)


@contextmanager
def reading(what: str, path: object, expected: str, hint: str = "a fresh copy of it") -> Iterator[None]:
    """Turn whatever a decoder raises over a file into an `InputError` that names the file.

    Decoders meet a damaged file with errors of every kind, those of compiled libraries among them.
    """
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:
        lines = str(error).strip().splitlines() or [""]
        raise InputError(what, f"{path} ({type(error).__name__}: {lines[0]})", expected, hint) from error


@contextmanager
def unpacked(path: Path) -> Iterator[list[Path]]:
    """Yield the files inside an archive (zip, gzip, bzip2, xz), in a folder that goes when they have been read.

    Raises:
        InputError: the archive is truncated or damaged, locked, or empty.
    """
    with tempfile.TemporaryDirectory(prefix="sparseobs-") as folder:
        with reading("archive", path, "a whole archive"):
            _unpack(path, Path(folder))
        files = sorted(file for file in Path(folder).rglob("*") if file.is_file())
        if not files:
            raise InputError("archive", f"{path} (empty)", "an archive with files in it", "a fresh copy of it")
        yield files


def _unpack(path: Path, folder: Path) -> None:
    kind = kind_of(path)
    if kind == "zip":
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)  # which checks each file's sum and keeps all of them below the folder
        return
    with OPENERS[kind](path) as packed, (folder / path.stem).open("wb") as file:
        shutil.copyfileobj(packed, file)
