"""What the page `start_from_kriging` runs."""
