"""`make book` fails on what would make a bad book, says where, and executes only what has changed."""

PLOT = "import matplotlib.pyplot as plt\nplt.plot([0, 1]);"
WARN = "import warnings\nwarnings.warn('look out')"
COUNT = "with open('{name}.count', 'a') as file:\n    file.write('x')"
USE = "import sys\nsys.path.insert(0, '../src')\nfrom sparseobs import {module}\nprint({module}.VALUE)"


def test_a_notebook_that_raises_fails_until_it_is_mended(mini_book):
    mini_book.pages("book/intro", "notebooks/lesson")
    mini_book.notebook("lesson", WARN, "raise ValueError('given 3; expected 4')")
    for _ in range(2):  # Sphinx alone is content the second time
        done = mini_book.make()
        assert done.returncode != 0
        assert "notebooks/lesson.ipynb: Executing notebook failed" in done.stderr
        assert "ValueError: given 3; expected 4" in done.stderr
        assert "Try: mend the cell" in done.stderr
        assert "stderr was found in the cell outputs" in done.stderr
    mini_book.notebook("lesson", "value = 3")
    done = mini_book.make()
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert (mini_book.root / "_build" / "html" / "notebooks" / "lesson.html").is_file()
    assert done.stdout.splitlines()[-1].endswith("_build/html/index.html")


def test_a_broken_cross_reference_fails(mini_book):
    mini_book.write("book/intro.md", "# Mini\n\nSee {numref}`fig-nowhere` and [there](nowhere.md).\n")
    done = mini_book.make()
    assert done.returncode != 0
    assert "book/intro.md: undefined label: 'fig-nowhere'" in done.stderr
    assert "'nowhere.md'" in done.stderr


def test_a_missing_page_fails(mini_book):
    mini_book.pages("book/intro", "book/absent")
    done = mini_book.make()
    assert done.returncode != 0
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
        mini_book.notebook(name, COUNT.format(name=name), USE.format(module=module))

    def executions() -> list[int]:
        return [len((mini_book.root / "notebooks" / f"{name}.count").read_text()) for name in ("one", "two")]

    assert mini_book.make().returncode == 0
    assert executions() == [1, 1]
    assert mini_book.make().returncode == 0
    assert executions() == [1, 1]
    mini_book.write("src/sparseobs/second.py", "VALUE = 'second-new'\n")
    done = mini_book.make()
    assert done.returncode == 0, done.stderr
    assert executions() == [1, 2]
    page = (mini_book.root / "_build" / "html" / "notebooks" / "two.html").read_text()
    assert "second-new" in page and "second-old" not in page


def test_a_build_killed_half_way_is_finished_by_the_next(mini_book):
    mini_book.pages("book/intro", "notebooks/one", "notebooks/two")
    mini_book.notebook("one", COUNT.format(name="one"))
    kill = "import os, signal, pathlib\nif not pathlib.Path('second').exists():\n"
    kill += "    pathlib.Path('second').touch()\n    os.kill({parent}, signal.SIGTERM)"
    # The kernel's parent is jupyter-book, whose parent is the build script.
    parent = "int(open(f'/proc/{os.getppid()}/stat').read().split()[3])"
    mini_book.notebook("two", COUNT.format(name="two"), kill.format(parent=parent))
    assert mini_book.make().returncode != 0
    done = mini_book.make()
    assert done.returncode == 0, done.stderr
    assert (mini_book.root / "notebooks" / "one.count").read_text() == "x"
    assert (mini_book.root / "notebooks" / "two.count").read_text() == "xx"
