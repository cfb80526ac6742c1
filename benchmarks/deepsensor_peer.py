"""The peer's side of `convcnp_speed.py`: the same work by deepsensor, in `deepsensor_environment.py`'s environment.

Its tasks are made before the clock starts, ours within it. One optimiser step a task is deepsensor's default.
"""

import warnings

import numpy as np
import xarray as xr
from convcnp_world import EAST, SOUTH, WEST, Size, map_axes, reanalysis, serve
from memory import peak_resident_mb

warnings.simplefilter("ignore")

import deepsensor.torch  # noqa: E402, F401  (chooses the backend)
import torch  # noqa: E402
from deepsensor.data import DataProcessor, TaskLoader  # noqa: E402
from deepsensor.model import ConvNP  # noqa: E402
from deepsensor.train.train import train_epoch  # noqa: E402

AUXILIARY = ("land", "height", "north", "east", "day_cos", "day_sin", "hour_cos")


def main() -> None:
    """Answer the race."""
    size = Size.given()
    torch.set_num_threads(size.threads)
    field = reanalysis()
    still = xr.Dataset({name: np.sin((1 + n) * field[0].drop_vars("time")) for n, name in enumerate(AUXILIARY)})
    names = {"x1_name": "latitude", "x2_name": "longitude"}
    limits = {"x1_map": (SOUTH, SOUTH + EAST - WEST), "x2_map": (WEST, EAST)}  # equal ranges are asked for
    processor = DataProcessor(**names, **limits)
    target, auxiliary = processor([field.to_dataset(), still])
    loader = TaskLoader(context=[target, auxiliary], target=target)
    begin_mb = peak_resident_mb()
    torch.manual_seed(0)
    model = ConvNP(
        processor,
        loader,
        unet_channels=size.channels,
        internal_density=size.density,
        likelihood="het",
        unet_resize_convs=True,
        encoder_scales=[1 / size.density] * 2,
        decoder_scale=1 / size.density,
        verbose=False,
    )
    tasks = [
        loader(time, context_sampling=[size.context, "all"], target_sampling="all", seed_override=number)
        for number, time in enumerate(field["time"].values[: size.tasks])
    ]
    latitude, longitude = map_axes(size.kilometres)
    where = xr.DataArray(
        np.zeros((len(latitude), len(longitude)), dtype="float32"),
        {"latitude": latitude, "longitude": longitude},
        ("latitude", "longitude"),
    )
    train_epoch(model, tasks[:1])  # makes its weights, on first use
    optimiser = torch.optim.Adam(model.model.parameters(), lr=1e-4)

    def train() -> None:
        train_epoch(model, tasks, opt=optimiser)

    def predict() -> None:
        with torch.no_grad():
            prediction = model.predict(tasks[0], X_t=where)
        assert np.isfinite(prediction["t2m"]["mean"].values).all()

    n_weights = sum(parameter.numel() for parameter in model.model.parameters())
    serve({"train": train, "predict": predict}, {"n_weights": n_weights, "grid": None}, begin_mb)


if __name__ == "__main__":
    main()
