"""Small pages become one PDF: in order, numbered, with bookmarks, links within it, folds open, no heading alone."""

import re
import shutil
from pathlib import Path

import pytest
from browser import chromium, find_browser
from bs4 import BeautifulSoup
from print_pdf import combined, link, main, print_book

STYLES = Path(__file__).parents[2] / "book" / "_static" / "sparseobs.css"

PAGE = """<html lang="en"><head><title>{title}</title><link rel="stylesheet" href="../_static/own.css?v=1"></head><body>
<nav>Bar</nav><article class="bd-article"><section id="top"><h1>{title}<a class="headerlink" href="#top">#</a></h1>
{body}</section></article></body></html>"""
FIRST = """<p><a href="../notebooks/second.html#here">on</a> <a href="#top">up</a>
<a href="../_downloads/a.csv">table</a> <a href="https://arxiv.org/abs/1#x">paper</a></p>
<img src="../_images/a.png" alt="a map">"""
SECOND = """<details><summary>Show the solution</summary><p>Forty-two.</p></details><p id="here">Here</p>
<div class="moving"><label>members <input type="range"></label></div><button>Copy</button>"""


@pytest.fixture
def book(tmp_path):
    html = tmp_path / "_build" / "html"
    for name, body in (("book/first", FIRST), ("notebooks/second", SECOND)):
        path = html / f"{name}.html"
        path.parent.mkdir(parents=True)
        path.write_text(PAGE.format(title=name.split("/")[1].title(), body=body))
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/first\nchapters:\n- file: notebooks/second\n")
    return tmp_path


def test_pages_are_joined_in_order_without_bars_buttons_and_sliders(book):
    whole = BeautifulSoup(combined(book / "_build" / "html", ["book/first", "notebooks/second"]), "html.parser")
    assert [tag.get_text() for tag in whole.select("h1")] == ["First", "Second"]
    assert whole.html["lang"] == "en" and whole.title.string == "First"
    assert not whole.select("nav, button, .moving input, .headerlink")
    assert [tag["href"] for tag in whole.select("link")] == ["html/_static/own.css"], "once"
    assert whole.img["src"] == "html/_images/a.png" and whole.details.has_attr("open")


def test_no_anchor_stands_twice_and_every_link_within_leads_to_one(book):
    whole = BeautifulSoup(combined(book / "_build" / "html", ["book/first", "notebooks/second"]), "html.parser")
    anchors = [tag["id"] for tag in whole.select("[id]")]
    assert len(anchors) == len(set(anchors))
    within = [tag["href"][1:] for tag in whole.select("a[href^='#']")]
    assert len(within) == 2 and set(within) <= set(anchors)


