"""Slides show the figures of built pages with their words, from one file, by keyboard."""

import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from page_checks import outside_requests
from PIL import Image
from slides import deck, main, page_slides, write_decks

ROOT = Path(__file__).parents[2]
SMOKE = ROOT / "_build" / "smoke" / "_build" / "html"
ALT = "Two lines against the cycle; the learned filter lies below &quot;LETKF&quot; after thirty cycles."
MATHS = r'<span class="math notranslate nohighlight">\(\sigma^2\)</span>'
BUILT = f"""<html><body><article>
<section id="a"><h1>A filter &amp; its error<a class="headerlink" href="#a">#</a></h1>
<div class="admonition"><p class="admonition-title">On this page</p>
<p><strong>You will be able to</strong> judge a <a href="b.html">filter</a>.</p></div>
<div class="cell_output"><figure id="fig-error"><img src="../_images/plot.png" alt="{ALT}"/>
<figcaption><p><span class="caption-number">Fig. 1 </span>Errors, in {MATHS}.
<a class="headerlink" href="#fig-error">#</a></p></figcaption></figure></div>
<p><strong>What to see</strong>: the lower line.</p>
<div class="cell_output"><div class="output stream">rmse 0.79</div></div>
<p><strong>What to see</strong>: the number above.</p>
<figure id="fig-spread"><img src="../_images/plot.png" alt="{ALT}"/>
<figcaption><p>Fig. 2 Spread.</p></figcaption></figure>
<p>Words. <a href="#fig-error">Fig. 1</a>.</p>
<p><strong>What to see</strong> in <a href="#fig-error">Fig. 1</a> and <a href="#fig-spread">Fig. 2</a>: both.</p>
<section id="summary"><h2>Summary</h2><ul><li><p>It errs by 0.79.</p></li><li><p>It says so.</p></li></ul>
<p>Next: more.</p></section></section></article></body></html>"""

PARTS = {"First part": "notebooks/a", "Words": "notebooks/words", "Not built": "notebooks/b"}


@pytest.fixture
def html(tmp_path):
    (tmp_path / "_images").mkdir()
    (tmp_path / "notebooks").mkdir()
    Image.linear_gradient("L").save(tmp_path / "_images" / "plot.png")
    (tmp_path / "notebooks" / "a.html").write_text(BUILT)
    (tmp_path / "notebooks" / "plain.html").write_text("<html><body><article><h1>Words</h1></article></body></html>")
    (tmp_path / "index.html").write_text("")
    shutil.copytree(ROOT / "book" / "_static" / "mathjax", tmp_path / "_static" / "mathjax")
    return tmp_path


def test_a_page_is_its_title_its_figures_with_what_to_see_and_its_summary(html):
    title, error, spread, summary = (BeautifulSoup(slide, "html.parser") for slide in page_slides(html, "notebooks/a"))
    assert title.h1.get_text() == "A filter & its error"
    assert "You will be able to judge a filter." in title.get_text()
    words = [paragraph.get_text() for paragraph in error.select("figcaption p")]
    assert words[0].startswith("Fig. 1 Errors") and words[1:] == [
        "What to see: the lower line.",
        "What to see in Fig. 1 and Fig. 2: both.",
    ]
    assert error.img["alt"] == ALT.replace("&quot;", '"')
    assert [each.get_text() for each in spread.select("figcaption p")][1:] == [
        "What to see in Fig. 1 and Fig. 2: both."
    ]
    assert [each.get_text() for each in summary.select("li")] == ["It errs by 0.79.", "It says so."]
    assert not any(slide.find("a") for slide in (title, error, spread, summary))


def test_a_page_without_figures_has_no_slides(html):
    assert list(page_slides(html, "notebooks/plain")) == []


