"""What the front page shows of the first half of the book."""
