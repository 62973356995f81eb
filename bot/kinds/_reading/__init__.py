"""Readers of a kind's parts from a finished text."""
