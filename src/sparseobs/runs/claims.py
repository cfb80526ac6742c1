"""What a page's prose says of the numbers computed on it: told after they are there, never by a crash."""

from collections.abc import Callable, Mapping

HOLDS, FALSE = "holds", "FALSE"


def say_which_hold(claims: Mapping[str, Callable[[], bool]]) -> None:
    """Print a line a claim: whether the page's numbers bear it out, and the claim.

    The prose is about the numbers as a page gives them; `make book` reads these lines and names those that are false,
    `make claims` fails. With other numbers a claim may be false, or its condition fail: both are told, nothing stops.

    Args:
        claims: a condition by what the page says, in few words.
    """
    for claim, condition in claims.items():
        try:
            word = HOLDS if condition() else FALSE
        except Exception as error:  # a row that other numbers left out, an infinity, ...
            word = f"{FALSE} ({type(error).__name__})"
        print(word, claim, sep="\t")
