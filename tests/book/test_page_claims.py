"""A sentence that a page's own numbers contradict fails the build."""

from nbformat.v4 import new_code_cell, new_notebook, new_output
from page_claims import false_claims


def page(*texts: str):
    outputs = [new_output("stream", name="stdout", text=text) for text in texts]
    other = new_code_cell("print('FALSE')", outputs=[new_output("stream", text="FALSE\n")])
    return new_notebook(cells=[other, new_code_cell("...", outputs=outputs, metadata={"tags": ["claims"]})])


def test_what_holds_is_fine():
    assert list(false_claims("chaos", page("holds\terrors double\nholds\tand double again\n"))) == []


def test_what_is_false_or_fails_is_named_with_its_page():
    found = list(false_claims("chaos", page("holds\terrors double\nFALSE\terrors ", "stay\nFALSE (KeyError)\tgone\n")))
    assert len(found) == 2 and all(line.startswith("chaos: FALSE") for line in found)
    assert "errors stay" in found[0] and "KeyError" in found[1]


def test_a_cell_that_tells_nothing_is_named():
    (found,) = false_claims("chaos", page())
    assert "told no claim" in found
