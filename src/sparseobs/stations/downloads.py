"""Real data are never shipped: they are read from a folder, or fetched once from their public homes."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import pooch
import requests

from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.files import sha256


@dataclass(frozen=True)
class RemoteFile:
    """A public file: its place below the data folder, its pinned address, and its SHA-256."""

    path: str
    url: str
    sha256: str


_XARRAY = "https://raw.githubusercontent.com/pydata/xarray-data/58de68cb45bcbd1557df11a92827758495481b4e"
_AIMSIR = "https://raw.githubusercontent.com/JimDuggan/aimsir17/6d8061b90d4042048e8d1103ab939b1c2b9b63d2/data"

FILES = {
    "twin": (),
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


def check(source: str) -> dict[str, str]:
    """Return, by path below the data folder, whether each file is `ready`, `missing` or of `another hash`."""
    folder, _ = data_folder()
    return {file.path: _state(folder / file.path, file) for file in _files(source)}


def fetch(source: str, *, base_url: str | None = None, retries: int = 2, timeout: float = 30.0) -> dict[str, Path]:
    """Return the verified local path of every file of `source`, downloading what the user's cache lacks.

    Args:
        source: a name in `FILES`.
        base_url: a mirror laid out like the data folder (default `SPARSEOBS_DATA_URL`, else none).
        retries: more attempts after a broken connection or a wrong hash; a refusal (HTTP 4xx) is final.
        timeout: seconds of silence before a connection is given up.

    Raises:
        InputError: the user's folder lacks a file or holds another version of it; or the download failed.
    """
    require_number("retries", retries, least=0, whole=True)
    require_number("timeout", timeout, above=0)
    folder, own = data_folder()
    base_url = base_url or os.environ.get("SPARSEOBS_DATA_URL")
    paths = {}
    for file in _files(source):
        path = paths[file.path] = folder / file.path
        if own:
            _require_ready(path, file)
        elif _state(path, file) != "ready":
            url = f"{base_url.rstrip('/')}/{file.path}" if base_url else file.url
            _download(path, file, url, retries, timeout)
    return paths


def _files(source: str) -> tuple[RemoteFile, ...]:
    return FILES[require_choice("source", source, FILES)]


def _state(path: Path, file: RemoteFile) -> str:
    if not path.is_file():
        return "missing"
    return "ready" if sha256(path) == file.sha256 else "another hash"


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


class _Refused(Exception):
    """The server answered that it will not give the file: asking again is no use."""


class _Downloader(pooch.HTTPDownloader):
    """pooch's downloader, but for a refusal, which it would repeat."""

    def __call__(self, url, output_file, pooch_object, check_only=False):
        try:
            return super().__call__(url, output_file, pooch_object, check_only=check_only)
        except requests.HTTPError as error:
            if error.response.status_code < 500:
                raise _Refused(str(error)) from error
            raise


def _download(path: Path, file: RemoteFile, url: str, retries: int, timeout: float) -> None:
    """Download to a temporary file that becomes `path` once its hash is right (pooch does both)."""
    try:
        pooch.core.stream_download(
            url, path, f"sha256:{file.sha256}", _Downloader(timeout=timeout), retry_if_failed=retries
        )
    except (_Refused, requests.RequestException, ValueError, OSError) as error:
        hint = "again later, a mirror (SPARSEOBS_DATA_URL), or a folder with the files (SPARSEOBS_DATA)"
        given = f"{url} ({type(error).__name__}: {error})"
        raise InputError("download", given, f"a file with SHA-256 {file.sha256}", hint) from error
