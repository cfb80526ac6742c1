"""What the page `ingredients` and its grid run."""
