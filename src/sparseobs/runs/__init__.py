"""Experiments as the book runs them: presets, settings, records and the results store."""
