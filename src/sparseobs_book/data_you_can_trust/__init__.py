"""What the page `data_you_can_trust` runs."""
