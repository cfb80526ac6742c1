"""Our side of `convcnp_speed.py`: pre-training steps and maps of Germany by this package."""

import dataclasses

import numpy as np
import torch
from convcnp_world import Size, map_axes, reanalysis, serve
from memory import peak_resident_mb

from sparseobs.neural_process.conv_cnp import PAPER, ConvCNP
from sparseobs.neural_process.grid import internal_grid
from sparseobs.neural_process.prediction import predict_map
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.tasks import ReanalysisTasks, StationTasks, time_channels
from sparseobs.neural_process.training import batch_loss
from sparseobs.stations.regions import REGIONS

SPAN = 7.75  # degrees of latitude to the box's unit


def main() -> None:
    """Answer the race."""
    size = Size.given()
    torch.set_num_threads(size.threads)
    field = reanalysis()
    config = dataclasses.replace(PAPER, channels=size.channels, points_per_degree=size.density / SPAN)
    heights = 300 + 200 * np.sin(field[0].rename("elevation"))
    grid = internal_grid(
        REGIONS["germany"],
        heights,
        points_per_degree=config.points_per_degree,
        margin=config.margin,
        multiple=max(size.multiple, config.coarsening),
        fields=config.fields,
    )
    standardisation = Standardisation.of(field.values, 0.0)
    values = torch.as_tensor(standardisation.normalise(field.values, 0.0).reshape(len(field), -1), dtype=torch.float32)
    places = np.meshgrid(field["latitude"], field["longitude"], indexing="ij")
    coordinates = grid.coordinates(*(axis.ravel() for axis in places))
    scalars = time_channels(field["time"].values, config.scalars)
    tasks = ReanalysisTasks(values, coordinates, scalars, grid, max_context=size.context)
    shown = np.random.default_rng(0).permutation(len(coordinates))[: size.context]
    network = StationTasks(values, coordinates, scalars, np.zeros(len(coordinates)), grid)
    axes = dict(zip(("latitude", "longitude"), map_axes(size.kilometres), strict=True))
    ground = heights.interp(axes, kwargs={"fill_value": 0.0})

    begin_mb = peak_resident_mb()
    model = ConvCNP(config)
    optimiser = torch.optim.Adam(model.other_parameters(), lr=1e-4)
    for parameter in model.film_parameters():
        parameter.requires_grad_(False)  # as pre-training leaves them
    hours, generator = torch.arange(len(field)), torch.Generator().manual_seed(0)

    def train() -> None:
        optimiser.zero_grad(set_to_none=True)
        batch_loss(model, tasks.sample(hours, size.tasks, generator)).backward()
        optimiser.step()

    def predict() -> None:
        prediction = predict_map(model, network, standardisation, context=shown, hour=0, elevation=ground)
        assert np.isfinite(prediction["mean"].values).all()

    n_weights = sum(parameter.numel() for parameter in model.parameters())
    serve({"train": train, "predict": predict}, {"n_weights": n_weights, "grid": list(grid.shape)}, begin_mb)


if __name__ == "__main__":
    main()
