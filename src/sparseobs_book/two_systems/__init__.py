"""What the page `unknown_instrument` runs."""
