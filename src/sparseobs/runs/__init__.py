"""Experiments as the book runs them: presets, settings, records and the results store."""

from sparseobs.exports import offered

__all__, __getattr__, __dir__ = offered(__name__)
