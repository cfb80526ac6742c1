"""How a state is estimated from its observations."""

from sparseobs.exports import offered

__all__, __getattr__, __dir__ = offered(__name__)
