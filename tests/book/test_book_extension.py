from types import SimpleNamespace

import pandas as pd
import pytest
from book_extension import MARK, MOVED, PAGE, fold_dictionary, folds, redirect
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
    pages = toc_pages(project_root())
    assert set(MOVED.values()) <= set(pages) and not set(MOVED) & set(pages)


@pytest.mark.parametrize("old, new", MOVED.items())
def test_an_old_address_leads_to_its_page_from_disk(tmp_path, old, new):
    target = tmp_path / f"{new}.html"
    target.parent.mkdir(parents=True)
    target.touch()
    redirect(SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html")), None)
    page = BeautifulSoup((tmp_path / f"{old}.html").read_text(), "html.parser")
    assert page.find("meta", {"http-equiv": "refresh"})["content"] == f"0; url={target.name}"
    assert (tmp_path / f"{old}.html").parent / page.a["href"] == target


def test_a_book_without_the_new_page_gets_no_redirect(tmp_path):
    redirect(SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html")), None)
    assert list(tmp_path.iterdir()) == []
