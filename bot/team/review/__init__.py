"""How a text of the team's is reviewed: its steps, and the service that takes them."""
