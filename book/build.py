"""Execute what changed, build the book strictly, look at the pages: `python book/build.py --help`."""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import yaml
from execute_pages import Executor
from page_checks import check_book, toc_pages
from page_claims import false_claims
from page_records import PageRecords
from page_sources import built_digest, sources_digest

from sparseobs.runs.shared import alone

OWN_PRESET = "lesson"  # of the pages, and of what their prose says
COLOUR = re.compile(r"\x1b\[[\d;]*m")
WARNING = re.compile(r"^(?:(?P<place>.*?)(?::\d*)?: )?(?:WARNING|ERROR|CRITICAL): (?P<text>.*)$")
ADVICE = {
    "mystnb.stderr": "make the cell silent by curing what it warns of; a page shows no raw warnings",
    "myst.xref_missing": "correct the link's target, or add the label it names",
    "etoc.ref": "write that page or take it out of _toc.yml",
    "bibtex": "add the key to book/references.bib or correct it on the page",
    "undefined label": "correct the label, or name the figure in its cell (mystnb.figure.name)",
}


class Progress:
    """One line for each long step: its name when it starts, its seconds when it ends."""

    def __init__(self):
        self._started: float | None = None
        self._line = ""

    def start(self, step: str, subject: str) -> None:
        """Begin a line, unless it is the one that is open."""
        line = f"{step:<8}  {subject} ..."
        if self._started is None or line != self._line:
            self.end()
            print(line, end="", flush=True)
            self._started, self._line = time.monotonic(), line

    def end(self, result: str = "") -> None:
        """End the line, if one is open, with the seconds since it began."""
        if self._started is not None:
            print(f" {time.monotonic() - self._started:.1f} s{result}", flush=True)
            self._started = None


def execute(records: PageRecords, workers: int, executed: Path | None) -> Iterator[str]:
    """Execute the pages that rest on something that changed, a line each as they end; yield what is wrong with them.

    Pages whose outputs lie in the folder `executed` are taken from there.
    """
    pages = records.forget_stale()
    if kept := [records.name(page) for page in records.notebooks if page not in pages]:
        print(f"{'keep':<8}  {', '.join(kept)}: nothing they rest on has changed")
    if executed:
        taken = records.take_from(executed)
        pages = [page for page in pages if page not in taken]
        print(f"{'take':<8}  {len(taken)} pages that have just been executed")
    config = yaml.safe_load((records.root / "_config.yml").read_text(encoding="utf-8"))
    executor = Executor(workers, config["execute"]["timeout"], records.build / "kernels.log")
    unfinished = [records.name(page) for page in pages]
    if pages:
        print(
            f"{'execute':<8}  {len(pages)} pages, {workers} at a time: first {', '.join(unfinished[:workers])}",
            flush=True,
        )
    with closing(executor.execute(pages)) as finished:
        for page in finished:
            records.keep(page)
            name = records.name(page.path)
            unfinished.remove(name)
            now = f"; now {', '.join(unfinished[:workers])}" if unfinished else ""
            print(f"{'':<8}  {name} {page.seconds:.1f} s{' (failed)' * bool(page.failure)}{now}", flush=True)
            if page.failure:
                yield f"{name}.ipynb: Executing notebook failed"
                yield from traceback_lines(page.failure)
                yield "    Try: mend the cell, or run the notebook in JupyterLab to see it fail there."


def run_jupyter_book(root: Path, output: Path, progress: Progress) -> tuple[int, list[str]]:
    """Run jupyter-book strictly on outputs that Jupyter's cache holds; return its status and log."""
    program = Path(sys.executable).with_name("jupyter-book")
    command = [program, "build", root, "--path-output", output, "-W", "-n", "--keep-going"]
    lines = []
    progress.start("read", "sources")
    with (
        open(output / "_build" / "build.log", "w", encoding="utf-8") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process,
    ):
        try:
            for line in process.stdout:
                lines.append(COLOUR.sub("", line.rstrip()))
                print(lines[-1], file=log)
                if lines[-1].startswith("writing output... ["):
                    progress.start("write", "pages")
            status = process.wait()
        except BaseException:
            process.terminate()
            raise
    progress.end(" (failed)" if status else "")
    return status, lines


