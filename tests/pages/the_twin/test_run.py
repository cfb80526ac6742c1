"""The page's February: real days and the twin's, by one measure."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sparseobs.stations.twin_full import FULL
from sparseobs_book.the_twin.networks import DAY, FACTS, LEFT_OUT, NIGHT
from sparseobs_book.the_twin.run import OTHER, REAL, SETTLED, by_time, nights

COARSE = dataclasses.replace(FULL, spacing=0.0625, coarse=4)


@pytest.fixture(scope="module")
def table():
    return nights(COARSE, 0)


def test_real_facts_stand_beside_both_kinds_of_the_twins_hours(table):
    facts = pd.read_csv(FACTS)
    real = table[table["source"] == REAL]
    np.testing.assert_array_equal(real["value"], facts["value"])
    for source in (SETTLED, OTHER):
        sizes = table[table["source"] == source].groupby("quantity").size()
        assert sizes.to_dict() == {LEFT_OUT: 24, NIGHT: 6, DAY: 6}


def test_settled_nights_are_hard_and_others_are_not(table):
    night, day = by_time(table).T.values
    real, settled, other = night / day
    assert real > 1.5 and settled > 1.5 > other
    assert night[1] == pytest.approx(night[0], rel=0.25) and day[1] == pytest.approx(day[0], rel=0.25)


def test_without_settled_hours_there_is_one_kind_less(monkeypatch):
    monkeypatch.setattr("sparseobs_book.the_twin.run.settled_of", lambda settings, seed: np.zeros(24 * settings.days))
    assert list(by_time(nights(COARSE, 0)).index) == [REAL, OTHER]
