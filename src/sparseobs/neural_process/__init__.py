"""Convolutional conditional neural processes and their adaptation."""

from sparseobs.exports import offered

__all__, __getattr__, __dir__ = offered(__name__)
