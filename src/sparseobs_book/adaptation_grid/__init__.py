"""What the page `adaptation_grid` runs."""
