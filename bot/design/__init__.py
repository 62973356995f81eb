"""Palettes from words: colours of a mood, names for them, and contrast that is reckoned. Pure, but for a model that may choose."""
