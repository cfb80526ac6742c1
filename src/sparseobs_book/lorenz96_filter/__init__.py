"""What the page `lorenz96_filter` runs."""
