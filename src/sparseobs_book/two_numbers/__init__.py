"""What the page on two numbers and one reading runs and shows."""
