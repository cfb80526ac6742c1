"""A page's MyST as Markdown that JupyterLab shows: it knows no directives, no roles and no captions of figures."""

import copy
import re
from functools import partial
from pathlib import Path

import nbformat

LABEL = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
BLOCK = re.compile(
    r"^(?P<fence>:{3,})\{admonition\} (?P<title>[^\n]*)\n(?P<options>(?:^:\w+:[^\n]*\n)*)"
    r"(?P<body>.*?)^(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
ROLE = re.compile(r"\{(?P<role>[a-z:]+)\}`(?:(?P<words>[^`<]+?)\s*<(?P<where>[^`>]+)>|(?P<target>[^`]+))`")
KEY = re.compile(r"(?P<author>[a-z]+)(?P<year>\d{4})")  # of the bibliography
TITLE = re.compile(r"^# (.+)", re.MULTILINE)


def for_jupyter(notebook: nbformat.NotebookNode, root: Path) -> nbformat.NotebookNode:
    """Return a copy in plain Markdown: figures are numbered, their captions below them, and hints are folded.

    Args:
        notebook: a lesson, in MyST.
        root: the book's sources, where the titles of other pages are read.
    """
    plain = copy.deepcopy(notebook)
    captions = [cell.metadata.get("mystnb", {}).get("figure", {}) for cell in plain.cells]
    numbers = {name: number for number, name in enumerate(filter(None, (each.get("name") for each in captions)), 1)}
    cells = []
    for cell, figure in zip(plain.cells, captions, strict=True):
        if cell.cell_type == "markdown":
            cell.source = as_markdown(cell.source, numbers, root)
        cells.append(cell)
        if figure.get("name"):
            caption = as_markdown(figure["caption"], numbers, root)
            cells.append(nbformat.v4.new_markdown_cell(f"**Figure {numbers[figure['name']]}.** {caption}"))
    plain.cells = cells
    return plain


def as_markdown(text: str, numbers: dict[str, int], root: Path) -> str:
    """Return one cell's MyST as Markdown; `numbers` are those of the figures, by name."""
    text = LABEL.sub("", text)
    while BLOCK.search(text):  # a block may hold others
        text = BLOCK.sub(_block, text)
    return ROLE.sub(partial(_role, numbers=numbers, root=root), text)


def _block(found: re.Match) -> str:
    body = found["body"].strip()
    if "dropdown" in found["options"]:
        return f"<details><summary>{found['title']}</summary>\n\n{body}\n\n</details>"
    return f"**{found['title']}**\n\n{body}"


def _role(found: re.Match, numbers: dict[str, int], root: Path) -> str:
    target, role = found["where"] or found["target"], found["role"]
    if role == "numref":
        return f"figure {numbers[target]}" if target in numbers else "the figure"
    if role.startswith("cite"):
        works = [KEY.fullmatch(key.strip()) for key in target.split(",")]
        names = [(work["author"].capitalize(), work["year"]) if work else (target, "") for work in works]
        if role == "cite:t":
            return ", ".join(f"{author} ({year})" for author, year in names)
        return f"({'; '.join(' '.join(name) for name in names)})"
    if role == "doc":
        words = found["words"] or page_title(root, target)
        return f"[{words}]({Path(target).name}.ipynb)" if target.startswith("/notebooks/") else f"*{words}*"
    return found["words"] or target


def page_title(root: Path, page: str) -> str:
    """Return the title of one of the book's pages, such as `/notebooks/chaos`; its name if there is no such page."""
    path = root / page.lstrip("/")
    if path.with_suffix(".ipynb").is_file():
        text = "\n".join(cell.source for cell in nbformat.read(path.with_suffix(".ipynb"), as_version=4).cells)
    else:
        text = path.with_suffix(".md").read_text(encoding="utf-8") if path.with_suffix(".md").is_file() else ""
    found = TITLE.search(text)
    return found[1] if found else path.name
