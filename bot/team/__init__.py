"""What a team shares in its server: what is set for it, and what each of its members may do there."""
