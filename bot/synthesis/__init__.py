"""Synthetic tables, learnt from real ones or described in words."""
