import math

import pandas as pd
import pytest

from sparseobs_book.filter_comparison.summary import agreement, beside_letkf, beside_published, costs


def rows(method, scores, implementation="batched", size=10):
    who = {"system": "lorenz96", "obs_error_std": 1.0, "ensemble_size": size, "method": method}
    return [
        who | {"implementation": implementation, "seed": seed, "rmse": score, "lost": 0}
        for seed, score in enumerate(scores)
    ]


def verdict(*parts, **options):
    return beside_letkf(pd.DataFrame([row for part in parts for row in part]), **options).iloc[0]


def test_the_better_method_is_ahead_only_if_the_seeds_agree():
    letkf = rows("LETKF", [1.0, 1.4, 1.2])
    assert verdict(rows("AmEnF", [0.9, 1.3, 1.1]), letkf)["ahead"] == "AmEnF"
    assert verdict(rows("AmEnF", [1.1, 1.5, 1.3]), letkf)["ahead"] == "LETKF"
    assert verdict(rows("AmEnF", [0.9, 1.6, 1.1]), letkf)["ahead"] == "neither"


def test_who_is_ahead_depends_on_the_score():
    letkf = [row | {"crps": 0.4} for row in rows("LETKF", [1.0, 1.4, 1.2])]
    amenf = [row | {"crps": 0.5 + 0.01 * row["seed"]} for row in rows("AmEnF", [0.9, 1.3, 1.1])]
    assert verdict(amenf, letkf)["ahead"] == "AmEnF"
    assert verdict(amenf, letkf, score="crps")["ahead"] == "LETKF"


def test_seeds_on_which_one_diverged_are_left_out_of_the_difference():
    one = verdict(rows("AmEnF", [0.9, 1.3, 1.1]), rows("LETKF", [1.0, 1.4, math.nan]))
    assert one["difference"].startswith("-0.100")


def test_what_dapper_ran_does_not_count_twice_but_is_compared():
    letkf = rows("LETKF", [1.0, 1.4, 1.2]) + rows("LETKF", [5.0], "DAPPER")
    table = pd.DataFrame(rows("AmEnF", [0.9, 1.3, 1.1]) + letkf)
    assert beside_letkf(table)["LETKF"].tolist() == pytest.approx([1.2])
    both = agreement(table)
    assert both[["method", "seed", "DAPPER", "batched"]].values.tolist() == [["LETKF", 0, 5.0, 1.0]]
    assert both["between_seeds"].tolist() == pytest.approx([0.2])


def test_published_and_ours_meet_and_one_more_seed_decides():
    """The interval is of one more seed, wider than that of the mean by the root of n + 1."""
    scores = [1.2, 1.4, 1.3]
    far = beside_published(pd.DataFrame(rows("LETKF", scores)))
    assert far["published"].tolist() == [0.79] and far["ours"].tolist() == pytest.approx([1.3])
    half = 4.303 * 0.1 * (1 + 1 / 3) ** 0.5  # Student's t of two degrees of freedom
    assert far[["low", "high"]].values.tolist() == [pytest.approx([1.3 - half, 1.3 + half], rel=1e-3)]
    assert far["reproduced"].tolist() == [False]
    near = beside_published(pd.DataFrame(rows("LETKF", [score - 0.4 for score in scores])))
    assert near["reproduced"].tolist() == [True]


def test_only_what_is_published_and_measured_has_a_row_and_losses_are_counted():
    lost = [row | {"lost": 1, "rmse": math.nan} for row in rows("LETKF", [5.0])]
    table = pd.DataFrame(rows("LETKF", [0.7, 0.8, 0.9])[1:] + lost + rows("AmEnF", [0.8, 0.9, 0.7]))
    both = beside_published(table)
    assert both["method"].tolist() == ["LETKF"]
    assert both[["lost", "seeds"]].values.tolist() == [[1, 3]]
    assert both["ours"].tolist() == pytest.approx([0.85])


def test_every_filter_has_a_cost():
    table = costs()
    assert len(table) == 6 and (table["training"] > 0).all()
    assert (table["LETKF"] > 0).all()
    later = table[table["obs_error_std"] == 2.5].set_index("system")["training"]
    first = table[table["obs_error_std"] == 1.0].set_index("system")["training"]
    assert later["vissio_lucarini"] > first["vissio_lucarini"], "it began with the other's weights"
