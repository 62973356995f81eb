"""Cases that are played, personas that are interviewed, and readers that are simulated."""
