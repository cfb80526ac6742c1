"""What readers of the page's text would stumble over is set right, once, and nothing else is touched."""

import pytest
from mend_pages import mend, mend_pages


@pytest.mark.parametrize(
    "written, mended",
    [
        ("<th></th>", "<td></td>"),
        ('<th class="head"><p></p></th>', '<td class="head"></td>'),
        ("<th>\n    </th>", "<td></td>"),
        ("<th>RMSE</th>", "<th>RMSE</th>"),
        ("<thead></thead>", "<thead></thead>"),
        ('<th><img alt="map"></th>', '<th><img alt="map"></th>'),
        ('<summary aria-label="Toggle hidden content">\n<p>Show', "<summary>\n<p>Show"),
        (
            '<summary><span class="toctree-toggle"',
            '<summary aria-label="Show the pages below"><span class="toctree-toggle"',
        ),
        ('<summary aria-label="Sources">', '<summary aria-label="Sources">'),
        (
            '<button class="btn search-button-field a" title="Search" aria-label="Search" data-x="y">',
            '<button class="btn search-button-field a" title="Search" data-x="y">',
        ),
        (
            '<i class="theme-switch fa-sun fa-lg" data-mode="light" title="Light"></i>',
            '<i class="theme-switch fa-sun fa-lg" data-mode="light" aria-hidden="true"></i>',
        ),
        (
            '<div class="citation" id="id1" role="doc-biblioentry">',
            '<div class="citation" id="id1" role="listitem">',
        ),
        (
            '<header id="pst-header" class="a">\n </header>',
            '<header id="pst-header" class="a" role="none">\n </header>',
        ),
        (
            '<header id="pst-header" class="a"><nav></nav></header>',
            '<header id="pst-header" class="a"><nav></nav></header>',
        ),
        ("<code>&lt;th&gt;&lt;/th&gt;</code>", "<code>&lt;th&gt;&lt;/th&gt;</code>"),
    ],
)
def test_each_mending_is_made_once(written, mended):
    assert mend(written) == mended
    assert mend(mended) == mended


def test_pages_are_mended_and_what_they_bring_along_is_not(tmp_path):
    for name in ("search.html", "notebooks/a.html", "_static/frame.html", "_downloads/1/table.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("<th></th>")
    mend_pages(tmp_path)
    now = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*.html")}
    assert now == {
        "search.html": "<td></td>",
        "notebooks/a.html": "<td></td>",
        "_static/frame.html": "<th></th>",
        "_downloads/1/table.html": "<th></th>",
    }
