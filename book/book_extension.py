"""What Sphinx does for this book besides.

It makes parts of pages from other files (the data dictionary, timetables, links that launch, the API), leads old
addresses to new pages, ends each notebook's page with the functions that it used, and leads the first use of a
glossary's word to the glossary.
"""

from pathlib import Path

import launch
import pandas as pd
import teaching
from api_pages import fill_page, mark_up, short_types, skip_fields
from functions_used import add_functions
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from terms import link_page

from sparseobs.errors import InputError

DICTIONARY = Path("results/dictionary.csv")
PAGE, MARK = "book/stored_tables", "<!-- the data dictionary, a fold a table -->"
MOVED = {"notebooks/all_methods": "notebooks/filter_comparison", "notebooks/results": "notebooks/results_filters"}
FOLD = """:::{{dropdown}} `{name}` ({n} columns)
```{{csv-table}}
:header: column, type, unit, meaning
:widths: 20 10 8 62
:class: dictionary

{lines}
```
:::
"""
REDIRECT = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Moved</title>
<meta http-equiv="refresh" content="0; url={page}"><link rel="canonical" href="{page}">
<p>This page is now <a href="{page}">{page}</a>.</p></html>
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


def redirect(app: Sphinx, failure: Exception | None) -> None:
    """Write a page at each old address that leads to the new one beside it, from disk as well."""
    for old, new in MOVED.items():
        target = Path(app.outdir) / f"{new}.html"
        if app.builder.format == "html" and not failure and target.is_file():
            (Path(app.outdir) / f"{old}.html").write_text(REDIRECT.format(page=target.name), encoding="utf-8")


def setup(app: Sphinx) -> dict:
    """Register all of it."""
    for fill in (fold_dictionary, fill_in_teaching, link_launchers, fill_page):
        app.connect("source-read", fill)
    app.connect("autodoc-process-docstring", mark_up, priority=400)  # before the sections are read
    app.connect("autodoc-skip-member", skip_fields)
    app.connect("autodoc-before-process-signature", short_types)
    app.connect("doctree-read", link_page)
    app.connect("doctree-read", add_functions)  # after the words: its names are no prose
    app.connect("build-finished", redirect)
    return {"parallel_read_safe": True}
