"""What `check` says of right, wrong, open and failing answers."""

import numpy as np
import pytest
import torch

from sparseobs_book.checking import NotYet, as_array, check, chosen, is_near


def said_of(capsys, judge, *answers) -> str:
    check(judge, *answers)
    return capsys.readouterr().out.strip()


def double(function) -> str:
    if not is_near(function(3.0), 6.0, name="double(3)"):
        raise NotYet("It should be twice the number.")
    return "Twice three is six."


def test_a_right_answer_is_told_what_it_shows(capsys):
    assert said_of(capsys, double, lambda x: 2 * x) == "Right. Twice three is six."


@pytest.mark.parametrize(
    "function, sentence",
    [
        (lambda x: x, "It should be twice the number."),
        (lambda x: ..., "double(3) is still open: put your code in the place of the dots."),
        (lambda x: [x, x], "double(3) has shape (2,); one number is needed."),
        (lambda x: float("nan"), "double(3) holds values that are not finite."),
        (lambda x: "six", "double(3) is 'six'; a number, or an array of numbers, is needed."),
    ],
)
def test_a_wrong_answer_is_told_its_kind(capsys, function, sentence):
    assert said_of(capsys, double, function) == f"Not yet. {sentence}"


def test_code_that_fails_is_named_and_the_page_goes_on(capsys):
    said = said_of(capsys, double, lambda x: 1 / 0)
    assert said.startswith("Not yet. Your code stopped with ZeroDivisionError: division by zero (in <lambda>: ")


@pytest.mark.parametrize("answer", [None, ...])
def test_an_open_answer_never_reaches_the_judge(capsys, answer):
    assert said_of(capsys, double, answer) == "Not yet. Put your answer in the place of the dots."


def test_tensors_and_arrays_are_the_same_answer():
    values = torch.tensor([1.0, 2.0], requires_grad=True)
    assert (as_array(values, (2,)) == np.array([1.0, 2.0])).all()
    assert is_near(values, [1.0, 2.0 + 1e-7])
    assert not is_near(values, [1.0, 2.1])
    assert is_near(1e-9, 0.0) and not is_near(1e-3, 0.0)


def test_a_choice_is_one_of_those_offered():
    assert chosen(" letkf ", ("LETKF", "AmEnF")) == "LETKF"
    with pytest.raises(NotYet, match="none of the choices: LETKF, AmEnF"):
        chosen("neither", ("LETKF", "AmEnF"))
