"""What screen readers stumble over in the pages as myst-nb, docutils, pandas and the theme write them, set right."""

import re
from pathlib import Path

# Each: what is written, what stands there instead, why. Said again, they change nothing more.
MENDINGS = (
    # pandas and docutils leave the corner of a table empty: no header of anything.
    (re.compile(r"<th((?: [^<>]*)?)>(?:\s|<p></p>)*</th>"), r"<td\1></td>"),
    # The words on a fold are its name; this one would be read in their place (and speech input would not find it).
    (re.compile(r'<summary aria-label="Toggle hidden content">'), "<summary>"),
    # The side bar's arrow shows the pages below another.
    (re.compile(r'<summary>(?=<span class="toctree-toggle")'), '<summary aria-label="Show the pages below">'),
    (re.compile(r'(<button class="btn search-button-field [^<>]*?) aria-label="Search"'), r"\1"),
    # Pictures of a button that has a name.
    (re.compile(r'(<i class="theme-switch [^<>]*?)\s+title="[^"]*"'), r'\1 aria-hidden="true"'),
    # A list holds list items; docutils' role for them is deprecated.
    (re.compile(r'(<div class="citation" [^<>]*?)role="doc-biblioentry"'), r'\1role="listitem"'),
    # The book's title stands in no landmark, and the theme's banner is empty.
    (re.compile(r'<div class="sidebar-primary-item">(?=\s*<a class="navbar-brand)'),
     '<div class="sidebar-primary-item" role="banner">'),
    (re.compile(r'(<header id="pst-header"(?![^<>]* role=)[^<>]*)>(?=\s*</header>)'), r'\1 role="none">'),
)  # fmt: skip


def mend(page: str) -> str:
    """Return a page's HTML with every mending made."""
    for written, instead in MENDINGS:
        page = written.sub(instead, page)
    return page


def mend_pages(html: Path) -> None:
    """Mend every page below `html`, the theme's own ones too; what it shows of other files stays."""
    for path in html.rglob("*.html"):
        if not any(part.startswith("_") for part in path.relative_to(html).parts):
            page = path.read_text(encoding="utf-8")
            if (mended := mend(page)) != page:
                path.write_text(mended, encoding="utf-8")
