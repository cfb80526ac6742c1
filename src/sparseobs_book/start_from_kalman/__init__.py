"""What the page `start_from_kalman` runs."""
