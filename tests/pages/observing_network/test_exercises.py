"""Judges accept what is right, and name the mistake that was made."""

import torch

from sparseobs_book.observing_network import exercises


def every_fourth(cycle, moves=1, first=0, step=4):
    mask = torch.zeros(40, dtype=torch.bool)
    mask[(first + moves * cycle) % step :: step] = True
    return mask


def largest(values, count=10):
    return torch.zeros(40, dtype=torch.bool).index_fill(0, values.topk(count).indices, True)


def test_five_or_ten(told):
    assert "five that move" in exercises.judge_five_or_ten("five that move")
    assert "other thirty" in told(exercises.judge_five_or_ten, "ten that stay")
    assert "none of the choices" in told(exercises.judge_five_or_ten, "both")


def test_moving(told):
    assert "within 4 cycles" in exercises.judge_moving(every_fourth)
    assert "does not move" in told(exercises.judge_moving, lambda cycle: every_fourth(0))
    assert "never seen" in told(exercises.judge_moving, lambda cycle: every_fourth(cycle, moves=2))
    assert "Over budget: 20" in told(exercises.judge_moving, lambda cycle: every_fourth(cycle, step=2))
    assert "Only 5" in told(exercises.judge_moving, lambda cycle: every_fourth(cycle, step=8))
    assert "within 13 cycles" in told(exercises.judge_moving, lambda cycle: every_fourth(cycle // 4))
    assert "shape (10,)" in told(exercises.judge_moving, lambda cycle: torch.arange(10))
    assert "open" in told(exercises.judge_moving, lambda cycle: ...)
    generator = torch.Generator().manual_seed(0)
    assert "two masks" in told(exercises.judge_moving, lambda cycle: largest(torch.rand(40, generator=generator)))


def test_place(told):
    assert "disagree most" in exercises.judge_place(lambda members: largest(members.std(0)))
    assert "known best" in told(exercises.judge_place, lambda members: largest(-members.std(0)))
    assert "largest mean" in told(exercises.judge_place, lambda members: largest(members.mean(0)))
    assert "magnitude" in told(exercises.judge_place, lambda members: largest(members.mean(0).abs()))
    assert "one member" in told(exercises.judge_place, lambda members: largest(members[0]))
    assert "Only 9" in told(exercises.judge_place, lambda members: largest(members.std(0), 9))
    assert "not site numbers" in told(exercises.judge_place, lambda members: torch.arange(40))


def test_submission(told):
    fixed = {"name": "Me", "sites": [list(range(0, 40, 4))], "filter": "LETKF"}
    assert "smaller on 0 of 6" in told(exercises.judge_submission, fixed)
    assert "refused" in told(exercises.judge_submission, fixed | {"sites": [list(range(11))]})
    moving = fixed | {"sites": [list(range(first, 40, 4)) for first in range(4)], "filter": "AmEnS"}
    assert "of 6 practice truths" in exercises.judge_submission(moving)
