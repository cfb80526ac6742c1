import math

import numpy as np
import pytest
import torch
from scipy import stats

from sparseobs.errors import InputError
from sparseobs.neural_process import laboratory
from sparseobs.neural_process.conv_cnp import Gaussian, Points
from sparseobs.neural_process.laboratory import (
    GaussianProcess,
    draw_again,
    draw_functions,
    draw_tasks,
    exact_prediction,
    exact_scores,
    in_chunks,
    log_likelihood,
    some_tasks,
)
from sparseobs.randomness import torch_stream


def stream(seed=0):
    return torch_stream(seed, "laboratory test")


@pytest.mark.parametrize("scales", [[0.05], [0.25, 0.5], [1.0]])
def test_waves_on_a_ring_have_the_kernel_as_their_covariance(scales):
    x = torch.linspace(-2, 2, 41, dtype=torch.float64).expand(len(scales), 41)
    phases, amplitudes = laboratory._spectrum(torch.tensor(scales), x)
    waves = torch.cat([phases.cos(), phases.sin()], -1) * torch.cat([amplitudes, amplitudes], -1).unsqueeze(1)
    distance = x[0].unsqueeze(-1) - x[0]
    for covariance, scale in zip(waves @ waves.mT, torch.tensor(scales).double(), strict=True):
        expected = torch.exp(-0.5 * (distance / scale) ** 2)
        torch.testing.assert_close(covariance, expected, atol=1e-9, rtol=0)


def test_drawn_functions_follow_that_covariance():
    x = torch.tensor([0.0, 0.1, 0.5]).expand(20_000, 3)
    drawn = draw_functions(torch.full((20_000,), 0.25), x, stream()).numpy()
    expected = np.exp(-0.5 * ((x[0, :, None] - x[0]).numpy() / 0.25) ** 2)
    np.testing.assert_allclose(np.cov(drawn.T), expected, atol=0.04)
    np.testing.assert_allclose(drawn.mean(0), 0, atol=0.03)


@pytest.mark.parametrize(
    ("scale", "fewest", "most", "asked"), [(0.05, 20, 200, 300), (0.25, 4, 40, 60), (1.0, 1, 10, 15)]
)
def test_tasks_have_the_published_counts_within_the_interval(scale, fewest, most, asked):
    context, targets, *_ = draw_tasks(GaussianProcess(scale), 600, stream())
    shown = context.mask.sum(1)
    assert (int(shown.min()), int(shown.max())) == pytest.approx((fewest, most), abs=0.02 * most)
    assert int(shown.min()) >= fewest and int(shown.max()) <= most
    assert set(targets.mask.sum(1).tolist()) == {asked}
    for points in (context, targets):
        assert points.coordinates[..., 0].abs().max() == 0
        assert points.coordinates[..., 1].abs().max() <= 2


def test_mixed_scales_mix_the_counts_of_their_tasks():
    _, targets, *_ = draw_tasks(GaussianProcess(0.25, longest=0.5), 200, stream())
    counts = targets.mask.sum(1)
    assert counts.min() < 35 and counts.max() > 55 and counts.max() <= 60


def test_exact_prediction_is_the_ratio_of_two_joint_densities():
    process = GaussianProcess(0.3, noise_variance=0.1)
    batch = draw_tasks(process, 3, stream())
    prediction = exact_prediction(process, batch)
    for task in range(3):
        seen = batch.context.mask[task]
        x = batch.context.coordinates[task, seen, 1].double().numpy()
        y = batch.context.values[task, seen].double().numpy()
        target, value = batch.targets.coordinates[task, 0, 1].double().item(), batch.targets.values[task, 0].item()
        joint_x, joint_y = np.append(x, target), np.append(y, value)
        cov = np.exp(-0.5 * ((joint_x[:, None] - joint_x) / 0.3) ** 2) + 0.1 * np.eye(len(joint_x))
        ratio = stats.multivariate_normal(cov=cov).logpdf(joint_y) - stats.multivariate_normal(
            cov=cov[:-1, :-1]
        ).logpdf(y)
        normal = stats.norm(prediction.mean[task, 0], prediction.variance[task, 0].sqrt())
        assert normal.logpdf(value) == pytest.approx(ratio, abs=1e-8)


