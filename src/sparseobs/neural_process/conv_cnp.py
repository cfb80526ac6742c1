"""The convolutional conditional neural process: stations in, a Gaussian temperature anywhere out."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from sparseobs.checkpoints import fill_module, load_checkpoint, save_checkpoint
from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.neural_process.grid import STATIC_FIELDS, InternalGrid
from sparseobs.neural_process.set_conv import grid_to_points, points_to_grid
from sparseobs.neural_process.unet import FiLM, UNet, Window
from sparseobs.randomness import seeded_weights

VARIANCE_FLOOR = 1e-6  # normalised units; the paper's
SCALARS = {"hour": 2, "day": 2}  # channels of each


class Points(NamedTuple):
    """A batch of point sets, padded to one length.

    Attributes:
        coordinates: (batch or 1, point, 2), plane coordinates of the internal grid, finite everywhere.
        values: (batch, point), normalised temperature; anything where `mask` is False.
        mask: (batch, point), True where a point exists.
    """

    coordinates: Tensor
    values: Tensor
    mask: Tensor


class Gaussian(NamedTuple):
    """Mean and variance of the prediction, (batch, point) each.

    Args:
        mean: (batch, point).
        variance: (batch, point), above 0.
    """

    mean: Tensor
    variance: Tensor


class Start(NamedTuple):
    """A prediction made without a network, which the network is to correct, in normalised units.

    Attributes:
        at_targets: its mean and variance there.
        channels: (batch, `START_CHANNELS`, row, column), its mean and standard deviation on the internal grid.
    """

    at_targets: Gaussian
    channels: Tensor

    def part(self, tasks: slice) -> "Start":
        """Return that of some of the tasks."""
        return Start(Gaussian(*(each[tasks] for each in self.at_targets)), self.channels[tasks])


START_CHANNELS = 2
MOST_CHANGE = 5.0  # of the logarithm of the start's variance


@dataclass(frozen=True)
class ConvCNPConfig:
    """Everything that decides a ConvCNP's weights' shapes and what its inputs mean.

    Attributes:
        channels: width of every level of the U-Net, finest first; each further level halves the resolution.
        kernel: side of the convolutions, odd.
        points_per_degree: internal grid nodes per degree of latitude.
        scales: length scales of the SetConv that reads the context, in spacings, with density and data channels each.
            One spacing is the paper's; wider ones carry a lone reading far without a layer having to.
        margin: of the internal grid around the region, degrees of latitude.
        fields: static channels, of `STATIC_FIELDS`.
        scalars: time channels, cosine and sine each, of `SCALARS`.
        corrects: whether it reads a `Start` and corrects it; untrained it then returns the start.
    """

    channels: tuple[int, ...] = (32, 32, 32, 32)
    kernel: int = 5
    points_per_degree: float = 6.0
    margin: float = 0.5
    fields: tuple[str, ...] = ("land",)
    scalars: tuple[str, ...] = ("hour",)
    corrects: bool = False
    scales: tuple[float, ...] = (1.0,)

    def __post_init__(self):
        for name, known in (("fields", STATIC_FIELDS), ("scalars", SCALARS)):
            given = getattr(self, name)
            if not set(given) <= set(known) or len(set(given)) != len(given):
                raise InputError(name, given, f"different ones of {', '.join(known)}", "a shorter list")
        require_layers(self.channels, self.kernel)
        require_number("points_per_degree", self.points_per_degree, above=0)
        require_number("margin", self.margin, least=0)
        if not self.scales:
            raise InputError("scales", self.scales, "one or more length scales", "scales=(1.0,)")
        for scale in self.scales:
            require_number("scales", scale, above=0)

    def __str__(self) -> str:
        widths = "-".join(map(str, self.channels))
        start = ("start",) * self.corrects
        at = "" if self.scales == (1.0,) else f" at {', '.join(f'{scale:g}' for scale in self.scales)} spacings"
        inputs = ", ".join((f"density and data{at}", *self.fields, *self.scalars, *start))
        return f"{widths} channels, kernel {self.kernel}, {self.points_per_degree:g} nodes a degree; reads {inputs}"

    @property
    def n_inputs(self) -> int:
        """Channels the U-Net reads: density and data at every scale, static fields, time, start."""
        static = sum(STATIC_FIELDS[field] for field in self.fields)
        return (
            2 * len(self.scales)
            + static
            + sum(SCALARS[scalar] for scalar in self.scalars)
            + START_CHANNELS * self.corrects
        )

    @property
    def coarsening(self) -> int:
        """Rows and columns of the grid must be multiples of it."""
        return 2 ** (len(self.channels) - 1)


def require_layers(channels: tuple[int, ...], kernel: int) -> None:
    """Raise `InputError` unless these are widths of levels and the odd side of convolutions."""
    if not channels or any(not isinstance(n, int) or n < 1 for n in channels):
        raise InputError("channels", channels, "whole positive widths", "channels=(32, 32, 32, 32)")
    require_number("kernel", kernel, least=1, whole=True)
    if kernel % 2 == 0:
        raise InputError("kernel", kernel, "an odd number", f"kernel={kernel + 1}")


# Scholz et al. (2023): 200 points on the box's unit interval of 7.75 degrees of latitude.
PAPER = ConvCNPConfig(
    channels=(96,) * 6,
    points_per_degree=200 / 7.75,
    margin=0.775,
    fields=("land", "elevation", "position"),
    scalars=("day", "hour"),
)


PRECISIONS = {"float32": None, "bfloat16": torch.bfloat16}


class ConvCNP(nn.Module):
    """SetConv, U-Net with FiLM layers, SetConv, heteroscedastic Gaussian.

    Args:
        config: the architecture.
        seed: of the initial weights.

    References: [gordon2020]; [scholz2023] for the U-Net and the variance 1e-6 + softplus.
    """

    kind, config_type = "conv_cnp", ConvCNPConfig  # as they are stored
    precision = "float32"

    def __init__(self, config: ConvCNPConfig, seed: int = 0):
        super().__init__()
        self.config = config
        with seeded_weights(seed):
            self.unet = UNet(config.n_inputs, 2, tuple(config.channels), config.kernel)
        if config.corrects:
            for name, parameter in self.unet.head.named_parameters():
                if not name.startswith("film"):
                    nn.init.zeros_(parameter)

    def forward(
        self, context: Points, targets: Tensor, *, scalars: Tensor, grid: InternalGrid, start: Start | None = None
    ) -> Gaussian:
        """Return the prediction at the targets, in normalised units.

        Args:
            context: the observed points; a task may have none.
            targets: (batch or 1, point, 2), plane coordinates.
            scalars: (batch, scalar), the time channels.
            grid: the internal grid, or a window of it.
            start: what is corrected, for a network that does so.
        """
        window = grid.near(targets)
        channels = start and start.channels
        field = self.field(context, scalars=scalars, grid=grid, window=window, start=channels)
        with _full_precision(field):
            read = grid_to_points(field, targets, **grid.nodes(window))
            return corrected(start.at_targets, read) if start else gaussian(read)

    def field(
        self,
        context: Points,
        *,
        scalars: Tensor,
        grid: InternalGrid,
        window: Window | None = None,
        start: Tensor | None = None,
    ) -> Tensor:
        """Return the U-Net's output on the internal grid, (batch, 2, row, column): mean and raw variance.

        Args:
            context: the observed points.
            scalars: (batch, scalar), the time channels.
            grid: the internal grid, or a window of it; all of it is read.
            window: the rows and columns that are wanted and returned, see `InternalGrid.near`; None is all of them.
            start: channels of the `Start`, for a network that corrects one.

        Raises:
            InputError: a start that the network does not read, or none where it reads one.
        """
        if (start is not None) != self.config.corrects:
            given = "none" if start is None else "one"
            expected = "a start" if self.config.corrects else "no start"
            raise InputError("start", given, expected, "tasks with (without) a start, as in training")
        with _full_precision(grid.y):
            observed = torch.cat([_seen(context, grid, scale) for scale in self.config.scales], dim=1)
        n_tasks = len(observed)
        static = grid.static.expand(n_tasks, *grid.static.shape)
        time = scalars[:, :, None, None].expand(*scalars.shape, *grid.shape)
        image = torch.cat([observed, static, time, *(() if start is None else (start,))], dim=1)
        image = image.contiguous(memory_format=torch.channels_last)  # a node's channels together: the faster layout
        precision, linear = PRECISIONS[self.precision], self.unet.is_linear()
        with torch.autocast(image.device.type, precision, enabled=precision is not None):
            return self.unet(image, window, linear=linear).to(image.dtype)

    def accelerate(self, *, precision: str = "float32", compiled: bool = False) -> "ConvCNP":
        """Choose how the U-Net is computed, for training and predicting alike, and return this model.

        Meant for a GPU. What it computes stays the same up to rounding; the set convolutions, the division by the
        density, the likelihood, the weights and so the checkpoints stay float32 in any case. A copy has to be compiled
        anew.

        Args:
            precision: `float32`, or `bfloat16` for the products of the U-Net.
            compiled: fuse the U-Net's element-wise steps with `torch.compile`; one graph for each shape of the input.
        """
        self.precision = require_choice("precision", precision, PRECISIONS)
        if compiled:
            self.unet.compile()
        return self

    def film_parameters(self) -> list[nn.Parameter]:
        """Return the scales and shifts of every FiLM layer."""
        layers = (module for module in self.modules() if isinstance(module, FiLM))
        return [parameter for layer in layers for parameter in layer.parameters()]

    def other_parameters(self) -> list[nn.Parameter]:
        """Return all parameters that are not FiLM's."""
        film = {id(parameter) for parameter in self.film_parameters()}
        return [parameter for parameter in self.parameters() if id(parameter) not in film]


