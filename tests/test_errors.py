import math

import pytest

from sparseobs.errors import InputError, require_choice, require_number


def test_message_says_what_was_given_expected_and_to_be_tried():
    error = InputError("n_members", 0, "a whole number >= 1", "n_members=10")
    assert str(error) == "n_members: given 0; expected a whole number >= 1. Try n_members=10."
    assert isinstance(error, ValueError)


def test_choice_is_returned_or_the_nearest_one_named():
    assert require_choice("preset", "smoke", ["smoke", "lesson"]) == "smoke"
    with pytest.raises(InputError, match=r"given 'leson'; expected one of lesson, smoke. Try preset='lesson'"):
        require_choice("preset", "leson", ["smoke", "lesson"])


@pytest.mark.parametrize("given", [None, 3, "", ["smoke"]])
def test_what_is_not_a_known_name_is_refused(given):
    with pytest.raises(InputError, match="expected one of lesson, smoke"):
        require_choice("preset", given, ["smoke", "lesson"])


def test_numbers_in_range_pass_unchanged():
    assert require_number("noise", 0.5, above=0, most=0.5) == 0.5
    assert require_number("members", 2, least=2, whole=True) == 2


@pytest.mark.parametrize(
    "given, bounds",
    [
        (math.nan, {}),
        (math.inf, {}),
        ("1", {}),
        (True, {}),
        (None, {}),
        (0.0, {"above": 0}),
        (-1, {"least": 0}),
        (1.1, {"most": 1}),
        (2.0, {"whole": True}),
    ],
)
def test_what_is_not_a_number_in_range_is_refused(given, bounds):
    with pytest.raises(InputError, match="noise: given .*; expected a .*. Try noise="):
        require_number("noise", given, **bounds)


def test_the_range_is_told():
    with pytest.raises(InputError, match=r"expected a whole number >= 2 and <= 9\. Try n=2"):
        require_number("n", 1, least=2, most=9, whole=True)


def test_the_hint_is_the_nearest_choice_whatever_its_case():
    with pytest.raises(InputError, match="Try score='mae'"):
        require_choice("score", "MAE", ["crps", "mae", "nll"])


@pytest.mark.parametrize("given, hint", [(501, 500), (4, 5), (float("nan"), 5), ("many", 5)])
def test_the_hint_is_the_bound_that_was_passed(given, hint):
    with pytest.raises(InputError, match=f"Try n_stations={hint}\\."):
        require_number("n_stations", given, least=5, most=500)