@pytest.mark.parametrize(
    "address, to",
    [
        ("second.html", "#notebooks-second"),
        ("second.html#a", "#notebooks-second--a"),
        ("../book/first.html#a", "#book-first--a"),
        ("#a", "#notebooks-third--a"),
        ("https://x.example/second.html", "https://x.example/second.html"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("../_downloads/second.csv", None),
        ("gone.html", None),
    ],
)
def test_links_lead_within_the_book_or_to_the_web(address, to):
    assert link(address, "notebooks/third", {"book/first", "notebooks/second", "notebooks/third"}) == to


def test_the_pdf_has_numbered_sheets_and_bookmarks(book, capsys):
    with chromium() as browser:
        if browser is None:
            pytest.skip("no Chromium or Chrome is installed: nothing can be printed")
    assert main(["--root", str(book)]) == 0
    printed = (book / "_build" / "book.pdf").read_bytes()
    assert printed.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2, "each page begins a sheet"
    assert b"/Outlines" in printed
    assert re.findall(rb"/Title \((\w+)\)", printed) == [b"First", b"First", b"Second"], "the document's, and bookmarks"
    assert set(re.findall(rb"/Dest /([\w-]+)", printed)) == {b"notebooks-second--here", b"book-first--top"}
    assert re.findall(rb"/URI \((.*?)\)", printed) == [b"https://arxiv.org/abs/1#x"]
    assert "book.pdf" in capsys.readouterr().out
    assert [path.name for path in (book / "_build").iterdir() if path.suffix == ".html"] == []


def test_without_a_browser_it_says_so(book, monkeypatch, capsys):
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert find_browser("/no/such/program") is None
    monkeypatch.setattr("browser.find_browser", lambda own: None)
    assert main(["--root", str(book)]) == 1
    said = capsys.readouterr().err
    assert "given no Chromium" in said and "Try apt-get install chromium" in said
    assert not (book / "_build" / "book.pdf").exists()


def test_a_book_that_is_not_built_is_told(tmp_path, capsys):
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/first\n")
    assert main(["--root", str(tmp_path)]) == 1
    assert "given no page book/first" in capsys.readouterr().err


def mark(text, group, names=False):
    """Return text as a link: a PDF keeps the links of each sheet and where they stand in plain bytes."""
    return f'<a href="https://paper.example/{"name" if names else "text"}/{group}">{text}</a>'


def name(text):
    return mark(text, "name", names=True)


def lines(count, group, end="<br>"):
    return end.join(mark("a line", group) for _ in range(count))


ALONE = f"<p>{lines(3, 'of_a_paragraph')}</p>"
CODE = f'<div class="highlight"><pre>{lines(6, "of_a_cell", chr(10))}</pre></div>'
SQUARE = "data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 width=%2290%22 height=%2290%22/%3E"
PICTURE = mark(f"<img src={SQUARE!r}>", "figure")
HEAD = f"<thead><tr><th>{name('c')}</th></tr></thead>"
ROWS = "".join(f"<tr><td>{lines(6, f'row_{number}')}</td></tr>" for number in range(40))
SHORT = "".join(f"<tr><td>{lines(1, 'short_table')}</td></tr>" for _ in range(5))
NAMED = {
    "paragraph": ALONE,
    "nested_sections": f"<section><h3>{name('b')}</h3><section><h4>{name('c')}</h4>{ALONE}</section></section>",
    "card": f'<div class="admonition"><p class="admonition-title">{name("b")}</p>{ALONE}</div>',
    "fold": f"<details><summary>{name('b')}</summary>{CODE}</details>",
    "code": CODE,
    "cell": f'<div class="cell"><div class="cell_input" style="border: 2px solid; padding: 9px">{CODE}</div></div>',
    "figure": f"<figure>{PICTURE}<figcaption>{lines(1, 'figure')}</figcaption></figure>",
    "table": f"<table><caption>{name('b')}</caption>{HEAD}<tbody>{ROWS}</tbody></table>",
    "short_table": f"<table><caption>{name('b')}</caption><tbody>{SHORT}</tbody></table>",
    "signature": f"<dl><dt>{name('b')}</dt><dd>{ALONE}</dd></dl>",
}
SHEET = 1230  # pixels of the page that a sheet holds
LEFT = (60, 100, 140, 180, 220)  # pixels at the foot of a sheet, where a heading begins


def links_on_sheets(pdf):
    """Return the links (what, group) of each sheet of a PDF, from head to foot."""
    objects = dict(re.findall(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL))
    sheets = []
    for _, sheet in sorted(objects.items(), key=lambda numbered: int(numbered[0])):
        if not re.search(rb"/Type\s*/Page\b", sheet):
            continue
        links = []
        for number in re.findall(rb"(\d+) 0 R", (re.findall(rb"/Annots \[(.*?)\]", sheet, re.DOTALL) or [b""])[0]):
            what = re.search(rb"/URI \(https://paper.example/(\w+)/(\w+)\)", objects[number])
            foot = float(re.search(rb"/Rect \[\S+ (\S+)", objects[number])[1])
            links.append((-foot, what[1].decode(), what[2].decode()))
        sheets.append([link[1:] for link in sorted(links)])
    return sheets


@pytest.fixture(scope="module")
def sheets(tmp_path_factory):
    """Print headings near the foot of a sheet with the book's own styles, each case a page; return links by case."""
    folder = tmp_path_factory.mktemp("paper")
    (folder / "html").mkdir()
    shutil.copy(STYLES, folder / "html" / STYLES.name)
    cases = [(kind, left) for kind in NAMED for left in LEFT]
    for kind, left in cases:
        body = f'<div style="height: {SHEET - left}px">{mark("above", "above")}</div>'
        body += f"<section><h2>{name('a')}</h2>{NAMED[kind]}</section>"
        page = PAGE.format(title="Case", body=body).replace("../_static/own.css?v=1", STYLES.name)
        (folder / "html" / f"{kind}-{left}.html").write_text(page)
    if not print_book(folder / "html", [f"{kind}-{left}" for kind, left in cases], folder / "book.pdf"):
        pytest.skip("no Chromium or Chrome is installed: nothing can be printed")
    by_case, unseen, case = {}, iter(cases), None
    for links in links_on_sheets((folder / "book.pdf").read_bytes()):
        case = next(unseen) if ("text", "above") in links else case
        by_case.setdefault(case, []).append(links)
    assert list(by_case) == cases
    return by_case


@pytest.mark.parametrize("kind", NAMED)
def test_no_heading_caption_or_title_is_the_last_text_of_its_sheet(sheets, kind):
    printed = {left: sheets[kind, left] for left in LEFT}
    assert {left: len(sheets) for left, sheets in printed.items() if len(sheets) < 2} == {}, "a case ends a sheet"
    assert [left for left in LEFT for links in printed[left] if links[-1][0] == "name"] == []


@pytest.mark.parametrize("kind", ["code", "table", "short_table"])
def test_cells_rows_and_short_tables_are_not_torn(sheets, kind):
    for left in LEFT:
        groups = [{group for what, group in links if what == "text"} for links in sheets[kind, left]]
        assert [one & other for one, other in zip(groups, groups[1:], strict=False) if one & other] == [], left
