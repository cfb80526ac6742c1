"""The judges of the page's exercises accept what is right and name what people get wrong."""

import numpy as np

from sparseobs_book.kriging import exercises


def test_half_the_stations(refuses):
    found = {100: (1.0, 1.1), 50: (1.1, 1.2)}
    assert "50 stations: RMSE 1.10 K" in exercises.judge_fewer("less", found)
    refuses({"nugget": "sqrt 2", "none of the choices": "three", "Does it grow": "2"}, exercises.judge_fewer, found)


def test_hours_of_the_night(refuses):
    clock = np.arange(48) % 24

    def fit(hours):
        return 0.4, 1.5 if hours[0] else 1.2

    assert "larger change is of the rise" in exercises.judge_nights(clock < 6, clock, fit)
    slips = {"all hours": clock >= 0, "no longer": clock <= 6, "other hours": clock > 12, "true or false": clock % 6}
    refuses(slips, exercises.judge_nights, clock, fit)


def test_one_reading(refuses):
    assert "correlation" in exercises.judge_one_reading(lambda nugget, sill, c: (c / sill, sill - c**2 / sill))
    slips = {
        "contains the nugget: C": lambda nugget, sill, c: (c / (sill - nugget), sill - c**2 / sill),
        "already": lambda nugget, sill, c: (c / (sill + nugget), sill - c**2 / sill),
        "over w": lambda nugget, sill, c: (1.0, sill),
        "standard deviation": lambda nugget, sill, c: (c / sill, (sill - c**2 / sill) ** 0.5),
        "Put it into": lambda nugget, sill, c: (c / sill, sill),
        "still open": lambda nugget, sill, c: ...,
    }
    refuses(slips, exercises.judge_one_reading)


def test_a_plane(refuses):
    def columns(*names):
        known = {"ones": lambda p: np.ones(len(p)), "height": lambda p: p.height, "lat": lambda p: p.latitude - 51,
                 "lon": lambda p: p.longitude, "sum": lambda p: p.latitude + p.longitude}  # fmt: skip
        return lambda places: np.column_stack([known[name](places) for name in names])

    right = columns("ones", "height", "sum", "lon")
    assert "RMSE 1.000 K" in exercises.judge_plane(right, lambda columns: 1.0, 1.1)
    slips = {
        "is the latitude": columns("ones", "height"),
        "is ones": columns("height", "lat", "lon"),
        "Four columns": lambda places: np.column_stack([right(places), places.height**2]),
        "shape": lambda places: right(places).T,
        "still open": lambda places: ...,
    }
    refuses(slips, exercises.judge_plane, lambda columns: 1.0, 1.1)


def test_stations_with_their_neighbours(refuses):
    at = np.array([0.0, 30.0, 80.0, 200.0])
    apart = np.abs(at[:, None] - at)

    def scores(rule):
        return (1.0, 1.0) if rule(0).sum() == 3 else (1.5, 1.4)

    assert "1.50 and 1.40" in exercises.judge_blocks(lambda i: apart[i] > 50, apart, scores)
    slips = {
        "as before": lambda i: apart[i] > 0,
        "Which are kept": lambda i: apart[i] <= 50,
        "more than 50": lambda i: apart[i] > 100,
        "every station": lambda i: apart[i] > 50 if i else True,
    }
    refuses(slips, exercises.judge_blocks, apart, scores)
