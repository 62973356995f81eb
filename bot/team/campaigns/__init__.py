"""How a campaign stands: what of it is stale, and its board as a picture."""
