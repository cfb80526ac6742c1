"""The front page's picture is of a filter that finds the truth from a quarter of it."""

import numpy as np
import pytest
from PIL import Image

from sparseobs_book.intro import figures
from sparseobs_book.intro.run import N_CYCLES, estimated


@pytest.fixture(scope="module")
def shown():
    return estimated()


def test_a_quarter_is_read_at_a_time_and_all_of_it_in_four_cycles(shown):
    read = np.isfinite(shown.readings)
    assert shown.truth.shape == shown.readings.shape == shown.estimate.shape == (N_CYCLES, 40)
    assert (read.mean(1) == 0.25).all() and read[:4].any(0).all()
    assert abs(np.nanstd(shown.readings - shown.truth) - 1) < 0.1


def test_the_estimate_begins_wrong_and_ends_below_the_noise_of_one_reading(shown):
    errors = np.sqrt(np.mean((shown.estimate - shown.truth) ** 2, axis=1))
    assert errors[:5].mean() > 2 and errors[30:].mean() < 1


def test_the_picture_is_drawn_where_it_is_asked_for(tmp_path, shown, monkeypatch):
    monkeypatch.setattr(figures, "estimated", lambda: shown)
    figures.draw_state(tmp_path / "new" / "state.png")
    with Image.open(tmp_path / "new" / "state.png") as picture:
        assert picture.width >= 700 and len(picture.convert("RGB").getcolors(1_000_000)) > 100
