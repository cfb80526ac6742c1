"""Filters as the book trains, tunes and stores them; shared by the pages on filters."""
