"""`make book` fails on what would make a bad book, says where, and executes only what has changed."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PLOT = "import matplotlib.pyplot as plt\nplt.plot([0, 1]);"
WARN = "import warnings\nwarnings.warn('look out')"
COUNT = "with open('{root}/{name}.count', 'a') as file:\n    file.write('x')"
USE = "import sys\nsys.path.insert(0, '{root}/src')\nfrom sparseobs import {module}\nprint({module}.VALUE)"


def executions(book, *names: str) -> list[int]:
    counts = [book.root / f"{name}.count" for name in names]
    return [len(path.read_text()) if path.exists() else 0 for path in counts]


def test_a_notebook_that_raises_fails_until_it_is_mended(mini_book):
    mini_book.pages("book/intro", "notebooks/lesson", "notebooks/good")
    mini_book.notebook("lesson", WARN, "raise ValueError('given 3; expected 4')")
    mini_book.notebook("good", COUNT.format(root=mini_book.root, name="good"))
    for _ in range(2):  # Sphinx alone is content the second time
        done = mini_book.make()
        assert done.returncode != 0
        assert "notebooks/lesson.ipynb: Executing notebook failed" in done.stderr
        assert "ValueError: given 3; expected 4" in done.stderr
        assert "Try: mend the cell" in done.stderr
        assert "stderr was found in the cell outputs" in done.stderr
        assert "notebooks/good" not in done.stderr
    mini_book.notebook("lesson", "value = 3")
    done = mini_book.make()
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert executions(mini_book, "good") == [1]
    assert (mini_book.root / "_build" / "html" / "notebooks" / "lesson.html").is_file()
    assert done.stdout.splitlines()[-1].endswith("_build/html/index.html")


def test_a_broken_cross_reference_and_a_missing_page_fail(mini_book):
    mini_book.pages("book/intro", "book/absent")
    mini_book.write("book/intro.md", "# Mini\n\nSee {numref}`fig-nowhere` and [there](nowhere.md).\n")
    done = mini_book.make()
    assert done.returncode != 0
    assert "book/intro.md: undefined label: 'fig-nowhere'" in done.stderr
    assert "'nowhere.md'" in done.stderr
    assert "book/absent" in done.stderr


def test_a_figure_without_alt_text_fails(mini_book):
    mini_book.pages("book/intro", "notebooks/lesson")
    mini_book.notebook("lesson", PLOT)
    done = mini_book.make()
    assert done.returncode != 0
    assert "fewer than 30 characters" in done.stderr


def test_only_the_pages_that_import_a_changed_module_are_executed_again(mini_book):
    mini_book.pages("book/intro", "notebooks/one", "notebooks/two")
    for name, module in [("one", "first"), ("two", "second")]:
        mini_book.write(f"src/sparseobs/{module}.py", f"VALUE = '{module}-old'\n")
        use = USE.format(root=mini_book.root, module=module)
        mini_book.notebook(name, COUNT.format(root=mini_book.root, name=name), use)
    assert mini_book.make().returncode == 0
    assert executions(mini_book, "one", "two") == [1, 1]
    mini_book.write("src/sparseobs/second.py", "VALUE = 'second-new'\n")
    done = mini_book.make()
    assert done.returncode == 0, done.stderr
    assert executions(mini_book, "one", "two") == [1, 2]
    page = (mini_book.root / "_build" / "html" / "notebooks" / "two.html").read_text()
    assert "second-new" in page and "second-old" not in page


def test_where_nothing_has_changed_nothing_runs(mini_book):
    assert mini_book.make().returncode == 0
    log = mini_book.root / "_build" / "build.log"
    log.unlink()
    done = mini_book.make()
    assert done.returncode == 0, done.stderr
    assert "Nothing has changed since the book was built" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("_build/html/index.html")
    assert not log.exists(), "jupyter-book was run"


def test_what_nbval_has_run_is_not_run_again(mini_book):
    mini_book.pages("book/intro", "notebooks/lesson")
    mini_book.notebook("lesson", COUNT.format(root=mini_book.root, name="lesson"), "print('seen by', 'nbval')")
    shutil.copy(ROOT / "conftest.py", mini_book.root)
    nbval = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval-lax", "notebooks"]
    done = subprocess.run(nbval, cwd=mini_book.root, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout
    smoke = mini_book.root / "_build" / "smoke"
    command = [sys.executable, "book/build.py", "--output", smoke, "--executed", smoke / "executed"]
    done = subprocess.run(command, cwd=mini_book.root, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert executions(mini_book, "lesson") == [1]
    assert "seen by nbval" in (smoke / "_build" / "html" / "notebooks" / "lesson.html").read_text()


def test_a_build_killed_half_way_ends_its_kernels_and_is_finished_by_the_next(mini_book):
    mini_book.pages("book/intro", "notebooks/one", "notebooks/two")
    mini_book.notebook("one", COUNT.format(root=mini_book.root, name="one"))
    # The kernel's parent is the build script; it is stopped once the other page is in its records.
    kill = f"""
import os, signal, pathlib, time
folder = pathlib.Path('{mini_book.root}')
records = folder / '_build' / 'page_records.json'
if not (folder / 'second').exists():
    (folder / 'second').write_text(str(os.getpid()))
    while not (records.exists() and 'notebooks/one' in records.read_text()):
        time.sleep(0.05)
    os.kill(os.getppid(), signal.SIGTERM)
    time.sleep(60)
"""
    mini_book.notebook("two", COUNT.format(root=mini_book.root, name="two"), kill)
    assert mini_book.make().returncode != 0
    kernel = int((mini_book.root / "second").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(kernel, 0)
    done = mini_book.make()
    assert done.returncode == 0, done.stderr
    assert executions(mini_book, "one", "two") == [1, 2]


def test_two_builds_at_once_in_an_odd_folder_without_locale_home_and_git(mini_book, tmp_path):
    root = tmp_path.rename(tmp_path.with_name("Büro d'été (copy) & Co"))
    book = type(mini_book).__new__(type(mini_book))
    book.root = root
    book.pages("book/intro", "notebooks/lesson")
    book.notebook("lesson", "print('größer')")
    bare = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "HOME": "/dev/null"}
    with ThreadPoolExecutor(2) as both:
        builds = [build.result() for build in [both.submit(book.make, **bare) for _ in range(2)]]
    assert [build.returncode for build in builds] == [0, 0], builds[0].stderr + builds[1].stderr
    # One waits for the other and finds nothing left to do, whichever of them begins.
    assert sorted("execute" in build.stdout for build in builds) == [False, True]
    assert "größer" in (root / "_build" / "html" / "notebooks" / "lesson.html").read_text(encoding="utf-8")
