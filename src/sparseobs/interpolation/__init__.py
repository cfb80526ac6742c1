"""What a meteorologist would use instead of a network."""

from sparseobs.exports import offered

__all__, __getattr__, __dir__ = offered(__name__)
