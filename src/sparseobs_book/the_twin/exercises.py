"""What the page's exercises ask, and which mistakes are usual."""

import datetime

from sparseobs_book.checking import NotYet, chosen

WARMEST_DAY, NEAR = 200, 12  # of the year, and days


def judge_hour(prediction: object, errors: dict[str, tuple[float, float]]) -> str:
    """Ask what becomes of the reanalysis's error in valleys, too warm by night, on the afternoon of a calm day.

    Args:
        prediction: too warm or too cold.
        errors: mean errors at 3 and 14 UTC, K, by relief.
    """
    if chosen(prediction, ("too warm", "too cold")) != "too cold":
        raise NotYet(
            "By day no cold air lies in valleys. What is left is the ground of the reanalysis, too high there."
        )
    told = ", ".join(
        f"{relief} {night:+.2f} K at 3 and {day:+.2f} K at 14 UTC" for relief, (night, day) in errors.items()
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
