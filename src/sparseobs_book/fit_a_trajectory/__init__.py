"""What the page `fit_a_trajectory` runs."""
