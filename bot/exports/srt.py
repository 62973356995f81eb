"""Subtitles as SubRip, which every player and platform reads."""

from __future__ import annotations

from bot.content import Content

from ._spoken import clock, cues

LABEL = "Subtitles (SRT)"
SIGN = "💬"


def fits(content: Content) -> bool:
    """It says what is spoken, and when."""
    return bool(cues(content))


def export(_title: str, content: Content) -> bytes:
    """UTF-8; a cue has at most two lines."""
    blocks = [
        f"{number}\n{clock(cue.start, ',')} --> {clock(cue.end, ',')}\n" + "\n".join(cue.lines)
        for number, cue in enumerate(cues(content), 1)
    ]
    return ("\n\n".join(blocks) + "\n").encode()
