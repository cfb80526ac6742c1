import math

import pandas as pd
import pytest

from sparseobs_book.filter_comparison.summary import agreement, beside_letkf, costs


def rows(method, scores, implementation="batched", size=10):
    who = {"system": "lorenz96", "obs_error_std": 1.0, "ensemble_size": size, "method": method}
    return [who | {"implementation": implementation, "seed": seed, "rmse": score} for seed, score in enumerate(scores)]


def verdict(*parts):
    return beside_letkf(pd.DataFrame([row for part in parts for row in part])).iloc[0]


def test_the_better_method_is_ahead_only_if_the_seeds_agree():
    letkf = rows("LETKF", [1.0, 1.4, 1.2])
    assert verdict(rows("AmEnF", [0.9, 1.3, 1.1]), letkf)["ahead"] == "AmEnF"
    assert verdict(rows("AmEnF", [1.1, 1.5, 1.3]), letkf)["ahead"] == "LETKF"
    assert verdict(rows("AmEnF", [0.9, 1.6, 1.1]), letkf)["ahead"] == "neither"


def test_seeds_on_which_one_diverged_are_left_out_of_the_difference():
    one = verdict(rows("AmEnF", [0.9, 1.3, 1.1]), rows("LETKF", [1.0, 1.4, math.nan]))
    assert one["difference"].startswith("-0.100")


def test_what_dapper_ran_does_not_count_twice_but_is_compared():
    letkf = rows("LETKF", [1.0, 1.4, 1.2]) + rows("LETKF", [5.0], "DAPPER")
    table = pd.DataFrame(rows("AmEnF", [0.9, 1.3, 1.1]) + letkf)
    assert beside_letkf(table)["LETKF"].tolist() == pytest.approx([1.2])
    both = agreement(table)
    assert both["difference"].tolist() == [4.0] and both["method"].tolist() == ["LETKF"]


def test_every_filter_has_a_cost():
    table = costs()
    assert len(table) == 6 and (table["training"] > 0).all()
    assert (table["LETKF"] > 0).all()
    later = table[table["obs_error_std"] == 2.5].set_index("system")["training"]
    first = table[table["obs_error_std"] == 1.0].set_index("system")["training"]
    assert later["vissio_lucarini"] > first["vissio_lucarini"], "it began with the other's weights"
