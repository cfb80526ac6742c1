"""Print the built pages, in the order of `_toc.yml`, into one PDF with bookmarks: `python book/print_pdf.py --help`."""

import argparse
import posixpath
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from browser import chromium, open_page
from bs4 import BeautifulSoup, Tag
from page_checks import toc_pages

NO_BROWSER = """The PDF: given no Chromium or Chrome; expected one to print with.
Try apt-get install chromium, or .venv/bin/playwright install chromium, and make pdf again."""
NOT_ON_PAPER = "a.headerlink, button, script, .moving label"
HEAD = """<!DOCTYPE html>
<html lang="en" data-theme="light" data-mode="light"><head><meta charset="utf-8"><title>{title}</title>
{loaded}
<style>
article {{ break-before: page; }} article:first-of-type {{ break-before: auto; }}
.bd-article {{ padding: 0; }} img {{ max-width: 100%; }}
* {{ box-shadow: none !important; }}
/* At the very edge of a sheet Chromium writes a heading twice into the bookmarks. */
:is(h1, h2, h3, h4) {{ padding-top: 0.6em; margin-top: 0.6em; }}
</style></head><body><main class="bd-content"><div class="bd-article-container">
"""
FOOTER = """<div style="font: 9px sans-serif; width: 100%; text-align: center"><span class="pageNumber"></span></div>"""
SCALE = 0.8  # sets the text in ten points
MARGINS = {"top": "18mm", "bottom": "18mm", "left": "16mm", "right": "16mm"}
SHEETS = {
    "outline": True,
    "tagged": True,
    "print_background": True,
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": FOOTER,
}
WIDTH = round((210 - 2 * 16) / 25.4 * 96 / SCALE)  # of the type area of A4, in the pixels of the page
# Chromium joins the lines of a heading into a bookmark without a space between them, so each has one line.
ONE_LINE = """() => document.querySelectorAll('h1, h2, h3, h4').forEach(heading => {
  heading.style.whiteSpace = 'nowrap';
  const fits = heading.clientWidth / heading.scrollWidth;
  if (fits < 1) heading.style.fontSize = `${0.98 * fits * parseFloat(getComputedStyle(heading).fontSize)}px`;
})"""
MINUTES = 10


def anchor(page: str, fragment: str = "") -> str:
    """Return where a page, or a place on it, stands in the one document."""
    return "--".join([page.replace("/", "-"), *filter(None, [fragment])])


def beside(page: str, address: str) -> str:
    """Return a page's relative address as one from the folder of all pages."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(urlsplit(address).path)))


def link(address: str, page: str, pages: set[str]) -> str | None:
    """Return where a link of a page leads on paper: within the book or the web; None to a file that is not there."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return address
    to = beside(page, address).removesuffix(".html") if parts.path else page
    return f"#{anchor(to, parts.fragment)}" if to in pages else None


def article(page: str, soup: BeautifulSoup, pages: set[str], folder: str) -> Tag:
    """Return a page's article with its own anchors, its links led within the document, and its folds open."""
    body = soup.select_one("article")
    for tag in body.select(NOT_ON_PAPER):
        tag.decompose()
    for tag in body.select("[id]"):
        tag["id"] = anchor(page, tag["id"])
    for tag in body.select("a[href]"):
        if to := link(tag["href"], page, pages):
            tag["href"] = to
        else:
            tag.attrs.pop("href")
    for tag in body.select("img[src]:not([src^='data:'])"):
        tag["src"] = posixpath.join(folder, beside(page, tag["src"]))
    for tag in body.select("details"):
        tag["open"] = ""
    body["id"] = anchor(page)
    return body


def loaded(page: str, soup: BeautifulSoup, folder: str) -> list[str]:
    """Return a page's style sheets and MathJax, as tags with addresses from outside the folder of all pages."""
    tags = soup.select("head link[rel=stylesheet], head script[src*=mathjax], head script:-soup-contains('MathJax =')")
    for tag in tags:
        for name in {"href", "src"} & set(tag.attrs):
            tag[name] = posixpath.join(folder, beside(page, tag[name]))
    return [str(tag) for tag in tags]


def combined(html: Path, pages: list[str]) -> str:
    """Return the book as one page of HTML, for a file that lies beside the folder `html`."""
    needed, articles, titles = {}, [], []
    for page in pages:
        soup = BeautifulSoup((html / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
        needed |= dict.fromkeys(loaded(page, soup, html.name))
        titles.append(soup.title.get_text(strip=True))
        articles.append(str(article(page, soup, set(pages), html.name)))
    head = HEAD.format(title=titles[0], loaded="\n".join(needed))
    return head + "\n".join(articles) + "</div></main></body></html>"


def print_book(html: Path, pages: list[str], pdf: Path) -> bool:
    """Print the pages below `html` into one PDF, numbered and with bookmarks; False where no browser is there."""
    whole = html.with_name("book_to_print.html")
    with chromium() as browser:
        if browser is None:
            return False
        whole.write_text(combined(html, pages), encoding="utf-8")
        try:
            page = browser.new_page(viewport={"width": WIDTH, "height": 1200})
            page.set_default_timeout(MINUTES * 60_000)
            open_page(page, whole)
            page.emulate_media(media="print")
            page.evaluate(ONE_LINE)
            page.pdf(path=pdf, format="A4", scale=SCALE, margin=MARGINS, **SHEETS)
        finally:
            whole.unlink()
    return True


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and print."""
    here = Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=here, help="the book's sources")
    parser.add_argument("--html", type=Path, help="the built pages (default: _build/html)")
    parser.add_argument("--pdf", type=Path, help="the file to write (default: _build/book.pdf)")
    options = parser.parse_args(arguments)
    html = options.html or options.root / "_build" / "html"
    pdf, pages = options.pdf or html.parent / "book.pdf", toc_pages(options.root)
    if absent := [page for page in pages if not (html / f"{page}.html").is_file()]:
        print(f"{html}: given no page {', '.join(absent)}; expected the built book. Try make book.", file=sys.stderr)
        return 1
    if not print_book(html, pages, pdf):
        print(NO_BROWSER, file=sys.stderr)
        return 1
    print(f"The book as one PDF: {pdf} ({pdf.stat().st_size / 1e6:.0f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
