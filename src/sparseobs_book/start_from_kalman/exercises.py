"""What the exercises of the page on the smoother accept."""

from collections.abc import Callable

import numpy as np

from sparseobs_book.checking import NotYet, as_array, chosen, is_near

GAPS = (1, 2, 3, 4)  # steps between observations that the exercise is about
TRAINED_SIZES = (5, 10)  # members


def twice_the_lag(answer: str) -> str:
    """Whether a lag of ten cycles errs less than one of five, as much, or more."""
    word = chosen(answer, ("smaller", "equal", "larger"))
    if word == "smaller":
        raise NotYet("The correction of the past is linear. Is the model, over ten cycles?")
    if word == "equal":
        raise NotYet("Seven cycles are about as good as five. Ten are one unit of time, in which errors double twice.")
    return "Larger: over ten cycles the ensemble does not grow linearly from then to now."


def gap_without_gain(answer: int) -> str:
    """At which gap, in steps, looking three cycles back pays no more."""
    if not is_near(as_array(answer, name="The gap"), 4):
        if any(is_near(answer, gap) for gap in GAPS):
            raise NotYet("Here the lag of 3 still errs less than none. Look more rarely.")
        raise NotYet("It stops earlier, or is no whole number of steps: try the gaps one after the other from 1 on.")
    return "At four steps the errors are beyond 2, too wide to be carried linearly; there a lag buys nothing."


def share_of_gain(function: Callable[[float], float]) -> str:
    """The share r of the gain by which an anomaly has to shrink: `function(k)`, by the variance that it leaves."""
    gains = np.array([0.05, 0.3, 0.7, 0.95])
    shares = np.array([as_array(function(gain), name="The share").item() for gain in gains])
    left = (1 - shares * gains) ** 2
    if is_near(left, 1 - gains, 1e-6):
        return "The variance left is (1 - k) P. The share runs from 1/2 to 1; for k = 0.7 it is 0.65, the page's."
    if is_near(shares, np.full(4, 0.5)):
        raise NotYet("One half is right for a small gain only; put k = 0.7 in and look at the variance.")
    if is_near(1 - shares * gains, 1 - gains, 1e-6):
        raise NotYet("This shrinks the anomaly by 1 - k, but the variance is its square.")
    if is_near((1 + shares * gains) ** 2, 1 - gains, 1e-6):
        raise NotYet("The sign is wrong: the anomaly shrinks.")
    if is_near(shares, 1 - np.sqrt(1 - gains), 1e-6):
        raise NotYet("That is r k. Divide by the gain.")
    raise NotYet("Put your r into (1 - r k)^2: it should be 1 - k.")


def other_sizes(size: int, lost: int) -> str:
    """Run the AmEnS with a number of members that it was not trained with.

    Args:
        size: members.
        lost: truths that were lost in the run.
    """
    if any(is_near(as_array(size, name="The number of members"), trained) for trained in TRAINED_SIZES):
        raise NotYet("With this number of members it was trained.")
    if lost:
        raise NotYet(f"It lost {lost:.0f} of the truths with {size} members. Try more than five.")
    return f"It keeps all truths with {size} members, which it never had in training."
