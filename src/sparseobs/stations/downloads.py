"""Real data are never shipped: they are read from a folder, or fetched once from their public homes."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from sparseobs.errors import InputError, require_choice
from sparseobs.files import sha256
from sparseobs.stations.midas_files import GERMANY_SNAPSHOT, MIDAS
from sparseobs.stations.transfer import Damaged, Downloader


@dataclass(frozen=True)
class RemoteFile:
    """A public file that never changes: its place below the data folder, its pinned address, and its SHA-256."""

    path: str
    url: str
    sha256: str


_XARRAY = "https://raw.githubusercontent.com/pydata/xarray-data/58de68cb45bcbd1557df11a92827758495481b4e"
_AIMSIR = "https://raw.githubusercontent.com/JimDuggan/aimsir17/6d8061b90d4042048e8d1103ab939b1c2b9b63d2/data"
_ISORIX = "https://raw.githubusercontent.com/courtiol/IsoriX/35fb6a7b0be9d3140a6f235e433afe03bdd1db85/IsoriX"

# What of each source is pinned; `germany` has files that change daily besides, see `germany`.
FILES = {
    "germany": (
        RemoteFile(
            "germany/elevation/ElevRasterDE.tif",
            f"{_ISORIX}/inst/extdata/ElevRasterDE.tif",
            "7e1171e64e6c7b28f2f8eeb39aee09699c5ec627857c1dc3b169a7f52ea208d9",
        ),
    ),
    "local": (),
    "twin": (),
    "germany_snapshot": tuple(RemoteFile(*file) for file in GERMANY_SNAPSHOT),
    "midas": tuple(RemoteFile(*file) for file in MIDAS),
    "uk_ireland": (
        RemoteFile(
            "uk_ireland/era5-2mt-2019-03-uk.grib",
            f"{_XARRAY}/era5-2mt-2019-03-uk.grib",
            "e5e82609f0e28e84822852e15d20c88dbb4b142a30264a7e6f87b9b5c7501df9",
        ),
        RemoteFile(
            "uk_ireland/ireland_hourly/observations.rda",
            f"{_AIMSIR}/observations.rda",
            "72fc033c333065735178da0a23e8cad11c1bc6638a222b92dd1f1a582f908489",
        ),
        RemoteFile(
            "uk_ireland/ireland_hourly/stations.rda",
            f"{_AIMSIR}/stations.rda",
            "b75e3e079a939a713d7d5110f4123ec1feee93a219f20c1fc337f146703e6a57",
        ),
    ),
}


def data_folder() -> tuple[Path, bool]:
    """Return where files are looked for, and whether it is the user's own folder (`SPARSEOBS_DATA`)."""
    given = os.environ.get("SPARSEOBS_DATA")
    if given:
        return Path(given).expanduser(), True
    return platformdirs.user_cache_path("sparseobs") / "data", False


def mirror(base_url: str | None = None) -> str | None:
    """Return the address of a mirror laid out like the data folder: as given, else `SPARSEOBS_DATA_URL`, else none."""
    address = base_url or os.environ.get("SPARSEOBS_DATA_URL")
    return address.rstrip("/") if address else None


def check(source: str) -> dict[str, str]:
    """Return, by path below the data folder, whether each pinned file is `ready`, `missing` or of `another hash`."""
    folder, _ = data_folder()
    return {file.path: _state(folder / file.path, file) for file in _files(source)}


def fetch(source: str, *, base_url: str | None = None, retries: int = 2, timeout: float = 30.0) -> dict[str, Path]:
    """Return the verified local path of every pinned file of `source`, downloading what the user's cache lacks.

    Args:
        source: a name in `FILES`.
        base_url: a mirror laid out like the data folder (default `SPARSEOBS_DATA_URL`, else none).
        retries: as of `Downloader`.
        timeout: as of `Downloader`.

    Raises:
        InputError: the user's folder lacks a file or holds another version of it; or the download failed.
    """
    folder, own = data_folder()
    base_url = mirror(base_url)
    paths = {}
    with Downloader(retries=retries, timeout=timeout) as downloader:
        for file in _files(source):
            path = paths[file.path] = folder / file.path
            if own:
                _require_ready(path, file)
            elif _state(path, file) != "ready":
                url = f"{base_url}/{file.path}" if base_url else file.url
                downloader.fetch(url, path, lambda part, file=file: _require_hash(part, file), _expected(file))
    return paths


def require_own_folder_is_not_set() -> None:
    """Refuse to download into a folder of the user's: it is read and never written."""
    folder, own = data_folder()
    if own:
        raise InputError("SPARSEOBS_DATA", str(folder), "no folder of your own", "unset SPARSEOBS_DATA, then fetch")


def _files(source: str) -> tuple[RemoteFile, ...]:
    return FILES[require_choice("source", source, FILES)]


def _expected(file: RemoteFile) -> str:
    return f"a file with SHA-256 {file.sha256}"


def _state(path: Path, file: RemoteFile) -> str:
    if not path.is_file():
        return "missing"
    return "ready" if sha256(path) == file.sha256 else "another hash"


def _require_hash(path: Path, file: RemoteFile) -> None:
    found = sha256(path)
    if found != file.sha256:
        raise Damaged(f"SHA-256 {found}")


def _require_ready(path: Path, file: RemoteFile) -> None:
    """Refuse a file that is missing or is not the one whose hash is pinned."""
    state = _state(path, file)
    if state == "missing":
        raise InputError(
            "SPARSEOBS_DATA",
            str(path),
            "a file there",
            f"getting it from {file.url}, or unset SPARSEOBS_DATA",
        )
    if state != "ready":
        given = f"{path} with SHA-256 {sha256(path)}"
        raise InputError("SPARSEOBS_DATA", given, f"SHA-256 {file.sha256}", f"a fresh copy from {file.url}")
