"""Networks within a budget: what is refused, what a mask is, and scores held against the library's."""

import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.observing.patterns import EveryKth
from sparseobs.scores.ensemble import ensemble_crps
from sparseobs_book.observing_network import run as network

SMALL = network.Contest(n_truths=2, n_cycles=6, burn_in=4)


def test_a_list_of_rows_is_the_same_network_as_the_librarys_pattern():
    rotating = network.ListedSites([list(range(first, 40, 4)) for first in range(4)])
    assert (rotating.mask(11, 40) == EveryKth(4).mask(11, 40)).all()
    assert network.ListedSites.of(rotating.mask(4, 40)) == rotating


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([list(range(11))], "row 0 of sites: given '11 sites'; expected at most 10"),
        ([[0], [40]], "row 1 of sites: given 40"),
        ([[-1]], "given -1"),
        ([[3, 3]], "site 3 twice"),
        ([[1.0]], "given 1.0"),
        ([[True]], "given True"),
        ([3], "row 0 of sites: given 3; expected a list"),
        ("abc", "sites: given 'abc'"),
        ([], "'0 rows'"),
        ([[0]] * 1001, "'1001 rows'"),
    ],
)
def test_rows_that_are_no_network_are_refused(rows, told):
    with pytest.raises(InputError) as error:
        network.ListedSites(rows)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("name", "settings", "told"),
    [
        ("LETKV", {}, "Try filter='LETKF'"),
        ("LETKF", {"inflaton": 1.1}, "Try settings='inflation'"),
        ("LETKF", {"inflation": 0.9}, "inflation: given 0.9"),
        ("LETKF", {"radius": "4"}, "radius: given '4'"),
        ("LETKF", {"radius": float("nan")}, "radius: given nan"),
        ("LETKF", {"rotation": 1}, "true or false"),
        ("LETKF", [1.1], "names and numbers"),
        ("fixed-lag smoother", {"lag": 9}, "lag: given 9"),
        ("fixed-lag smoother", {"lag": 2.5}, "lag: given 2.5"),
        ("AmEnS", {"inflation": 1.1}, "stored as it is"),
    ],
)
def test_filters_that_cannot_be_made_are_refused(name, settings, told):
    with pytest.raises(InputError) as error:
        network.filter_of(name, settings)
    assert told in str(error.value)


def test_settings_replace_tuned_ones_and_leave_the_others():
    usual, other = network.filter_of("LETKF"), network.filter_of("LETKF", {"inflation": 1.2})
    assert other == LETKFSettings(1.2, usual.radius, usual.rotation) != usual


@pytest.mark.parametrize("name", network.FILTERS)
def test_every_filter_takes_any_mask_even_an_empty_row(name):
    odd = network.ListedSites([[0, 1, 17], [], [39, 5]])
    table = network.score(SMALL, odd, network.filter_of(name))
    assert table["truth"].tolist() == [0, 1] and table.notna().all(axis=None) and (table["crps"] > 0).all()


def test_all_networks_meet_the_same_truths_and_noise():
    fixed, all_sites = (network.observe(SMALL, EveryKth(stride, "fixed")) for stride in (4, 1))
    assert torch.equal(fixed.truth, all_sites.truth)
    at = fixed.observations.mask[0]
    assert torch.equal(fixed.observations.values[..., at], all_sites.observations.values[..., at])
    assert not torch.equal(network.observe(SMALL.hidden(0), EveryKth(1)).truth, all_sites.truth)


def test_a_run_that_blows_up_scores_as_the_climates_members():
    hopeless = network.score(SMALL, EveryKth(4, "fixed"), LETKFSettings(1e4, 4.0))
    truth = network.observe(SMALL, EveryKth(4)).truth[SMALL.burn_in :]
    members = network.first_members(SMALL)
    expected = torch.stack([ensemble_crps(members, each) for each in truth]).mean(0)
    assert hopeless["crps"].tolist() == pytest.approx(expected.tolist())
    assert hopeless["lost"].all()


def test_targeting_the_same_sites_at_every_cycle_is_the_fixed_network():
    def always(members):
        return EveryKth(4, "fixed").mask(1, 40)[0]

    settings = network.filter_of("LETKF")
    targeted, masks = network.run_targeted(SMALL, always, settings)
    plan = network.score(SMALL, EveryKth(4, "fixed"), settings)
    assert targeted["crps"].tolist() == pytest.approx(plan["crps"].tolist(), rel=1e-6)
    assert masks.shape == (10, 2, 40) and (masks.sum(-1) == 10).all()


def test_targeting_beyond_the_budget_is_refused():
    with pytest.raises(InputError, match="11 instruments at cycle 0"):
        network.run_targeted(SMALL, lambda members: torch.arange(40) < 11, network.filter_of("LETKF"))


def test_after_how_many_cycles_every_site_is_seen():
    assert network.sites_seen_within(EveryKth(4).mask(9, 40)) == 4
    assert network.sites_seen_within(EveryKth(1).mask(3, 40)) == 1
    assert network.sites_seen_within(EveryKth(4, "fixed").mask(9, 40)) is None
    halves = torch.zeros(4, 40, dtype=torch.bool)
    halves[0, :20], halves[1, 20:] = True, True  # then two blind cycles
    assert network.sites_seen_within(halves.repeat(3, 1)) == 4
