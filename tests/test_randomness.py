import numpy as np
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.randomness import numpy_stream, seeded_weights, stream_seed, torch_stream


def test_same_seed_and_name_give_the_same_numbers():
    first, second = (torch.rand(9, generator=torch_stream(3, "truth")) for _ in range(2))
    assert torch.equal(first, second)
    assert np.array_equal(numpy_stream(3, "truth").random(9), numpy_stream(3, "truth").random(9))


def test_seeds_are_the_same_on_every_machine_and_run():
    # Stored results name their seed; were the derivation to change, none of them could be made again.
    assert stream_seed(0, "truth") == 1656783716440252488
    assert stream_seed(20231030, "noise") == 3652764400758913816


def test_streams_of_other_names_and_seeds_are_unrelated():
    draws = [numpy_stream(seed, name).standard_normal(4000) for seed in (0, 1) for name in ("truth", "noise")]
    correlation = np.corrcoef(draws) - np.eye(4)
    assert np.abs(correlation).max() < 4.5 / np.sqrt(4000)


def test_drawing_from_one_stream_leaves_the_others():
    alone = torch.rand(5, generator=torch_stream(0, "noise"))
    torch.rand(100, generator=torch_stream(0, "something new"))
    torch.manual_seed(1)
    assert torch.equal(torch.rand(5, generator=torch_stream(0, "noise")), alone)


def test_seeds_fit_every_generator():
    seeds = [stream_seed(seed, "any") for seed in range(200)]
    assert len(set(seeds)) == 200
    assert all(0 <= seed < 2**63 for seed in seeds)


@pytest.mark.parametrize("seed", [-1, 1.0, "0", True, None])
def test_only_whole_numbers_from_zero_are_seeds(seed):
    with pytest.raises(InputError, match="seed: given"):
        stream_seed(seed, "truth")


def test_seeded_weights_depend_on_the_seed_alone_and_leave_the_global_state():
    def weights(seed):
        with seeded_weights(seed):
            return torch.nn.Linear(3, 3).weight

    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    first = weights(0)
    assert torch.equal(torch.rand(2), expected)
    assert torch.equal(first, weights(0))
    assert not torch.equal(first, weights(1))
