"""The first use of a glossary's word on a page leads to the glossary, and says what it means where a pointer rests."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from page_checks import toc_parts
from sphinx.application import Sphinx
from sphinx.util.nodes import _make_id as make_id

GLOSSARY = "book/glossary"
NOT_HERE = (GLOSSARY, "book/references", "book/api")  # pages, or folders of pages
# A section of the glossary for parts of the book, by their captions in _toc.yml. The first is that of the results.
OF_PARTS = {
    "Filtering": ("Estimating a state", "Deep dives: filters"),
    "Temperature from stations": ("Temperature from stations", "Deep dives: temperature"),
}
HALVES = {"filters": "Filtering", "temperature": "Temperature from stations"}
RESULTS = {f"notebooks/results_{half}": OF_PARTS[section][0] for half, section in HALVES.items()}
BLOCK = re.compile(r"^```\{glossary\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SENTENCE = re.compile(r"(.+?\.)(?:\s|$)")
MARKUP = re.compile(r"\s*\{cite:p\}`[^`]*`|[`*$]")
# Prose is read, labels and code are not; a paragraph of a table is a label.
NO_PROSE = (
    nodes.reference,
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.raw,
    nodes.title,
    nodes.rubric,
    nodes.caption,
    nodes.legend,
    nodes.table,
    nodes.footnote,
    nodes.term,
)
NO_PROSE_CLASSES = {"cell_output", "cell_input", "cell", "output", "no-terms"}
ALSO_VERBS = ("Drift", "Gain", "Lag", "Spread", "Target")  # with an s they mostly are
VERB_AFTER = ("to", "we", "you", "they", "it", "can", "may", "will", "would", "must", "not")  # "to target" is a verb


@dataclass(frozen=True)
class Term:
    """A word of the glossary: how it is written there, its first sentence, and the glossary's section."""

    word: str
    says: str
    section: str

    @property
    def anchor(self) -> str:
        """Where Sphinx puts it."""
        return make_id(f"term-{self.word}")

    @property
    def pattern(self) -> str:
        """What it looks like in a text: capitals count in an abbreviation alone, and it may be a plural."""
        first, rest = self.word[0], re.escape(self.word[1:]).replace(r"\ ", r"\s+").replace("'", "['’]")
        if re.search(r"[A-Z0-9]", self.word[1:].split()[0] if " " not in self.word else ""):
            return f"{first}{rest}s?"
        return f"[{first.upper()}{first.lower()}]{rest}" + "(?:s|es)?" * (self.word not in ALSO_VERBS)


def read_terms(text: str) -> list[Term]:
    """Return the words of a glossary in MyST, those that share a meaning one by one."""
    found = []
    for block in BLOCK.finditer(text):
        headings = re.findall(r"^## (.+)$", text[: block.start()], re.MULTILINE)
        for entry in block[1].strip("\n").split("\n\n"):
            lines = entry.splitlines()
            words = [line for line in lines if not line.startswith(" ")]
            meaning = " ".join(line.strip() for line in lines if line.startswith(" "))
            says = MARKUP.sub("", SENTENCE.match(meaning)[1])
            found += [Term(word, says, headings[-1] if headings else "") for word in words]
    return found


def part_of_page(root: Path, page: str) -> str:
    """Return the caption of the part of the book that a page belongs to; empty if it is of none."""
    parts = toc_parts(root)
    return RESULTS.get(page) or next((caption for caption, pages in parts.items() if page in pages), "")


def terms_of_part(terms: list[Term], part: str) -> list[Term]:
    """Return the terms of a part of the book: a word of filtering may mean another thing on a map."""
    return [term for term in terms if part in OF_PARTS.get(term.section, (part,))]


def prose(document: nodes.document) -> Iterator[nodes.Text]:
    """Yield the texts of a page's paragraphs that are neither code nor a link nor a label, in order."""
    for text in list(document.findall(nodes.Text)):
        above, node, in_paragraph = [], text.parent, False
        while node is not None:
            above.append(node)
            in_paragraph |= isinstance(node, nodes.paragraph)
            node = node.parent
        kinds = any(isinstance(node, NO_PROSE) or node.tagname == "pending_xref" for node in above)
        classes = {name for node in above if isinstance(node, nodes.Element) for name in node.get("classes", [])}
        if in_paragraph and not kinds and not classes & NO_PROSE_CLASSES:
            yield text


def link_terms(document: nodes.document, terms: list[Term], address: str) -> list[str]:
    """Make the first use of each meaning on a page a link to the glossary at `address`; return the words linked."""
    longest_first = sorted(terms, key=lambda term: -len(term.word))
    patterns = "|".join(f"(?P<t{number}>{term.pattern})" for number, term in enumerate(longest_first))
    search = re.compile(rf"(?<![\w$/.-])(?:{patterns or '(?!)'})(?![\w/-])(?!\.\w)")
    linked: dict[str, str] = {}
    for text in prose(document):
        parts, whole, end = [], text.astext(), 0
        for match in search.finditer(whole):
            term = longest_first[int(match.lastgroup[1:])]
            if term.says not in linked and not _is_a_verb(term, match):
                linked[term.says] = term.word
                parts += [nodes.Text(whole[end : match.start()]), _link(match[0], term, address)]
                end = match.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(whole[end:])])
    return list(linked.values())


def _is_a_verb(term: Term, match: re.Match) -> bool:
    """Return whether the word before makes it likely that a page does not name the thing."""
    before = match.string[: match.start()].split()[-1:]
    return " " not in term.word and match[0].islower() and bool(before) and before[0].lower() in VERB_AFTER


def _link(shown: str, term: Term, address: str) -> nodes.reference:
    """Return a link that a keyboard reaches and that says its meaning where a pointer rests."""
    place = {"refuri": f"{address}#{term.anchor}", "reftitle": term.says, "internal": True}
    return nodes.reference("", shown, classes=["term"], **place)


def link_page(app: Sphinx, document: nodes.document) -> None:
    """Link the terms of the page that has just been read."""
    page, path = app.env.docname, Path(app.srcdir) / f"{GLOSSARY}.md"
    skipped = any(page == name or page.startswith(f"{name}/") for name in NOT_HERE)
    if skipped or app.builder.format != "html" or not path.is_file():
        return
    app.env.note_dependency(str(path))  # a page is read anew when a meaning has changed
    terms = terms_of_part(read_terms(path.read_text(encoding="utf-8")), part_of_page(Path(app.srcdir), page))
    link_terms(document, terms, app.builder.get_relative_uri(page, GLOSSARY))
