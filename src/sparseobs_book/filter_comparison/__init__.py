"""What the page `filter_comparison` runs."""
