"""What the page `real_data` runs."""
