"""One way to refuse bad input: what was given, what is expected, what to try."""

import difflib
import math
from collections.abc import Iterable
from numbers import Integral, Real


class InputError(ValueError):
    """A value that the caller can correct.

    Args:
        name: the parameter or file at fault.
        given: what arrived.
        expected: what would have been accepted.
        hint: what to try next.
    """

    def __init__(self, name: str, given: object, expected: str, hint: str):
        super().__init__(f"{name}: given {given!r}; expected {expected}. Try {hint}.")


def nearest(given: str, choices: Iterable[str]) -> str:
    """Return which of `choices` (at least one) is spelled most like `given`; the first of them if none is close."""
    folded = {choice.casefold(): choice for choice in choices}
    return folded[(difflib.get_close_matches(given.casefold(), folded, n=1) or list(folded))[0]]


def require_choice(name: str, given: str, choices: Iterable[str]) -> str:
    """Return `given` if it is one of `choices`; otherwise raise `InputError` naming the nearest one."""
    choices = sorted(choices)
    if isinstance(given, str) and given in choices:
        return given
    raise InputError(name, given, "one of " + ", ".join(choices), f"{name}={nearest(str(given), choices)!r}")


def require_number(
    name: str,
    given: float,
    *,
    above: float | None = None,
    least: float | None = None,
    most: float | None = None,
    whole: bool = False,
) -> float:
    """Return `given` if it is a finite number in the range; otherwise raise `InputError`.

    Args:
        name: the parameter's name.
        given: the value, of Python's numbers or NumPy's.
        above: exclusive lower bound.
        least: inclusive lower bound.
        most: inclusive upper bound.
        whole: only integers are accepted.
    """
    bounds = [f"{sign} {bound}" for sign, bound in ((">", above), (">=", least), ("<=", most)) if bound is not None]
    expected = " ".join(["a whole number" if whole else "a finite number", " and ".join(bounds)]).strip()
    is_number = isinstance(given, Integral if whole else Real) and not isinstance(given, bool)
    passed = [most, least] if is_number and most is not None and given > most else [least, most]
    close_by = next((bound for bound in passed if bound is not None), (above or 0) + 1)
    if (
        not is_number
        or not math.isfinite(given)
        or (above is not None and given <= above)
        or (least is not None and given < least)
        or (most is not None and given > most)
    ):
        raise InputError(name, given, expected, f"{name}={close_by}")
    return given


def require_whole_numbers(settings: object, **least: int) -> None:
    """Raise `InputError` unless every attribute named is a whole number no smaller than what is given for it."""
    for name, smallest in least.items():
        require_number(name, getattr(settings, name), least=smallest, whole=True)
