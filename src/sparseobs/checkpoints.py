"""Trained weights with the configuration that built them: safetensors, so loading never executes code."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from sparseobs.errors import InputError
from sparseobs.files import replacing


def save_checkpoint(path: Path, kind: str, weights: dict[str, torch.Tensor], config: dict) -> None:
    """Write `weights` and a JSON-serialisable `config` to `path`, atomically.

    Args:
        path: ends in `.safetensors`.
        kind: the architecture's name, checked on loading.
        weights: a module's `state_dict`.
        config: what rebuilds the module, and how it was trained.
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
    with replacing(Path(path)) as temporary:
        save_file(
            tensors, temporary, metadata={"kind": kind, "config": json.dumps(config, sort_keys=True, default=plain)}
        )


def plain(value: object) -> object:
    """Return a NumPy scalar as Python's number, for JSON."""
    if not hasattr(value, "item"):
        raise TypeError(f"{type(value).__name__} is nothing that JSON can hold")
    return value.item()


def load_checkpoint(path: Path, *kinds: str) -> tuple[dict[str, torch.Tensor], dict]:
    """Return the weights and configuration stored at `path`.

    Raises:
        InputError: the file is missing, truncated, or holds another architecture than those of `kinds`.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("checkpoint", str(path), "a safetensors file", "the command printed beside it")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}
    except SafetensorError as error:
        raise InputError("checkpoint", f"{path} ({error})", "a whole safetensors file", "fetching it again") from error
    if metadata.get("kind") not in kinds:
        expected = "kind " + " or ".join(map(repr, kinds))
        raise InputError("checkpoint", f"{path} of kind {metadata.get('kind')!r}", expected, "another file")
    return weights, json.loads(metadata["config"])


def fill_module(module: torch.nn.Module, weights: dict[str, torch.Tensor], path: Path) -> None:
    """Load `weights` into `module`, or raise `InputError` naming the first tensor that does not fit."""
    own = module.state_dict()
    for name in sorted(own.keys() | weights.keys()):
        here = tuple(own[name].shape) if name in own else None
        there = tuple(weights[name].shape) if name in weights else None
        if here != there:
            hint = "the architecture it was trained with"
            raise InputError("checkpoint", f"{path} with {name} {there}", f"{name} {here}", hint)
    module.load_state_dict(weights)