def test_a_deck_needs_nothing_beside_it(html):
    text = deck(html, "Filters", ["notebooks/a", "notebooks/plain"])
    page = BeautifulSoup(text, "html.parser")
    assert list(outside_requests(page, html / "slides.html")) == []
    assert all(image["src"].startswith("data:image/png;base64,") for image in page.find_all("img"))
    assert not page.find_all("a") and not page.select("script[src]") and page.html["lang"] == "en"
    assert len(page.find_all("section")) == 1 + 4


def test_without_formulas_a_deck_carries_no_mathjax(html):
    page = html / "notebooks" / "a.html"
    with_maths = len(deck(html, "Filters", ["notebooks/a"]))
    page.write_text(BUILT.replace(MATHS, "m"))
    assert len(deck(html, "Filters", ["notebooks/a"])) < with_maths - 1_000_000


def test_without_a_book_it_says_what_to_do(tmp_path, capsys):
    assert main(["--root", str(ROOT), "--html", str(tmp_path), "--output", str(tmp_path / "slides")]) == 2
    assert "expected a built book. Try make book." in capsys.readouterr().err
    assert not (tmp_path / "slides").exists()


@pytest.fixture
def browser():
    """Chromium, playwright's own or the machine's; tests that need one are left out where there is none."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        own = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        try:
            browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox"])
        except Error:
            pytest.skip("no browser here")
        yield browser
        browser.close()


def test_the_keyboard_reaches_every_slide_and_nothing_is_asked_of_the_network(html, browser):
    (html / "deck.html").write_text(deck(html, "Filters", ["notebooks/a"]))
    page, asked, errors = browser.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((html / "deck.html").as_uri())
    place = page.locator("#place")
    reached = [place.inner_text()]
    for key in ("ArrowRight", " ", "PageDown", "ArrowLeft", "Home", "End", "ArrowRight"):
        page.keyboard.press(key)
        reached.append(place.inner_text())
    assert [int(text.split()[1]) for text in reached] == [1, 2, 3, 4, 3, 1, 5, 5]
    assert page.locator("section:visible").count() == 1
    for key, expected in (("Shift+Tab", None), ("Home", 1), ("Tab", 1), ("Tab", 1), ("Enter", 2)):
        page.keyboard.press(key)
        assert expected in (None, int(place.inner_text().split()[1])), key
    assert page.locator("math").count() == 1
    assert [each["id"] for each in Axe().run(page).response["violations"]] == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == [] and errors == []


@pytest.mark.parametrize("lesson", ["notebooks/lorenz96_filter", "notebooks/kriging"])
def test_a_lesson_of_the_smoke_book_has_its_slides(lesson):
    assert SMOKE.is_dir(), "the smoke book is not built: run make test"
    built = BeautifulSoup((SMOKE / f"{lesson}.html").read_text(), "html.parser").find("article")
    title, *figures, summary = (BeautifulSoup(slide, "html.parser") for slide in page_slides(SMOKE, lesson))
    assert "You will be able to" in title.get_text() and len(summary.select("li")) > 1
    assert len(figures) == len(built.select("figure[id]")) > 3
    assert all(len(image["alt"]) > 30 for slide in figures for image in slide.find_all("img"))
    words = " ".join(slide.get_text() for slide in figures)
    assert "What to see" in words and not re.search(r"\{(?:doc|ref|numref)\}", words)


def test_a_file_for_each_part_with_figures(html, tmp_path):
    root = tmp_path / "root"
    (root / "notebooks").mkdir(parents=True)
    (root / "notebooks" / "a.ipynb").touch()
    (root / "_config.yml").write_text("title: A book\n")
    parts = "".join(f"- caption: {name}\n  chapters: [{{file: {page}}}]\n" for name, page in PARTS.items())
    (root / "_toc.yml").write_text(f"format: jb-book\nroot: book/intro\nparts:\n{parts}")
    (written,) = write_decks(root, html, root / "slides")
    assert written.name == "first-part.html" and "<h1>A book: First part</h1>" in written.read_text()
