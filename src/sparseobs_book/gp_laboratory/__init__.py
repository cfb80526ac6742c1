"""What the page `gp_laboratory` runs."""
