"""The race of two recipes counts training alone, stops where it should and says who was first."""

import pandas as pd
import pytest
import time_to_accuracy as benchmark

PASS = benchmark.BATCHES_A_PASS


def test_the_papers_rate_rises_by_passes_and_is_halved_twice():
    config = benchmark.PaperTraining()
    rates = [config.rate(each * PASS) for each in (0, 49, 50, 197, 198, 397, 398, 499)]
    assert rates[0] == pytest.approx(8e-4 * 1.02)
    assert rates[1] == rates[2] == rates[3] == pytest.approx(8e-4 * 1.02**50)
    assert rates[4] == rates[5] == rates[3] / 2
    assert rates[6] == rates[7] == rates[3] / 4
    assert config.rate(PASS - 1) == config.rate(0) < config.rate(PASS)


class Learner:
    """Stands for a trainer: a step takes `length` seconds of a clock of its own."""

    def __init__(self, length, steps=1000):
        self.length, self.iteration, self.seconds, self.average = length, 0, 0.0, self
        self.config = type("Config", (), {"n_iterations": steps})

    def step(self):
        self.iteration += 1
        Clock.now += self.length


class Clock:
    now = 0.0

    @classmethod
    def perf_counter(cls):
        return cls.now


class Halving:
    """Judges a learner by its steps, and takes its time about it."""

    def rmse(self, learner):
        Clock.now += 50
        return 4 / (1 + learner.iteration)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(benchmark, "time", Clock)


def test_the_race_counts_training_alone_and_ends_at_the_target():
    learners = {"ours": Learner(1.0), "the paper's": Learner(4.0)}
    table = benchmark.race(learners, Halving(), target=1.0, every=2.0, limit=100)
    last = table.groupby("recipe")[["steps", "seconds"]].last()
    assert tuple(last.loc["ours"]) == (4, 4)  # three steps reach it, and every second one is judged
    assert tuple(last.loc["the paper's"]) == (3, 12)
    assert "3.0 times as soon" in benchmark.summary(table, 1.0)
    assert "at least" not in benchmark.summary(table, 1.0)


def test_who_is_not_there_in_time_is_reported_so():
    learners = {"ours": Learner(1.0), "the paper's": Learner(10.0)}
    table = benchmark.race(learners, Halving(), target=0.5, every=5.0, limit=20.0)
    text = benchmark.summary(table, 0.5)
    assert "ours: RMSE 0.5 after 10 s" in text
    assert "the paper's: RMSE 0.5 not reached (but 1.333) in 20 s" in text
    assert "at least 2.0 times as soon" in text


def test_a_schedule_that_has_ended_ends_the_race():
    learners = {"ours": Learner(1.0, steps=3), "the paper's": Learner(1.0, steps=3)}
    table = benchmark.race(learners, Halving(), target=0.1, every=2.0, limit=100.0)
    assert isinstance(table, pd.DataFrame) and table["steps"].max() == 3
    assert "times" not in benchmark.summary(table, 0.1)
