"""What the page `failure_signatures` runs."""
