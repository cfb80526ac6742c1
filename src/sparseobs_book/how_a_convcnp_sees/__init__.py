"""What the page `how_a_convcnp_sees` runs."""
