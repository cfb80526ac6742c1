"""What the page on a filter of one's own runs and shows."""
