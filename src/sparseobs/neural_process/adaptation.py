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


# [scholz2023]: global fine-tuning is the paper's Sim2Real; FiLM leaves every convolution as it was and, having a
# thousandth of the parameters, takes ten times the rate.
ADAPTATIONS = {
    "sim-only": Adaptation(pretrained=True, trainable=nothing),
    "real-only": Adaptation(pretrained=False, trainable=everything),
    "Sim2Real": Adaptation(pretrained=True, trainable=everything),
    "Sim2Real (FiLM)": Adaptation(pretrained=True, trainable=ConvCNP.film_parameters, rate=10.0),
}


def find_adaptation(name: str) -> Adaptation:
    """Return the adaptation of that name, or raise `InputError` naming those there are."""
    return ADAPTATIONS[require_choice("adaptation", name, ADAPTATIONS)]
