"""What the world does: systems and their time steppers."""
