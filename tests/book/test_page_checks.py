"""Each thing that spoils a page is found, and a good page is left alone."""

import base64
import io
import json

import pytest
from page_checks import check_book
from PIL import Image

ALT = "Analysis error over time for three filters; the learned one stays lowest"
GOOD = f"""<html><head><link rel="stylesheet" href="_static/own.css"/>
<script src="_static/own.js"></script></head>
<body><article><p><a href="https://arxiv.org">a link is not a request</a></p>
<figure id="fig-error"><img src="_images/plot.png" alt="{ALT}"/></figure>
<div class="cell_output"><div class="output stream">rmse 0.79</div></div></article></body></html>"""


@pytest.fixture
def book(tmp_path):
    html = tmp_path / "html"
    for folder in ("_static", "_images"):
        (html / folder).mkdir(parents=True)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    (html / "_static" / "own.css").write_text("a { background: url(own.png) }")
    (html / "_static" / "own.js").write_text("")
    Image.linear_gradient("L").save(html / "_images" / "plot.png")
    (html / "page.html").write_text(GOOD)
    return tmp_path


def problems(book) -> list[str]:
    return check_book(book, book / "html")


def test_a_good_page_has_no_problems(book):
    assert problems(book) == []


@pytest.mark.parametrize("name, blank", [("L", False), ("RGB", True)])
def test_a_picture_in_the_page_itself_is_looked_at_like_one_beside_it(book, name, blank):
    drawn = io.BytesIO()
    (Image.new(name, (4, 4)) if blank else Image.linear_gradient(name)).save(drawn, format="png")
    page = book / "html" / "page.html"
    inside = f"data:image/png;base64,{base64.b64encode(drawn.getvalue()).decode()}"
    page.write_text(page.read_text().replace("_images/plot.png", inside))
    assert problems(book) == ["page: figure fig-error: the picture is empty"] * blank


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ('src="_static/own.js"', 'src="https://cdn.example/x.js"', "<script> asks the network"),
        ('src="_static/own.js"', 'src="//cdn.example/x.js"', "<script> asks the network"),
        ('href="_static/own.css"', 'href="https://fonts.example/x.css"', "<link> asks the network"),
        ('src="_static/own.js"', 'src="_static/gone.js"', "which is not there"),
        ('src="_images/plot.png"', 'src="_images/gone.png"', "which is not there"),
        ("</body>", "<iframe src='https://x.example'></iframe></body>", "<iframe> asks the network"),
        ("</head>", "<style>@import 'https://x.example/a.css';</style></head>", "a style asks the network"),
        ("<p>", "<p style='background: url(https://x.example/a.png)'>", "a style asks the network"),
        (f'alt="{ALT}"', "", "figure fig-error: alt text ''"),
        (ALT, "error plot", "figure fig-error: alt text 'error plot'"),
        (
            ALT,
            "_images/701bffdb14cc28d663866d976484a517fb200a0c442cdb64032ce6b954442198.png",
            "a file's name",
        ),
        ("stream", "stream stderr", "raw stderr on the page: rmse 0.79"),
        ("stream", "traceback", "raw traceback on the page"),
        ("<p>", "<p>```{table} Of <code>a</code></p><p>", "raw markup on the page: ```{table} Of a"),
        ("<p>", "<p>see {download}<code>a</code></p><p>", "raw markup on the page: {download}a"),
        ("rmse 0.79", "x.py:3: UserWarning: look out", "raw warning: x.py:3: UserWarning: look out"),
    ],
)
def test_each_fault_is_found(book, old, new, expected):
    assert old in GOOD
    (book / "html" / "page.html").write_text(GOOD.replace(old, new))
    (problem,) = problems(book)
    assert problem.startswith("page: ") and expected in problem


def test_an_empty_picture_is_found(book):
    Image.new("RGBA", (40, 30), "white").save(book / "html" / "_images" / "plot.png")
    assert problems(book) == ["page: figure fig-error: the picture is empty"]


@pytest.mark.parametrize("marks, empty", [("", True), ("<path d='M0 0L1 1'/>", False)])
def test_an_svg_that_draws_nothing_is_found(book, marks, empty):
    (book / "html" / "_images" / "plot.svg").write_text(f"<svg xmlns='http://www.w3.org/2000/svg'>{marks}</svg>")
    (book / "html" / "page.html").write_text(GOOD.replace("plot.png", "plot.svg"))
    assert bool(problems(book)) == empty


def test_a_page_that_was_not_built_is_found(book):
    (book / "html" / "page.html").unlink()
    assert problems(book) == ["page: listed in _toc.yml, but no page was built"]


def test_a_figure_that_its_cell_did_not_draw_is_found(book):
    cells = [{"metadata": {"mystnb": {"figure": {"name": name}}}} for name in ("fig-error", "fig-lost")]
    (book / "page.ipynb").write_text(json.dumps({"cells": cells}))
    assert problems(book) == ["page: figure fig-lost: its cell drew nothing"]


def test_a_style_sheet_that_asks_the_network_is_found(book):
    (book / "html" / "_static" / "own.css").write_text("@font-face { src: url('https://fonts.example/a.woff') }")
    assert problems(book) == ["_static/own.css: asks https://fonts.example/a.woff"]
