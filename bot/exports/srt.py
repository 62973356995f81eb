"""Subtitles in the SubRip format, which every player and platform reads."""

from __future__ import annotations

from bot.content import Content

from ._speech import build_cues, format_timestamp

LABEL = "Subtitles (SRT)"
SIGN = "💬"


def fits(content: Content) -> bool:
    """Whether a content has speech."""
    return bool(build_cues(content))


def export(_title: str, content: Content) -> bytes:
    """Return numbered cues in UTF-8."""
    blocks = [
        f"{number}\n{format_timestamp(cue.start, ',')} --> {format_timestamp(cue.end, ',')}\n" + "\n".join(cue.lines)
        for number, cue in enumerate(build_cues(content), 1)
    ]
    return ("\n\n".join(blocks) + "\n").encode()
