"""What an instrument sees: patterns, noise and twin experiments."""

from sparseobs.exports import offered

__all__, __getattr__, __dir__ = offered(__name__)
