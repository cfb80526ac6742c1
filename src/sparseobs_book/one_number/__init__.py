"""What the page on one number and two sources runs and shows."""
