"""The fits of the page on 4D-Var, held against the package, closed forms and each other."""

import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.var4d import VariationalSettings, var4d_cycles
from sparseobs_book.fit_a_trajectory import run as fit

SMALL = fit.FitATrajectory(n_truths=3, longest=3, window=2)


@pytest.fixture(scope="module")
def windows():
    return fit.trial(SMALL)


def test_a_fit_of_one_cycle_is_the_packages(windows):
    states, _ = fit.fitted(windows.observations, 1, windows.first_guess, fit.static_root(0.3), iterations=6)
    one = windows.experiment.part(slice(1)).observations
    twice = windows.first_guess[:, None].repeat(1, 2, 1, 1)
    package = next(var4d_cycles([VariationalSettings("identity", 0.3**2)], fit.SYSTEM, one, twice)).mean[0]
    assert (package - fit.model(windows.first_guess)).abs().max() > 0.2
    torch.testing.assert_close(fit.model(states), package, rtol=0, atol=2e-3)  # which stops short of the minimum


def test_at_the_minimum_the_slope_of_the_cost_is_zero(windows):
    states, weights = fit.fitted(windows.observations, 2, windows.first_guess, fit.static_root(1.5), iterations=80)
    states.requires_grad_()
    background = ((states - windows.first_guess) / 1.5).square().sum()
    misfits = fit.misfit(windows.observations, 2, states) * windows.readings(2).shape[1]
    (slope,) = torch.autograd.grad(background + misfits.sum(), states)
    assert slope.abs().max() < 1e-6
    torch.testing.assert_close(windows.first_guess + 1.5 * weights[:, None], states.detach())


def test_the_truth_misfits_by_the_noise_and_a_random_state_by_far_more(windows):
    many = fit.trial(fit.FitATrajectory(n_truths=40, longest=4))
    assert fit.misfit(many.observations, 4, many.start).mean() == pytest.approx(1, abs=0.15)
    assert fit.misfit(many.observations, 4, many.start.flip(0)).mean() > 5


def test_all_static_backgrounds_have_the_ensembles_variance():
    _, members = fit.forecast_members(SMALL, 30, 3)
    roots = fit.backgrounds(members)
    variances = {name: (root.square().sum(1).mean()).item() for name, root in roots.items()}
    assert variances["independent errors"] == pytest.approx(variances["this ensemble's"])
    assert variances["the climate's"] == pytest.approx(variances["this ensemble's"])
    sample = members[0, :, 0].mT.cov()
    root = roots["this ensemble's"][0, :, 0]
    torch.testing.assert_close(root.mT @ root, sample)


def test_an_ensemble_fits_only_within_its_span(windows):
    trial, members = fit.forecast_members(SMALL, 4, 3)
    root = fit.backgrounds(members)["this ensemble's"]
    states, _ = fit.fitted(trial.observations, 2, trial.first_guess, root)
    change = (states - trial.first_guess)[:, 0]
    for truth in range(3):
        basis = root[truth, :, 0].mT
        left = change[truth] - basis @ torch.linalg.lstsq(basis, change[truth], driver="gelsd").solution
        assert change[truth].abs().max() > 0.05 and left.abs().max() < 1e-8


def test_states_that_run_away_are_no_fit_but_no_nan_either(windows):
    states, _ = fit.fitted(windows.observations, 3, windows.first_guess + 1e6, fit.static_root(1.5))
    assert states.shape == windows.first_guess.shape


def test_growing_the_window_fits_what_at_once_cannot_be_fitted():
    trial = fit.trial(fit.FitATrajectory(n_truths=4, longest=20))
    at_once = fit.grown(trial, (20,), 1.5, iterations=6)[20]
    growing = fit.grown(trial, range(1, 21, 1), 1.5, iterations=1)[20]
    assert (growing < fit.FITS).all() and not (at_once < fit.FITS).any()


def test_the_line_passes_through_truth_and_first_guess(windows):
    places, curves = fit.along_a_line(windows, (1, 3), reach=2.0, n_points=5)
    assert places.tolist() == [-2, -1, 0, 1, 2]
    assert curves[3][2] == fit.misfit(windows.observations, 3, windows.start)[0]
    assert curves[1][3] == pytest.approx(fit.misfit(windows.observations, 1, windows.first_guess)[0].item())
    assert fit.valleys(torch.tensor([3.0, 1, 2, 0, 5])) == 2


@pytest.mark.parametrize("wrong", [{"window": 0}, {"background_std": 5.0}, {"stride": 7}, {"ensemble_size": 2}])
def test_bad_numbers_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        fit.FitATrajectory(**wrong)
