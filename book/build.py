"""Execute what changed, build the book strictly, look at the pages: `python book/build.py --help`."""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from page_checks import check_book, toc_pages
from page_sources import page_digests

EXECUTING = re.compile(r"^(?P<page>.*)\.ipynb: Executing notebook")
EXECUTED = re.compile(r"^.*\.ipynb: Executed notebook in [\d.]+ seconds")
COLOUR = re.compile(r"\x1b\[[\d;]*m")
WARNING = re.compile(r"^(?:(?P<place>.*?)(?::\d*)?: )?(?:WARNING|ERROR|CRITICAL): (?P<text>.*)$")
ADVICE = {
    "mystnb.exec": "mend the cell, or run the notebook in JupyterLab to see it fail there",
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


class PageRecords:
    """What each page's outputs were computed from, kept beside Jupyter's cache of those outputs."""

    def __init__(self, root: Path, build: Path):
        self.root, self.build = root, build
        self.path = build / "page_digests.json"
        self.notebooks = [root / f"{page}.ipynb" for page in toc_pages(root)]
        self.notebooks = [path for path in self.notebooks if path.is_file()]
        self.digests = {self._name(path): digest for path, digest in page_digests(self.notebooks, root).items()}
        self.known = json.loads(self.path.read_text()) if self.path.is_file() else {}

    def _name(self, notebook: Path) -> str:
        return notebook.relative_to(self.root).with_suffix("").as_posix()

    def _cached(self, notebook: Path) -> int | None:
        """Return the key of the page's outputs in Jupyter's cache, or None."""
        try:
            content = nbformat.read(notebook, nbformat.NO_CONVERT)
            return get_cache(self.build / ".jupyter_cache").match_cache_notebook(content).pk
        except KeyError:
            return None

    def forget_stale(self) -> list[str]:
        """Drop the outputs of every page that rests on something that changed; return the pages kept."""
        kept = []
        for notebook in self.notebooks:
            name, key = self._name(notebook), self._cached(notebook)
            if key is not None and self.known.get(name) == self.digests[name]:
                kept.append(name)
                continue
            if key is not None:
                get_cache(self.build / ".jupyter_cache").remove_cache(key)
            (self.build / ".doctrees" / f"{name}.doctree").unlink(missing_ok=True)
        return kept

    def save(self) -> None:
        """Remember the pages whose outputs are in the cache now; they were computed from today's sources."""
        names = [self._name(notebook) for notebook in self.notebooks if self._cached(notebook)]
        temporary = self.path.with_suffix(".part")
        temporary.write_text(json.dumps({name: self.digests[name] for name in names}, indent=1))
        temporary.replace(self.path)


def run_jupyter_book(root: Path, output: Path, progress: Progress) -> tuple[int, list[str]]:
    """Run jupyter-book strictly, showing one line for each notebook executed; return its status and log."""
    program = Path(sys.executable).with_name("jupyter-book")
    command = [program, "build", root, "--path-output", output, "-W", "-n", "--keep-going"]
    lines = []
    with (
        open(output / "_build" / "build.log", "w", encoding="utf-8") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process,
    ):
        try:
            for line in process.stdout:
                lines.append(COLOUR.sub("", line.rstrip()))
                print(lines[-1], file=log)
                _show(lines[-1], root, progress)
            status = process.wait()
        except BaseException:
            process.terminate()
            try:
                process.wait(timeout=10)  # it closes its kernel first
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    progress.end(" (failed)" if status else "")
    return status, lines


def _show(line: str, root: Path, progress: Progress) -> None:
    """Turn a line of jupyter-book's log into progress, where it marks a long step."""
    if match := EXECUTING.match(line):
        progress.start("execute", os.path.relpath(match["page"], root))
    elif "Executing notebook failed" in line:
        progress.end(" (failed)")
    elif EXECUTED.match(line):
        progress.end()
    elif line.startswith("writing output... ["):
        progress.start("write", "pages")


def failures(lines: list[str], html: Path, root: Path) -> Iterator[str]:
    """Yield each warning of the log with its page, its traceback where there is one, and what to do."""
    found = False
    for line in lines:
        match = WARNING.match(line)
        if not match or "traceback saved in" in line:
            continue
        found = True
        page = (match["place"] or "the book").removeprefix(f"{root}/")
        yield f"{page}: {match['text']}"
        report = html / "reports" / Path(page).with_suffix(".err.log")
        if "Executing notebook failed" in line and report.is_file():
            yield from traceback_lines(report.read_text(encoding="utf-8"))
        yield from (f"    Try: {advice}." for key, advice in ADVICE.items() if key in line)
    if not found:
        yield from lines[-30:]


def traceback_lines(report: str) -> Iterator[str]:
    """Yield the failing cell and its own traceback, without the machinery that ran it."""
    lines = [line.rstrip() for line in COLOUR.sub("", report).splitlines() if line.strip()]
    starts = [number for number, line in enumerate(lines) if "executing the following cell" in line]
    yield from (f"    {line}" for line in lines[max(starts, default=0) :][-40:])


def build(root: Path, output: Path) -> int:
    """Bring the book under `output/_build` up to date; return 0 only if nothing at all is wrong with it."""
    folder, html = output / "_build", output / "_build" / "html"
    folder.mkdir(parents=True, exist_ok=True)
    unfinished, doctrees = folder / ".unfinished", folder / ".doctrees"
    # Sphinx warns of a page when it reads it and is silent the next time: after a failure, read all again.
    if unfinished.exists():
        shutil.rmtree(doctrees, ignore_errors=True)
    unfinished.touch()
    shutil.rmtree(html / "reports", ignore_errors=True)
    progress, records = Progress(), PageRecords(root, folder)
    if kept := records.forget_stale():
        print(f"{'keep':<8}  {', '.join(kept)}: nothing they rest on has changed")
    try:
        progress.start("read", "sources")
        status, lines = run_jupyter_book(root, output, progress)
    finally:
        records.save()
    if status:
        problems = list(failures(lines, html, root))
    else:
        progress.start("check", f"{len(toc_pages(root))} pages")
        problems = check_book(root, html)
        progress.end()
    if problems:
        log = f"\nThe whole log is {folder / 'build.log'}"
        print("\nThe book was NOT built.\n", *problems, log, sep="\n", file=sys.stderr)
        return 1
    unfinished.unlink()
    print(f"\nThe book is ready. Open {(html / 'index.html').as_uri()}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__)
    here = Path(__file__).resolve().parents[1]
    parser.add_argument("--root", type=Path, default=here, help="the book's sources")
    parser.add_argument("--output", type=Path, help="where to make _build (default: the root)")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return build(root, (options.output or root).resolve())
    except KeyboardInterrupt:
        print("\nStopped. What is finished is kept; the same command goes on from there.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
