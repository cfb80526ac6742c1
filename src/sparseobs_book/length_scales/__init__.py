"""What the page `length_scales` runs."""
