"""How a state is estimated from its observations."""
