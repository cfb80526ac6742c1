"""What a meteorologist would use instead of a network."""
