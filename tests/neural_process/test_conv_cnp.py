import dataclasses

import pytest
import torch
from scipy import stats

from sparseobs.errors import InputError
from sparseobs.neural_process.adaptation import ADAPTATIONS, find_adaptation
from sparseobs.neural_process.conv_cnp import (
    PAPER,
    ConvCNP,
    ConvCNPConfig,
    Gaussian,
    Points,
    gaussian,
    load_model,
    negative_log_likelihood,
    save_model,
)
from sparseobs.neural_process.set_conv import grid_to_points, points_to_grid
from sparseobs.neural_process.unet import UNet

from .small_conv_cnp import make_batch, make_grid, predict


def count(parameters):
    return sum(parameter.numel() for parameter in parameters)


def assert_same(one, other, tolerance=1e-5):
    for left, right in zip(one, other, strict=True):
        torch.testing.assert_close(left, right, atol=tolerance, rtol=0)


def test_paper_size_has_the_published_number_of_parameters():
    model = ConvCNP(PAPER)
    assert PAPER.n_inputs == 10
    assert count(model.parameters()) == 3_808_920
    assert count(model.film_parameters()) == 3_284


def test_the_order_of_the_context_does_not_matter(model, batch):
    order = torch.randperm(7, generator=torch.Generator().manual_seed(2))
    context = Points(*(part[:, order] for part in batch.context))
    assert_same(predict(model, batch), predict(model, batch._replace(context=context)))


def test_padded_points_change_nothing_even_when_nan(model, batch):
    padding = Points(torch.full((3, 4, 2), 51.0), torch.full((3, 4), torch.nan), torch.zeros(3, 4, dtype=torch.bool))
    context = Points(*(torch.cat(parts, dim=1) for parts in zip(batch.context, padding, strict=True)))
    assert_same(predict(model, batch), predict(model, batch._replace(context=context)))


def test_a_batch_equals_its_tasks_one_by_one(model, batch):
    together = predict(model, batch)
    for task in range(3):
        one = slice(task, task + 1)
        context, targets = (Points(*(part[one] for part in points)) for points in batch[:2])
        alone = predict(model, batch._replace(context=context, targets=targets, scalars=batch.scalars[one]))
        assert_same(alone, Gaussian(together.mean[one], together.variance[one]))


def test_moving_everything_by_whole_coarse_cells_moves_the_prediction(model):
    """A grid that moves along with the points sees the same picture, wherever it lies."""
    batch = make_batch(grid=make_grid())
    shift = torch.tensor([model.config.coarsening * 0.25 * 3, -model.config.coarsening * 0.25])
    grid = dataclasses.replace(batch.grid, y=batch.grid.y + shift[0], x=batch.grid.x + shift[1])
    context, targets = (points._replace(coordinates=points.coordinates + shift) for points in batch[:2])
    moved = batch._replace(context=context, targets=targets, grid=grid)
    assert_same(predict(model, batch), predict(model, moved), 1e-4)


def test_points_moved_within_a_large_grid_move_the_prediction(config):
    """Far from the edges the network itself is equivariant to shifts by whole cells of its coarsest level."""
    model, grid = ConvCNP(config, seed=3), make_grid(64, 64)
    shift = 0.25 * config.coarsening * 4 * torch.ones(2)
    batch = make_batch(grid=grid)
    middle = torch.tensor([5.0, 5.0])
    context, targets = (points._replace(coordinates=points.coordinates + middle) for points in batch[:2])
    start = batch._replace(context=context, targets=targets)
    context, targets = (points._replace(coordinates=points.coordinates + middle + shift) for points in batch[:2])
    assert_same(predict(model, start), predict(model, batch._replace(context=context, targets=targets)), 1e-4)


def test_reading_only_near_the_targets_changes_nothing(config):
    """The far part of the U-Net's output, left out, has weights below a float32's rounding."""
    model, grid = ConvCNP(config, seed=3), make_grid(64, 48)
    batch = make_batch(grid=grid)
    rows, columns = grid.near(batch.targets.coordinates)
    assert rows[1] - rows[0] < 32 and columns[1] - columns[0] < 32
    with torch.no_grad():
        field = model.field(batch.context, scalars=batch.scalars, grid=grid)
    whole = gaussian(grid_to_points(field, batch.targets.coordinates, **grid.nodes()))
    assert_same(predict(model, batch), whole, 1e-6)


def test_without_any_context_the_prediction_is_finite(model, batch):
    empty = batch.context._replace(mask=torch.zeros(3, 7, dtype=torch.bool))
    nothing = Points(torch.zeros(1, 0, 2), torch.zeros(3, 0), torch.zeros(3, 0, dtype=torch.bool))
    masked, absent = (predict(model, batch._replace(context=context)) for context in (empty, nothing))
    assert torch.isfinite(masked.mean).all() and (masked.variance > 0).all()
    assert_same(masked, absent)


def test_context_moves_the_prediction_beside_it(model, batch):
    warmer = batch.context._replace(values=batch.context.values + 1)
    difference = predict(model, batch).mean - predict(model, batch._replace(context=warmer)).mean
    assert difference.abs().max() > 1e-3


