"""What the page says of the stored tuning of LETKF on Lorenz-96."""

import pytest

from sparseobs.dynamics.catalogue import CLIMATES
from sparseobs.filtering.letkf_analysis import TAPER_WIDTH, gaspari_cohn
from sparseobs.runs.results import read_result
from sparseobs_book.classical_filters.run import tuning_gain


@pytest.fixture(scope="module")
def tuned():
    stored = read_result("filter_tuning").table.query("system == 'lorenz96' and method == 'LETKF'")
    return tuning_gain(stored).set_index(["obs_error_std", "ensemble_size"])


def test_more_members_a_larger_radius_and_by_and_large_less_inflation(tuned):
    for noise in (1.0, 2.5):
        part = tuned.loc[noise].sort_index()
        assert part["radius"].is_monotonic_increasing and part["radius"].iloc[-1] > part["radius"].iloc[0]
        assert part["inflation"].iloc[-1] < part["inflation"].iloc[0]
        assert part["rmse"].is_monotonic_decreasing


def test_the_map_of_settings_that_do_not_rotate_chooses_the_same_and_its_shares_are_the_texts(tuned):
    stored = read_result("filter_tuning").table.query("system == 'lorenz96' and method == 'LETKF' and not rotation")
    shown = tuning_gain(stored).set_index(["obs_error_std", "ensemble_size"])
    assert shown[["inflation", "radius", "rmse"]].equals(tuned[["inflation", "radius", "rmse"]])
    few, many = shown.loc[(1.0, 5)], shown.loc[(1.0, 30)]
    assert [round(1 - each["survived"], 2) for each in (few, many)] == [0.76, 0.29]
    assert [(each["radius"], round(each["rmse"], 2)) for each in (few, many)] == [(1.0, 1.18), (7.0, 0.69)]


def test_what_the_alternative_text_of_the_first_figure_says(tuned):
    assert (tuned["no inflation"] > tuned["rmse"]).all()
    climate = CLIMATES["lorenz96"].standard_deviation[0]
    without = tuned["no localization"]
    assert without[1.0, 5] > climate and without[2.5, 5] > climate and without.isna()[1.0, 10]
    assert without.isna().sum() == 1 and without[2.5, 10] < climate, "at noise 2.5 ten members stay below it"
    assert without[1.0, 30] < 1.1 * tuned.loc[(1.0, 30), "rmse"]


def test_the_setting_chosen_for_ten_members_is_the_pages(tuned):
    assert tuned.loc[(1.0, 10), ["inflation", "radius"]].tolist() == [1.1, 4.0]
    assert tuned.loc[(1.0, 5), "radius"] == 1.0


def test_the_localization_radius_is_what_the_page_says():
    from torch import tensor

    assert TAPER_WIDTH == 1.82
    near, last, beyond = gaspari_cohn(tensor([4.0, 14.5, 14.6], dtype=float), 4.0).tolist()
    assert near == pytest.approx(0.63, abs=0.005) and last > 0 and beyond == pytest.approx(0, abs=1e-9)
