"""The self-test says in a line what keeps the book from running, even where hardly anything is installed."""

import json
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest
import selftest
from jupyter_client.kernelspec import KernelSpecManager

ROOT = Path(__file__).parents[2]


def test_it_passes_where_the_tests_pass(monkeypatch, capsys):
    monkeypatch.setattr(selftest, "SECONDS", 0.0)
    quick = {name: look for name, look in selftest.LOOKS.items() if name not in ("memory", "disk", "kernel")}
    assert selftest.main(quick) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(quick) + 1 and lines[-1] == "This machine will do."
    assert [line for line in lines[:-1] if not line.startswith(("ok", "note"))] == []


def test_without_any_package_every_line_says_what_to_try(tmp_path):
    """With a bare Python, as before anything is installed."""
    (tmp_path / "book").mkdir()
    shutil.copy(ROOT / "book" / "selftest.py", tmp_path / "book")
    shutil.copy(ROOT / "constraints.txt", tmp_path)
    command = [sys.executable, "-I", "-S", tmp_path / "book" / "selftest.py"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert [line.split()[1] for line in failed] == ["packages", "kernel", "filter", "network"]
    assert all("make selftest" in line for line in failed)
    assert done.stdout.endswith("This machine will not do yet: packages, kernel, filter, network.\n")


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    with pytest.raises(selftest.Unfit, match="3.11 or newer"):
        selftest.python()


@pytest.mark.parametrize("version, told", [("2.4.6", None), ("2.4.6+cpu", None), ("1.26.4", r"numpy 1.26.4 \(2.4.6\)")])
def test_other_versions_are_noted(tmp_path, monkeypatch, version, told):
    (tmp_path / "constraints.txt").write_text("numpy==2.4.6\nof-another-platform==1.0\n")
    monkeypatch.setattr(selftest, "ROOT", tmp_path)
    found = selftest.version
    monkeypatch.setattr(selftest, "version", lambda name: version if name == "numpy" else found(name))
    if told is None:
        assert selftest.packages().startswith("1 installed")
    else:
        with pytest.raises(selftest.Note, match=told):
            selftest.packages()


def test_a_full_disk_and_little_memory_are_refused_with_numbers(monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(0, 0, 5e8))
    with pytest.raises(selftest.Unfit, match=r"0.5 GB free; 2 GB are needed. Try make clean"):
        selftest.disk()
    memory = namedtuple("memory", "available")
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory(1e9))
    with pytest.raises(selftest.Unfit, match=r"1.0 GB free; 2 GB are needed"):
        selftest.memory()
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory(3e9))
    assert selftest.memory() == "3.0 GB free"


@pytest.mark.parametrize("program, ours", [("python", True), (sys.executable, True), ("/somewhere/bin/python3", False)])
def test_a_kernel_of_another_environment_is_refused(tmp_path, monkeypatch, program, ours):
    (tmp_path / "python3").mkdir()
    spec = {"argv": [program, "-m", "ipykernel_launcher"], "display_name": "Python 3", "language": "python"}
    (tmp_path / "python3" / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setattr(KernelSpecManager, "ensure_native_kernel", False)
    monkeypatch.setattr(KernelSpecManager, "_kernel_dirs_default", lambda self: [str(tmp_path)])
    if ours:
        assert "this environment" in selftest.kernel()
    else:
        with pytest.raises(selftest.Unfit, match="/somewhere/bin/python3, not this one"):
            selftest.kernel()


def test_a_diverging_filter_and_an_exception_are_lines_not_tracebacks(capsys):
    def broken():
        raise OSError("libtorch.so: no such file")

    assert selftest.main({"cores": lambda: "2", "filter": broken}) == 1
    assert "FAIL  filter    OSError: libtorch.so: no such file" in capsys.readouterr().out
