import hashlib

import pytest

from sparseobs.errors import InputError
from sparseobs.stations import transfer
from sparseobs.stations.transfer import Damaged, Downloader

from .mirror import Mirror

CONTENT = bytes(range(256)) * 1000


def verify(path):
    if path.read_bytes() != CONTENT:
        raise Damaged(f"{path.stat().st_size} other bytes")


@pytest.fixture
def pauses(monkeypatch):
    slept = []
    monkeypatch.setattr(transfer.time, "sleep", slept.append)
    return slept


@pytest.fixture
def mirror(pauses):
    with Mirror({"file": CONTENT}) as server:
        yield server


def fetch(mirror, folder, check=verify, resume=True, **options):
    with Downloader(**options) as downloader:
        return downloader.fetch(f"{mirror.url}/file", folder / "file", check, "the file", resume=resume)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_cut_connection_goes_on_where_it_stopped(mirror, tmp_path):
    mirror.faults = ["cut", "cut", "ok"]
    assert fetch(mirror, tmp_path).read_bytes() == CONTENT
    first, second, third = (int(headers.get("Range", "bytes=0-")[6:-1]) for headers in mirror.headers)
    # Half of it, then half of the rest; what is not yet written of the last block is asked for again.
    assert first == 0 and len(CONTENT) // 2 - 8192 <= second <= len(CONTENT) // 2
    assert 3 * len(CONTENT) // 4 - 16384 <= third <= 3 * len(CONTENT) // 4
    assert names(tmp_path) == ["file"]


def test_so_does_a_later_call(mirror, tmp_path):
    mirror.faults = ["cut"]
    with pytest.raises(InputError, match="download: given .*file.*expected the file.*SPARSEOBS_DATA_URL"):
        fetch(mirror, tmp_path, retries=0)
    assert names(tmp_path) == ["file.part"], "nothing that a reader could take for the file"
    assert fetch(mirror, tmp_path, retries=0).read_bytes() == CONTENT
    assert int(mirror.headers[1]["Range"][6:-1]) > len(CONTENT) // 3
    assert names(tmp_path) == ["file"]


def test_a_server_without_ranges_sends_all_of_it_again(mirror, tmp_path):
    mirror.ranges, mirror.faults = False, ["cut"]
    assert fetch(mirror, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("kept", [CONTENT[:1000][::-1], CONTENT + b"more", CONTENT[::-1]])
def test_a_part_of_another_version_is_seen_and_thrown_away(mirror, tmp_path, kept):
    (tmp_path / "file.part").write_bytes(kept)
    assert fetch(mirror, tmp_path).read_bytes() == CONTENT
    assert len(mirror.requests) == 2 and "Range" not in mirror.headers[1]


def test_another_range_than_the_one_asked_for_is_not_taken(mirror, tmp_path):
    (tmp_path / "file.part").write_bytes(CONTENT[:1000])
    mirror.faults = ["elsewhere"]
    assert fetch(mirror, tmp_path).read_bytes() == CONTENT


def test_what_cannot_be_resumed_is_not(mirror, tmp_path):
    (tmp_path / "file.part").write_bytes(CONTENT[:1000])
    assert fetch(mirror, tmp_path, resume=False).read_bytes() == CONTENT
    assert "Range" not in mirror.headers[0]


def test_a_refusal_is_final_and_a_busy_server_is_given_the_time_it_asks_for(mirror, tmp_path, pauses):
    (tmp_path / "file.part").write_bytes(CONTENT[:1000])
    mirror.faults = ["missing"]
    with pytest.raises(InputError, match="Refused: HTTP 404"):
        fetch(mirror, tmp_path)
    assert len(mirror.requests) == 1 and names(tmp_path) == [] and pauses == []
    mirror.faults = ["busy", "broken", "broken"]
    fetch(mirror, tmp_path, retries=3)
    assert pauses == [7.0, 2.0, 4.0]


def test_retries_are_bounded_and_their_pauses_too(mirror, tmp_path, pauses):
    mirror.faults = ["broken"] * 100
    with pytest.raises(InputError, match="HTTP 503"):
        fetch(mirror, tmp_path, retries=9)
    assert len(mirror.requests) == 10
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_file_that_no_attempt_can_mend_is_asked_for_once(mirror, tmp_path):
    def refuse(path):
        raise InputError("layout", hashlib.sha256(path.read_bytes()).hexdigest()[:8], "another", "nothing")

    with pytest.raises(InputError, match="layout: given"):
        fetch(mirror, tmp_path, check=refuse)
    assert len(mirror.requests) == 1 and names(tmp_path) == []


def test_the_server_learns_who_asks(mirror, tmp_path):
    fetch(mirror, tmp_path)
    assert mirror.headers[0]["User-Agent"].startswith("sparseobs/")
    assert mirror.headers[0]["Accept-Encoding"] == "identity"


def test_a_page_as_text(mirror):
    mirror.files["index"] = "Großenkneten".encode("latin-1")
    mirror.faults = ["broken"]
    with Downloader() as downloader:
        assert downloader.text(f"{mirror.url}/index", "a page") == "Großenkneten"
        with pytest.raises(InputError, match="404.*expected a page"):
            downloader.text(f"{mirror.url}/nowhere", "a page")