def warnings(lines: list[str], root: Path) -> Iterator[str]:
    """Yield each warning of jupyter-book's log with its page and what to do; the log's end if it has none."""
    found = False
    for line in lines:
        if match := WARNING.match(line):
            found = True
            page = (match["place"] or "the book").removeprefix(f"{root}/")
            yield f"{page}: {match['text']}"
            yield from (f"    Try: {advice}." for key, advice in ADVICE.items() if key in line)
    if not found:
        yield from lines[-30:]


def traceback_lines(failure: str) -> Iterator[str]:
    """Yield the failing cell and its own traceback, without the machinery that ran it."""
    lines = [line.rstrip() for line in COLOUR.sub("", failure).splitlines() if line.strip()]
    starts = [number for number, line in enumerate(lines) if "executing the following cell" in line]
    yield from (f"    {line}" for line in lines[max(starts, default=0) :][-40:])


def build(root: Path, output: Path, workers: int, executed: Path | None, strict: bool) -> int:
    """Bring the book under `output/_build` up to date; return 0 only if nothing at all is wrong with it."""
    folder, html = output / "_build", output / "_build" / "html"
    # What the book was built from and what came out; there only while the last build succeeded.
    built, sources = folder / "built_from", sources_digest(root)
    if not strict and built.is_file() and built.read_text() == f"{sources} {built_digest(html)}":
        print("Nothing has changed since the book was built.")
        return ready(html)
    # Sphinx warns of a page when it reads it and is silent the next time: after a failure, read all again.
    if not built.exists():
        shutil.rmtree(folder / ".doctrees", ignore_errors=True)
    built.unlink(missing_ok=True)
    progress, records = Progress(), PageRecords(root, folder)
    problems, notes = list(execute(records, workers, executed)), []
    status, lines = run_jupyter_book(root, output, progress)
    if status:
        problems += warnings(lines, root)
    else:
        progress.start("check", f"{len(toc_pages(root))} pages")
        problems += check_book(root, html)
        if os.environ.get("SPARSEOBS_PRESET", OWN_PRESET) == OWN_PRESET:
            found = [line for page, executed in records.executed() for line in false_claims(page, executed)]
            (problems if strict else notes).extend(found)
        progress.end()
    if problems:
        log = f"\nThe whole log is {folder / 'build.log'}"
        print("\nThe book was NOT built.\n", *problems, log, sep="\n", file=sys.stderr)
        return 1
    if notes:
        # Chaos makes another run of another processor's rounding: no fault of whoever builds the book there.
        print("\nOn this machine some numbers are not as the prose says:", *notes, sep="\n")
    built.write_text(f"{sources} {built_digest(html)}")
    return ready(html)


def ready(html: Path) -> int:
    """Say where the book is."""
    print(f"\nThe book is ready. Open {(html / 'index.html').as_uri()}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__)
    here = Path(__file__).resolve().parents[1]
    parser.add_argument("--root", type=Path, default=here, help="the book's sources")
    parser.add_argument("--output", type=Path, help="where to make _build (default: the root)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="pages executed at a time (default: cores)")
    parser.add_argument("--executed", type=Path, help="notebooks with outputs, to take in place of executing them")
    parser.add_argument("--claims", action="store_true", help="fail where a page's numbers contradict its prose")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        output = (options.output or root).resolve()
        folder = output / "_build"
        with alone(folder / "build.lock", f"Another build is at work in {folder}: waiting until it ends."):
            return build(root, output, options.workers, options.executed, options.claims)
    except KeyboardInterrupt:
        print("\nStopped. What is finished is kept; the same command goes on from there.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
