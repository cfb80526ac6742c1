import pandas as pd

from sparseobs.figures.word_table import word_table


def test_words_stand_as_given_with_a_line_below_each_row_and_no_index():
    page = word_table(pd.DataFrame({"aim": ["a < b", "c"], "ours": ["1.5 times", "none"]}, index=[71, 72])).to_html()
    assert "border-bottom" in page and "1.5 times" in page
    assert ">71<" not in page and ">72<" not in page
