"""The first use of a glossary's word on a page leads to the glossary; code, links and labels are left alone."""

import re

import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from terms import GLOSSARY, link_terms, part_of_page, read_terms, terms_of_part

from sparseobs.files import project_root

TEXT = (project_root() / f"{GLOSSARY}.md").read_text()
WANTED = """Bayes' rule, prior, likelihood, posterior, forecast, analysis, background, innovation, gain, ensemble,
member, spread, inflation, localization, divergence of a filter, cycle, observation operator, twin experiment, CRPS,
NLL, MAE, RMSE, rank histogram, PIT, coverage, calibration, kriging, variogram, nugget, drift, lapse rate,
reanalysis, context, target, set convolution, density channel, ConvCNP, FiLM, pre-training, Sim2Real,
adaptation, held-out, smoother, lag, 4D-Var, adjoint, iEnKS, LETKF, EnKF, AmEnF, AmEnS, Lyapunov exponent,
climatology, epoch, seed, preset"""
SMALL = """# Words

```{glossary}
Spread
  How far *members* are apart {cite:p}`a2000`. A second sentence.

CRPS
Ranked score
  A score.
```

## Filtering

```{glossary}
Kalman gain
Gain
  A weight.
```
"""
PAGE = """# A page on the spread

:::{admonition} The spread is in a title
`spread` and [spread](words.md) stay, so does $spread$, but the *spread* here is the first in prose,
and this spread is none.
:::

| spread |
| ------ |
| spread |

To gain is a verb, the gain is not. A fixed-spread thing is none, spread.py is none; CRPS and the ranked score are one.
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> BeautifulSoup:
    """Return a page that Sphinx has built with the hook, beside a glossary."""
    root = tmp_path_factory.mktemp("small")
    (root / "words.md").write_text(SMALL.replace(" {cite:p}`a2000`", ""))
    (root / "index.md").write_text(PAGE + "\n```{toctree}\nwords\n```\n")
    settings = {"extensions": ["myst_parser"], "myst_enable_extensions": ["colon_fence", "dollarmath"]}
    app = Sphinx(root, None, root / "out", root / "doctrees", "html", confoverrides=settings, status=None, warning=None)
    terms = read_terms(SMALL)
    app.connect("doctree-read", lambda app, tree: app.env.docname == "index" and link_terms(tree, terms, "words.html"))
    app.build()
    assert app.statuscode == 0
    return BeautifulSoup((root / "out" / "index.html").read_text(), "html.parser")


def test_the_first_use_in_prose_alone_is_a_link_that_says_the_meaning(built):
    links = {link["href"]: link for link in built.select("a.term")}
    assert list(links) == ["words.html#term-Spread", "words.html#term-Gain", "words.html#term-CRPS"]
    spread = links["words.html#term-Spread"]
    assert spread.get_text() == "spread" and spread.parent.name == "em"
    assert spread["title"] == "How far members are apart."
    assert spread.get("tabindex") != "-1", "a keyboard reaches it"


def test_text_around_a_link_is_what_it_was(built):
    (last,) = [part for part in built.select("p") if "is a verb" in part.get_text()]
    assert last.get_text() == PAGE.strip().splitlines()[-1]
    assert [link.previous_sibling for link in last.select("a.term")][0] == "To gain is a verb, the "


def test_a_link_leads_to_where_sphinx_puts_the_word(built, tmp_path):
    (tmp_path / "index.md").write_text(re.sub(r" \{cite:p\}`[^`]*`", "", TEXT))
    settings = {"extensions": ["myst_parser"], "myst_enable_extensions": ["dollarmath"]}
    app = Sphinx(
        tmp_path, None, tmp_path / "out", tmp_path / "trees", "html", confoverrides=settings, status=None, warning=None
    )
    app.build()
    page = BeautifulSoup((tmp_path / "out" / "index.html").read_text(), "html.parser")
    there = {tag["id"] for tag in page.select("dt[id]")}
    assert {term.anchor for term in read_terms(TEXT)} <= there


def test_the_glossary_has_the_words_of_the_book():
    words = {term.word.lower() for term in read_terms(TEXT)}
    assert {word.strip().lower() for word in WANTED.replace("\n", " ").split(",")} - words == set()


@pytest.mark.parametrize("term", read_terms(TEXT), ids=lambda term: term.word)
def test_a_meanings_first_sentence_stands_alone(term):
    assert 15 < len(term.says) < 220 and term.says.endswith(".")
    assert not re.search(r"[$`{}\\*]", term.says), "markup in a title is shown as it is typed"


def test_a_meaning_takes_one_to_three_sentences():
    blocks = re.findall(r"^```\{glossary\}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    for entry in "\n\n".join(blocks).split("\n\n"):
        meaning = " ".join(line for line in entry.splitlines() if line.startswith("  "))
        assert 1 <= len(re.findall(r"[.](?:\s|$)", meaning)) <= 4, entry


def test_a_word_of_filtering_is_not_looked_for_on_a_map():
    terms, root = read_terms(TEXT), project_root()
    of = {
        page: {term.word for term in terms_of_part(terms, part_of_page(root, page))}
        for page in ("notebooks/chaos", "notebooks/kriging", "notebooks/results_temperature", "book/rerun")
    }
    assert "Gain" in of["notebooks/chaos"] and "Drift" not in of["notebooks/chaos"]
    assert "Drift" in of["notebooks/kriging"] and "Gain" not in of["notebooks/kriging"]
    assert of["notebooks/kriging"] == of["notebooks/results_temperature"]
    assert "Spread" in set.intersection(*of.values()) and not {"Gain", "Drift"} & of["book/rerun"]


@pytest.mark.parametrize(
    "word, text, found",
    [
        ("Variogram", "Variograms differ", "Variograms"),
        ("Twin experiment", "a twin\nexperiment", "twin\nexperiment"),
        ("Gain", "it gains on us", None),
        ("MAE", "the mae", None),
        ("Bayes' rule", "by Bayes’ rule", "Bayes’ rule"),
        ("4D-Var", "of 4D-Var's", "4D-Var"),
    ],
)
def test_what_a_word_looks_like(word, text, found):
    (term,) = [term for term in read_terms(TEXT) if term.word == word]
    match = re.search(rf"\b(?:{term.pattern})\b", text)
    assert (match and match[0]) == found
