"""What the page `objectives` runs."""
