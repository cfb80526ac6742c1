"""How good an estimate is: errors, probabilistic scores and their intervals."""

from sparseobs.exports import offered

__all__, __getattr__, __dir__ = offered(__name__)
