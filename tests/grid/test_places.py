"""A grid runs where people keep their files: odd folders, a plain C locale, no home to write in, no git."""

import os
import subprocess
import sys

from .bench import COUNTED, KEEP, project_bench

ODD = "Büro d'été (copy) & Co"
BARE = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "HOME": "/dev/null"}


def test_odd_folder_c_locale_no_home_no_git(tmp_path, monkeypatch):
    root = tmp_path / ODD
    root.mkdir()
    monkeypatch.setenv("SPARSEOBS_ROOT", str(root))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "JUPYTER", "IPY"))}
    bench = project_bench(root, COUNTED, "print('größer')", KEEP, n_seeds=1)
    command = [sys.executable, "-m", "sparseobs", "grid", "run", "bench.yaml", "--size", "smoke", "--workers", "1"]
    command += ["--folder", str(root / "Zellen ä")]
    done = subprocess.run(command, cwd=root, env=kept | BARE, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert bench.side.read_text() == "1 0\n"
    assert b"1 cell done." in done.stdout
    (log,) = root.glob("Zellen ä/cells/*/result/log.txt")
    assert "größer" in log.read_text(encoding="utf-8")