def _seen(context: Points, grid: InternalGrid, scale: float) -> Tensor:
    """Return density and data (batch, 2, row, column) at a scale in spacings; densities of all scales are alike."""
    nodes = grid.nodes()
    density, data = points_to_grid(*context, **(nodes | {"length_scale": scale * nodes["length_scale"]})).unbind(1)
    return torch.stack([density / scale**2, data], dim=1)


def gaussian(field: Tensor) -> Gaussian:
    """Return mean and variance of (batch, 2, ...), the means of the U-Net's output around each target."""
    mean, raw = field.unbind(1)
    return Gaussian(mean, VARIANCE_FLOOR + functional.softplus(raw))


def corrected(start: Gaussian, read: Tensor) -> Gaussian:
    """Return a start's Gaussian moved by what the network says, (batch, 2, point): zeros leave it as it is.

    The mean moves in units of the start's standard deviation, the variance by a factor.
    """
    move, factor = read.unbind(1)
    factor = MOST_CHANGE * torch.tanh(factor / MOST_CHANGE)
    return Gaussian(start.mean + start.variance.sqrt() * move, VARIANCE_FLOOR + start.variance * factor.exp())


def _full_precision(like: Tensor) -> torch.autocast:
    """Return a context without autocast on the tensor's device, whatever the caller has set."""
    return torch.autocast(like.device.type, enabled=False)


