"""A Python that will not do is named, with what would, before anything is made."""

import subprocess
from pathlib import Path

import pytest
from uv_settings import uv_settings

SCRIPT = Path(__file__).parents[2] / "book" / "install.sh"
OLD = 'case "$2" in *version_info*) exit 1;; esac\necho Python 3.9.2'
NO_VENV = 'case "$2" in *ensurepip*) exit 1;; esac'
NO_INDEX = """case "$2$3" in
*version_info* | *ensurepip*) exit 0 ;;
venv*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
pip--version) exit 0 ;;
pipinstall) echo "no index here" >&2; exit 1 ;;
esac"""

NO_UV = """case "$2$3" in
*version_info* | *ensurepip*) exit 0 ;;
venv*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
uv*) echo "no uv for this machine" >&2; exit 1 ;;
pipinstall) echo "$@" >>calls ;;
esac"""


def install(folder: Path, python: str) -> subprocess.CompletedProcess:
    return subprocess.run(["sh", SCRIPT, python], cwd=folder, capture_output=True, text=True, timeout=60)


def fake_python(folder: Path, body: str) -> str:
    path = folder / "fake-python"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    "body, expected",
    [
        (None, "which is not there; expected Python 3.11 or newer. Try make PYTHON="),
        (OLD, "given Python 3.9.2; expected Python 3.11 or newer. Try make PYTHON="),
        (NO_VENV, "no venv module with pip. Try apt install python3-venv"),
    ],
    ids=["none", "old", "no-venv"],
)
def test_an_unfit_python_stops_before_anything_is_made(tmp_path, body, expected):
    python = fake_python(tmp_path, body) if body else str(tmp_path / "none")
    done = install(tmp_path, python)
    assert done.returncode == 1
    assert expected in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_failing_installation_shows_why_and_can_be_repeated(tmp_path):
    for _ in range(2):
        done = install(tmp_path, fake_python(tmp_path, NO_INDEX))
        assert done.returncode == 1
        assert "no index here" in done.stderr
        assert "Try again when the package index can be reached" in done.stderr
        assert done.stdout.endswith("failed\n")


def test_where_uv_will_not_do_pip_installs(tmp_path):
    done = install(tmp_path, fake_python(tmp_path, NO_UV))
    assert done.returncode == 0, done.stderr
    uv, packages = (tmp_path / "calls").read_text().splitlines()
    assert uv.endswith("-c constraints.txt uv")
    assert packages.endswith("-c constraints.txt -e .[book,grid,operational,real,test]")
    assert "no uv for this machine" in (tmp_path / ".venv" / "var" / "install.log").read_text()


def test_uv_is_told_what_pip_is_told():
    listing = [
        "global.cert='/etc/bundle.pem'",
        "global.index-url='https://one.example/simple'",
        "global.timeout='60'",
        "install.index-url='https://two.example/simple'",
        "global.extra-index-url='https://old.example'",
        r":env:.extra-index-url='\nhttps://a.example\nhttps://b.example'",
        ":env:.find-links='/wheels /more'",
    ]
    assert uv_settings(listing) == {
        "SSL_CERT_FILE": "/etc/bundle.pem",
        "UV_DEFAULT_INDEX": "https://two.example/simple",
        "UV_INDEX": "https://a.example https://b.example",
        "UV_FIND_LINKS": "/wheels,/more",
    }
