"""What the page `ensembles` runs."""
