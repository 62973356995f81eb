"""What a team shares in its server: what is set for it, what each of its members may do there, and what was made."""
