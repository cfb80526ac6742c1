"""What the page `sparse_world` runs."""
