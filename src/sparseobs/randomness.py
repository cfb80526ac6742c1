"""Named random streams derived from one integer seed, so that adding one never disturbs another."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from sparseobs.errors import require_number


def stream_seed(seed: int, name: str) -> int:
    """Return the 63-bit seed of the stream `name` under the experiment's `seed`."""
    require_number("seed", seed, least=0, whole=True)
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def torch_stream(seed: int, name: str, device: str | torch.device = "cpu") -> torch.Generator:
    """Return a torch generator for the stream `name` of `seed`."""
    return torch.Generator(device=device).manual_seed(stream_seed(seed, name))


def numpy_stream(seed: int, name: str) -> np.random.Generator:
    """Return a numpy generator for the stream `name` of `seed`."""
    return np.random.default_rng(stream_seed(seed, name))


@contextmanager
def seeded_weights(seed: int) -> Iterator[None]:
    """Draw torch's default initial weights from the stream `weights` of `seed`, leaving the global state alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream_seed(seed, "weights"))
        yield
