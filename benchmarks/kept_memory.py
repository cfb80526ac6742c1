"""A training step at the lesson's size with freed memory kept (`sparseobs.memory`) against glibc's own ways.

    python benchmarks/kept_memory.py

Each round starts a process of either kind, in turns; the steps are those of an adaptation on the grid of stations by
hours: batches of 8 tasks, 400 stations. How much there is to gain depends on how dear a page is to the system.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from statistics import median

import click

KEPT, USUAL = "kept", "usual"
# Naming a wish of one's own is how the package is told to leave the C library alone; this one is glibc's default.
ENVIRONMENT = {KEPT: {}, USUAL: {"MALLOC_TRIM_THRESHOLD_": "131072"}}


def steps(n_steps: int) -> dict:
    """Return the seconds of some training steps, and how many of them the processor spent in the system's kernel."""
    import torch

    from sparseobs.neural_process.conv_cnp import ConvCNP
    from sparseobs.neural_process.grid import internal_grid
    from sparseobs.neural_process.tasks import StationTasks
    from sparseobs.neural_process.training import batch_loss
    from sparseobs.stations.regions import REGIONS
    from sparseobs_book.temperature.presets import grid_presets

    config, region = replace(grid_presets()["lesson"].architecture, fields=("position",)), REGIONS["germany"]
    shape = {"points_per_degree": config.points_per_degree, "margin": config.margin, "multiple": config.coarsening}
    grid = internal_grid(region, None, fields=config.fields, **shape)
    generator = torch.Generator().manual_seed(0)
    low, high = torch.tensor([region.south, region.west]), torch.tensor([region.north, region.east])
    places = low + (high - low) * torch.rand(400, 2, generator=generator)
    readings, times = torch.randn(64, 400, generator=generator), torch.zeros(64, 4)
    tasks = StationTasks(readings, grid.coordinates(*places.T.numpy()), times, None, grid)
    model, hours, stations = ConvCNP(config), torch.arange(64), torch.arange(400)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    for step in range(n_steps + 3):
        if step == 3:
            start, system = time.perf_counter(), os.times().system
        optimiser.zero_grad(set_to_none=True)
        batch_loss(model, tasks.sample(hours, stations, 8, generator)).backward()
        optimiser.step()
    return {"seconds": time.perf_counter() - start, "system": os.times().system - system}


@click.command()
@click.option("--rounds", default=5, show_default=True)
@click.option("--n-steps", default=100, show_default=True)
@click.option("--alone", is_flag=True, hidden=True, help="one process's part")
def main(rounds: int, n_steps: int, alone: bool) -> None:
    """Print seconds, seconds in the kernel, and the ratio of the medians."""
    if alone:
        print(json.dumps(steps(n_steps)))
        return
    found = {KEPT: [], USUAL: []}
    for turn in range(rounds):
        for name in list(found)[:: -1 if turn % 2 else 1]:
            command = [sys.executable, __file__, "--alone", "--n-steps", str(n_steps)]
            environment = {**os.environ, "OMP_NUM_THREADS": "1", **ENVIRONMENT[name]}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            found[name].append(json.loads(done.stdout))
    seconds = {name: [each["seconds"] for each in rows] for name, rows in found.items()}
    for name, rows in found.items():
        kernel = median(each["system"] for each in rows)
        print(f"{name:<6} {median(seconds[name]):6.2f} s for {n_steps} steps, {kernel:.2f} s of them in the kernel")
    ratios = [usual / kept for usual, kept in zip(seconds[USUAL], seconds[KEPT], strict=True)]
    print(f"kept memory is {median(ratios):.2f} times as fast ({min(ratios):.2f} at least)")


if __name__ == "__main__":
    main()
