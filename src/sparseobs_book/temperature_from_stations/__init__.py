"""What the page `temperature_from_stations` asks; what it runs is in `temperature`."""
