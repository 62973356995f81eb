"""Admission: how many requests are allowed, and whose turn it is."""
