import hashlib

import pytest

from sparseobs.errors import InputError
from sparseobs.stations import downloads
from sparseobs.stations.downloads import RemoteFile, check, fetch

from .mirror import Mirror

CONTENT = b"temperature " * 1000
NAME = "uk_ireland/small.grib"
FILE = RemoteFile(NAME, "http://127.0.0.1:1/nobody", hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def mirror():
    with Mirror({NAME: CONTENT}) as server:
        yield server


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.delenv("SPARSEOBS_DATA", raising=False)
    monkeypatch.delenv("SPARSEOBS_DATA_URL", raising=False)
    monkeypatch.setattr(downloads.platformdirs, "user_cache_path", lambda name: tmp_path / name)
    monkeypatch.setitem(downloads.FILES, "uk_ireland", (FILE,))
    monkeypatch.setattr("sparseobs.stations.transfer.time.sleep", lambda seconds: None)
    return tmp_path


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_fetched_once_and_verified(mirror, cache):
    assert check("uk_ireland") == {NAME: "missing"}
    path = fetch("uk_ireland", base_url=mirror.url)[NAME]
    assert path.read_bytes() == CONTENT
    assert check("uk_ireland") == {NAME: "ready"}
    assert fetch("uk_ireland", base_url=mirror.url)[NAME] == path
    assert mirror.requests == [NAME]


def test_the_mirror_may_be_named_by_the_environment(mirror, cache, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_DATA_URL", mirror.url + "/")
    fetch("uk_ireland")
    assert mirror.requests == [NAME]


@pytest.mark.parametrize("fault, requests", [("missing", 1), ("broken", 3), ("cut", 3), ("wrong", 3)])
def test_a_fault_that_lasts_stops_with_nothing_left_behind(mirror, cache, fault, requests):
    mirror.faults = [fault] * 10
    with pytest.raises(InputError, match=rf"{mirror.url}.*expected a file with SHA-256 {FILE.sha256}.*SPARSEOBS_DATA"):
        fetch("uk_ireland", base_url=mirror.url, retries=2)
    assert len(mirror.requests) == requests
    left = ["small.grib.part"] if fault == "cut" else []  # to go on from
    assert [path.name for path in files_in(cache)] == left
    assert check("uk_ireland") == {NAME: "missing"}


@pytest.mark.parametrize("fault", ["broken", "cut", "wrong"])
def test_a_fault_that_passes_is_survived(mirror, cache, fault):
    mirror.faults = [fault, fault]
    assert fetch("uk_ireland", base_url=mirror.url)[NAME].read_bytes() == CONTENT
    assert [path.name for path in files_in(cache)] == ["small.grib"]


def test_nobody_listening(cache):
    with pytest.raises(InputError, match="127.0.0.1:1/nobody"):
        fetch("uk_ireland", retries=0)
    assert files_in(cache) == []


def test_a_damaged_cache_heals(mirror, cache):
    path = fetch("uk_ireland", base_url=mirror.url)[NAME]
    path.write_bytes(CONTENT[:-1])
    assert check("uk_ireland") == {NAME: "another hash"}
    assert fetch("uk_ireland", base_url=mirror.url)[NAME].read_bytes() == CONTENT


def test_the_users_folder_is_read_and_never_written(mirror, cache, monkeypatch, tmp_path):
    own = tmp_path / "own"
    monkeypatch.setenv("SPARSEOBS_DATA", str(own))
    with pytest.raises(InputError, match=f"{NAME}.*expected a file there.*unset SPARSEOBS_DATA"):
        fetch("uk_ireland", base_url=mirror.url)
    (own / NAME).parent.mkdir(parents=True)
    (own / NAME).write_bytes(CONTENT[:-1])
    with pytest.raises(InputError, match=f"expected SHA-256 {FILE.sha256}"):
        fetch("uk_ireland", base_url=mirror.url)
    assert (own / NAME).read_bytes() == CONTENT[:-1]
    (own / NAME).write_bytes(CONTENT)
    assert fetch("uk_ireland", base_url=mirror.url) == {NAME: own / NAME}
    assert mirror.requests == []


def test_bad_arguments(cache):
    with pytest.raises(InputError, match="source: given 'uk_irland'.*uk_ireland"):
        fetch("uk_irland")
    with pytest.raises(InputError, match="retries"):
        fetch("uk_ireland", retries=-1)
    with pytest.raises(InputError, match="timeout"):
        fetch("uk_ireland", timeout=0)


def test_real_files_are_pinned_to_a_commit_and_a_hash():
    for file in sum(downloads.FILES.values(), ()):
        assert file.url.split("/")[5].isalnum() and len(file.url.split("/")[5]) == 40
        assert len(file.sha256) == 64
        names = [place.rsplit("/", 1)[1].split(".")[0] for place in (file.path, file.url)]
        assert names[0] == names[1]