def negative_log_likelihood(prediction: Gaussian, targets: Points) -> Tensor:
    """Return the mean over tasks of each task's mean negative log-likelihood, normalised units.

    Args:
        prediction: at the targets.
        targets: where and what was measured.

    Raises:
        InputError: a task without a single target.
    """
    n_targets = targets.mask.sum(1)
    if (n_targets == 0).any():
        raise InputError("targets", "a task without targets", "at least one target a task", "another split")
    values = torch.where(targets.mask, targets.values, prediction.mean.detach())
    per_point = functional.gaussian_nll_loss(
        prediction.mean, values, prediction.variance, full=True, eps=VARIANCE_FLOOR, reduction="none"
    )
    per_task = per_point.masked_fill(~targets.mask, 0.0).sum(1) / n_targets
    return per_task.mean()


def save_model(path: Path, model: ConvCNP, **training: object) -> None:
    """Write the weights, the architecture and how it was trained to a `.safetensors` file.

    Args:
        path: ends in `.safetensors`.
        model: the network.
        training: how it was trained, in JSON's types.
    """
    save_checkpoint(path, model.kind, model.state_dict(), {"architecture": asdict(model.config), **training})


def load_model(path: Path, config: ConvCNPConfig | None = None, network: type = ConvCNP) -> tuple[ConvCNP, dict]:
    """Return the model stored at `path` and how it was trained.

    Args:
        path: a file written by `save_model`.
        config: the architecture wanted; None takes the file's.
        network: `ConvCNP`, or the `LineConvCNP` of `one_dimension`.

    Raises:
        InputError: no such file, a broken one, or another architecture.
    """
    weights, stored = load_checkpoint(path, network.kind)
    architecture = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.pop("architecture").items()
    }
    found = network.config_type(**architecture)
    if config is not None and config != found:
        raise InputError("checkpoint", f"{path} with {found}", f"{config}", "the preset it was trained with")
    model = network(found)
    fill_module(model, weights, Path(path))
    return model, stored
