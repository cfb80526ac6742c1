import pytest
import torch
from scipy.stats import chisquare

from sparseobs.errors import InputError
from sparseobs.scores.rank_histogram import rank_counts, truth_ranks

MEMBERS = 9


def experiment(spread, noise=0.0, seed=0):
    """Truths, and members drawn around the same unknown centres, `spread` times as wide; `noise` on the truths."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    centre = 3 * normal(500, 1, 20)
    truth = centre + normal(500, 1, 20) + noise * normal(500, 1, 20)
    return centre[:, None] + spread * normal(500, MEMBERS, 1, 20), truth


def counts_of(ensemble, truth, seed=1, **options):
    return rank_counts(truth_ranks(ensemble, truth, torch.Generator().manual_seed(seed), **options), MEMBERS)


def test_ranks_by_hand():
    ensemble = torch.tensor([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]])[:, None]
    ranks = truth_ranks(ensemble, torch.tensor([[2.5, 4.0]]), torch.Generator())
    assert ranks.tolist() == [[2, 0]]
    assert rank_counts(ranks, 3).tolist() == [1, 0, 1, 0]


def test_flat_if_calibrated():
    counts = counts_of(*experiment(spread=1.0))
    assert counts.sum() == 10_000
    assert chisquare(counts).pvalue > 0.01


def test_u_shaped_if_overconfident_and_a_hill_if_timid():
    narrow, wide = counts_of(*experiment(spread=0.5)), counts_of(*experiment(spread=2.0))
    share = 10_000 / (MEMBERS + 1)
    assert narrow[[0, -1]].min() > 1.5 * share > share > narrow[4:6].max()
    assert wide[[0, -1]].max() < 0.5 * share < share < wide[4:6].min()


def test_against_noisy_observations_members_need_the_noise_as_well():
    ensemble, observations = experiment(spread=1.0, noise=1.0)
    assert chisquare(counts_of(ensemble, observations, error_std=1.0)).pvalue > 0.01
    assert chisquare(counts_of(ensemble, observations)).pvalue < 1e-10


def test_ties_are_broken_evenly():
    """An ensemble that is the truth itself says nothing: every rank is as likely."""
    truth = torch.zeros(500, 1, 20)
    assert chisquare(counts_of(truth[:, None].expand(-1, MEMBERS, -1, -1), truth)).pvalue > 0.01


def test_a_tie_with_some_members_stays_among_them():
    ensemble = torch.tensor([-1.0, 0.0, 0.0, 1.0]).reshape(4, 1, 1).expand(4, 1, 3000)
    ranks = truth_ranks(ensemble, torch.zeros(1, 3000), torch.Generator().manual_seed(0))
    counts = rank_counts(ranks, 4)
    assert counts[[0, 4]].tolist() == [0, 0]
    assert chisquare(counts[1:4]).pvalue > 0.01


def test_same_generator_same_ranks():
    ensemble, truth = experiment(spread=1.0)
    assert torch.equal(counts_of(ensemble, truth, error_std=1.0), counts_of(ensemble, truth, error_std=1.0))


def test_bad_input():
    ensemble, truth = experiment(spread=1.0)
    with pytest.raises(InputError, match="truth's shape"):
        truth_ranks(ensemble, truth[:1], torch.Generator())
    with pytest.raises(InputError, match="diverge"):
        truth_ranks(ensemble / 0, truth, torch.Generator())
    with pytest.raises(InputError, match="error_std"):
        truth_ranks(ensemble, truth, torch.Generator(), error_std=-1.0)
    with pytest.raises(InputError, match="ranks"):
        rank_counts(torch.tensor([0, 11]), 10)
    with pytest.raises(InputError, match="none"):
        rank_counts(torch.tensor([], dtype=torch.long), 10)
