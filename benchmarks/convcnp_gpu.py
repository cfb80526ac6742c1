"""Pre-training at the paper's size: its arithmetic, and the rate of this machine.

    python benchmarks/convcnp_gpu.py --device cpu --steps 0    # the arithmetic alone
    python benchmarks/convcnp_gpu.py                           # the rate of a GPU; nobody has run it on one yet

960,000 tasks are the 300 epochs of 200 batches of 16 that the paper allows pre-training. A training step counts as
three passes forward. Multiplications are a U-Net's: set convolutions are below one percent of them.
"""

import time

import click
import torch

from sparseobs.neural_process.conv_cnp import PAPER, ConvCNP, ConvCNPConfig
from sparseobs.neural_process.grid import internal_grid
from sparseobs.neural_process.tasks import ReanalysisTasks
from sparseobs.neural_process.training import batch_loss
from sparseobs.stations.regions import REGIONS

TASKS, MINUTES = 960_000, 30


def multiplications(config: ConvCNPConfig, *, folded: bool) -> int:
    """Return the U-Net's multiplications a node of the finest grid, as a whole number.

    Args:
        config: the architecture.
        folded: averaging and interpolating change places with the convolutions, as `unet` does in pre-training.
    """
    kernel, channels = config.kernel**2, config.channels
    levels = range(len(channels))
    down = [n_in * n_out for n_in, n_out in zip((config.n_inputs, *channels[:-1]), channels, strict=True)]
    total = kernel * down[0]
    for level in levels[1:]:
        total += kernel * down[level] / 4 ** (level if folded else level - 1)
    for level in levels:
        n_in = channels[level] * (1 if level == levels[-1] else 2)
        total += kernel * n_in * channels[max(level - 1, 0)] / 4 ** (level if folded else max(level - 1, 0))
    return round(total)


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
    nodes = tasks.grid.shape[0] * tasks.grid.shape[1]
    print(f"grid {tasks.grid.shape[0]} x {tasks.grid.shape[1]}; {TASKS} tasks in {MINUTES} minutes:", end=" ")
    print(f"{TASKS / MINUTES / 60:.0f} tasks a second")
    for name, folded in (("as published", False), ("folded", True)):
        flop = 3 * 2 * nodes * multiplications(config, folded=folded)
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
