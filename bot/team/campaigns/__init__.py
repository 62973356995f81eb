"""Campaigns: which of their texts are stale, and the board as a picture."""
