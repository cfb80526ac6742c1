"""Every symbol of a formula is in the notation, once for each half of the book or for the one page that needs it."""

import re
from pathlib import Path

import pytest
from page_checks import toc_pages
from terms import OF_PARTS, part_of_page

ROOT = Path(__file__).parents[2]
NOTATION = ROOT / "book" / "notation.md"
TABLES = {"Filtering": "tab-filter-symbols", "Temperature from stations": "tab-temperature-symbols"}
TABLE_OF_PART = {part: TABLES[section] for section, parts in OF_PARTS.items() for part in parts}
LESSONS = [page for page in toc_pages(ROOT) if part_of_page(ROOT, page) in TABLE_OF_PART]
# Letters of a formula that stand for nothing: tick marks of text, or a name written out.
NO_SYMBOLS = re.compile(r"\\(?:text|mathrm|operatorname|mathsf|begin|end|label)\s*(?:\{[^}]*\}|\s[A-Za-z])")
COMMANDS = {
    **dict.fromkeys(("overline", "bar"), "bar"),
    **dict.fromkeys(("epsilon", "varepsilon"), "varepsilon"),
    **{name: name for name in ("hat", "tilde", "dot", "mathbb", "top", "circ", "partial", "nabla", "ell")},
}
GREEK = (
    "alpha beta gamma delta zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi varphi chi psi omega"
)
COMMANDS |= {name: name for lower in GREEK.split() for name in (lower, lower.capitalize())}
TOKEN = re.compile(r"\\([A-Za-z]+)|([A-Za-z])|(')")
MATH = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$(?!\$)(.+?)(?<!\\)\$", re.DOTALL)


def formulas(text: str) -> list[str]:
    """Return the formulas of a text in MyST, code left out."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    return [displayed or inline for displayed, inline in MATH.findall(text)]


def symbols(formula: str) -> set[str]:
    """Return a formula's letters and Greek commands, without a forecast's or analysis's mark and Euler's number."""
    formula = NO_SYMBOLS.sub(" ", formula)
    formula = re.sub(r"f_\\(theta|phi)\b", r"\\network \\\1", formula)
    formula = re.sub(r"\^\{?[fa]\}?(?![A-Za-z])|(?<![A-Za-z\\])e(?=\^)", " ", formula)
    found = set()
    for command, letter, prime in TOKEN.findall(formula):
        found |= {COMMANDS.get(command, "network" if command == "network" else ""), letter, "prime" if prime else ""}
    return found - {""}


def prose_of(page: str) -> str:
    path = ROOT / f"{page}.py"
    lines = path.read_text().splitlines() if path.exists() else []
    return "\n".join(line[2:] for line in lines if line.startswith("# ") and not line.startswith("# %%"))


def rows(table: str) -> list[list[str]]:
    """Return the cells of a list-table of the notation, its header left out."""
    (body,) = re.findall(rf":name: {table}\n\n(.*?)```", NOTATION.read_text(), re.DOTALL)
    return [
        re.split(r"\n  -(?: |$)", row, flags=re.MULTILINE) for row in re.split(r"^\* - ", body, flags=re.MULTILINE)[2:]
    ]


def listed(cell: str) -> set[str]:
    """Return the symbols that a row is about: those of its first cell, without the letter below an accent."""
    found = set().union(*map(symbols, formulas(cell)))
    accents = found & {"bar", "hat", "tilde", "dot", "prime"}
    return (found - {"x", "y"}) if accents else found - ({"theta", "phi"} if "network" in found else set())


def own_rows(page: str) -> list[set[str]]:
    return [listed(symbol) for where, symbol, *_ in rows("tab-own-symbols") if f"`/{page}`" in where]


SIGNS = set().union(*(listed(row[0]) for row in rows("tab-signs")))


@pytest.mark.parametrize("page", LESSONS)
def test_every_symbol_of_a_page_is_in_the_notation(page):
    known = SIGNS.union(*(listed(row[0]) for row in rows(TABLE_OF_PART[part_of_page(ROOT, page)])), *own_rows(page))
    unknown = {found: formula for formula in formulas(prose_of(page)) for found in symbols(formula) - known}
    assert unknown == {}, "say in book/notation.md what it means"


@pytest.mark.parametrize("table", ["tab-signs", *TABLES.values()])
def test_a_symbol_is_listed_once(table):
    every = [symbol for row in rows(table) for symbol in listed(row[0])]
    assert len(every) > 10 and {symbol for symbol in every if every.count(symbol) > 1} == set()
    assert table == "tab-signs" or not SIGNS & set(every)


def test_a_page_has_one_meaning_for_a_letter_of_its_own():
    pages = re.findall(r"\{doc\}`/(notebooks/\w+)`", NOTATION.read_text())
    assert set(pages) <= set(LESSONS)
    for page in pages:
        every = [symbol for row in own_rows(page) for symbol in row]
        assert every and len(every) == len(set(every)), page


@pytest.mark.parametrize(
    "formula, found",
    [
        (r"x^a = x^f + K\,(y - H x^f)", {"x", "K", "y", "H"}),
        (r"\overline{x}^f_{t+1}", {"bar", "x", "t"}),
        (r"w(d) = e^{-d^2/2\ell^2}", {"w", "d", "ell"}),
        (r"\frac{\mathrm d x_k}{\mathrm d t}", {"x", "k", "t"}),
        (r"\langle e\,\epsilon \rangle", {"e", "varepsilon"}),
        (r"f_\theta\big(\dot x^f_i\big)", {"network", "theta", "dot", "x", "i"}),
        (r"\text{share left} = 2\pi", {"pi"}),
        (r"k(x, x')", {"k", "x", "prime"}),
    ],
)
def test_symbols_are_read(formula, found):
    assert symbols(formula) == found


def test_formulas_are_told_from_code_and_from_each_other():
    assert formulas("a `$HOME` $x$ and $$y\n= 1$$ then $z$") == ["x", "y\n= 1", "z"]
