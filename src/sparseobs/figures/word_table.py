"""Tables whose cells are words: a line below each row, so that long cells do not run into the next."""

import pandas as pd
from pandas.io.formats.style import Styler

_RULES = [
    ("text-align", "left"),
    ("vertical-align", "top"),
    ("min-width", "4.5em"),  # on a phone the table scrolls sideways rather than breaking every word
    ("padding", "0.4em 0.6em"),
    ("border-bottom", "1px solid #8888"),
]


def word_table(rows: pd.DataFrame) -> Styler:
    """Return a table for a page, without its index.

    Args:
        rows: text, or numbers as they are to be read.
    """
    style = rows.style.hide(axis="index").set_table_attributes('class="dataframe"')  # the theme knows dataframes
    return style.set_table_styles([{"selector": "td, th", "props": _RULES}])
