"""What is looked for in the built book, since a page can be wrong although Sphinx is content."""

import base64
import io
import json
import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from PIL import Image
from sphinx_external_toc.parsing import parse_toc_yaml

SHORTEST_ALT = 30  # characters
LOADED_BY = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
}
LOADED_LINKS = {"stylesheet", "preload", "icon", "modulepreload", "prefetch", "manifest"}
CSS_REQUEST = re.compile(r"""(?:url\(|@import)\s*['"]?((?:https?:)?//[^'")\s]+)""")
SVG_MARK = re.compile(r"<(path|line|rect|circle|polygon|polyline|text|image|use)\b")
RAW_MARKUP = re.compile(r"(?:```|:::)\{|\{(?:doc|ref|numref|download|cite:[pt])\}")
RAW_WARNING = re.compile(r"^.*\b\w*Warning: .*$", re.MULTILINE)


def toc_pages(root: Path) -> list[str]:
    """Return the pages that `_toc.yml` lists, in order, as paths without suffix."""
    return list(parse_toc_yaml(root / "_toc.yml"))


def toc_parts(root: Path) -> dict[str, list[str]]:
    """Return the pages of each part of `_toc.yml` by the part's caption, in its order; "" is a part without one."""
    return {part.caption or "": list(part.files()) for part in parse_toc_yaml(root / "_toc.yml").root.subtrees}


def check_book(root: Path, html: Path) -> list[str]:
    """Return what is wrong with the book built from `root` into `html`, one line each."""
    problems = []
    for page in toc_pages(root):
        path = html / f"{page}.html"
        if not path.is_file():
            problems.append(f"{page}: listed in _toc.yml, but no page was built")
            continue
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        found = [*outside_requests(soup, path), *raw_outputs(soup), *figure_problems(soup, path)]
        found += raw_markup(soup)
        found += missing_figures(root / f"{page}.ipynb", soup)
        problems += [f"{page}: {problem}" for problem in found]
    return problems + [
        f"{path.relative_to(html)}: asks {address}" for path, address in stylesheet_requests(html / "_static")
    ]


def outside_requests(soup: BeautifulSoup, page: Path) -> Iterator[str]:
    """Yield whatever a browser would load from elsewhere than the built book, or would not find in it."""
    for tag in soup.find_all([*LOADED_BY, "link"]):
        if tag.name == "link" and not LOADED_LINKS.intersection(tag.get("rel") or []):
            continue
        address = tag.get("href" if tag.name == "link" else LOADED_BY[tag.name])
        if not address or address.startswith("data:"):
            continue
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            yield f"<{tag.name}> asks the network for {address}"
        elif not (page.parent / unquote(parts.path)).is_file():
            yield f"<{tag.name}> needs {address}, which is not there"
    for style in [*soup.find_all("style"), *soup.find_all(style=True)]:
        text = style.string or "" if style.name == "style" else style["style"]
        yield from (f"a style asks the network for {address}" for address in CSS_REQUEST.findall(text))


def stylesheet_requests(static: Path) -> Iterator[tuple[Path, str]]:
    """Yield every address outside the book that a style sheet asks for."""
    for path in static.rglob("*.css"):
        for address in CSS_REQUEST.findall(path.read_text(encoding="utf-8")):
            yield path, address


def raw_outputs(soup: BeautifulSoup) -> Iterator[str]:
    """Yield every traceback, standard error and warning text that a cell left on the page."""
    for tag in soup.select(".output.stderr, .output.traceback"):
        kind = "traceback" if "traceback" in tag["class"] else "stderr"
        yield f"raw {kind} on the page: {_first_line(tag.get_text())}"
    for tag in soup.select(".cell_output .output.stream, .cell_output .output.text_plain"):
        yield from (f"raw warning: {text.strip()[:120]}" for text in RAW_WARNING.findall(tag.get_text()))


def raw_markup(soup: BeautifulSoup) -> Iterator[str]:
    """Yield every paragraph in which a directive or a role was not understood and stands as it was typed."""
    for paragraph in soup.select("article p"):
        if match := RAW_MARKUP.search(paragraph.get_text()):
            yield f"raw markup on the page: {paragraph.get_text()[match.start() :].splitlines()[0][:120]}"


def figure_problems(soup: BeautifulSoup, page: Path) -> Iterator[str]:
    """Yield every picture of the article that is empty or is not told in words."""
    for image in soup.select("article img, .cell_output img"):
        name = _figure_name(image)
        alt = (image.get("alt") or "").strip()
        if len(alt) < SHORTEST_ALT or alt == image.get("src") or alt.endswith((".png", ".svg")):
            yield f"{name}: alt text {alt!r} has fewer than {SHORTEST_ALT} characters or is a file's name"
        found = picture(image, page)
        if found and is_blank(*found):
            yield f"{name}: the picture is empty"


def picture(image: Tag, page: Path) -> tuple[str, bytes] | None:
    """Return the kind (such as `image/png`) and the bytes of a picture in the page or beside it; None if it is gone."""
    address = image.get("src") or ""
    if address.startswith("data:"):
        head, _, body = address.removeprefix("data:").partition(";base64,")
        return head, base64.b64decode(body)
    path = page.parent / unquote(urlsplit(address).path)
    if not path.is_file():
        return None
    return mimetypes.guess_type(path)[0] or "", path.read_bytes()


def is_blank(kind: str, data: bytes) -> bool:
    """Return whether a picture shows one colour only, or an SVG draws nothing."""
    if kind == "image/svg+xml":
        return not SVG_MARK.search(data.decode())
    with Image.open(io.BytesIO(data)) as picture:
        return all(low == high for low, high in picture.convert("RGB").getextrema())


def missing_figures(notebook: Path, soup: BeautifulSoup) -> Iterator[str]:
    """Yield every figure that a cell announces (`mystnb.figure.name`) and the page does not show."""
    if not notebook.is_file():
        return
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        name = cell.get("metadata", {}).get("mystnb", {}).get("figure", {}).get("name")
        figure = soup.find(id=name) if name else None
        if name and (figure is None or figure.find("img") is None):
            yield f"figure {name}: its cell drew nothing"


def _figure_name(image: Tag) -> str:
    """Return how a reader finds the picture: its figure's name, else its file."""
    figure = image.find_parent("figure")
    return f"figure {figure['id']}" if figure and figure.get("id") else f"picture {image.get('src', '')[:80]}"


def _first_line(text: str) -> str:
    """Return the first line that says something."""
    return next((line.strip()[:120] for line in text.splitlines() if line.strip()), "(empty)")
