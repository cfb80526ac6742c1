import pickle

import pytest
import torch

from sparseobs.checkpoints import fill_module, load_checkpoint, save_checkpoint
from sparseobs.errors import InputError


@pytest.fixture
def stored(tmp_path):
    module = torch.nn.Linear(3, 2)
    path = tmp_path / "linear.safetensors"
    save_checkpoint(path, "linear", module.state_dict(), {"inputs": 3, "command": "python -m sparseobs train"})
    return module, path


def test_weights_and_configuration_come_back(stored):
    module, path = stored
    weights, config = load_checkpoint(path, "linear")
    assert config == {"inputs": 3, "command": "python -m sparseobs train"}
    other = torch.nn.Linear(3, 2)
    fill_module(other, weights, path)
    points = torch.randn(5, 3)
    assert torch.equal(other(points), module(points))


def test_views_and_gradients_are_stored_as_plain_tensors(tmp_path):
    turned = torch.arange(6.0, requires_grad=True).reshape(2, 3).T
    save_checkpoint(tmp_path / "turned.safetensors", "any", {"turned": turned}, {})
    weights, _ = load_checkpoint(tmp_path / "turned.safetensors", "any")
    assert torch.equal(weights["turned"], turned.detach())


def test_a_failed_write_keeps_the_old_checkpoint(stored):
    _, path = stored
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save_checkpoint(path, "linear", {"w": torch.ones(1)}, {"not json": object()})
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match="expected a safetensors file"):
        load_checkpoint(tmp_path / "none.safetensors", "linear")


@pytest.mark.parametrize("keep", [0, 5, 40, -1])
def test_truncated_file(stored, keep):
    _, path = stored
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match="a whole safetensors file"):
        load_checkpoint(path, "linear")


def test_a_pickle_is_refused_without_being_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("exploded").touch, ())

    path = tmp_path / "bomb.safetensors"
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(InputError):
        load_checkpoint(path, "linear")
    assert not (tmp_path / "exploded").exists()


def test_another_kind(stored):
    with pytest.raises(InputError, match="kind 'linear'.*expected kind 'amenf'"):
        load_checkpoint(stored[1], "amenf")


@pytest.mark.parametrize("module", [torch.nn.Linear(4, 2), torch.nn.Linear(3, 2, bias=False), torch.nn.PReLU()])
def test_another_architecture_names_the_tensor(stored, module):
    weights, _ = load_checkpoint(stored[1], "linear")
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    with pytest.raises(InputError, match="weight|bias"):
        fill_module(module, weights, stored[1])
    assert all(torch.equal(module.state_dict()[name], tensor) for name, tensor in before.items())
