"""Temperature from stations as the book runs it; shared by the pages on temperature."""
