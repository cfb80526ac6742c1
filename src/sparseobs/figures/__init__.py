"""Every picture in the book: the only place that imports matplotlib and cartopy."""
