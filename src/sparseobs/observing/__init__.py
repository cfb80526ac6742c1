"""What an instrument sees: patterns, noise and twin experiments."""
