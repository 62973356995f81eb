"""A server as a workspace: who is what in it, what is set for it, and what was done there."""
