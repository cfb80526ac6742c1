"""How good an estimate is: errors, probabilistic scores and their intervals."""
