"""Whoever asks: what is known of them, what is learnt, and what of it is theirs to see, to take along and to delete."""
