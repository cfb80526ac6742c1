"""Two small pages become one PDF: in order, numbered, with bookmarks, links within it, and every fold open."""

import re

import pytest
from browser import chromium, find_browser
from bs4 import BeautifulSoup
from print_pdf import combined, link, main

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
