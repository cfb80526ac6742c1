"""What the page's exercises ask, and which mistakes are usual."""

from collections.abc import Callable

import numpy as np

from sparseobs_book.checking import NotYet, as_array, chosen

GAUSSIAN = 1 / 370  # share beyond three standard deviations
NEAR_HALF = 0.35, 0.65


def judge_limit(prediction: object, false_alarms: float, of_the_late_clock: float) -> str:
    """Ask whether a limit of three standard deviations finds most readings of a late clock.

    Args:
        prediction: yes or no.
        false_alarms: share of the right readings that are not believed.
        of_the_late_clock: share of the wrong ones that are not.
    """
    if chosen(prediction, ("yes", "no")) != "no":
        raise NotYet("A late clock is wrong by as much as a day varies. Is that more than three standard deviations?")
    return (
        f"{of_the_late_clock:.0%} of the late clock's readings are found, and {false_alarms:.1%} of "
        "the right ones are lost; "
        f"of a Gaussian it would be {GAUSSIAN:.1%}."
    )


def judge_offset(offset: object, not_believed: Callable[[float], float]) -> str:
    """Ask for the offset of a thermometer at which about half of its readings are not believed.

    Args:
        offset: K.
        not_believed: of an offset; returns the share of its readings that are not believed.
    """
    offset = float(as_array(offset, name="The offset"))
    share = not_believed(offset)
    low, high = NEAR_HALF
    if share < low:
        raise NotYet(
            f"With {offset:g} K only {share:.0%} are not believed. The limit counts standard deviations, not kelvin."
        )
    if share > high:
        raise NotYet(f"With {offset:g} K {share:.0%} are not believed already.")
    return f"An offset of {abs(offset):.1f} K costs {share:.0%} of the readings. Anything smaller mostly passes."


def judge_stuck(stuck: Callable[[np.ndarray, int], np.ndarray]) -> str:
    """Ask which readings belong to a spell of n or more equal ones.

    Args:
        stuck: of the readings (time,) and n; returns booleans (time,).
    """
    spell = np.array([1.0, 2.0, 2.0, 2.0, 3.0, 3.0, np.nan, np.nan, np.nan, 4.0, 4.0, 4.0])
    wanted = np.array([0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1], dtype=bool)
    given = stuck(spell.copy(), 3)
    given = as_array(given, (12,), "The answer (one boolean a reading)").astype(bool)
    if given[6:9].any():
        raise NotYet("A missing reading is not stuck: NaN marks gaps, which have a check of their own.")
    if not given[9:].any():
        raise NotYet("The spell at the end of the record is stuck too.")
    if given[4:6].any():
        raise NotYet("Two equal readings are marked, and three are asked for. Temperatures in tenths repeat by chance.")
    if given[1:4].sum() in (1, 2):
        raise NotYet(f"A spell of three has three readings; {int(given[1:4].sum())} of them are marked.")
    if not (given == wanted).all():
        raise NotYet(f"Of {spell[:6]} the second, third and fourth are stuck for three hours; yours are {given[:6]}.")
    if as_array(stuck(spell.copy(), 4), (12,)).any():
        raise NotYet("With four in a row nothing in this record is stuck. Does your function use n?")
    return (
        "Equal readings in a row are not unlikely one by one, only together: this check looks at "
        "time, not at neighbours."
    )
