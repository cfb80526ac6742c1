import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.neural_process.conv_cnp import Points, load_model, save_model
from sparseobs.neural_process.laboratory import GaussianProcess, draw_tasks, on_line
from sparseobs.neural_process.one_dimension import LineConfig, LineConvCNP
from sparseobs.neural_process.set_conv import grid_to_points, points_to_grid
from sparseobs.randomness import torch_stream

SMALL = LineConfig(channels=(6, 8, 8), kernel=3, points_per_unit=16.0)


@pytest.fixture
def model():
    return LineConvCNP(SMALL, seed=1)


@pytest.fixture
def batch():
    return draw_tasks(GaussianProcess(0.5), 3, torch_stream(0, "line test"))


@torch.no_grad()
def predict(model, context, targets):
    return torch.stack(tuple(model(context, targets)))


def test_nodes_cover_the_interval_evenly_and_can_be_halved():
    nodes = LineConfig().nodes()
    assert nodes[0] <= -2.1 and nodes[-1] >= 2.1 and len(nodes) % 16 == 0
    torch.testing.assert_close(nodes.diff(), torch.full((len(nodes) - 1,), 1 / 64), atol=1e-6, rtol=0)


def test_the_order_of_the_context_does_not_matter(model, batch):
    order = torch.randperm(batch.context.mask.shape[1], generator=torch.Generator().manual_seed(2))
    shuffled = Points(*(part[:, order] for part in batch.context))
    asked = batch.targets.coordinates
    torch.testing.assert_close(predict(model, batch.context, asked), predict(model, shuffled, asked), atol=1e-5, rtol=0)


def test_points_that_do_not_exist_change_nothing_even_when_nan(model, batch):
    values = torch.where(batch.context.mask, batch.context.values, torch.tensor(torch.nan))
    asked = batch.targets.coordinates
    found = predict(model, batch.context._replace(values=values), asked)
    torch.testing.assert_close(found, predict(model, batch.context, asked))
    assert found.isfinite().all() and (found[1] > 0).all()


def test_far_from_the_ends_a_moved_task_gives_a_moved_prediction(model):
    """Moves by whole cells of the coarsest level; receptive field and margins keep the ends out of sight."""
    wide = LineConvCNP(LineConfig(channels=(6, 8, 8), kernel=3, points_per_unit=16.0, low=-8.0, high=8.0), seed=1)
    x = torch.linspace(-0.5, 0.5, 6).unsqueeze(0)
    context = Points(on_line(x), torch.sin(9 * x), torch.ones_like(x, dtype=torch.bool))
    asked = on_line(torch.linspace(-0.6, 0.6, 9).unsqueeze(0))
    shift = on_line(torch.tensor(4 * 3 / 16))
    moved = context._replace(coordinates=context.coordinates + shift)
    here, there = predict(wide, context, asked), predict(wide, moved, asked + shift)
    torch.testing.assert_close(here, there, atol=1e-4, rtol=0)
    assert here[0].std() > 0.01


def test_encoding_is_the_set_convolution_of_the_map(model, batch):
    axes = {"y": torch.zeros(1), "x": model.x, "length_scale": 1 / 16}
    expected = points_to_grid(*batch.context, **axes)
    torch.testing.assert_close(model._encode(batch.context), expected, atol=1e-5, rtol=0)


def test_reading_off_is_the_set_convolution_of_the_map(model, batch):
    axes = {"y": torch.zeros(1), "x": model.x, "length_scale": 1 / 16}
    with torch.no_grad():
        features = model.unet(points_to_grid(*batch.context, **axes))
        mean, raw = grid_to_points(features, batch.targets.coordinates, **axes).unbind(1)
        found = model(batch.context, batch.targets.coordinates)
    torch.testing.assert_close(found.mean, mean, atol=1e-5, rtol=0)
    torch.testing.assert_close(found.variance, torch.nn.functional.softplus(raw) + 1e-6, atol=1e-5, rtol=0)


def test_no_observation_is_a_legal_context(model, batch):
    nothing = batch.context._replace(mask=torch.zeros_like(batch.context.mask))
    assert predict(model, nothing, batch.targets.coordinates).isfinite().all()


def test_film_is_a_small_part_and_starts_as_the_identity(model):
    film = model.film_parameters()
    n_film, n_all = (sum(one.numel() for one in each) for each in (film, model.parameters()))
    assert n_film == 2 * (2 + 6 + 8 + 8 + 16 + 12 + 6) and n_film < 0.2 * n_all
    assert {float(one.detach().unique()) for one in film} == {0.0, 1.0}
    assert len(film) + len(model.other_parameters()) == len(list(model.parameters()))


def test_a_stored_model_predicts_the_same(tmp_path, model, batch):
    save_model(tmp_path / "line.safetensors", model, seed=1)
    found, stored = load_model(tmp_path / "line.safetensors", network=LineConvCNP)
    assert stored == {"seed": 1} and found.config == SMALL
    asked = batch.targets.coordinates
    assert torch.equal(predict(found, batch.context, asked), predict(model, batch.context, asked))


@pytest.mark.parametrize("wrong", [{"channels": ()}, {"kernel": 4}, {"points_per_unit": 0}, {"high": -3.0}])
def test_impossible_networks_are_refused(wrong):
    with pytest.raises(InputError):
        LineConfig(**wrong)
