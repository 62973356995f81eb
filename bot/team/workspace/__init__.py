"""A server as a workspace: its roles, its settings and its audit."""
