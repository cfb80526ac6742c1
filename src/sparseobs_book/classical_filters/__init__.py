"""What the page `classical_filters` runs."""
