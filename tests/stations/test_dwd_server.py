import io
import zipfile

import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.dwd_server import fetch_dwd
from sparseobs.stations.dwd_stations import LIST
from sparseobs.stations.dwd_write import write_station_list, write_zip
from sparseobs.stations.period import period
from sparseobs.stations.regions import REGIONS
from sparseobs.stations.transfer import Downloader

from .mirror import Mirror

NOW, YEAR_2019 = period("2020-06-01", "2020-06-03"), period("2019-05-01", "2019-05-02")
RECENT, OLD = "stundenwerte_TU_00001_akt.zip", "stundenwerte_TU_00001_19900101_20191231_hist.zip"


def zip_bytes(folder, name, days) -> bytes:
    hours = pd.date_range(*days, freq="h", inclusive="left")
    place = {"name": "A", "latitude": 50.0, "longitude": 10.0, "height": 3.0, "start": pd.Timestamp("1990-01-01")}
    write_zip(folder / name, int(name[16:21]), pd.Series(7.0, hours), pd.DataFrame([place | {"stop": pd.NaT}]))
    return (folder / name).read_bytes()


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """Three stations: 1 has both files, 2 only a line in the list, 3 lies in France."""
    monkeypatch.setattr("sparseobs.stations.transfer.time.sleep", lambda seconds: None)
    source = tmp_path / "source"
    source.mkdir()
    places = pd.DataFrame({"name": ["A", "B", "C"], "latitude": [50, 51, 48.0], "longitude": [10, 11, 2.0]}, [1, 2, 3])
    places = places.assign(height=3.0, start=pd.Timestamp("1990-01-01"))
    write_station_list(source / "list", places, pd.Timestamp("2020-06-30"))
    recent, old = (
        zip_bytes(source, RECENT, ("2020-06-01", "2020-06-04")),
        zip_bytes(source, OLD, ("2019-05-01", "2020")),
    )
    files = {f"{part}/{LIST}.txt": (source / "list").read_bytes() for part in ("recent", "historical")}
    files |= {f"recent/{RECENT}": recent, f"historical/{OLD}": old}
    files["recent/"] = f'<a href="../">up</a> <a href="{RECENT}">{RECENT}</a> <a href="x.pdf">x</a>'.encode()
    files["historical/"] = f'<a href="/somewhere/{OLD}">{OLD}</a>'.encode()
    with Mirror(files) as server:
        yield server


def fetch(mirror, folder, days=NOW, **options):
    with Downloader(retries=1) as downloader:
        return fetch_dwd(folder / "dwd", days, REGIONS["germany"], downloader, base_url=mirror.url, **options)


def files_in(folder):
    found = (path.relative_to(folder / "dwd").as_posix() for path in folder.rglob("dwd/**/*") if path.is_file())
    return sorted(name for name in found if LIST not in name)


def test_only_files_with_hours_of_the_period_are_fetched_and_only_once(mirror, tmp_path):
    fetched = fetch(mirror, tmp_path)
    assert files_in(tmp_path) == [f"recent/{RECENT}"] == [f"recent/{path.name}" for path in fetched.paths]
    assert fetched.without_files == [2], "listed inside Germany, but the index has no zip of it"
    fetch(mirror, tmp_path, YEAR_2019)
    assert files_in(tmp_path) == [f"historical/{OLD}", f"recent/{RECENT}"]
    count = len(mirror.requests)
    fetch(mirror, tmp_path)
    assert not [name for name in mirror.requests[count:] if name.endswith(".zip")]
    both = period("2019-12-30", "2020-01-02")
    assert [path.name for path in fetch(mirror, tmp_path, both).paths] == [OLD, RECENT]


def test_a_recent_zip_that_ends_too_early_is_fetched_anew(mirror, tmp_path):
    path = fetch(mirror, tmp_path).paths[0]
    longer = zip_bytes(tmp_path, RECENT, ("2020-06-01", "2020-06-11"))
    mirror.files[f"recent/{RECENT}"] = longer
    fetch(mirror, tmp_path)
    assert path.read_bytes() != longer, "it has all hours asked for"
    fetch(mirror, tmp_path, period("2020-06-01", "2020-06-10"))
    assert path.read_bytes() == longer


def test_a_station_without_a_file_is_an_error_where_it_was_named(mirror, tmp_path):
    with pytest.raises(InputError, match="stations: given '00002'.*zip of 2020-06-01..2020-06-03"):
        fetch(mirror, tmp_path, stations=[1, 2])
    assert files_in(tmp_path) == []


def other_layout() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("produkt_ff_stunde_20200601_20200603_00001.txt", "STATIONS_ID;MESS_DATUM")
    return content.getvalue()


@pytest.mark.parametrize(
    "content, message, requests",
    [
        (lambda whole: whole[:-30], "Damaged.*BadZipFile", 2),
        (lambda whole: other_layout(), "another layout: produkt_ff_stunde", 1),
        (lambda whole: b"<html>busy</html>", "Damaged.*BadZipFile", 2),
        (lambda whole: None, "Refused: HTTP 404", 1),
    ],
)
def test_a_bad_zip_ends_in_an_error_that_names_the_station_and_a_clean_cache(
    mirror, tmp_path, content, message, requests
):
    mirror.files[f"recent/{RECENT}"] = content(mirror.files[f"recent/{RECENT}"])
    with pytest.raises(InputError, match=rf"download: given .*{RECENT}.*{message}.*station 00001"):
        fetch(mirror, tmp_path)
    assert files_in(tmp_path) == []
    assert mirror.requests.count(f"recent/{RECENT}") == requests


def test_a_cut_zip_is_resumed_by_the_next_fetch(mirror, tmp_path):
    whole = mirror.files[f"recent/{RECENT}"]
    mirror.faults = ["ok"] * 4 + ["cut", "cut"]
    with pytest.raises(InputError, match="station 00001"):
        fetch(mirror, tmp_path)
    assert files_in(tmp_path) == [f"recent/{RECENT}.part"]
    path = fetch(mirror, tmp_path).paths[0]
    assert path.read_bytes() == whole and files_in(tmp_path) == [f"recent/{RECENT}"]
    assert mirror.headers[-1]["Range"].startswith("bytes=")


def test_a_cut_zip_whose_rest_is_of_another_day_is_fetched_whole(mirror, tmp_path):
    mirror.faults = ["ok"] * 4 + ["cut", "broken"]
    with pytest.raises(InputError):
        fetch(mirror, tmp_path)
    mirror.files[f"recent/{RECENT}"] = zip_bytes(tmp_path, RECENT, ("2020-05-31", "2020-06-05"))
    path = fetch(mirror, tmp_path).paths[0]
    assert path.read_bytes() == mirror.files[f"recent/{RECENT}"]


def test_a_damaged_cache_heals(mirror, tmp_path):
    path = fetch(mirror, tmp_path).paths[0]
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    fetch(mirror, tmp_path)
    assert path.read_bytes() == whole
