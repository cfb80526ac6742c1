"""Learned filters in files: of the book's systems or of one's own."""

from dataclasses import asdict
from pathlib import Path

from sparseobs.checkpoints import fill_module, load_checkpoint, save_checkpoint
from sparseobs.dynamics.integrate import System
from sparseobs.errors import InputError
from sparseobs.filtering.amenf import AmEnF, AmEnFConfig
from sparseobs.filtering.amens import AmEnS, AmEnSConfig

KINDS = {AmEnF: "amenf", AmEnS: "amens"}  # of checkpoints


def save_filter(path: Path, network: AmEnF | AmEnS, system: System, **more: object) -> None:
    """Write a filter's weights, its configuration and the system that it was trained for, atomically.

    Args:
        path: ends in `.safetensors`.
        network: the filter.
        system: of any kind; its `repr` is kept, so let it say its numbers, as that of a dataclass does.
        more: what else to keep, in JSON's types.

    Raises:
        InputError: a network of another kind.
    """
    if type(network) not in KINDS:
        given, expected = type(network).__name__, " or ".join(kind.__name__ for kind in KINDS)
        raise InputError("network", given, expected, "saving each of its networks")
    config = {"network": asdict(network.config), "system": repr(system), **more}
    save_checkpoint(path, KINDS[type(network)], network.state_dict(), config)


def load_filter(path: Path, system: System | None = None) -> AmEnF | AmEnS:
    """Return the filter stored at `path`; those that the package ships are read as well.

    Args:
        path: a file of `save_filter`.
        system: what it must have been trained for, if that matters.

    Raises:
        InputError: the file is missing, damaged, of another architecture or of another system.
    """
    weights, config = load_checkpoint(path, *KINDS.values())
    if system is not None and config["system"] != repr(system):
        raise InputError("checkpoint", f"{path} for {config['system']}", repr(system), "a filter trained on it")
    return network_of(weights, config, path)


def network_of(weights: dict, config: dict, path: Path) -> AmEnF | AmEnS:
    """Return the network of a checkpoint's weights and configuration."""
    numbers = with_tuples(config["network"])
    network = AmEnS(AmEnSConfig(**numbers)) if "lags" in numbers else AmEnF(AmEnFConfig(**numbers))
    fill_module(network, weights, path)
    return network


def with_tuples(stored: dict) -> dict:
    """Return what JSON made lists of as tuples again."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}
