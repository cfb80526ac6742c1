"""The book that `make test` has built at smoke size is whole and needs nothing but itself."""

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from page_checks import check_book, toc_pages

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "smoke" / "_build" / "html"
PAGES = toc_pages(ROOT)
LESSONS = [page for page in PAGES if page.startswith("notebooks/")]


@pytest.fixture(scope="module")
def soups() -> dict[str, BeautifulSoup]:
    assert HTML.is_dir(), "the smoke book is not built: run make test"
    return {page: BeautifulSoup((HTML / f"{page}.html").read_text(), "html.parser") for page in PAGES}


def test_pages_pass_every_check(soups):
    assert check_book(ROOT, HTML) == []


def test_every_notebook_and_prose_page_is_in_the_book():
    lessons = {f"notebooks/{path.stem}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    prose = {path.relative_to(ROOT).with_suffix("").as_posix() for path in (ROOT / "book").rglob("*.md")}
    assert lessons | prose == set(PAGES)


def test_one_title_a_page_and_no_heading_level_is_skipped(soups):
    for page, soup in soups.items():
        levels = [int(tag.name[1]) for tag in soup.select("article h1, article h2, article h3, article h4")]
        assert levels.count(1) == 1 and levels[0] == 1, page
        steps = list(zip(levels, levels[1:], strict=False))
        assert all(below - above <= 1 for above, below in steps), page


def test_pages_say_their_language_and_their_title(soups):
    for page, soup in soups.items():
        assert soup.html["lang"] == "en", page
        assert len(soup.title.get_text(strip=True)) > 10, page


def test_equations_are_set_by_the_mathjax_that_lies_beside_the_pages(soups):
    with_maths = {page: soup for page, soup in soups.items() if soup.select("article .math")}
    assert "book/notation" in with_maths
    for page, soup in with_maths.items():
        (script,) = [tag["src"] for tag in soup.find_all("script", src=True) if "mathjax" in tag["src"]]
        assert ((HTML / page).parent / script.split("?")[0]).resolve().is_file(), page
    fonts = HTML / "_static" / "mathjax" / "output" / "chtml" / "fonts" / "woff-v2"
    assert len(list(fonts.glob("*.woff"))) > 20


def test_alt_texts_are_told_apart(soups):
    alts = [image["alt"] for soup in soups.values() for image in soup.select("article img")]
    assert len(alts) == len(set(alts)), "two figures with the same words"


def test_links_have_words(soups):
    for page, soup in soups.items():
        for link in soup.select("article a[href]"):
            assert link.get_text(strip=True) or link.get("aria-label") or link.find("img"), f"{page}: {link}"


def test_lessons_were_executed_at_smoke_size(soups):
    for page in LESSONS:
        code = [
            cell for cell in json.loads((ROOT / f"{page}.ipynb").read_text())["cells"] if cell["cell_type"] == "code"
        ]
        outputs = soups[page].select("article .cell_output")
        assert 0 < len(outputs) <= len(code), page
        assert "smoke" in " ".join(output.get_text() for output in outputs), page


def test_lessons_end_with_their_functions_and_lead_words_to_the_glossary(soups):
    words = {tag["id"] for tag in soups["book/glossary"].select("dt[id]")}
    for page in LESSONS:
        assert soups[page].select("details.functions-used a[href*='book/api/'], details.functions-used code"), page
        for link in soups[page].select("article a.term"):
            address, _, anchor = link["href"].partition("#")
            assert address == "../book/glossary.html" and anchor in words and link["title"], f"{page}: {link}"
