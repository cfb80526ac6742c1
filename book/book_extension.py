"""What Sphinx does for this book besides.

It makes parts of pages from other files (the data dictionary, timetables, links that launch, the API) and a picture of
the front page. It ends each notebook's page with the functions that it used, leads the first use of a glossary's word
to the glossary, mends the pages for screen readers, and leads old addresses to new pages.
"""

import os
from pathlib import Path

import launch
import pandas as pd
import teaching
import yaml
from api_pages import fill_page, mark_up, short_types, skip_fields
from functions_used import add_functions
from mend_pages import mend_pages
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from terms import link_page

from sparseobs.errors import InputError

DICTIONARY = Path("results/dictionary.csv")
PAGE, MARK = "book/stored_tables", "<!-- the data dictionary, a fold a table -->"
MOVED = "book/redirects.yml"
PICTURE, DRAWN_BY = "_build/pictures/state.png", "src/sparseobs_book/intro"
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


def fill_in_teaching(app: Sphinx, page: str, source: list[str]) -> None:
    """Put minutes, timetables and misconceptions where the page for teachers has its marks."""
    if page == teaching.PAGE:
        root = Path(app.srcdir)
        for path in (root / "_toc.yml", root / teaching.TIMETABLES, *sorted(root.glob("notebooks/*.ipynb"))):
            app.env.note_dependency(str(path))
        try:
            source[0] = teaching.fill_in(source[0], root)
        except InputError as error:
            raise ExtensionError(str(error)) from error


def link_launchers(app: Sphinx, page: str, source: list[str]) -> None:
    """Put links that start the book elsewhere where the page on its use has its mark, if the project has an address."""
    if page == launch.PAGE:
        path = Path(app.srcdir) / "_config.yml"
        app.env.note_dependency(str(path))
        source[0] = source[0].replace(launch.MARK, launch.links(launch.repository(path)))


def draw_picture(app: Sphinx, page: str, source: list[str]) -> None:
    """Draw the picture of an estimated state for a page that shows it."""
    if f"/{PICTURE}" in source[0]:
        from sparseobs_book.intro.figures import draw_state  # takes seconds, which other books need not

        for path in (Path(app.srcdir) / DRAWN_BY).glob("*.py"):
            app.env.note_dependency(str(path))
        draw_state(Path(app.srcdir) / PICTURE)


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
    """Register all of it."""
    for fill in (fold_dictionary, fill_in_teaching, link_launchers, draw_picture, fill_page):
        app.connect("source-read", fill)
    app.connect("autodoc-process-docstring", mark_up, priority=400)  # before the sections are read
    app.connect("autodoc-skip-member", skip_fields)
    app.connect("autodoc-before-process-signature", short_types)
    app.connect("doctree-read", link_page)
    app.connect("doctree-read", add_functions)  # after the words: its names are no prose
    app.connect("env-before-read-docs", check_redirects)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True}
