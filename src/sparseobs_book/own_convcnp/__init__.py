"""What the page `own_convcnp` runs."""
