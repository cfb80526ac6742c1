"""What the page `pretraining` runs."""
