"""Pre-training at the paper's size: its arithmetic, and the rate of this machine.

    python benchmarks/convcnp_gpu.py --device cpu --steps 0    # the arithmetic alone
    python benchmarks/convcnp_gpu.py                           # the rate of a GPU; nobody has run it on one yet

960,000 tasks are the 300 epochs of 200 batches of 16 that the paper allows pre-training. What is counted is a U-Net's:
set convolutions are below one percent of it.
"""

import time

import click
import torch
from torch.utils.flop_counter import FlopCounterMode

from sparseobs.neural_process.conv_cnp import PAPER, ConvCNP, ConvCNPConfig
from sparseobs.neural_process.grid import internal_grid
from sparseobs.neural_process.tasks import ReanalysisTasks
from sparseobs.neural_process.training import batch_loss
from sparseobs.neural_process.unet import Window
from sparseobs.stations.regions import REGIONS

TASKS, MINUTES = 960_000, 30


def published_flop(config: ConvCNPConfig, shape: tuple[int, int]) -> float:
    """Return the floating-point operations of a training task as published: every layer in full, three passes.

    Args:
        config: the architecture.
        shape: rows and columns of the internal grid.
    """
    channels, finest = config.channels, shape[0] * shape[1]
    down = [n_in * n_out for n_in, n_out in zip((config.n_inputs, *channels[:-1]), channels, strict=True)]
    products = sum(width / 4 ** max(level - 1, 0) for level, width in enumerate(down))
    for level, width in enumerate(channels):
        n_in = width * (1 if level == len(channels) - 1 else 2)
        products += n_in * channels[max(level - 1, 0)] / 4 ** max(level - 1, 0)
    return 3 * 2 * config.kernel**2 * products * finest


def our_flop(config: ConvCNPConfig, shape: tuple[int, int], window: Window) -> int:
    """Return the same of our pre-training step, as torch counts it on a network without numbers.

    Args:
        config: the architecture.
        shape: rows and columns of the internal grid.
        window: the part of it that targets are read from.
    """
    model = ConvCNP(config).to("meta")
    for parameter in model.film_parameters():
        parameter.requires_grad_(False)
    image = torch.zeros(1, config.n_inputs, *shape, device="meta")
    with FlopCounterMode(display=False) as counter:
        model.unet(image, window, linear=True).sum().backward()
    return counter.get_total_flops()


def made_up_tasks(config: ConvCNPConfig, device: str, n_hours: int = 256) -> ReanalysisTasks:
    """Return tasks of the real ones' sizes on a grid of Germany."""
    flat = torch.linspace(47.2, 54.95, 32), torch.linspace(5.8, 15.05, 38)
    grid = internal_grid(
        REGIONS["germany"],
        None,
        points_per_degree=config.points_per_degree,
        margin=config.margin,
        multiple=config.coarsening,
        fields=config.fields,
    ).to(device)
    latitude, longitude = (axis.reshape(-1).numpy() for axis in torch.meshgrid(*flat, indexing="ij"))
    generator = torch.Generator(device).manual_seed(0)
    values = torch.randn(n_hours, 32 * 38, generator=generator, device=device)
    scalars = torch.randn(n_hours, 4, generator=generator, device=device)
    return ReanalysisTasks(values, grid.coordinates(latitude, longitude), scalars, grid, max_context=499)


def tasks_a_second(model: ConvCNP, tasks: ReanalysisTasks, batch: int, steps: int) -> float:
    """Return the rate of whole optimiser steps, sampling included; the first three are not counted."""
    device = tasks.values.device
    optimiser = torch.optim.Adam(model.other_parameters(), lr=1e-4, fused=device.type == "cuda")
    for parameter in model.film_parameters():
        parameter.requires_grad_(False)
    hours, generator = torch.arange(len(tasks.values), device=device), torch.Generator(device).manual_seed(0)
    for step in range(steps + 3):
        if step == 3:
            _wait(device)
            start = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        batch_loss(model, tasks.sample(hours, batch, generator)).backward()
        optimiser.step()
    _wait(device)
    return steps * batch / (time.perf_counter() - start)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


@click.command()
@click.option("--device", default="cuda", show_default=True)
@click.option("--density", default=200, show_default=True, help="internal nodes to the box's unit")
@click.option("--batch", default=16, show_default=True)
@click.option("--steps", default=100, show_default=True, help="0 prints the arithmetic alone")
@click.option("--precision", default="bfloat16", show_default=True)
@click.option("--compiled/--eager", default=True, show_default=True)
def main(device: str, density: int, batch: int, steps: int, precision: str, compiled: bool) -> None:
    """Print what 960,000 tasks ask for, and how long this machine takes."""
    config = ConvCNPConfig(
        PAPER.channels, PAPER.kernel, density / 7.75, PAPER.margin, ("land", "position"), PAPER.scalars
    )
    tasks = made_up_tasks(config, device)
    shape, window = tuple(tasks.grid.shape), tasks.grid.near(tasks.coordinates)
    rows, columns = (last - first for first, last in window)
    print(f"grid {shape[0]} x {shape[1]}, read on {rows} x {columns}; {TASKS} tasks in {MINUTES} minutes:", end=" ")
    print(f"{TASKS / MINUTES / 60:.0f} tasks a second")
    for name, flop in (("as published", published_flop(config, shape)), ("ours", our_flop(config, shape, window))):
        total = flop * TASKS
        print(f"{name}: {flop / 1e9:.0f} GFLOP a training task, {total / 1e18:.2f} EFLOP in all,", end=" ")
        print(f"{total / MINUTES / 60 / 1e12:.0f} TFLOP/s for {MINUTES} minutes")
    if not steps:
        return
    model = ConvCNP(config).to(device).accelerate(precision=precision, compiled=compiled)
    rate = tasks_a_second(model, tasks, batch, steps)
    print(f"{rate:.1f} tasks a second on {device}, {precision}: {TASKS / rate / 60:.0f} minutes for all")


if __name__ == "__main__":
    main()
