"""What the page `ingredients` runs."""
