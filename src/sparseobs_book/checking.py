"""Exercises that answer back: a judge looks at what the reader wrote, and `check` prints what it found."""

import traceback
from collections.abc import Callable

import numpy as np
import torch

OPEN = (None, Ellipsis)  # what a starter cell holds where the answer belongs


class NotYet(Exception):
    """What kind of wrong an answer is: a sentence to the reader who wrote it."""


def check(judge: Callable[..., str], *answers) -> None:
    """Print "Right." and what the judge says of the answers, or "Not yet." and what is wrong with them.

    Nothing is raised: a page runs to its end whatever its reader has written so far.

    Args:
        judge: takes the answers; returns a sentence on what they show, or raises `NotYet`.
        answers: numbers, words, arrays or functions of the reader.
    """
    if any(is_open(answer) for answer in answers):
        print("Not yet. Put your answer in the place of the dots.")
        return
    try:
        print(f"Right. {judge(*answers)}")
    except NotYet as wrong:
        print(f"Not yet. {wrong}")
    except Exception as error:  # the reader's own function failed
        place = traceback.extract_tb(error.__traceback__)[-1]
        print(f"Not yet. Your code stopped with {type(error).__name__}: {error} (in {place.name}: {place.line})")


def is_open(answer) -> bool:
    """Say whether an answer is still the starter's `...` or None."""
    return any(answer is empty for empty in OPEN)


def as_array(answer, shape: tuple[int, ...] = (), name: str = "The answer") -> np.ndarray:
    """Return an answer as float64 array; raise `NotYet` if it is open, of another shape, or not finite.

    Args:
        answer: a number, a sequence, an array or a tensor.
        shape: what its shape has to be; () for a number.
        name: how the sentence to the reader calls it.
    """
    if is_open(answer):
        raise NotYet(f"{name} is still open: put your code in the place of the dots.")
    if isinstance(answer, torch.Tensor):
        answer = answer.detach().cpu().numpy()
    try:
        array = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError):
        raise NotYet(f"{name} is {answer!r}; a number, or an array of numbers, is needed.") from None
    if array.shape != tuple(shape):
        wanted = "one number" if not shape else f"shape {tuple(shape)}"
        raise NotYet(f"{name} has shape {array.shape}; {wanted} is needed.")
    if not np.isfinite(array).all():
        raise NotYet(f"{name} holds values that are not finite.")
    return array


def is_near(answer, right, tolerance: float = 1e-6, name: str = "The answer") -> bool:
    """Say whether an answer has the shape of `right` and differs nowhere by more than the relative tolerance.

    Args:
        answer: as in `as_array`, which says what is wrong with its form.
        right: number or array.
        tolerance: largest difference, in units of the largest magnitude in `right` (of one if that is zero).
        name: how the sentence to the reader calls the answer.
    """
    right = as_array(right, np.shape(right))
    scale = np.abs(right).max(initial=0.0) or 1.0
    return bool(np.abs(as_array(answer, right.shape, name) - right).max(initial=0.0) <= tolerance * scale)


def chosen(answer, options: tuple[str, ...]) -> str:
    """Return the one of the options that the answer names, in any case; raise `NotYet` if it names none."""
    word = str(answer).strip().casefold()
    for option in options:
        if option.casefold() == word:
            return option
    raise NotYet(f"{answer!r} is none of the choices: {', '.join(options)}.")
