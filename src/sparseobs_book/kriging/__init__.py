"""What the page `kriging` runs."""
