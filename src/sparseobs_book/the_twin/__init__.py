"""What the page `the_twin` runs."""
