"""Temperature over a region: reanalysis, stations, elevation and the offline twin."""
