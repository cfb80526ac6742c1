"""Slides of each part of the built book, one file each: titles, aims, figures with what to see in them, summaries.

nbconvert's reveal.js slides fetch reveal.js, jQuery, require.js and fonts from the network, and show cells, not figures
with their captions. All that is wanted of them here is one slide at a time and a keyboard, thirty lines of script. So a
slide is taken from the built page, where figures have their numbers, and its pictures are put into the file.
"""

import argparse
import base64
import re
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

import yaml
from bs4 import BeautifulSoup, Tag
from page_checks import picture, toc_parts

from sparseobs.errors import InputError

SEE = "What to see"
MATHJAX = "mathjax/tex-mml-chtml.js"  # among the book's static files; it makes MathML of formulas, which needs no font
STYLE = """
:root { color-scheme: light dark; font: clamp(16px, 1.6vw, 32px)/1.4 system-ui, sans-serif; }
body { margin: 0; }
section { box-sizing: border-box; min-height: calc(100vh - 3.5rem); padding: 1.5rem 5vw; break-after: page; }
section:focus { outline: none; }
.one section:not(.now) { display: none; }
h1 { font-size: 2rem; }
.small { font-size: 1.3rem; margin: 0 0 .5rem; }
figure { margin: 0; }
figure img { display: block; max-width: 100%; max-height: 76vh; margin: auto; background: #fff; }
@media (min-aspect-ratio: 1) {
  figure { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 2rem; align-items: start; }
  figure img { width: 100%; height: 76vh; object-fit: contain; }
}
figcaption { font-size: .9rem; }
figcaption p:first-child { margin-top: 0; }
li { margin: .4em 0; }
nav { position: sticky; bottom: 0; display: none; gap: 1rem; align-items: center; padding: .5rem 5vw;
  background: Canvas; border-top: 1px solid GrayText; font-size: 1rem; }
.one nav { display: flex; }
button { font: inherit; padding: .2em 1em; }
@media print {
  nav { display: none !important; }
  .one section:not(.now) { display: block; }
  section { min-height: 0; }
}
"""
SCRIPT = """
const slides = [...document.querySelectorAll('section')], place = document.getElementById('place');
let now = 0;
function show(number, focus = true) {
  now = Math.max(0, Math.min(slides.length - 1, number));
  slides.forEach((slide, each) => slide.classList.toggle('now', each === now));
  place.textContent = `Slide ${now + 1} of ${slides.length}`;
  history.replaceState(null, '', `#${now + 1}`);
  window.scrollTo(0, 0);
  if (focus) slides[now].focus();
}
const keys = { ArrowRight: 1, PageDown: 1, ' ': 1, ArrowLeft: -1, PageUp: -1, Home: -Infinity, End: Infinity };
document.addEventListener('keydown', event => {
  const pressesButton = event.target.tagName === 'BUTTON' && event.key === ' ';
  if (!(event.key in keys) || pressesButton || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  show(now + keys[event.key]);
});
document.getElementById('before').addEventListener('click', () => show(now - 1, false));
document.getElementById('after').addEventListener('click', () => show(now + 1, false));
const asked = () => (parseInt(location.hash.slice(1)) || 1) - 1;
window.addEventListener('hashchange', () => show(asked()));
document.body.classList.add('one');
show(asked(), false);
"""
FORMULAS = r"""
for (const each of document.querySelectorAll('.math')) {
  const tex = each.textContent.trim().replace(/^\\[\[(]|\\[\])]$/g, '');
  each.innerHTML = MathJax.tex2mml(tex, { display: each.tagName === 'DIV' });
}
"""
OPTIONS = "MathJax = { startup: { typeset: false }, options: { enableMenu: false } };"
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head><body>
<main>
{slides}
</main>
<nav aria-label="Slides"><button id="before">Back</button><button id="after">Next</button>
<span id="place" role="status"></span></nav>
{scripts}
</body></html>
"""


def page_slides(html: Path, page: str) -> Iterator[str]:
    """Yield the slides of a built page as HTML: its title, its figures, its summary; none if it has no figure.

    Args:
        html: folder of the built book.
        page: as in `_toc.yml`.
    """
    path = html / f"{page}.html"
    article = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").find("article")
    figures = [figure for figure in article.select("figure[id]") if figure.find("img")]
    if not figures:
        return
    for link in article.select("a.headerlink"):
        link.decompose()
    title, told = _inside(article.h1), list(_what_to_see(article))
    yield f"<h1>{title}</h1>{_aims(article)}"
    for figure in figures:
        words = [each for names, each in told if figure["id"] in names]
        yield f"<h1 class='small'>{title}</h1>{_figure(figure, path, words)}"
    if summary := article.find(id="summary"):
        points = "".join(f"<li>{_inside(item)}</li>" for item in summary.select("ul > li"))
        yield f"<h1 class='small'>{title}: summary</h1><ul>{points}</ul>"


def _aims(article: Tag) -> str:
    """Return what the page's card says that one will be able to do."""
    card = (each for each in article.select(".admonition p") if each.get_text().startswith("You will be able to"))
    return "".join(f"<p>{_inside(each)}</p>" for each in card)


