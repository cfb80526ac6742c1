"""What the page `chaos` runs."""
