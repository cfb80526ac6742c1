"""What the page `open_questions` runs."""
