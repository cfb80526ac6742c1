"""Ways from a simulator to real stations; each differs in where it starts and in what it may change."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from sparseobs.errors import require_choice
from sparseobs.neural_process.conv_cnp import ConvCNP


@dataclass(frozen=True)
class Adaptation:
    """One way to adapt.

    Attributes:
        pretrained: starts from the model pre-trained on the reanalysis; otherwise from fresh weights.
        trainable: which parameters station data may change.
        rate: factor on the learning rate of fine-tuning.
    """

    pretrained: bool
    trainable: Callable[[ConvCNP], list[nn.Parameter]]
    rate: float = 1.0


def everything(model: ConvCNP) -> list[nn.Parameter]:
    """Return all parameters."""
    return list(model.parameters())


def nothing(model: ConvCNP) -> list[nn.Parameter]:
    """Return no parameter."""
    return []


def coarse_levels(model: ConvCNP) -> list[nn.Parameter]:
    """Return the parameters of the two coarsest levels, on the way down and up, and of the head.

    What the finer levels make of the input, and with it the high frequencies, stays as pre-training left it.

    References: the `long_range` tuner in the code of [scholz2023].
    """
    blocks = [*model.unet.down[-2:], *model.unet.up[:2], model.unet.head]
    return [parameter for block in blocks for parameter in block.parameters()]


# [scholz2023]: global fine-tuning is the paper's Sim2Real; FiLM leaves every convolution as it was and, having a
# thousandth of the parameters, takes ten times the rate.
ADAPTATIONS = {
    "sim-only": Adaptation(pretrained=True, trainable=nothing),
    "real-only": Adaptation(pretrained=False, trainable=everything),
    "Sim2Real": Adaptation(pretrained=True, trainable=everything),
    "Sim2Real (FiLM)": Adaptation(pretrained=True, trainable=ConvCNP.film_parameters, rate=10.0),
}
# The authors' code has it, the paper does not compare it.
FROZEN = "frozen high frequencies"
MORE_ADAPTATIONS = {FROZEN: Adaptation(pretrained=True, trainable=coarse_levels)}


def find_adaptation(name: str) -> Adaptation:
    """Return the adaptation of that name, or raise `InputError` naming those there are.

    Args:
        name: of one of `ADAPTATIONS`.
    """
    known = ADAPTATIONS | MORE_ADAPTATIONS
    return known[require_choice("adaptation", name, known)]
