"""What every test file relies on: figures go to no screen, and those of a test in the book's style stay its own."""

import matplotlib
import pytest

matplotlib.use("Agg")


@pytest.fixture
def book_style():
    """Draw in the book's style; close what was drawn and give the style back."""
    from matplotlib import pyplot

    from sparseobs.figures import style

    with pyplot.rc_context():
        style.use()
        yield
    pyplot.close("all")
