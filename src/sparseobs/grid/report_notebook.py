"""An executed notebook as a page of its own that asks nothing of the network."""

import json
import re
from pathlib import Path

import nbformat
from jinja2 import Environment
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

from sparseobs.files import replacing

PAGES = "notebooks"  # beside the report
# Tags that fetch something; an executed notebook may hold any HTML.
FETCHING = re.compile(r"<(script|link|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^>]*>(?:\s*</\1>)?", re.I)


def notebook_page(notebook: Path, target: Path, environment: Environment, *, title: str, back: str) -> bool:
    """Write a notebook as a page, unless the page is newer; return whether there is one.

    Args:
        notebook: executed; one that is half written (its attempt was killed) has no page.
        target: the page.
        environment: of the templates.
        title: of the page.
        back: name of the report.
    """
    if target.is_file() and target.stat().st_mtime > notebook.stat().st_mtime:
        return True
    try:
        cells = nbformat.read(notebook, as_version=4)
    except (json.JSONDecodeError, nbformat.reader.NotJSONError):
        return False
    content, _ = HTMLExporter(template_name="basic").from_notebook_node(cells)
    text = environment.get_template("notebook.html.jinja").render(
        title=title, style=code_style(), content=FETCHING.sub("", content), back=back
    )
    with replacing(target) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return True


def code_style() -> str:
    """Return the colours of code, light and dark."""
    light, dark = (HtmlFormatter(style=name).get_style_defs(".highlight") for name in ("default", "github-dark"))
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n.prompt {{ display: none; }}"