def _what_to_see(article: Tag) -> Iterator[tuple[set[str], str]]:
    """Yield each paragraph on what to see with the names of its figures: those it links, or else the one just above."""
    above: set[str] = set()
    for tag in article.select("figure[id], h2, h3, .cell_output .output, .cell_output table, p"):
        if tag.name != "p":
            above = {tag["id"]} if tag.name == "figure" else set()
        elif tag.get_text().startswith(SEE):
            linked = {link["href"].removeprefix("#") for link in tag.select("a[href^='#fig-']")}
            yield linked or above, _inside(tag)


def _figure(figure: Tag, page: Path, what_to_see: list[str]) -> str:
    """Return a figure whose pictures stand in the HTML itself, with what to see below its caption."""
    pictures = ""
    for image in figure.find_all("img"):
        kind, data = picture(image, page)
        encoded = base64.b64encode(data).decode()
        pictures += f'<img src="data:{kind};base64,{encoded}" alt="{escape(image["alt"])}">'
    words = [*(_inside(caption) for caption in figure.find_all("figcaption")), *what_to_see]
    paragraphs = "".join(f"<p>{each}</p>" for each in words)
    return f"<figure><div>{pictures}</div><figcaption>{paragraphs}</figcaption></figure>"


def _inside(tag: Tag) -> str:
    """Return what stands in a tag, without paragraphs and without links, which lead nowhere from a slide."""
    copy = BeautifulSoup(tag.decode_contents(), "html.parser")
    for each in copy.find_all(["a", "p"]):
        each.unwrap()
    return str(copy).strip()


def deck(html: Path, title: str, pages: list[str]) -> str:
    """Return the slides of some built pages as a page of HTML that needs nothing beside it."""
    first = f"<h1>{escape(title)}</h1><p>Arrow keys, space, Home and End lead through.</p>"
    slides = [first, *(slide for page in pages for slide in page_slides(html, page))]
    whole = "\n".join(f'<section tabindex="-1">{slide}</section>' for slide in slides)
    scripts = [SCRIPT]
    if 'class="math' in whole:
        scripts = [OPTIONS, (html / "_static" / MATHJAX).read_text(encoding="utf-8"), FORMULAS, SCRIPT]
    tags = "\n".join(f"<script>{script}</script>" for script in scripts)
    return PAGE.format(title=escape(title), style=STYLE, slides=whole, scripts=tags)


def write_decks(root: Path, html: Path, folder: Path) -> list[Path]:
    """Write the slides of each part that has lessons; return the files.

    Raises:
        InputError: the book is not built.
    """
    if not (html / "index.html").is_file():
        raise InputError("book", f"nothing in {html}", "a built book", "make book")
    book = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["title"]
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for caption, pages in toc_parts(root).items():
        pages = [page for page in pages if (root / f"{page}.ipynb").is_file() and (html / f"{page}.html").is_file()]
        if pages:
            name = re.sub(r"\W+", "-", caption.lower()).strip("-")
            written.append(folder / f"{name}.html")
            written[-1].write_text(deck(html, f"{book}: {caption}", pages), encoding="utf-8")
    return written


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and write the slides."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = Path(__file__).resolve().parents[1]
    parser.add_argument("--root", type=Path, default=here, help="the book's sources")
    parser.add_argument("--html", type=Path, help="the built pages (default: _build/html)")
    parser.add_argument("--output", type=Path, help="folder of the slides (default: _build/slides)")
    options = parser.parse_args(arguments)
    build = options.root / "_build"
    try:
        for path in write_decks(options.root, options.html or build / "html", options.output or build / "slides"):
            print(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
