from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from book_extension import MARK, PAGE, PICTURE, draw_picture, fold_dictionary, folds, moved, redirect, wrong_redirects
from bs4 import BeautifulSoup
from page_checks import toc_pages

from sparseobs.files import project_root
from sparseobs.runs.results import read_dictionary, stored_names


def test_every_stored_table_has_a_fold_with_all_its_columns():
    text = folds(read_dictionary())
    assert [name for name in stored_names() if f"{{dropdown}} `{name}`" not in text] == []
    assert text.count("{csv-table}") == len(stored_names())
    assert all(f'"{column}"' in text for column in read_dictionary()["column"])


def test_commas_and_quotes_of_a_meaning_survive():
    row = {"table": "a", "column": "b", "type": "number", "unit": "", "meaning": 'one, "two"'}
    assert '"b","number","","one, ""two"""' in folds(pd.DataFrame([row]))


def test_the_page_on_stored_tables_has_the_mark_and_only_it_is_changed():
    seen = []
    env = SimpleNamespace(note_dependency=seen.append)
    app = SimpleNamespace(srcdir=project_root(), env=env)
    source, other = [(project_root() / f"{PAGE}.md").read_text()], [MARK]
    fold_dictionary(app, PAGE, source)
    fold_dictionary(app, "book/intro", other)
    assert "{dropdown}" in source[0] and MARK not in source[0] and other == [MARK]
    assert seen, "a change of the dictionary makes the page anew"


def test_old_addresses_lead_to_pages_of_the_book():
    redirects = moved(project_root())
    assert redirects and wrong_redirects(redirects, set(toc_pages(project_root()))) == []


@pytest.mark.parametrize(
    "old, new, told",
    [
        ("old", "page", []),
        ("old", "gone", ["old leads to gone, which is no"]),
        ("page", "page", ["page leads elsewhere"]),
    ],
)
def test_a_redirect_to_no_page_or_from_one_is_told(old, new, told):
    wrong = wrong_redirects({old: new}, {"page"})
    assert len(wrong) == len(told) and all(line.startswith(start) for line, start in zip(wrong, told, strict=True))


def test_a_chain_of_redirects_is_told():
    assert wrong_redirects({"oldest": "old", "old": "page"}, {"page"}) == [
        "oldest leads to old, which is no page of the book"
    ]


def book_of(folder: Path, redirects: str) -> SimpleNamespace:
    (folder / "book").mkdir()
    (folder / "book" / "redirects.yml").write_text(redirects)
    html = folder / "html"
    for page in ("notebooks/new", "book/new"):
        path = html / f"{page}.html"
        path.parent.mkdir(parents=True)
        path.write_text("a page")
    env = SimpleNamespace(found_docs={"notebooks/new", "book/new"})
    return SimpleNamespace(srcdir=folder, outdir=html, env=env)


@pytest.mark.parametrize(
    "old, new, address",
    [
        ("notebooks/old", "notebooks/new", "new.html"),
        ("notebooks/old", "book/new", "../book/new.html"),
        ("old", "book/new", "book/new.html"),
        ("a/b/old", "book/new", "../../book/new.html"),
    ],
)
def test_an_old_address_leads_to_its_page_from_disk(tmp_path, old, new, address):
    redirect(book_of(tmp_path, f"{old}: {new}\n"))
    page = BeautifulSoup((tmp_path / "html" / f"{old}.html").read_text(), "html.parser")
    assert page.find("meta", {"http-equiv": "refresh"})["content"] == f"0; url={address}"
    assert page.find("link", rel="canonical")["href"] == page.a["href"] == address
    assert page.html["lang"] == "en" and f'"{address}" + location.search + location.hash' in page.script.string


def test_nothing_is_written_over_a_page_or_towards_none(tmp_path):
    redirect(book_of(tmp_path, "book/new: notebooks/new\nbook/old: book/gone\n"))
    assert (tmp_path / "html" / "book" / "new.html").read_text() == "a page"
    assert not (tmp_path / "html" / "book" / "old.html").exists()


def test_a_book_without_redirects_has_none(tmp_path):
    assert moved(tmp_path) == {}


def test_a_redirect_that_leads_nowhere_fails_the_build_in_words(mini_book):
    mini_book.write("book/redirects.yml", "book/old: book/gone\n")
    done = mini_book.make()
    assert done.returncode != 0
    assert "book/old leads to book/gone, which is no page of the book" in done.stderr
    mini_book.write("book/redirects.yml", "book/old: book/intro\n")
    done = mini_book.make()
    assert done.returncode == 0, done.stderr
    assert "intro.html" in (mini_book.root / "_build" / "html" / "book" / "old.html").read_text()


def test_the_front_page_has_its_picture_drawn_and_other_pages_draw_nothing(tmp_path, monkeypatch):
    drawn, seen = [], []
    monkeypatch.setattr("sparseobs_book.intro.figures.draw_state", drawn.append)
    app = SimpleNamespace(srcdir=tmp_path, env=SimpleNamespace(note_dependency=seen.append))
    draw_picture(app, "book/other", ["# Another\n"])
    assert drawn == []
    draw_picture(app, "book/intro", [(project_root() / "book" / "intro.md").read_text()])
    assert drawn == [tmp_path / PICTURE]
    draw_picture(SimpleNamespace(srcdir=project_root(), env=app.env), "book/intro", [f"/{PICTURE}"])
    assert any(path.endswith("figures.py") for path in seen), "another drawing makes the page anew"
