"""Texts that are shown with a limited length."""

from __future__ import annotations


def shorten(text: str, max_length: int) -> str:
    """Return at most `max_length` characters of a text: what is too long ends between two words, with an ellipsis.

    Without a space in the second half, as in Japanese or in a URL, it ends between two characters.
    """
    if len(text) <= max_length:
        return text
    beginning = text[: max_length - 1]
    words = beginning if not text[max_length - 1].isalnum() else beginning.rpartition(" ")[0]
    return f"{(words if len(words) >= max_length // 2 else beginning).rstrip(' ,;:.')}…"