def test_exact_prediction_is_calibrated_and_wrong_processes_score_less():
    process = GaussianProcess(0.2)
    batch = draw_tasks(process, 300, stream())
    mean, variance = exact_prediction(process, batch)
    standardised = (batch.targets.values - mean) / variance.sqrt()
    assert standardised[batch.targets.mask].square().mean().item() == pytest.approx(1, abs=0.06)
    best = exact_scores(process, in_chunks(batch)).mean()
    for wrong in (GaussianProcess(0.1), GaussianProcess(0.4), GaussianProcess(0.2, noise_variance=0.1)):
        assert exact_scores(wrong, [batch]).mean() < best - 0.02


def test_points_that_do_not_exist_do_not_count_even_when_nan():
    process = GaussianProcess(0.5)
    batch = draw_tasks(process, 4, stream())
    nan = torch.tensor(torch.nan)
    context = batch.context._replace(values=torch.where(batch.context.mask, batch.context.values, nan))
    targets = batch.targets._replace(mask=batch.targets.mask.clone())
    targets.mask[:, 5:] = False
    targets = targets._replace(values=torch.where(targets.mask, targets.values, nan))
    filled = batch._replace(targets=batch.targets._replace(mask=targets.mask))
    torch.testing.assert_close(
        exact_scores(process, [batch._replace(context=context, targets=targets)]), exact_scores(process, [filled])
    )


def test_without_observations_the_prediction_is_the_prior():
    process = GaussianProcess(1.0)
    batch = draw_tasks(process, 2, stream())
    nothing = batch.context._replace(mask=torch.zeros_like(batch.context.mask))
    mean, variance = exact_prediction(process, batch._replace(context=nothing))
    assert mean.abs().max() == 0
    torch.testing.assert_close(variance, torch.full_like(variance, 1.05))


def test_log_likelihood_of_a_standard_normal_at_zero():
    targets = Points(torch.zeros(1, 2, 2), torch.tensor([[0.0, torch.nan]]), torch.tensor([[True, False]]))
    found = log_likelihood(Gaussian(torch.zeros(1, 2), torch.ones(1, 2)), targets)
    assert found.item() == pytest.approx(-0.5 * math.log(2 * math.pi))


def test_a_pool_gives_only_its_own_tasks_each_once():
    pool = draw_tasks(GaussianProcess(0.5), 5, stream())
    drawn = draw_again(pool, 4, stream(1))
    first = pool.context.values[:, 0].tolist()
    again = drawn.context.values[:, 0].tolist()
    assert len(set(again)) == 4 and set(again) <= set(first)
    assert len(draw_again(pool, 16, stream(1)).scalars) == 5


def test_chunks_hold_every_task_once_in_order():
    batch = draw_tasks(GaussianProcess(1.0), 7, stream())
    chunks = in_chunks(batch, 3)
    assert [len(chunk.scalars) for chunk in chunks] == [3, 3, 1]
    torch.testing.assert_close(torch.cat([chunk.context.values for chunk in chunks]), batch.context.values)
    torch.testing.assert_close(some_tasks(batch, slice(3, 6)).targets.values, chunks[1].targets.values)


@pytest.mark.parametrize(
    "wrong", [{"length_scale": 0}, {"length_scale": 3.0}, {"length_scale": 0.5, "longest": 0.5}, {"noise_variance": 0}]
)
def test_impossible_processes_are_refused(wrong):
    with pytest.raises(InputError):
        GaussianProcess(**{"length_scale": 0.25} | wrong)


def test_mixed_scales_have_no_single_exact_prediction():
    process = GaussianProcess(0.25, longest=0.5)
    with pytest.raises(InputError, match="one length scale"):
        exact_prediction(process, draw_tasks(process, 1, stream()))
