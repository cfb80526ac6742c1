"""Temperature over a region: reanalysis, stations, elevation and the offline twin."""

from sparseobs.exports import offered

__all__, __getattr__, __dir__ = offered(__name__)
