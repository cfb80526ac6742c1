"""What Sphinx does for this book besides: folds the data dictionary, mends pages, leads old addresses to new ones."""

import os
from pathlib import Path

import pandas as pd
import yaml
from mend_pages import mend_pages
from sphinx.application import Sphinx
from sphinx.util import logging

DICTIONARY = Path("results/dictionary.csv")
PAGE, MARK = "book/stored_tables", "<!-- the data dictionary, a fold a table -->"
MOVED = "book/redirects.yml"
LOGGER = logging.getLogger(__name__)
FOLD = """:::{{dropdown}} `{name}` ({n} columns)
```{{csv-table}}
:header: column, type, unit, meaning
:widths: 20 10 8 62
:class: dictionary

{lines}
```
:::
"""
# The meta tag is for readers without script; with it, an anchor would be lost.
REDIRECT = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>This page has moved</title>
<link rel="canonical" href="{page}">
<script>location.replace("{page}" + location.search + location.hash)</script>
<noscript><meta http-equiv="refresh" content="0; url={page}"></noscript></head>
<body><main><h1>This page has moved</h1><p>It is now <a href="{page}">{page}</a>.</p></main></body></html>
"""


def folds(dictionary: pd.DataFrame) -> str:
    """Return MyST that shows, folded, the columns of each table that the dictionary describes, by name."""
    parts = []
    for name, rows in dictionary.groupby("table"):
        lines = rows.drop(columns="table").to_csv(index=False, header=False, quoting=1).strip()
        parts.append(FOLD.format(name=name, n=len(rows), lines=lines))
    return "\n".join(parts)


def fold_dictionary(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the folds where the page on stored tables has its mark."""
    if page == PAGE and MARK in source[0]:
        path = Path(app.srcdir) / DICTIONARY
        app.env.note_dependency(str(path))
        source[0] = source[0].replace(MARK, folds(pd.read_csv(path, keep_default_na=False)))


def moved(source: Path) -> dict[str, str]:
    """Return the page that now stands for each old address, from the file of redirects; none without it."""
    path = source / MOVED
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.is_file() else {}


def wrong_redirects(redirects: dict[str, str], pages: set[str]) -> list[str]:
    """Return in words what is wrong with the redirects of a book that has `pages`."""
    wrong = [
        f"{old} leads to {new}, which is no page of the book" for old, new in redirects.items() if new not in pages
    ]
    return wrong + [f"{old} leads elsewhere, but is a page of the book" for old in redirects if old in pages]


def check_redirects(app: Sphinx, *_: object) -> None:
    """Warn, and so fail a strict build, of redirects that lead nowhere or away from a page."""
    for wrong in wrong_redirects(moved(Path(app.srcdir)), set(app.env.found_docs)):
        LOGGER.warning("%s. Try: correct the line or take it out.", wrong, location=str(Path(app.srcdir) / MOVED))


def redirect(app: Sphinx) -> None:
    """Write a page at each old address that leads to the new one, from disk as well."""
    for old, new in moved(Path(app.srcdir)).items():
        path, target = (Path(app.outdir) / f"{name}.html" for name in (old, new))
        if target.is_file() and old not in app.env.found_docs:
            path.parent.mkdir(parents=True, exist_ok=True)
            page = Path(os.path.relpath(target, path.parent)).as_posix()
            path.write_text(REDIRECT.format(page=page), encoding="utf-8")


def finish(app: Sphinx, failure: Exception | None) -> None:
    """Mend the pages and write the redirects, where pages were built."""
    if app.builder.format == "html" and not failure:
        mend_pages(Path(app.outdir))
        redirect(app)


def setup(app: Sphinx) -> dict:
    """Register them."""
    app.connect("source-read", fold_dictionary)
    app.connect("env-before-read-docs", check_redirects)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True}
