"""What the world does: systems and their time steppers."""

from sparseobs.exports import offered

__all__, __getattr__, __dir__ = offered(__name__)
