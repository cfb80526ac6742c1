"""What the page `observing_network` runs: observing networks within a budget, and a contest of them."""
