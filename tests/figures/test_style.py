import re
from collections import Counter
from pathlib import Path

import matplotlib as mpl
import pytest

from sparseobs.figures.style import FAMILIES, LOOKS, OTHERS


def contrast_with_white(color):
    """As the Web Content Accessibility Guidelines define it."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(color)]
    return 1.05 / (0.05 + sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), parts, strict=True)))


def test_no_two_names_of_the_book_look_alike():
    assert [look for look, count in Counter(LOOKS.values()).items() if count > 1] == []
    assert len(LOOKS) == len(OTHERS) + sum(map(len, FAMILIES.values())), "a name has two looks"


def test_a_familys_colours_are_nobody_elses():
    colours = [{look.color for look in family.values()} for family in (*FAMILIES.values(), OTHERS)]
    assert sum(map(len, colours)) == len(set.union(*colours))


def test_no_page_draws_something_else_in_a_familys_colour():
    pages = (Path(__file__).parents[2] / "src" / "sparseobs_book").rglob("*figures*.py")
    typed = {color.upper() for path in pages for color in re.findall(r"#[0-9A-Fa-f]{6}", path.read_text())}
    assert typed & {look.color for family in FAMILIES.values() for look in family.values()} == set()


@pytest.mark.parametrize("name", LOOKS)
def test_thin_lines_are_seen_on_white(name):
    assert contrast_with_white(LOOKS[name].color) >= 3


def test_variants_of_one_filter_are_told_apart_in_one_figure():
    for family in FAMILIES.values():
        without_colour = [(look.marker, look.linestyle) for look in family.values()]
        assert len(set(without_colour)) == len(family)
