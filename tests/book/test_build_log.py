"""From Sphinx's log to what a reader is told: every warning, its place, its traceback, what to do."""

from pathlib import Path

import pytest
from build import Progress, main, traceback_lines, warnings

ROOT = Path("/book")


@pytest.mark.parametrize(
    "line, told",
    [
        ("/book/a/page.md:3: WARNING: undefined label: 'x'", "a/page.md: undefined label: 'x'"),
        ("/book/a/page.md:: WARNING: lost [etoc.ref]", "a/page.md: lost [etoc.ref]"),
        ("/book/page.ipynb: ERROR: Unknown directive", "page.ipynb: Unknown directive"),
        ("WARNING: unknown config value 'x'", "the book: unknown config value 'x'"),
    ],
)
def test_each_kind_of_warning_is_told_with_its_page(line, told):
    assert next(warnings(["reading sources...", line], ROOT)) == told


def test_a_crash_without_a_warning_shows_the_end_of_the_log():
    lines = [f"line {number}" for number in range(100)]
    assert list(warnings(lines, ROOT)) == lines[-30:]


def test_a_traceback_begins_at_the_failing_cell_and_has_no_colour_codes():
    cell = "An error occurred while executing the following cell:\n------\nrun()\n------\n\n"
    told = list(traceback_lines(f"Traceback\n  machinery\n{cell}\x1b[31mValueError\x1b[39m: given 3"))
    assert "    run()" in told and "    ValueError: given 3" in told
    assert not any("machinery" in each for each in told)


def test_a_step_is_one_line_with_its_seconds(capsys):
    progress = Progress()
    progress.start("write", "pages")
    progress.start("write", "pages")
    progress.end(" (failed)")
    progress.end()
    assert capsys.readouterr().out.count("\n") == 1


def test_help_says_what_the_script_does(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--output" in capsys.readouterr().out
