"""What the page's exercises ask, and which mistakes are usual."""

import datetime

from sparseobs_book.checking import NotYet, chosen

WARMEST_DAY, NEAR = 200, 12  # of the year, and days


def judge_hour(prediction: object, errors: dict[str, tuple[float, float]]) -> str:
    """Ask whether the reanalysis's errors in valleys and on summits grow or shrink by day.

    Args:
        prediction: grow or shrink.
        errors: mean errors at 6 and 14 UTC, K, by relief.
    """
    if chosen(prediction, ("grow", "shrink")) != "grow":
        raise NotYet(
            "By day cold pools dissolve and summits warm less than the plain. Which error did a cold pool hide?"
        )
    told = ", ".join(
        f"{relief} {early:+.2f} K at 6 and {late:+.2f} K at 14 UTC" for relief, (early, late) in errors.items()
    )
    return f"In this run: {told}."


def judge_date(start: object, mean: float, winter: float) -> str:
    """Ask for the twin's weather on a day of July.

    Args:
        start: date, as text.
        mean: temperature of that day, degC.
        winter: of the page's first day.
    """
    try:
        day = datetime.date.fromisoformat(str(start)).timetuple().tm_yday
    except ValueError:
        raise NotYet(f"{start!r} is no date. Write it as 2001-07-19.") from None
    if abs(day - WARMEST_DAY) > NEAR:
        raise NotYet(f"This is day {day} of the year. The warmest is day {WARMEST_DAY}, in July.")
    return f"The same weather is {mean - winter:.0f} K warmer in July: {mean:.1f} °C in place of {winter:.1f}."
