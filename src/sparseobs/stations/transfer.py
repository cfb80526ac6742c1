"""Downloads over HTTP: resumable, verified, and polite to the servers that give their data away."""

import time
from collections.abc import Callable
from pathlib import Path

import requests
import urllib3

import sparseobs
from sparseobs.errors import InputError, require_number

USER_AGENT = f"sparseobs/{sparseobs.__version__} (a book on sparse observations)"
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # s between attempts: doubled each time, or as long as the server asks
PASSING = {408, 425, 429}  # refusals that a later attempt may not meet
HINT = "again later, a mirror (SPARSEOBS_DATA_URL), or a folder with the files (SPARSEOBS_DATA)"


class Damaged(Exception):
    """What arrived is not the file that was asked for, but another attempt may bring it."""


class _Refused(Exception):
    """The server answered that it will not give the file: asking again is no use."""


class Downloader:
    """One connection to fetch many files over, one after the other.

    Args:
        retries: more attempts at a file after a broken connection, a busy server or a damaged file; a refusal
            (HTTP 4xx) is final.
        timeout: seconds of silence before a connection is given up.

    Raises:
        InputError: numbers out of range.
    """

    def __init__(self, *, retries: int = 2, timeout: float = 30.0):
        self._retries = require_number("retries", retries, least=0, whole=True)
        self._timeout = require_number("timeout", timeout, above=0)
        self._session = requests.Session()
        # Bytes as they are stored, or a range of them would be a range of something else.
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})

    def __enter__(self) -> "Downloader":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def text(self, url: str, expected: str) -> str:
        """Return a page as text (latin-1 unless the server says otherwise)."""

        def attempt() -> str:
            with self._get(url) as response:
                return response.content.decode(response.encoding or "latin-1")

        return self._insist(attempt, url, expected)

    def fetch(self, url: str, path: Path, verify: Callable[[Path], object], expected: str, *, resume=True) -> Path:
        """Return `path`, downloaded and verified.

        Bytes gather in a file of that name and `.part`, which becomes `path` once it is verified. A connection that
        breaks leaves it for the next attempt, of this call or a later one, to go on from. It goes when the server
        refuses, or when what it holds turns out wrong.

        Args:
            url: where to fetch from.
            path: what to write.
            verify: raises `Damaged` if another attempt may help, or `InputError` if none can.
            expected: what the file should be, for the message.
            resume: whether to go on from an earlier `.part`; only where `verify` would see two versions mixed.

        Raises:
            InputError: refused, unreachable, or never verified.
        """
        part = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        if not resume:
            part.unlink(missing_ok=True)

        def attempt() -> Path:
            try:
                self._receive(url, part)
                verify(part)
            except (_Refused, Damaged, InputError):
                part.unlink(missing_ok=True)
                raise
            return part.replace(path)

        return self._insist(attempt, url, expected)

    def _insist(self, attempt: Callable, url: str, expected: str):
        """Return what `attempt` does, tried again after a while when it fails for a reason that may pass."""
        pause = FIRST_PAUSE
        for left in range(self._retries, -1, -1):
            try:
                return attempt()
            except _Refused as error:
                problem = error
                break
            except InputError as error:
                raise InputError("download", f"{url} ({error})", expected, HINT) from error
            except (Damaged, requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                problem = error
                if left:
                    time.sleep(max(pause, _asked_to_wait(error)))
                    pause = min(2 * pause, LONGEST_PAUSE)
        given = f"{url} ({type(problem).__name__.lstrip('_')}: {problem})"
        raise InputError("download", given, expected, HINT) from problem

    def _get(self, url: str, **headers: str) -> requests.Response:
        response = self._session.get(url, headers=headers, stream=True, timeout=self._timeout)
        status = response.status_code
        if status < 400 or status == 416:
            return response
        response.close()
        if status < 500 and status not in PASSING:
            raise _Refused(f"HTTP {status} {response.reason}")
        raise requests.HTTPError(f"HTTP {status} {response.reason}", response=response)

    def _receive(self, url: str, part: Path) -> None:
        """Write what is missing of `part`, or all of it where the server does not know ranges."""
        have = part.stat().st_size if part.is_file() else 0
        with self._get(url, **({"Range": f"bytes={have}-"} if have else {})) as response:
            if response.status_code == 416:
                raise Damaged(f"{have} bytes were kept, more than the server has")
            resumed = response.status_code == 206
            if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                raise Damaged("the server sent another part than the one asked for")
            with part.open("ab" if resumed else "wb") as file:
                # What has arrived before a cut is kept, to the byte.
                while block := response.raw.read1(1 << 16):
                    file.write(block)


def _asked_to_wait(error: Exception) -> float:
    """Return the seconds that a busy server asks for, within reason."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    asked = headers.get("Retry-After", "")
    return min(float(asked), LONGEST_PAUSE) if asked.isdigit() else 0.0
