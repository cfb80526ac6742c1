"""Real data are never shipped: they are read from a folder, or fetched once from their public homes."""

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from sparseobs.errors import InputError, require_choice
from sparseobs.files import PACKAGE, sha256
from sparseobs.stations.transfer import Damaged, Downloader


@dataclass(frozen=True)
class RemoteFile:
    """A public file that never changes: its place below the data folder, its pinned address, and its SHA-256."""

    path: str
    url: str
    sha256: str


SOURCES = ("germany", "germany_snapshot", "local", "midas", "northwest", "synop", "twin", "uk_ireland")


def _pinned() -> dict[str, tuple[RemoteFile, ...]]:
    """Return by source what of it is pinned, see `data/README.md`; `germany` has files that change daily besides."""
    with (PACKAGE / "stations" / "data" / "remote_files.csv").open(newline="") as table:
        rows = [(row.pop("source"), RemoteFile(**row)) for row in csv.DictReader(table)]
    return {source: tuple(file for name, file in rows if name == source) for source in SOURCES}


FILES = _pinned()


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


def fetch(
    source: str,
    *,
    base_url: str | None = None,
    retries: int = 2,
    timeout: float = 30.0,
    within: str = "",
) -> dict[str, Path]:
    """Return the verified local path of every pinned file of `source`, downloading what the user's cache lacks.

    Args:
        source: a name in `FILES`.
        base_url: a mirror laid out like the data folder (default `SPARSEOBS_DATA_URL`, else none).
        retries: as of `Downloader`.
        timeout: as of `Downloader`.
        within: how the paths of the files begin that are wanted, such as `germany/`; default all.

    Raises:
        InputError: the user's folder lacks a file or holds another version of it; or the download failed.
    """
    folder, own = data_folder()
    base_url = mirror(base_url)
    paths = {}
    with Downloader(retries=retries, timeout=timeout) as downloader:
        for file in (file for file in _files(source) if file.path.startswith(within)):
            path = paths[file.path] = folder / file.path
            if own:
                _require_ready(path, file)
            elif _state(path, file) != "ready":
                url = f"{base_url}/{file.path}" if base_url else file.url
                expected = f"a file with SHA-256 {file.sha256}"
                downloader.fetch(url, path, lambda part, file=file: _require_hash(part, file), expected)
    return paths


def _files(source: str) -> tuple[RemoteFile, ...]:
    return FILES[require_choice("source", source, FILES)]


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
    state, hint = _state(path, file), f"getting it from {file.url}, or unset SPARSEOBS_DATA"
    if state == "missing":
        raise InputError("SPARSEOBS_DATA", str(path), "a file there", hint)
    if state != "ready":
        raise InputError("SPARSEOBS_DATA", f"{path} with {state}", f"SHA-256 {file.sha256}", hint)
