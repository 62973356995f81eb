"""Subtitles as SubRip, which every player and platform reads."""

from __future__ import annotations

from bot.content import Content

from ._spoken import build_cues, format_clock

LABEL = "Subtitles (SRT)"
SIGN = "💬"


def fits(content: Content) -> bool:
    """Whether it has speech with times."""
    return bool(build_cues(content))


def export(_title: str, content: Content) -> bytes:
    """Return UTF-8; a cue has at most two lines."""
    blocks = [
        f"{number}\n{format_clock(cue.start, ',')} --> {format_clock(cue.end, ',')}\n" + "\n".join(cue.lines)
        for number, cue in enumerate(build_cues(content), 1)
    ]
    return ("\n\n".join(blocks) + "\n").encode()
