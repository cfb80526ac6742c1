"""Real stations by the hundred: what the grids `northwest` and `synop` run and the page on real data says of them."""