def test_film_is_the_identity_until_trained():
    torch.manual_seed(0)
    network = UNet(4, 2, (5, 6), 3)
    for name, parameter in network.named_parameters():
        if "film" in name:
            assert (parameter == (1.0 if name.endswith("scale") else 0.0)).all()


def test_likelihood_is_the_gaussians(batch):
    mean, variance = torch.randn(3, 5), torch.rand(3, 5) + 0.1
    expected = 0.0
    for task in range(3):
        mask = batch.targets.mask[task]
        std = variance[task][mask].sqrt()
        expected -= stats.norm.logpdf(batch.targets.values[task][mask], mean[task][mask], std).mean() / 3
    assert float(negative_log_likelihood(Gaussian(mean, variance), batch.targets)) == pytest.approx(expected, abs=1e-5)


def test_a_task_without_targets_is_refused(batch):
    targets = batch.targets._replace(mask=torch.zeros(3, 5, dtype=torch.bool))
    with pytest.raises(InputError, match="without targets"):
        negative_log_likelihood(Gaussian(torch.zeros(3, 5), torch.ones(3, 5)), targets)


@pytest.mark.parametrize("name, trained", [("Sim2Real (FiLM)", "film"), ("Sim2Real", ""), ("real-only", "")])
def test_an_adaptation_may_change_exactly_its_own_parameters(model, name, trained):
    allowed = {id(parameter) for parameter in find_adaptation(name).trainable(model)}
    for parameter_name, parameter in model.named_parameters():
        assert (id(parameter) in allowed) == (trained in parameter_name)


def test_sim_only_may_change_nothing(model):
    assert ADAPTATIONS["sim-only"].trainable(model) == []


def test_an_unknown_adaptation_is_refused():
    with pytest.raises(InputError, match="Sim2Real"):
        find_adaptation("sim2real")


def test_a_checkpoint_returns_the_same_model(tmp_path, model, batch):
    path = tmp_path / "model.safetensors"
    save_model(path, model, command="made by a test", seed=1)
    again, training = load_model(path, model.config)
    assert training == {"command": "made by a test", "seed": 1}
    assert_same(predict(model, batch), predict(again, batch), 0)


def test_a_checkpoint_of_another_architecture_is_refused(tmp_path, model):
    path = tmp_path / "model.safetensors"
    save_model(path, model)
    with pytest.raises(InputError, match="preset it was trained with"):
        load_model(path, dataclasses.replace(model.config, channels=(6, 9)))


def test_a_truncated_checkpoint_is_refused(tmp_path, model):
    path = tmp_path / "model.safetensors"
    save_model(path, model)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="whole safetensors file"):
        load_model(path)


@pytest.mark.parametrize(
    "change",
    [
        {"channels": ()},
        {"channels": (8, 0)},
        {"kernel": 4},
        {"fields": ("rain",)},
        {"fields": ("land", "land")},
        {"scalars": ("minute",)},
        {"points_per_degree": 0.0},
        {"margin": -1.0},
    ],
)
def test_an_impossible_architecture_is_refused(change):
    with pytest.raises(InputError):
        ConvCNPConfig(**change)


def test_bfloat16_is_the_u_nets_alone(model, batch):
    """Set convolutions and likelihood stay float32, even where the caller has switched them to less."""
    exact = predict(model, batch)
    with torch.autocast("cpu", torch.bfloat16):
        under_autocast = predict(model, batch)
    assert_same(exact, under_autocast, 0)
    rough = predict(model.accelerate(precision="bfloat16"), batch)
    assert rough.mean.dtype == rough.variance.dtype == torch.float32
    assert 0 < (rough.mean - exact.mean).abs().max() < 0.05
    assert_same(exact, predict(model.accelerate(), batch), 0)
    negative_log_likelihood(rough, batch.targets)


def test_a_model_in_bfloat16_learns_float32_weights(model, batch):
    model.accelerate(precision="bfloat16")
    prediction = model(batch.context, batch.targets.coordinates, scalars=batch.scalars, grid=batch.grid)
    negative_log_likelihood(prediction, batch.targets).backward()
    for parameter in model.parameters():
        assert parameter.grad.dtype == torch.float32 and torch.isfinite(parameter.grad).all()


def test_an_unknown_precision_is_refused(model):
    with pytest.raises(InputError, match="bfloat16"):
        model.accelerate(precision="float16")


def test_a_reading_is_seen_at_every_scale(batch, config):
    """A scale's channels are those of a set convolution of its width; one scale alone is the network of before."""
    wide = dataclasses.replace(config, scales=(1.0, 4.0))
    assert wide.n_inputs == config.n_inputs + 2
    model, seen = ConvCNP(wide, seed=1), []
    model.unet.down[0].register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    predict(model, batch)
    for number, scale in enumerate(wide.scales):
        nodes = batch.grid.nodes()
        width = nodes | {"length_scale": scale * nodes["length_scale"]}
        expected = points_to_grid(*batch.context, **width) / torch.tensor([scale**2, 1.0])[:, None, None]
        torch.testing.assert_close(seen[0][:, 2 * number : 2 * number + 2], expected)


@pytest.mark.parametrize("scales", [(), (0.0,), (1.0, -2.0)])
def test_impossible_scales_are_refused(config, scales):
    with pytest.raises(InputError, match="scales"):
        dataclasses.replace(config, scales=scales)
