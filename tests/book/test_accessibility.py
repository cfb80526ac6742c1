"""Every built page in a browser: what axe finds, on a phone, in the dark, by keyboard and on paper."""

import json
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from browser import chromium, open_page
from matplotlib import pyplot
from page_checks import toc_pages

from sparseobs.figures.moving import moving

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "smoke" / "_build" / "html"
PAGES = toc_pages(ROOT)
# Between them they show every kind of part, with code and the theme's own. Elsewhere these look the same, if no output
# brings colours of its own: to measure every colour of every page takes three times as long.
WHOLE = ("book/intro", "book/references", "notebooks/chaos")
# WCAG 2.2 AA as far as axe knows it, with the two rules that it leaves out unless it is asked, and best practice.
RULES = {"label-content-name-mismatch": {"enabled": True}, "target-size": {"enabled": True}}
NO_CONTRAST = {"rules": RULES | {"color-contrast": {"enabled": False}}}
GRAVE = ("serious", "critical")
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
PLAIN_CODE = "document.querySelectorAll('.highlight pre').forEach(code => { code.textContent = code.textContent; })"
OWN_COLOURS = """[...document.querySelectorAll('.cell_output style, .cell_output [style]')]
  .filter(tag => /color|background/.test(tag.getAttribute('style') || tag.textContent)).length"""
# Axe does not judge text before a gradient, such as the shadow at a wide table's edge, and misjudges what is fading in.
PLAIN = """*, ::before, ::after {
  background-image: none !important; transition: none !important; animation: none !important;
}"""
OPEN_FOLDS = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
ON_PAPER = """() => {
  const beside = document.querySelectorAll(
    '.bd-sidebar-primary, .bd-sidebar-secondary, .prev-next-area, .moving input');
  const folds = [...document.querySelectorAll('article details')].map(fold => fold.lastElementChild);
  return [
    ...[...beside].filter(tag => tag.checkVisibility()).map(tag => `prints ${tag.className}`),
    ...folds.filter(tag => !tag.checkVisibility()).map(tag => `leaves out a fold: ${tag.textContent.slice(0, 60)}`),
  ];
}"""


@pytest.fixture(scope="module")
def page():
    with chromium() as browser:
        if browser is None:
            pytest.skip("no Chromium or Chrome is installed: nothing is known of the pages in a browser")
        page = browser.new_page(viewport=DESK)
        page.set_default_timeout(300_000)
        yield page


def axe(page, part: str = "html", options: dict | None = None) -> list[str]:
    """Return what axe finds in a part of the page that lies open, a line a rule; all folds are open from then on."""
    page.add_style_tag(content=PLAIN)
    page.evaluate(OPEN_FOLDS)
    page.evaluate(AXE_SCRIPT)
    asked = {"resultTypes": ["violations"], "rules": RULES} | (options or {})
    found = page.evaluate("([part, options]) => axe.run(part, options)", [part, asked])
    return [
        f"{rule['id']} ({rule['impact']}), {len(rule['nodes'])} times, first {rule['nodes'][0]['html'][:120]}: "
        + " ".join(rule["nodes"][0]["failureSummary"].split())
        for rule in found["violations"]
        if rule["impact"] in GRAVE
    ]


def axe_on(page, name: str) -> list[str]:
    """Return what axe finds on one of the book's pages."""
    if name in WHOLE:
        return axe(page)
    page.evaluate(PLAIN_CODE)
    found = axe(page, "article", NO_CONTRAST)
    coloured = page.evaluate(OWN_COLOURS)
    return found + ([f"{coloured} outputs bring colours of their own: add the page to WHOLE"] if coloured else [])


def test_every_page_serves_every_reader(page):
    """One test and one walk: opening a page takes longer than looking at it."""
    assert HTML.is_dir(), "the smoke book is not built: run make test"
    problems = []
    for name in PAGES:
        page.set_viewport_size(DESK)
        open_page(page, HTML / f"{name}.html")
        # First of all: on paper nothing scrolls, and the theme's script may wake there and note that for the screen.
        found = axe_on(page, name)
        page.emulate_media(media="print")
        found += page.evaluate(ON_PAPER)
        page.emulate_media(media="screen")
        page.set_viewport_size(PHONE)
        width = page.evaluate("document.scrollingElement.scrollWidth")
        found += [f"is {width} pixels wide on a phone of {PHONE['width']}"] if width > PHONE["width"] else []
        problems += [f"{name}: {problem}" for problem in found]
    assert problems == []


@pytest.mark.parametrize("name", WHOLE)
def test_contrast_holds_in_the_dark(page, name):
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="dark")
    try:
        open_page(page, HTML / f"{name}.html")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert axe(page) == []
    finally:
        page.emulate_media(color_scheme="light")


def test_the_keyboard_reaches_and_opens_every_fold(page):
    page.set_viewport_size(DESK)
    open_page(page, HTML / "notebooks" / "chaos.html")
    folds = page.locator("article summary")
    assert folds.count() > 3
    reached = 0
    page.evaluate("document.querySelector('article').setAttribute('tabindex', '-1')")
    page.evaluate("document.querySelector('article').focus()")
    for _ in range(300):
        page.keyboard.press("Tab")
        if not page.evaluate("!!document.activeElement.closest('article')"):
            break
        if page.evaluate("document.activeElement.matches('summary')"):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.parentElement.open")
            reached += 1
    assert reached == folds.count()


def test_arrow_keys_move_a_slider_its_picture_and_its_words(page, tmp_path):
    def draw(gap):
        figure, axes = pyplot.subplots(figsize=(2, 1))
        axes.plot([0, gap])
        return figure

    moved = moving(draw, {"Gap (sites)": [1, 2, 4]}, (2,), alt="A line.", says=lambda gap: f"The gap is {gap}.")
    body = moved._repr_html_()
    (tmp_path / "page.html").write_text(f'<!DOCTYPE html><html lang="en"><title>a</title><main>{body}</main></html>')
    page.goto((tmp_path / "page.html").as_uri())
    slider, image = page.locator("input[type=range]"), page.locator(".moving img")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "range"
    frames = json.loads(page.locator(".moving").get_attribute("data-frames"))
    for key, position, value in (("ArrowRight", "2", "4"), ("ArrowLeft", "1", "2"), ("Home", "0", "1")):
        page.keyboard.press(key)
        assert slider.get_attribute("aria-valuetext") == value
        assert image.get_attribute("src") == f"data:image/png;base64,{frames[position]['png']}"
        assert page.locator("output[aria-live=polite]").inner_text() == f"The gap is {value}."
    assert axe(page, ".moving") == []


def test_what_axe_would_find_is_found(page, tmp_path):
    pale = '<p style="color: #bbb; background: linear-gradient(#fff, #fff) #fff">Pale</p>'
    (tmp_path / "page.html").write_text(f'<html lang="en"><title>a</title>{pale}<img src="a">')
    page.goto((tmp_path / "page.html").as_uri())
    assert {line.split()[0] for line in axe(page)} == {"color-contrast", "image-alt"}
