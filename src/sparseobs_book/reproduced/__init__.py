"""What both papers report beside what the stored tables say."""
